/* How a model is laid out, for the renderer and the form fields alone; everybody else uses web.h. */
#ifndef WEB_MODEL_H
#define WEB_MODEL_H

#include "web/web.h"

enum model_kind {
  MODEL_ABSENT = 0, MODEL_TEXT, MODEL_HTML, MODEL_NUMBER, MODEL_FLAG,
  MODEL_MODEL,        /* names of its own */
  MODEL_ROWS,         /* a chain of models */
  MODEL_RECORD,       /* a record and its table */
  MODEL_RECORD_ROWS,  /* a list of records */
  MODEL_FIELD,        /* one value of a record */
  MODEL_PROBLEM,      /* the text of the first problem on a field, looked up when it is drawn */
  MODEL_LATE          /* made when it is drawn: tokens that most pages do not need */
};

typedef const char *model_late_fn(void *arg);

struct model_value {
  enum model_kind kind;
  union {
    const char *text;                                            /* TEXT, HTML, PROBLEM: the field's name */
    int64_t number;
    bool flag;
    struct model *model;                                         /* MODEL; ROWS: the first of the chain */
    struct { const struct record_type *type; const void *record; } record;
    struct { const struct record_type *type; const struct list *list; } rows;
    struct { const struct field *field; const void *record; } field;
    struct { model_late_fn *fn; void *arg; } late;
  };
};

struct model_entry { const char *name; uint32_t hash; struct model_value value; };

struct model {
  struct arena *arena;
  struct model_entry *entries;  /* open addressing; room is a power of two */
  size_t count, room;
  struct model *next, *last;    /* of a chain of rows: the next one; in the first: the last one */
};

uint32_t model_hash(const char *name, size_t size);
/* NULL: no such name. */
const struct model_value *model_find(const struct model *model, const char *name, uint32_t hash);
void model_set(struct model *model, const char *name, struct model_value value);
void model_late(struct model *model, const char *name, model_late_fn *fn, void *arg);
struct model *model_under(struct model *model, const char *name); /* the sub-model of that name, made when there is none */
const char *model_field_id(struct arena *arena, const char *name); /* of the input of that name */
/* The member of a record as a value; ABSENT when there is no such field. */
struct model_value model_member(const struct field *field, const void *record);

#endif
