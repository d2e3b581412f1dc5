/* Maps an error to its HTTP status and its name in logs: one row each. */
#include "base/err.h"

#include <assert.h>

static const struct { int status; const char *name; } rows[] = {
  [OK] = {200, "ok"},
  [ERR_INPUT] = {400, "input"},
  [ERR_WHO] = {401, "who"},
  [ERR_FORBIDDEN] = {403, "forbidden"},
  [ERR_NOT_FOUND] = {404, "not_found"},
  [ERR_CONFLICT] = {409, "conflict"},
  [ERR_TOO_LARGE] = {413, "too_large"},
  [ERR_TYPE] = {415, "type"},
  [ERR_TOO_MANY] = {429, "too_many"},
  [ERR_BUSY] = {503, "busy"},
  [ERR_MEMORY] = {503, "memory"},
  [ERR_STORAGE] = {503, "storage"},
  [ERR_UPSTREAM] = {502, "upstream"},
  [ERR_TIMEOUT] = {504, "timeout"},
  [ERR_AGAIN] = {500, "again"},
  [ERR_INTERNAL] = {500, "internal"},
};

int err_status(enum err err)
{
  assert(err <= ERR_INTERNAL);
  return rows[err].status;
}

const char *err_name(enum err err)
{
  assert(err <= ERR_INTERNAL);
  return rows[err].name;
}
