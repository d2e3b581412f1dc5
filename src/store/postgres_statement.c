/* Statements on PostgreSQL: prepared once a connection, parameters with declared types, values as text (bytes binary). */
#include "store/postgres_inner.h"

#include "base/text.h"
#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Object ids of PostgreSQL's own types never change (src/include/catalog/pg_type.dat). */
enum oid { OID_BOOL = 16, OID_BYTEA = 17, OID_NAME = 19, OID_INT8 = 20, OID_INT2 = 21, OID_INT4 = 23, OID_TEXT = 25, OID_FLOAT4 = 700,
           OID_FLOAT8 = 701, OID_UNKNOWN = 705, OID_BPCHAR = 1042, OID_VARCHAR = 1043, OID_NUMERIC = 1700 };

enum { NUMBER_SIZE = 32, NAME_SIZE = 16 };

/* ---- Errors ---- */

/* What a SQLSTATE means (PostgreSQL manual, appendix A). Class 57P: the server ends or has ended. */
static enum err state_err(const char *state, enum again *again)
{
  if (!strcmp(state, "40001") || !strcmp(state, "40P01")) return *again = AGAIN_SERIAL, ERR_BUSY;
  if (!strcmp(state, "23505")) return *again = AGAIN_UNIQUE, ERR_CONFLICT;
  if (!strcmp(state, "23503")) return ERR_CONFLICT;
  if (!strcmp(state, "55P03") || !strcmp(state, "57014")) return ERR_BUSY;
  if (text_starts(state, "57P") || text_starts(state, "08")) return *again = AGAIN_LOST, ERR_STORAGE;
  if (text_starts(state, "53") || text_starts(state, "58") || text_starts(state, "XX")) return ERR_STORAGE;
  return ERR_INTERNAL;
}

/* The server's words, without what may hold data: details, and the whole message of a data exception (class 22). */
static const char *result_message(const PGresult *result, const char *state)
{
  const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  return text_starts(state, "22") || !message ? "" : message;
}

static enum err result_fail(struct cx *cx, struct postgres_tx *tx, const PGresult *result, const char *what)
{
  const char *state = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
  enum again again = AGAIN_NO;
  if (!state || PQstatus(tx->session->connection) != CONNECTION_OK) {
    tx->again = AGAIN_LOST;
    return tx->tx.failed = engine_fail(cx, &(struct fault){.err = ERR_STORAGE, .what = what, .code = state ? state : "", .message = "connection lost"});
  }
  enum err err = state_err(state, &again);
  tx->again = again;
  tx->tx.failed = err;
  if (err == ERR_CONFLICT || again == AGAIN_SERIAL) return err;
  return engine_fail(cx, &(struct fault){.err = err, .key = !strcmp(state, "53100") ? "error.storage_full" : NULL, .what = what,
                     .code = state, .message = result_message(result, state)});
}

enum err session_script(struct cx *cx, struct postgres_tx *tx, const char *sql)
{
  if (tx->tx.failed) return tx->tx.failed;
  PGresult *result = PQexec(tx->session->connection, sql);
  ExecStatusType status = result ? PQresultStatus(result) : PGRES_FATAL_ERROR;
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) result_fail(cx, tx, result, "script");
  PQclear(result);
  return tx->tx.failed;
}

/* ---- Preparing ---- */

static Oid type_oid(enum value_type type)
{
  switch (type) {
    case VALUE_I64: return OID_INT8;
    case VALUE_TEXT: return OID_TEXT;
    case VALUE_BYTES: return OID_BYTEA;
    case VALUE_BOOL: return OID_BOOL;
    case VALUE_REAL: return OID_FLOAT8;
    case VALUE_NULL: break;
  }
  assert(!"a parameter without a type");
  return 0;
}

static void slot_name(char name[NAME_SIZE], size_t slot)
{
  snprintf(name, NAME_SIZE, "s%zu", slot);
}

enum err statement_prepare_on(struct cx *cx, struct postgres_tx *tx, const struct statement *statement)
{
  size_t slot = statement_slot(tx->tx.store, statement);
  if (tx->session->prepared[slot]) return OK;
  char name[NAME_SIZE];
  Oid types[PARAMETERS_MAX];
  assert(statement->parameter_count <= PARAMETERS_MAX);
  for (size_t i = 0; i < statement->parameter_count; i++) types[i] = type_oid(statement->parameters[i]);
  slot_name(name, slot);
  PGresult *result = PQprepare(tx->session->connection, name, statement->postgres, (int)statement->parameter_count, types);
  if (result && PQresultStatus(result) == PGRES_COMMAND_OK) tx->session->prepared[slot] = true;
  else result_fail(cx, tx, result, statement->name);
  PQclear(result);
  return tx->tx.failed;
}

/* ---- Parameters ---- */

struct parameters {
  const char *values[PARAMETERS_MAX];
  int sizes[PARAMETERS_MAX], formats[PARAMETERS_MAX];
  char numbers[PARAMETERS_MAX][NUMBER_SIZE];
};

