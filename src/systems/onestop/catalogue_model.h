/* The catalogue's records: procedures by version, what hangs on a version, and the dated rules of numbers and forms. */
#ifndef ONESTOP_CATALOGUE_MODEL_H
#define ONESTOP_CATALOGUE_MODEL_H

#include "record/record.h"

struct procedure {
  const char *code;
  int64_t version;
  const char *kind, *name, *short_name, *field; /* short_name: for lists */
  int64_t valid_from, valid_to;
  const char *legal_basis;
  bool verified;
  const char *decider_level, *decider_office, *decider_place; /* office: "TCKH" for the office 883-TCKH below 883; place: whose unit counts */
  int64_t term_amount, term_long_amount;
  const char *term_unit, *term_note;
  const char *result_name, *result_number;                    /* number: a pattern, or NULL: the register gives it */
  const char *issuer_above, *issuer, *signer_authority, *signer; /* {unit} {parent} {province} are filled */
  const char *proxy;                                          /* "authority": with a paper; "none": in person only */
};
struct component { const char *procedure; int64_t version, ordinal; const char *code, *title, *form; int64_t originals, copies; bool required; const char *when_needed; };
struct fee_rule { const char *procedure; int64_t version; const char *code, *title; int64_t amount_vnd, from_copy; const char *legal_basis; bool verified; };
struct exemption { const char *procedure; int64_t version; const char *code, *title; int64_t pays_vnd; const char *proof, *legal_basis; bool verified; };
struct authority { const char *procedure; int64_t version; const char *code, *title; bool certified; const char *note; };
struct paper_form { const char *purpose, *number, *title, *desk; /* desk: how the counter is called */ int64_t valid_from, valid_to; const char *legal_basis; bool verified; };
struct numbering { const char *pattern; int64_t digits; const char *agency; int64_t valid_from, valid_to; const char *legal_basis; bool verified; };
struct counter { const char *unit, *address, *phone, *hours; int64_t valid_from; };
extern const struct record_type procedure_type, component_type, fee_rule_type, exemption_type, authority_type, paper_form_type,
  numbering_type, counter_type;

/* A whole file. */
struct catalogue {
  struct list procedures, components, fees, exemptions, authorities, forms, numbering, counters;
  const int64_t *procedure_lines; /* where each procedure begins in the file */
};

/* A version with all that hangs on it. */
struct procedure_parts { struct procedure procedure; struct list components, fees, exemptions, authorities; };

#endif
