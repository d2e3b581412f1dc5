/* The form of a receipt, between who makes it and who checks it. */
#ifndef AXIS_RECEIPT_INNER_H
#define AXIS_RECEIPT_INNER_H

#include "axis/axis.h"

struct receipt_document { const char *note; };
struct receipt {
  const char *origin;        /* of the journal */
  int64_t index, size;       /* of the entry; of the tree that the checkpoint signs */
  const char *path;          /* base64 hashes, one space between two */
  const char *checkpoint;    /* a note */
  const char *salt;          /* hex */
  const char *record;        /* the evidence, canonical JSON */
  struct list documents;     /* struct receipt_document: the versions that the evidence names, in its order */
};
extern const struct record_type receipt_type;

enum { RECEIPT_DOCUMENTS_MAX = 2 };
/* "hash hash": also how a proof travels between gateways. "" for none. */
const char *proof_write(struct arena *arena, const struct merkle_proof *proof);
MUST_USE bool proof_read(struct arena *arena, const char *text, struct merkle_proof *out);
struct document_version { const char *instance; int64_t version; };
/* "H01/17 VN/4"; 0: not of that form. */
size_t document_versions_read(struct arena *arena, const char *text, struct document_version out[RECEIPT_DOCUMENTS_MAX]);

#endif
