/* Logging in. An attempt is counted before the password is looked at, so that many at once cannot outrun the count; a good one
 * takes the count back. An unknown name is counted, compared and logged like a known one: neither the answer nor its time tells. */
#include "people/people_inner.h"

#include "base/text.h"
#include <openssl/sha.h>
#include <string.h>

enum { ATTEMPTS_MAX = 10 };
#define WINDOW_US (15 * MINUTE_US)

struct credentials { int64_t id; const char *name, *full_name, *password_hash; struct bytes totp_secret; int64_t totp_step; bool locked; };

static const struct field credentials_fields[] = {
  FIELD(struct credentials, id), FIELD(struct credentials, name), FIELD(struct credentials, full_name),
  FIELD(struct credentials, password_hash, .form = FORM_SECRET), FIELD(struct credentials, totp_secret),
  FIELD(struct credentials, totp_step), FIELD(struct credentials, locked),
};
static const struct record_type credentials_type = RECORD("credentials", struct credentials, credentials_fields);

struct log_in {
  const char *name;
  const char *who;              /* what the count is kept under */
  bool known;
  struct credentials credentials;
  int64_t locked_out_until_us;  /* 0: not */
  int64_t step;                 /* of the code that was right; -1: none is needed */
  bool taken;                   /* the step was used before */
  const char *good_action;      /* how the log names success; NULL: what follows is logged instead */
};

/* People mistake the fields: what was typed as a name may be a password, so only its hash is kept. */
static const char *who_of(struct cx *cx, const char *name)
{
  uint8_t hash[SHA256_DIGEST_LENGTH];
  SHA256((const uint8_t *)name, strlen(name), hash);
  return hex_write(cx->arena, hash, sizeof hash);
}

static enum err count_attempt(struct cx *cx, struct tx *tx, const struct log_in *log_in, int64_t now)
{
  int64_t count = 0;
  enum err err = sql_run(cx, tx, &people_attempt_forget, ARGS(V(now - WINDOW_US)), NULL);
  if (!err) err = sql_run(cx, tx, &people_lockout_forget, ARGS(V(now)), NULL);
  if (!err) err = sql_run(cx, tx, &people_attempt_add, ARGS(V(log_in->who), V(now)), NULL);
  if (!err) err = sql_number(cx, tx, &people_attempt_count, ARGS(V(log_in->who), V(now - WINDOW_US)), &count);
  if (err || count < ATTEMPTS_MAX) return err;
  err = sql_run(cx, tx, &people_lockout_put, ARGS(V(log_in->who), V(now + WINDOW_US)), NULL);
  return err ? err : sql_run(cx, tx, &people_attempt_drop, ARGS(V(log_in->who)), NULL);
}

static enum err begin_in(struct cx *cx, struct tx *tx, void *arg)
{
  struct log_in *log_in = arg;
  int64_t now = cx_now(cx), until = 0;
  enum err err = sql_number(cx, tx, &people_lockout_until, ARGS(V(log_in->who)), &until);
  if (err && err != ERR_NOT_FOUND) return err;
  log_in->locked_out_until_us = !err && until > now ? until : 0;
  if (log_in->locked_out_until_us) return OK;
  err = count_attempt(cx, tx, log_in, now);
  if (!err) err = sql_row(cx, tx, &people_credentials, ARGS(V(log_in->name)), &credentials_type, &log_in->credentials);
  log_in->known = !err;
  return err == ERR_NOT_FOUND ? OK : err;
}

/* Logs as the account itself: nobody is logged in yet. */
static enum err append_as(struct cx *cx, struct tx *tx, const struct log_in *log_in, const char *action)
{
  const struct credentials *credentials = &log_in->credentials;
  const struct person self = {.account = credentials->id, .name = credentials->name, .full_name = credentials->full_name};
  const struct person *before = cx->person;
  if (log_in->known) cx->person = &self;
  enum err err = action_append(cx, tx, action, log_in->known ? credentials->name : "-", NULL);
  cx->person = before;
  return err;
}

static enum err good_in(struct cx *cx, struct tx *tx, void *arg)
{
  struct log_in *log_in = arg;
  int64_t changed = 1;
  enum err err = OK;
  if (log_in->step >= 0) err = sql_run(cx, tx, &people_account_take_step, ARGS(V(log_in->credentials.id), V(log_in->step)), &changed);
  log_in->taken = changed != 1;
  if (err || log_in->taken) return err ? err : append_as(cx, tx, log_in, "account.log_in_failed");
  err = sql_run(cx, tx, &people_attempt_drop, ARGS(V(log_in->who)), NULL);
  if (!err) err = sql_run(cx, tx, &people_lockout_drop, ARGS(V(log_in->who)), NULL);
  return err || !log_in->good_action ? err : append_as(cx, tx, log_in, log_in->good_action);
}

static enum err wrong_in(struct cx *cx, struct tx *tx, void *arg)
{
  return append_as(cx, tx, arg, "account.log_in_failed");
}

static enum err begin(struct cx *cx, struct people *people, const char *name, struct log_in *log_in)
{
  *log_in = (struct log_in){.name = text_lower(cx->arena, name ? name : ""), .step = -1};
  log_in->who = who_of(cx, log_in->name);
  enum err err = store_write(cx, people->store, begin_in, log_in);
  if (err || !log_in->locked_out_until_us) return err;
  int64_t minutes = (log_in->locked_out_until_us - cx_now(cx) + MINUTE_US - 1) / MINUTE_US;
  return cx_fail(cx, ERR_TOO_MANY, NULL, "account.error.locked_out", "minutes", arena_print(cx->arena, "%lld", (long long)minutes), NULL);
}

static enum err end(struct cx *cx, struct people *people, struct log_in *log_in, bool right)
{
  enum err err = store_write(cx, people->store, right ? good_in : wrong_in, log_in);
  if (err || (right && !log_in->taken)) return err;
  cx_log(cx, LOG_WARN, "log-in refused", NULL);
  return ERR_WHO;
}

enum err account_log_in(struct cx *cx, struct people *people, const char *name, const char *password, const char *code, int64_t *id)
{
  struct log_in log_in;
  enum err err = begin(cx, people, name, &log_in);
  if (err) return err;
  const struct credentials *credentials = &log_in.credentials;
  bool right = password_matches(log_in.known ? credentials->password_hash : password_none(cx->arena), password ? password : "");
  if (!log_in.known || credentials->locked) right = false;
  if (log_in.known && credentials->totp_secret.size) {
    log_in.step = totp_step_of(credentials->totp_secret.data, credentials->totp_secret.size, cx_now(cx), code ? code : "");
    right = right && log_in.step >= 0;
  }
  log_in.good_action = "account.log_in";
  err = end(cx, people, &log_in, right);
  if (!err) *id = credentials->id;
  return err == ERR_WHO ? cx_fail(cx, ERR_WHO, NULL, "account.error.log_in", NULL) : err;
}

enum err account_change_password(struct cx *cx, struct people *people, int64_t id, const char *old, const char *password)
{
  struct account account;
  struct log_in log_in;
  enum err err = account_get(cx, people, id, &account);
  if (!err) err = password_check(cx, people, &account, password);
  if (!err) err = begin(cx, people, account.name, &log_in);
  if (err) return err;
  err = end(cx, people, &log_in, log_in.known && password_matches(log_in.credentials.password_hash, old ? old : ""));
  if (err == ERR_WHO) return cx_fail(cx, ERR_WHO, "old_password", "account.error.old_password", NULL);
  return err ? err : account_set_password(cx, people, id, password);
}
