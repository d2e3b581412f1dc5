/* Builds the arrays that every message is judged by, sorted once so that looking up is a binary search. */
#include "axis/directory_inner.h"

#include "base/text.h"

#include <assert.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

bool state_active(const char *state)
{
  return text_equal(state, "active");
}

bool signer_good(const struct signer *signer, int64_t now_us)
{
  return signer->certificate && now_us >= signer->from_us && now_us < signer->to_us;
}

/* ---- Looking up: every record of a list begins with its key ---- */
static int compare_key(const void *a, const void *b)
{
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static const void *list_find(const struct list *list, size_t size, const char *key)
{
  if (!key || list->count == 0) return NULL;
  return bsearch(&key, list->items, list->count, size, compare_key);
}

const struct snapshot_member *snapshot_member(const struct snapshot *snapshot, const char *id)
{
  return list_find(&snapshot->members, sizeof(struct snapshot_member), id);
}

const struct axis_system *snapshot_system(const struct snapshot *snapshot, const char *id)
{
  return list_find(&snapshot->systems, sizeof(struct axis_system), id);
}

const struct axis_service *snapshot_service(const struct snapshot *snapshot, const char *id)
{
  return list_find(&snapshot->services, sizeof(struct axis_service), id);
}

const struct snapshot_gateway *snapshot_gateway(const struct snapshot *snapshot, const char *name)
{
  return list_find(&snapshot->gateways, sizeof(struct snapshot_gateway), name);
}

const struct trusted_instance *snapshot_trusted(const struct snapshot *snapshot, const char *instance)
{
  return list_find(&snapshot->trusted, sizeof(struct trusted_instance), instance);
}

const struct snapshot_document *snapshot_document(const struct snapshot *snapshot, const char *instance)
{
  return list_find(&snapshot->documents, sizeof(struct snapshot_document), instance);
}

const char *snapshot_token_system(const struct snapshot *snapshot, const char *hash)
{
  const struct snapshot_token *token = list_find(&snapshot->tokens, sizeof *token, hash);
  return token ? token->system : NULL;
}

const struct snapshot_gateway *snapshot_gateway_of(const struct snapshot *snapshot, X509 *certificate)
{
  const struct snapshot_gateway *all = snapshot->gateways.items;
  for (size_t i = 0; certificate && i < snapshot->gateways.count; i++)
    if (all[i].signer.certificate && X509_cmp(all[i].signer.certificate, certificate) == 0) return &all[i];
  return NULL;
}

const char *snapshot_gateway_place(const struct snapshot_gateway *gateway)
{
  return text_empty(gateway->row.twin_of) ? gateway->row.name : gateway->row.twin_of;
}

struct list snapshot_rights(const struct snapshot *snapshot, const char *service)
{
  struct right *all = snapshot->rights.items;
  size_t low = 0, high = snapshot->rights.count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (strcmp(all[middle].service, service) < 0) low = middle + 1;
    else high = middle;
  }
  size_t end = low;
  while (end < snapshot->rights.count && text_equal(all[end].service, service)) end++;
  return (struct list){.items = end > low ? all + low : NULL, .count = end - low};
}

struct list snapshot_services_of(const struct snapshot *snapshot, const char *system)
{
  const struct axis_service *all = snapshot->services.items;
  size_t size = strlen(system), low = 0, high = snapshot->services.count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (strncmp(all[middle].id, system, size) < 0 || all[middle].id[size] < '/') low = middle + 1;
    else high = middle;
  }
  size_t end = low;
  while (end < snapshot->services.count && axis_name_within(all[end].id, system)) end++;
  return (struct list){.items = end > low ? (void *)(uintptr_t)(all + low) : NULL, .count = end - low};
}

/* ---- Certificates ---- */
static void certificate_drop(void *certificate)
{
  X509_free(certificate);
}

static void verifier_drop(void *verifier)
{
  verifier_free(verifier);
}

static int64_t asn1_time_us(const ASN1_TIME *time)
{
  struct tm parts;
  return time && ASN1_TIME_to_tm(time, &parts) == 1 ? (int64_t)timegm(&parts) * SECOND_US : 0;
}

static void signer_fill(struct cx *cx, struct signer *signer)
{
  arena_defer(cx->arena, certificate_drop, signer->certificate);
  if (!signer->verifier) {
    EVP_PKEY *key = X509_get0_pubkey(signer->certificate);
    assert(key);
    signer->verifier = verifier_new(key);
  }
  arena_defer(cx->arena, verifier_drop, signer->verifier);
  signer->hash = certificate_hash(cx->arena, signer->certificate);
  signer->from_us = asn1_time_us(X509_get0_notBefore(signer->certificate));
  signer->to_us = asn1_time_us(X509_get0_notAfter(signer->certificate));
}

