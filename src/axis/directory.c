/* The directory in force: opening it, what runs reads of it, and how a change becomes a document and a snapshot.
 * Read directory_rows.c for the rows, directory_change.c for the changes, document.c for the signed document. */
#include "axis/directory_inner.h"

#include "axis_sql.h"
#include "base/text.h"

#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { SNAPSHOT_BUDGET = 1 << 30, NAME_BUDGET = 1 << 20 };
/* Certificates say who somebody is; the directory says whether that still holds. So they live long, and begin early enough for
 * a node whose clock is set to an earlier era. */
#define CERTIFICATE_FROM_US (INT64_C(1420070400) * SECOND_US) /* 2015-01-01 */
#define AUTHORITY_LIFE_US (20 * 365 * DAY_US)
#define CERTIFICATE_LIFE_US (5 * 365 * DAY_US)

/* ---- The snapshot in force ---- */
struct snapshot *directory_take(struct directory *directory)
{
  pthread_mutex_lock(&directory->lock);
  struct snapshot *snapshot = directory->current;
  atomic_fetch_add(&snapshot->references, 1);
  pthread_mutex_unlock(&directory->lock);
  return snapshot;
}

const struct snapshot *directory_borrow(struct cx *cx, struct directory *directory)
{
  struct snapshot *snapshot = directory_take(directory);
  arena_defer(cx->arena, snapshot_release, snapshot);
  return snapshot;
}

static void directory_replace(struct directory *directory, struct snapshot *snapshot)
{
  pthread_mutex_lock(&directory->lock);
  struct snapshot *old = directory->current;
  directory->current = snapshot;
  pthread_mutex_unlock(&directory->lock);
  snapshot_release(old);
  if (directory->changed) directory->changed(directory->changed_user);
}

void directory_on_change(struct directory *directory, void (*changed)(void *user), void *user)
{
  directory->changed_user = user;
  directory->changed = changed;
}

/* ---- From rows to what is in force ---- */
static void own_document_set(struct cx *cx, struct directory_rows *rows, const struct snapshot_document *own)
{
  struct snapshot_document *all = ARENA_ARRAY(cx->arena, rows->documents.count + 1, struct snapshot_document);
  const struct snapshot_document *before = rows->documents.items;
  size_t count = 0;
  for (size_t i = 0; i < rows->documents.count; i++)
    if (!text_equal(before[i].instance, own->instance)) all[count++] = before[i];
  all[count++] = *own;
  rows->documents = (struct list){all, count};
}

static enum err own_document_in(struct cx *cx, struct tx *tx, void *arg)
{
  const struct snapshot_document *own = arg;
  enum err err = sql_run(cx, tx, &axis_document_put, ARGS(V(own->instance), V(own->version), V(own->note), V(cx_now(cx))), NULL);
  return err ? err : sql_run(cx, tx, &axis_changes_more, NO_ARGS, NULL);
}

static enum err document_renew(struct cx *cx, struct directory *directory, struct directory_rows *rows)
{
  struct snapshot_document own = {.instance = directory->instance, .version = rows->version, .expires_us = cx_now(cx) + DOCUMENT_LIFE_US};
  enum err err = document_publish(cx, directory, rows, &own.note);
  if (!err) err = store_write(cx, directory->store, own_document_in, &own);
  if (!err) own_document_set(cx, rows, &own);
  return err;
}

/* Under directory->change. */
static enum err directory_refresh(struct cx *cx, struct directory *directory, bool publish)
{
  struct cx own = {.arena = arena_new(SNAPSHOT_BUDGET), .clock = cx->clock, .log = cx->log, .language = cx->language, .request_id = cx->request_id};
  struct directory_rows rows;
  enum err err = directory_rows_read(&own, directory->store, &rows);
  if (!err && publish) err = document_renew(&own, directory, &rows);
  if (err) {
    cx_take_problems(cx, &own);
    arena_free(own.arena);
    return err;
  }
  directory_replace(directory, snapshot_build(&own, directory->instance, &rows, directory->current));
  return OK;
}

