/* Watches the journals of trusted instances: each checkpoint must be signed by the gateway's journal key and hold all that the
 * last one held. A log that was shortened or rewritten is found by whoever exchanges with it, and said aloud. */
#include "axis/axis_inner.h"

#include "axis_sql.h"
#include "base/text.h"

#include <string.h>

static const struct field witness_fields[] = {
  FIELD(struct witness_row, instance), FIELD(struct witness_row, origin), FIELD(struct witness_row, size), FIELD(struct witness_row, note),
};
static const struct record_type witness_type = RECORD("witness", struct witness_row, witness_fields);

enum err witness_seen(struct cx *cx, struct axis *axis, const char *instance, struct witness_row *out)
{
  return store_row(cx, axis->store, &axis_witness_get, ARGS(V(instance)), &witness_type, out);
}

static enum err contradiction(struct cx *cx, const char *origin)
{
  return cx_fail(cx, ERR_CONFLICT, NULL, "axis.error.journal_rewritten", "origin", origin, NULL);
}

/* Signed by a gateway of that instance, for its own log. */
static enum err signature_checked(struct cx *cx, struct axis *axis, const char *instance, const char *note, const char *origin)
{
  const struct snapshot *snapshot = directory_borrow(cx, axis->directory);
  const struct snapshot_gateway *gateways = snapshot->gateways.items;
  for (size_t i = 0; i < snapshot->gateways.count; i++) {
    const struct gateway *row = &gateways[i].row;
    struct bytes key;
    bool named = axis_name_within(row->name, instance) && text_equal(row->journal_origin, origin) && row->journal_key;
    if (named && base64_read(cx->arena, row->journal_key, &key)) return note_check(cx, note, origin, key);
  }
  return cx_fail(cx, ERR_NOT_FOUND, NULL, "axis.error.unknown_origin", "origin", origin, NULL);
}

static bool grown(struct cx *cx, const struct witness_row *before, const struct checkpoint *now, const struct merkle_proof *proof)
{
  struct checkpoint old;
  if (checkpoint_read(cx, before->note, &old) != OK || now->size < old.size) return false;
  return merkle_check_consistency(old.size, old.root, now->size, now->root, proof);
}

enum err witness_take(struct cx *cx, struct axis *axis, const char *instance, const char *note, const struct merkle_proof *proof)
{
  struct checkpoint now;
  struct witness_row before;
  enum err err = checkpoint_read(cx, note, &now);
  if (!err) err = signature_checked(cx, axis, instance, note, now.origin);
  if (err) return err;
  err = witness_seen(cx, axis, instance, &before);
  bool known = err == OK && text_equal(before.origin, now.origin); /* another origin is another log: the directory named it */
  if (err && err != ERR_NOT_FOUND) return err;
  if (known && !grown(cx, &before, &now, proof)) return contradiction(cx, now.origin);
  if (known && now.size == before.size) return OK;
  return store_run(cx, axis->store, &axis_witness_put, ARGS(V(instance), V(now.origin), V(now.size), V(note), V(cx_now(cx))), NULL);
}