struct signer_wish { const char *pem, *authority_pem, *name; X509 *authority; enum certificate_use use; };

static void signer_read(struct cx *cx, const struct signer_wish *wish, const struct signer *before, struct signer *out)
{
  *out = (struct signer){.pem = wish->pem, .authority = wish->authority_pem};
  if (text_empty(wish->pem)) return;
  if (before && before->certificate && text_equal(before->pem, wish->pem) && text_equal(before->authority, wish->authority_pem)) {
    X509_up_ref(before->certificate);
    out->certificate = before->certificate;
    out->verifier = verifier_hold(before->verifier);
  } else {
    X509 *read = NULL;
    bool good = certificate_read(cx, wish->pem, &read) == OK && wish->authority &&
                certificate_check(cx, read, wish->authority, wish->use, cx_now(cx)) == OK &&
                text_equal(certificate_name(cx->arena, read), wish->name);
    cx_reset_problems(cx);
    if (!good) {
      X509_free(read);
      return;
    }
    out->certificate = read;
  }
  signer_fill(cx, out);
}

/* ---- Building ---- */
struct building {
  struct cx *cx;
  struct snapshot *snapshot;
  const struct snapshot *before;
  const char *instance;          /* whose document is being added */
  const char *authority_pem;
  X509 *authority;
  size_t room[4];                /* of members, systems, services, gateways */
};

static void *list_add(struct building *building, struct list *list, size_t *room, size_t size)
{
  if (list->count == *room) {
    size_t more = *room ? *room * 2 : 64;
    void *items = arena_array(building->cx->arena, more, size);
    if (list->count) memcpy(items, list->items, list->count * size);
    list->items = items;
    *room = more;
  }
  return (char *)list->items + size * list->count++;
}

/* A document speaks for its own instance alone. */
static bool name_own(const struct building *building, const char *name)
{
  return name && !text_equal(name, building->instance) && axis_name_within(name, building->instance);
}

static void member_add(struct building *building, const struct member *row)
{
  if (!name_own(building, row->id)) return;
  struct snapshot_member *member = list_add(building, &building->snapshot->members, &building->room[0], sizeof *member);
  const struct snapshot_member *before = building->before ? snapshot_member(building->before, row->id) : NULL;
  const struct signer_wish wish = {row->certificate, building->authority_pem, row->id, building->authority, CERTIFICATE_MEMBER};
  member->row = *row;
  signer_read(building->cx, &wish, before ? &before->signer : NULL, &member->signer);
}

static void gateway_add(struct building *building, const struct gateway *row)
{
  if (!name_own(building, row->name) || (!text_empty(row->twin_of) && !name_own(building, row->twin_of))) return;
  struct snapshot_gateway *gateway = list_add(building, &building->snapshot->gateways, &building->room[3], sizeof *gateway);
  const struct snapshot_gateway *before = building->before ? snapshot_gateway(building->before, row->name) : NULL;
  const struct signer_wish wish = {row->certificate, building->authority_pem, row->name, building->authority, CERTIFICATE_GATEWAY};
  gateway->row = *row;
  signer_read(building->cx, &wish, before ? &before->signer : NULL, &gateway->signer);
  if (!axis_address_read(building->cx->arena, row->address, &gateway->host, &gateway->port)) gateway->host = NULL;
}

static void system_add(struct building *building, const struct axis_system *row)
{
  if (!name_own(building, row->id)) return;
  struct axis_system *system = list_add(building, &building->snapshot->systems, &building->room[1], sizeof *system);
  *system = *row;
}

static void service_add(struct building *building, const struct axis_service *row)
{
  if (!name_own(building, row->id)) return;
  struct axis_service *service = list_add(building, &building->snapshot->services, &building->room[2], sizeof *service);
  *service = *row;
}

#define EACH(type, list, add, building)                                             \
  for (size_t each_i = 0; each_i < (list)->count; each_i++) add((building), &((const type *)(list)->items)[each_i])

static void instance_begin(struct building *building, const char *instance, const char *authority_pem)
{
  building->instance = instance;
  building->authority_pem = authority_pem;
  building->authority = NULL;
  if (certificate_read(building->cx, authority_pem, &building->authority) == OK)
    arena_defer(building->cx->arena, certificate_drop, building->authority);
  cx_reset_problems(building->cx);
}