struct change { store_fn *fn; void *arg; bool published; };

static enum err change_in(struct cx *cx, struct tx *tx, void *arg)
{
  struct change *change = arg;
  int64_t version;
  enum err err = change->fn ? change->fn(cx, tx, change->arg) : OK;
  if (!err && change->published) err = sql_number(cx, tx, &axis_version_next, NO_ARGS, &version);
  return err ? err : sql_run(cx, tx, &axis_changes_more, NO_ARGS, NULL);
}

/* What is published is signed by the directory key, and what is certified by the authority's. */
static enum err keys_ours(struct cx *cx, const struct directory *directory)
{
  return directory->twin ? cx_fail(cx, ERR_CONFLICT, NULL, "axis.error.twin", NULL) : OK;
}

enum err directory_change(struct cx *cx, struct directory *directory, store_fn *fn, void *arg, bool published)
{
  struct change change = {fn, arg, published};
  enum err err = published ? keys_ours(cx, directory) : OK;
  if (err) return err;
  pthread_mutex_lock(&directory->change);
  err = store_write(cx, directory->store, change_in, &change);
  if (!err) err = directory_refresh(cx, directory, published);
  pthread_mutex_unlock(&directory->change);
  return err;
}

enum err directory_reload(struct cx *cx, struct directory *directory)
{
  pthread_mutex_lock(&directory->change);
  enum err err = directory_refresh(cx, directory, false);
  pthread_mutex_unlock(&directory->change);
  return err;
}

enum err directory_renew(struct cx *cx, struct directory *directory)
{
  if (directory->twin) return OK;
  const struct snapshot *snapshot = directory_borrow(cx, directory);
  const struct snapshot_document *own = snapshot_document(snapshot, directory->instance);
  bool whole = own && own->version == snapshot->version;
  if (whole && own->expires_us - cx_now(cx) > DOCUMENT_LIFE_US / 2) return OK;
  return directory_change(cx, directory, NULL, NULL, true);
}

/* ---- Keys and certificates ---- */
const char *member_key_name(struct arena *arena, const char *member)
{
  const char *slash = strchr(member, '/');
  if (!slash) return NULL;
  char *name = arena_print(arena, "member-%s", slash + 1);
  bool class = true; /* a dot there would let two members share a key's name */
  for (char *c = name + strlen("member-"); *c; c++) {
    if (isalnum((unsigned char)*c)) continue;
    if (*c == '/' && class) class = false;
    else if (*c != '.' || class) return NULL;
    *c = '-';
  }
  return name;
}

enum err directory_certify(struct cx *cx, struct directory *directory, struct bytes spki, const char *common_name,
                           const char *host, const char **pem)
{
  X509 *authority = NULL;
  const struct certificate_wish wish = {.common_name = common_name, .host = host, .use = host ? CERTIFICATE_GATEWAY : CERTIFICATE_MEMBER,
                                        .not_before_us = CERTIFICATE_FROM_US, .not_after_us = cx_now(cx) + CERTIFICATE_LIFE_US};
  enum err err = keys_ours(cx, directory);
  if (!err) err = certificate_read(cx, directory->authority, &authority);
  if (!err) err = certificate_issue(cx, directory->keys, directory->authority_key, authority, spki, &wish, pem);
  X509_free(authority);
  return err;
}

enum err directory_issue(struct cx *cx, struct directory *directory, const char *key_name, const char *common_name,
                         const char *host, const char **pem)
{
  struct bytes spki;
  enum err err = keys_ours(cx, directory);
  if (!err) err = keys_make(cx, directory->keys, key_name, KEY_P256);
  if (!err) err = keys_public(cx, directory->keys, key_name, &spki);
  return err ? err : directory_certify(cx, directory, spki, common_name, host, pem);
}

