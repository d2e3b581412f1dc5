/* Several processes of one node on one store. The first holds the directory and authority keys; each twin has a gateway key and a
 * journal of its own, and the members' keys, so that what it sends is signed as ever. The first takes a twin's gateway into the
 * directory as one that speaks for the systems behind its own: whoever receives needs to know no more. */
#include "axis/axis_inner.h"

#include "base/text.h"

enum { TWINS_MAX = 16 };

/* The row that this key has already, or the first free name. */
static const char *twin_name(struct cx *cx, struct axis *axis, const char *journal_key)
{
  const struct snapshot *snapshot = directory_borrow(cx, axis->directory);
  const char *free_name = NULL;
  for (int i = 2; i < 2 + TWINS_MAX; i++) {
    const char *name = arena_print(cx->arena, "%s-%d", axis->gateway_name, i);
    const struct snapshot_gateway *known = snapshot_gateway(snapshot, name);
    if (known && text_equal(known->row.journal_key, journal_key)) return name;
    if (!known && !free_name) free_name = name;
  }
  return free_name;
}

enum err axis_admit_twin(struct cx *cx, struct axis *axis, const struct axis_twin *twin, const char **gateway)
{
  struct bytes spki;
  const char *host;
  int port;
  bool keys = base64_read(cx->arena, twin->gateway_key, &spki);
  if (!keys) return cx_fail(cx, ERR_INPUT, "gateway_key", "axis.error.key", NULL);
  if (!axis_address_read(cx->arena, twin->address, &host, &port)) return cx_fail(cx, ERR_INPUT, "address", "axis.error.url", NULL);
  if (!store_is_postgres(axis->store)) return cx_fail(cx, ERR_CONFLICT, NULL, "axis.error.twin_store", NULL);
  const char *name = twin_name(cx, axis, twin->journal_key);
  if (!name) return cx_fail(cx, ERR_CONFLICT, NULL, "axis.error.twin_many", NULL);
  struct gateway wish = {.name = name, .address = twin->address, .journal_origin = axis_journal_first(cx->arena, name),
                         .journal_key = twin->journal_key, .twin_of = axis->gateway_name, .state = "active"};
  enum err err = directory_certify(cx, axis->directory, spki, name, host, &wish.certificate);
  if (!err) err = directory_put_gateway(cx, axis->directory, &wish);
  *gateway = name;
  return err;
}

enum err axis_end_twin(struct cx *cx, struct axis *axis, const char *gateway)
{
  const struct snapshot_gateway *known = snapshot_gateway(directory_borrow(cx, axis->directory), gateway);
  if (!known || !text_equal(known->row.twin_of, axis->gateway_name))
    return cx_fail(cx, ERR_NOT_FOUND, "gateway", "axis.error.unknown_twin", "name", gateway, NULL);
  struct gateway wish = known->row;
  wish.state = "suspended";
  return directory_put_gateway(cx, axis->directory, &wish);
}

enum err twin_check(struct cx *cx, struct axis *axis)
{
  const struct snapshot_gateway *known = snapshot_gateway(directory_borrow(cx, axis->directory), axis->gateway_own);
  struct bytes key;
  enum err err = keys_public(cx, axis->keys, JOURNAL_KEY, &key);
  if (err) return err;
  bool same = known && known->signer.certificate && state_active(known->row.state) && text_equal(known->row.twin_of, axis->gateway_name) &&
              text_equal(known->row.journal_origin, journal_origin(axis->journal)) &&
              text_equal(known->row.journal_key, base64_write(cx->arena, key.data, key.size));
  return same ? OK : cx_fail(cx, ERR_CONFLICT, NULL, "axis.error.twin_unknown", "name", axis->gateway_own, NULL);
}