static void foreign_add(struct building *building, const struct trusted_instance *trusted)
{
  struct snapshot_document *stored = (struct snapshot_document *)(uintptr_t)snapshot_document(building->snapshot, trusted->instance);
  struct document document;
  if (!stored) return;
  enum err err = document_read(building->cx, stored->note, &document);
  cx_reset_problems(building->cx);
  if (err || !text_equal(document.instance, trusted->instance)) return;
  stored->expires_us = document.expires_us;
  if (!state_active(trusted->state)) return;
  instance_begin(building, trusted->instance, document.authority);
  EACH(struct member, &document.members, member_add, building);
  EACH(struct axis_service, &document.services, service_add, building);
  EACH(struct gateway, &document.gateways, gateway_add, building);
  const struct published_system *systems = document.systems.items;
  for (size_t i = 0; i < document.systems.count; i++)
    system_add(building, &(struct axis_system){.id = systems[i].id, .name = systems[i].name, .gateway = systems[i].gateway, .state = systems[i].state});
}

/* When our own document runs out; known from the last snapshot when it is the same one. */
static void own_expiry(struct building *building)
{
  struct snapshot *snapshot = building->snapshot;
  struct snapshot_document *own = (struct snapshot_document *)(uintptr_t)snapshot_document(snapshot, snapshot->instance);
  const struct snapshot_document *before = building->before ? snapshot_document(building->before, snapshot->instance) : NULL;
  struct document document;
  if (!own || own->expires_us) return;
  if (before && before->version == own->version && text_equal(before->note, own->note)) own->expires_us = before->expires_us;
  else if (document_read(building->cx, own->note, &document) == OK) own->expires_us = document.expires_us;
  cx_reset_problems(building->cx);
}

static int compare_right(const void *a, const void *b)
{
  const struct right *left = a, *right = b;
  int order = strcmp(left->service, right->service);
  return order ? order : (left->id > right->id) - (left->id < right->id);
}

static void list_sort(struct list *list, size_t size, int (*compare)(const void *, const void *))
{
  if (list->count > 1) qsort(list->items, list->count, size, compare);
}

static void snapshot_sort(struct snapshot *snapshot)
{
  list_sort(&snapshot->members, sizeof(struct snapshot_member), compare_key);
  list_sort(&snapshot->systems, sizeof(struct axis_system), compare_key);
  list_sort(&snapshot->services, sizeof(struct axis_service), compare_key);
  list_sort(&snapshot->gateways, sizeof(struct snapshot_gateway), compare_key);
  list_sort(&snapshot->rights, sizeof(struct right), compare_right);
}

struct snapshot *snapshot_build(struct cx *cx, const char *instance, const struct directory_rows *rows, const struct snapshot *before)
{
  struct snapshot *snapshot = calloc(1, sizeof *snapshot);
  if (!snapshot) abort();
  atomic_init(&snapshot->references, 1);
  snapshot->arena = cx->arena;
  snapshot->instance = arena_copy(cx->arena, instance);
  snapshot->version = rows->version;
  snapshot->trusted = rows->trusted;
  snapshot->rights = rows->rights;
  snapshot->tokens = rows->tokens;
  snapshot->documents = rows->documents;
  list_sort(&snapshot->trusted, sizeof(struct trusted_instance), compare_key);
  list_sort(&snapshot->tokens, sizeof(struct snapshot_token), compare_key);
  list_sort(&snapshot->documents, sizeof(struct snapshot_document), compare_key);
  struct building building = {.cx = cx, .snapshot = snapshot, .before = before};
  own_expiry(&building);
  instance_begin(&building, snapshot->instance, rows->authority);
  EACH(struct member, &rows->members, member_add, &building);
  EACH(struct axis_system, &rows->systems, system_add, &building);
  EACH(struct axis_service, &rows->services, service_add, &building);
  EACH(struct gateway, &rows->gateways, gateway_add, &building);
  EACH(struct trusted_instance, &rows->trusted, foreign_add, &building);
  snapshot_sort(snapshot);
  return snapshot;
}

void snapshot_release(void *taken)
{
  struct snapshot *snapshot = taken;
  if (!snapshot || atomic_fetch_sub(&snapshot->references, 1) > 1) return;
  arena_free(snapshot->arena);
  free(snapshot);
}