static enum err authority_make(struct cx *cx, struct directory *directory, const char **pem)
{
  struct bytes spki;
  const struct certificate_wish wish = {.common_name = arena_print(cx->arena, "%s/authority", directory->instance), .use = CERTIFICATE_AUTHORITY,
                                        .not_before_us = CERTIFICATE_FROM_US, .not_after_us = cx_now(cx) + AUTHORITY_LIFE_US};
  enum err err = keys_make(cx, directory->keys, directory->authority_key, KEY_P256);
  if (!err) err = keys_public(cx, directory->keys, directory->authority_key, &spki);
  if (!err) err = certificate_issue(cx, directory->keys, directory->authority_key, NULL, spki, &wish, pem);
  return err ? err : store_run(cx, directory->store, &axis_authority_put, ARGS(V(*pem)), NULL);
}

static enum err directory_key_open(struct cx *cx, struct directory *directory, const char *of_another, struct bytes *public_key)
{
  if (of_another) return base64_read(cx->arena, of_another, public_key) ? OK : cx_fail(cx, ERR_INPUT, "directory_key", "axis.error.key", NULL);
  enum err err = keys_make(cx, directory->keys, directory->directory_key, KEY_P256);
  return err ? err : keys_public(cx, directory->keys, directory->directory_key, public_key);
}

static enum err directory_keys_open(struct cx *cx, struct directory *directory, const char *of_another)
{
  struct bytes public_key;
  const char *authority;
  enum err err = directory_key_open(cx, directory, of_another, &public_key);
  if (err) return err;
  directory->twin = of_another != NULL;
  directory->public_key = (struct bytes){(uint8_t *)arena_copy_n(directory->arena, public_key.data, public_key.size), public_key.size};
  err = directory_authority_read(cx, directory->store, &authority);
  if (err == ERR_NOT_FOUND && !directory->twin) err = authority_make(cx, directory, &authority);
  if (!err) directory->authority = arena_copy(directory->arena, authority);
  return err;
}

/* ---- Open and close ---- */
enum err directory_open(struct cx *cx, const struct directory_wish *wish, struct directory **out)
{
  struct directory *directory = calloc(1, sizeof *directory);
  if (!directory) abort();
  directory->arena = arena_new(NAME_BUDGET);
  directory->store = wish->store;
  directory->keys = wish->keys;
  directory->providers = wish->providers;
  directory->instance = arena_copy(directory->arena, wish->instance);
  directory->directory_key = arena_copy(directory->arena, wish->directory_key_name);
  directory->authority_key = arena_copy(directory->arena, wish->authority_key_name);
  pthread_mutex_init(&directory->change, NULL);
  pthread_mutex_init(&directory->lock, NULL);
  enum err err = directory_keys_open(cx, directory, wish->directory_key);
  if (!err) err = directory_refresh(cx, directory, false);
  if (!err) err = directory_renew(cx, directory);
  if (err) {
    directory_close(directory);
    return err;
  }
  *out = directory;
  return OK;
}

void directory_close(struct directory *directory)
{
  if (!directory) return;
  snapshot_release(directory->current);
  pthread_mutex_destroy(&directory->change);
  pthread_mutex_destroy(&directory->lock);
  arena_free(directory->arena);
  free(directory);
}

/* ---- What others read ---- */
const char *directory_note(struct cx *cx, struct directory *directory, const char *instance)
{
  const struct snapshot_document *document = snapshot_document(directory_borrow(cx, directory), instance);
  return document ? arena_copy(cx->arena, document->note) : NULL;
}

enum err directory_note_at(struct cx *cx, struct directory *directory, const char *instance, int64_t version, const char **note)
{
  struct snapshot_document document;
  enum err err = store_row(cx, directory->store, &axis_document_at, ARGS(V(instance), V(version)), &snapshot_document_type, &document);
  *note = err ? NULL : document.note;
  return err;
}

int64_t directory_version(struct directory *directory)
{
  struct snapshot *snapshot = directory_take(directory);
  int64_t version = snapshot->version;
  snapshot_release(snapshot);
  return version;
}

struct bytes directory_public_key(struct cx *cx, struct directory *directory)
{
  struct bytes key = directory->public_key;
  return (struct bytes){(uint8_t *)arena_copy_n(cx->arena, key.data, key.size), key.size};
}
