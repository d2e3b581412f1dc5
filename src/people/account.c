/* Accounts: what an administrator sees and changes. Every change stands in the action log of the same transaction. */
#include "people/people_inner.h"

#include "base/text.h"
#include <string.h>

static const struct field account_fields[] = {
  FIELD(struct account, id),
  FIELD(struct account, name, .max = 60, .word = "account.name", .required = true),
  FIELD(struct account, full_name, .max = 100, .word = "account.full_name", .required = true),
  FIELD(struct account, email, .max = 200, .form = FORM_EMAIL, .word = "account.email"),
  FIELD(struct account, phone, .max = 20, .form = FORM_PHONE, .word = "account.phone"),
  FIELD(struct account, language, .max = 2, .word = "account.language"),
  FIELD(struct account, locked, .word = "account.locked"),
  FIELD(struct account, totp, .word = "account.totp"),
  FIELD(struct account, created_us, .form = FORM_TIME, .word = "account.created"),
};
const struct record_type account_type = RECORD("account", struct account, account_fields);

/* One change of one account: what to run, and how the log names it. */
struct account_change { const struct statement *statement; struct values args; int64_t id; const char *action; struct account account; };

static enum err change_in(struct cx *cx, struct tx *tx, void *arg)
{
  struct account_change *change = arg;
  enum err err = sql_row(cx, tx, &people_account_get, ARGS(V(change->id)), &account_type, &change->account);
  if (!err) err = sql_run(cx, tx, change->statement, change->args, NULL);
  return err ? err : action_append(cx, tx, change->action, change->account.name, NULL);
}

static bool name_is_good(const char *name)
{
  static const char first[] = "abcdefghijklmnopqrstuvwxyz0123456789", signs[] = "abcdefghijklmnopqrstuvwxyz0123456789._-";
  size_t size = name ? strlen(name) : 0;
  return size >= 2 && size <= 60 && strchr(first, name[0]) && strspn(name, signs) == size;
}

struct account_adding { const struct account *account; const char *password_hash; struct bytes totp_secret; int64_t id; };

static enum err add_in(struct cx *cx, struct tx *tx, void *arg)
{
  struct account_adding *adding = arg;
  const struct account *account = adding->account;
  struct account before;
  enum err err = sql_row(cx, tx, &people_account_by_name, ARGS(V(account->name)), &account_type, &before);
  if (!err) return cx_fail(cx, ERR_CONFLICT, "name", "account.error.name_taken", "name", account->name, NULL);
  if (err != ERR_NOT_FOUND) return err;
  const char *language = text_equal(account->language, "en") ? "en" : "vi";
  err = sql_number(cx, tx, &people_account_add,
                   ARGS(V(account->name), V(account->full_name), V(account->email), V(account->phone), V(language), V(adding->password_hash),
                        V(adding->totp_secret), V(account->locked), V(cx_now(cx))), &adding->id);
  if (err) return err;
  struct buffer detail;
  buffer_init(&detail, cx->arena);
  const struct account added = {.name = account->name, .full_name = account->full_name, .email = account->email, .phone = account->phone,
                                .language = language, .locked = account->locked, .totp = adding->totp_secret.size != 0, .created_us = NONE_DATE};
  record_difference(&detail, &account_type, NULL, &added);
  return action_append(cx, tx, "account.add", account->name, buffer_string(&detail));
}

enum err account_add(struct cx *cx, struct people *people, const struct account *account, const char *password, const uint8_t *totp_secret, int64_t *id)
{
  struct account_adding adding = {.account = account};
  if (!name_is_good(account->name)) return cx_fail(cx, ERR_INPUT, "name", "account.error.name", NULL);
  if (text_empty(account->full_name)) return cx_fail(cx, ERR_INPUT, "full_name", "error.required", NULL);
  if (totp_secret) adding.totp_secret = (struct bytes){totp_secret, TOTP_SECRET_SIZE};
  enum err err = password_check(cx, people, account, password);
  if (!err) err = password_hash(cx, password, &adding.password_hash);
  if (!err) err = store_write(cx, people->store, add_in, &adding);
  if (!err) *id = adding.id;
  return err;
}

enum err account_by_name(struct cx *cx, struct people *people, const char *name, struct account *out)
{
  return store_row(cx, people->store, &people_account_by_name, ARGS(V(name)), &account_type, out);
}

enum err account_get(struct cx *cx, struct people *people, int64_t id, struct account *out)
{
  return store_row(cx, people->store, &people_account_get, ARGS(V(id)), &account_type, out);
}

enum err account_list(struct cx *cx, struct people *people, const char *after_name, size_t max, struct list *out)
{
  return store_rows(cx, people->store, &people_account_after, ARGS(V(after_name ? after_name : ""), V(max)), &account_type, max, out);
}

enum err account_set_password(struct cx *cx, struct people *people, int64_t id, const char *password)
{
  struct account account;
  const char *encoded = NULL;
  enum err err = account_get(cx, people, id, &account);
  if (!err) err = password_check(cx, people, &account, password);
  if (!err) err = password_hash(cx, password, &encoded);
  struct account_change change = {.statement = &people_account_set_password, .args = ARGS(V(id), V(encoded)), .id = id, .action = "account.password"};
  return err ? err : store_write(cx, people->store, change_in, &change);
}

enum err account_set_totp(struct cx *cx, struct people *people, int64_t id, const uint8_t *secret)
{
  const struct bytes bytes = {secret, secret ? TOTP_SECRET_SIZE : 0};
  struct account_change change = {.statement = &people_account_set_totp, .args = ARGS(V(id), V(bytes)), .id = id, .action = "account.totp"};
  return store_write(cx, people->store, change_in, &change);
}

enum err account_lock(struct cx *cx, struct people *people, int64_t id, bool locked)
{
  struct account_change change = {.statement = &people_account_set_locked, .args = ARGS(V(id), V(locked)), .id = id,
                                  .action = locked ? "account.lock" : "account.unlock"};
  return store_write(cx, people->store, change_in, &change);
}
