/* Field tables: a record is described once, and the description reads rows, forms and
 * JSON, writes JSON, fills templates and makes the audit difference.
 *
 *   struct fee { int64_t amount_vnd; const char *reason; bool paid; };
 *   static const struct field fee_fields[] = {
 *     FIELD(struct fee, amount_vnd, .max = 100000000, .word = "fee.amount", .required = true),
 *     FIELD(struct fee, reason, .max = 200, .word = "fee.reason"),
 *     FIELD(struct fee, paid),
 *   };
 *   const struct record_type fee_type = RECORD("fee", struct fee, fee_fields);
 *
 * Name, type, offset and size come from the member, so that a mismatch cannot compile.
 * One level of nested record or list, in JSON and forms only. No relations, no queries. */
#ifndef RECORD_RECORD_H
#define RECORD_RECORD_H

#include "base/buffer.h"
#include "base/cx.h"

enum field_type { FIELD_I64 = 1, FIELD_TEXT, FIELD_BYTES, FIELD_BOOL, FIELD_REAL, FIELD_RECORD, FIELD_LIST };

/* How a value is written and read outside; FORM_PLAIN follows the type. */
enum field_form {
  FORM_PLAIN = 0,
  FORM_LINES,    /* text of many lines */
  FORM_TIME,     /* int64_t µs UTC ↔ RFC 3339 in JSON, dd/mm/yyyy hh:mm in forms */
  FORM_DATE,     /* int64_t days since 1970 ↔ "2025-07-01" in JSON, 01/07/2025 in forms; NONE_DATE: none */
  FORM_MONEY,    /* int64_t đồng; forms take "200.000" and "200000" */
  FORM_DIGITS,   /* text of decimal digits only; max = the number of them, exactly */
  FORM_PHONE,    /* text: 9–11 digits; spaces and dots are dropped, a +84 at the start becomes 0 */
  FORM_EMAIL,    /* text: one @, a dot after it, ASCII, at most 254 characters */
  FORM_SECRET    /* text never written to JSON, templates or audit differences */
};

#define NONE_DATE INT64_MIN /* "no date" of a FORM_DATE or FORM_TIME member; a NULL column or an empty input */

struct record_type;

struct field {
  const char *name;              /* member = column = form input = JSON key */
  enum field_type type;
  enum field_form form;
  size_t offset;
  int64_t max;                   /* text: characters (0: 500); bytes: size, i64, real: greatest value (0: no limit); list: rows (0: 100) */
  int64_t min;                   /* i64 and real: least value, when max is set */
  bool required;                 /* input must give it, not empty */
  const char *word;              /* key of its label; NULL: not shown */
  const char *const *choices;    /* text: one of these, NULL-terminated */
  const struct record_type *of;  /* FIELD_RECORD: pointer to struct; FIELD_LIST: member is struct list */
};

struct record_type {
  const char *name;
  size_t size;
  const struct field *fields;
  size_t field_count;
};

/* A list member: `count` records of the type named by the field, one after another. */
struct list { void *items; size_t count; };

#define FIELD_TYPE_OF(member)                                                                     \
  _Generic((member), int64_t : FIELD_I64, const char * : FIELD_TEXT, struct bytes : FIELD_BYTES,  \
           bool : FIELD_BOOL, double : FIELD_REAL, struct list : FIELD_LIST)
/* FIELD(owner, member) and FIELD(owner, member, .max = …): the empty last argument lets the options be absent. */
#define FIELD(owner, ...) FIELD_ROW(owner, __VA_ARGS__, )
#define FIELD_ROW(owner, member, ...) \
  { .name = #member, .type = FIELD_TYPE_OF(((owner *)0)->member), .offset = offsetof(owner, member), __VA_ARGS__ }
/* A nested record, `struct child *member`: FIELD_OF(owner, member, &child_type, …). */
#define FIELD_OF(owner, ...) FIELD_OF_ROW(owner, __VA_ARGS__, )
#define FIELD_OF_ROW(owner, member, child_type, ...) \
  { .name = #member, .type = FIELD_RECORD, .offset = offsetof(owner, member), .of = (child_type), __VA_ARGS__ }
#define RECORD(title, owner, table) \
  { .name = (title), .size = sizeof(owner), .fields = (table), .field_count = sizeof(table) / sizeof((table)[0]) }

const struct field *record_field(const struct record_type *type, const char *name); /* NULL: none */
/* What is wrong with a table that compiles all the same (a form that does not fit its type, a name twice, nesting too deep):
 * an English phrase for a test, or NULL. */
const char *record_type_fault(const struct record_type *type);

/* How reading fails, JSON and forms alike: every wrong field is a problem, named by its path ("head.identity",
 * "sectors[0].code"), and the result is ERR_INPUT. Keys: error.required, .text, .too_long {max}, .number, .range {min} {max},
 * .digits {count}, .date, .time, .money, .phone, .email, .choice, .too_many {max}, .unknown_field; error.json and error.form
 * (no field) when the whole cannot be read. Text becomes NFC, an empty one NULL; what is absent is NULL, 0, false, NONE_DATE
 * or an empty list. */

/* ---- JSON (RFC 8259, I-JSON: duplicate keys, bad UTF-8 and unknown keys are refused; bytes as base64) ---- */
/* Fills *record from an object; what it points to is in cx->arena. ERR_MEMORY "error.memory": its budget was passed. */
MUST_USE enum err record_read_json(struct cx *cx, const struct record_type *type, struct bytes json, void *record);
/* Absent text, dates, bytes and nested records and all secrets are left out; numbers, truth values and lists never. */
void record_write_json(struct buffer *out, const struct record_type *type, const void *record);

/* ---- Forms: pairs of names and values as they were typed ---- */
struct form_pair { const char *name, *value; };
struct form { const struct form_pair *pairs; size_t count; };

/* The n-th value of a name (0 first), or NULL. */
const char *form_get(const struct form *form, const char *name, size_t n);
/* Reads application/x-www-form-urlencoded; values cleaned (TEXT_LINES). At most 1,000 pairs. */
MUST_USE enum err form_read(struct cx *cx, struct bytes body, struct form *out);
/* Only fields of the table are read, bytes are not; list rows are named "components[0].title", rows with nothing typed are
 * skipped; a nested record "head.full_name" of which nothing is typed is NULL unless required. A checkbox is "1". */
MUST_USE enum err record_read_form(struct cx *cx, const struct record_type *type, const struct form *form, void *record);
/* One value as a form shows it and takes it back ("01/07/2025", "25/11/2026 14:05", "200.000", "12,5"); "" when empty, and for
 * secrets. Of FIELD_TEXT, I64, BOOL, REAL. */
const char *record_show(struct arena *arena, const struct field *field, const void *record);

/* ---- Audit ---- */
/* Writes {"field":["before","after"],"head.phone":[…],…} of what differs, values as forms show them; secrets and bytes appear
 * as "…"; returns how many differ. before (or after) NULL: all that is set counts. */
size_t record_difference(struct buffer *out, const struct record_type *type, const void *before, const void *after);

#endif
