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
  FORM_PHONE,    /* text: 9–11 digits, may start with +84, spaces and dots dropped */
  FORM_EMAIL,
  FORM_SECRET    /* text never written to JSON, templates or audit differences */
};

#define NONE_DATE INT64_MIN /* "no date" of a FORM_DATE or FORM_TIME member; a NULL column or an empty input */

struct record_type;

struct field {
  const char *name;              /* member = column = form input = JSON key */
  enum field_type type;
  enum field_form form;
  size_t offset;
  int64_t max;                   /* text: characters (0: 500); bytes: size; i64: greatest value (0: no limit); list: rows (0: 100) */
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

/* ---- JSON (RFC 8259, I-JSON: duplicate keys, bad UTF-8 and unknown keys are refused) ---- */
/* Fills *record (zeroed first) from an object. Every wrong field is a problem; ERR_INPUT then. Allocates in cx->arena. */
MUST_USE enum err record_read_json(struct cx *cx, const struct record_type *type, struct bytes json, void *record);
void record_write_json(struct buffer *out, const struct record_type *type, const void *record);

/* ---- Forms: pairs of names and values as they were typed ---- */
struct form_pair { const char *name, *value; };
struct form { const struct form_pair *pairs; size_t count; };

/* The n-th value of a name (0 first), or NULL. */
const char *form_get(const struct form *form, const char *name, size_t n);
/* Reads application/x-www-form-urlencoded; values cleaned (TEXT_LINES). At most 1,000 pairs. */
MUST_USE enum err form_read(struct cx *cx, struct bytes body, struct form *out);
/* Only fields of the table are read; list rows are named "components[0].title". A checkbox is "1". */
MUST_USE enum err record_read_form(struct cx *cx, const struct record_type *type, const struct form *form, void *record);
/* One value as a form shows it ("01/07/2025", "200.000"); "" when empty. Of FIELD_TEXT, I64, BOOL, REAL. */
const char *record_show(struct arena *arena, const struct field *field, const void *record);

/* ---- Audit ---- */
/* Writes {"field":["before","after"],…} of what differs; secrets appear as "…"; returns how many differ.
 * before NULL: all that is set counts. */
size_t record_difference(struct buffer *out, const struct record_type *type, const void *before, const void *after);

#endif