static void parameter_set(struct parameters *parameters, size_t n, const struct value *value)
{
  char *number = parameters->numbers[n];
  parameters->values[n] = number;
  parameters->sizes[n] = 0;
  parameters->formats[n] = 0;
  switch (value->type) {
    case VALUE_NULL: parameters->values[n] = NULL; break;
    case VALUE_I64: snprintf(number, NUMBER_SIZE, "%lld", (long long)value->i64); break;
    case VALUE_BOOL: snprintf(number, NUMBER_SIZE, "%s", value->boolean ? "t" : "f"); break;
    case VALUE_REAL: snprintf(number, NUMBER_SIZE, "%.17g", value->real); break;
    case VALUE_TEXT: parameters->values[n] = value->text; break;
    case VALUE_BYTES:
      assert(value->bytes.size <= INT32_MAX);
      parameters->values[n] = (const char *)value->bytes.data;
      parameters->sizes[n] = (int)value->bytes.size;
      parameters->formats[n] = 1;
      break;
  }
}

/* ---- Rows ---- */

/* A result and the room into which one row's bytes are decoded. */
struct result { PGresult *result; uint8_t *scratch; };

/* sum() of an i64 is numeric: a whole number reads as one. */
static struct value numeric_value(const char *text)
{
  int64_t whole;
  return text_to_i64(text, INT64_MIN, INT64_MAX, &whole) ? value_i64(whole) : value_real(strtod(text, NULL));
}

static int hex_digit(char c)
{
  return c <= '9' ? c - '0' : c - 'a' + 10;
}

/* "\x0aff…", bytea_output = hex; decoded at *room, which moves on. */
static struct value bytea_value(const char *text, int size, uint8_t **room)
{
  assert(size >= 2 && text[0] == '\\' && text[1] == 'x');
  struct bytes bytes = {*room, (size_t)(size - 2) / 2};
  for (int i = 2; i + 1 < size; i += 2) *(*room)++ = (uint8_t)(hex_digit(text[i]) << 4 | hex_digit(text[i + 1]));
  return value_bytes(bytes);
}

static struct value cell_value(const struct result *result, int row, int column, uint8_t **room)
{
  if (PQgetisnull(result->result, row, column)) return (struct value){0};
  const char *text = PQgetvalue(result->result, row, column);
  switch ((enum oid)PQftype(result->result, column)) {
    case OID_INT8:
    case OID_INT2:
    case OID_INT4: return value_i64(strtoll(text, NULL, 10));
    case OID_BOOL: return value_bool(text[0] == 't');
    case OID_BYTEA: return bytea_value(text, PQgetlength(result->result, row, column), room);
    case OID_FLOAT4:
    case OID_FLOAT8: return value_real(strtod(text, NULL));
    case OID_NUMERIC: return numeric_value(text);
    case OID_TEXT:
    case OID_NAME:
    case OID_UNKNOWN:
    case OID_BPCHAR:
    case OID_VARCHAR: return value_text(text);
  }
  assert(!"a column of a type that is none of the five");
  return (struct value){0};
}

/* Room for the bytes of any one row. */
static uint8_t *scratch_new(const PGresult *result)
{
  size_t most = 1;
  for (int row = 0; row < PQntuples(result); row++) {
    size_t size = 1;
    for (int column = 0; column < PQnfields(result); column++)
      if (PQftype(result, column) == OID_BYTEA) size += (size_t)PQgetlength(result, row, column) / 2;
    if (size > most) most = size;
  }
  uint8_t *scratch = malloc(most);
  if (!scratch) abort();
  return scratch;
}

static void rows_show(struct cx *cx, PGresult *raw, row_reader *reader, void *arg)
{
  struct result result = {.result = raw, .scratch = scratch_new(raw)};
  struct value values[COLUMNS_MAX];
  const char *names[COLUMNS_MAX];
  int count = PQnfields(raw);
  assert(count <= COLUMNS_MAX);
  for (int i = 0; i < count; i++) names[i] = PQfname(raw, i);
  for (int row = 0; row < PQntuples(raw); row++) {
    uint8_t *room = result.scratch;
    for (int i = 0; i < count; i++) values[i] = cell_value(&result, row, i, &room);
    if (!reader(cx, &(struct row){.count = (size_t)count, .names = names, .values = values}, arg)) break;
  }
  free(result.scratch);
}

enum err postgres_run(struct cx *cx, struct tx *base, const struct statement *statement, struct values args, row_reader *reader, void *arg, int64_t *changed)
{
  struct postgres_tx *tx = (struct postgres_tx *)base;
  struct parameters parameters;
  char name[NAME_SIZE];
  assert(args.count == statement->parameter_count);
  if (base->failed || statement_prepare_on(cx, tx, statement)) return base->failed;
  for (size_t i = 0; i < args.count; i++) {
    struct value value = statement_value(statement, args, i);
    parameter_set(&parameters, i, &value);
  }
  slot_name(name, statement_slot(base->store, statement));
  PGresult *result = PQexecPrepared(tx->session->connection, name, (int)args.count, parameters.values, parameters.sizes, parameters.formats, 0);
  ExecStatusType status = result ? PQresultStatus(result) : PGRES_FATAL_ERROR;
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) result_fail(cx, tx, result, statement->name);
  else if (reader && status == PGRES_TUPLES_OK) rows_show(cx, result, reader, arg);
  if (!base->failed && changed) *changed = statement->writes ? strtoll(PQcmdTuples(result), NULL, 10) : 0;
  PQclear(result);
  return base->failed;
}
