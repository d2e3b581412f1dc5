/* Which era of the law the node's clock stands in. */
#include "node/era.h"

#include "node/disk.h"
#include "record/record.h"

struct era { const char *word, *legal_basis; int64_t valid_from, valid_to; bool verified; };
struct eras { struct list eras; };

static const struct field era_fields[] = {
  FIELD(struct era, word, .max = 60, .required = true),
  FIELD(struct era, legal_basis, .max = 300, .required = true),
  FIELD(struct era, valid_from, .form = FORM_DATE, .required = true),
  FIELD(struct era, valid_to, .form = FORM_DATE, .required = true),
  FIELD(struct era, verified),
};
static const struct record_type era_type = RECORD("era", struct era, era_fields);
static const struct field file_fields[] = {FIELD(struct eras, eras, .of = &era_type)};
static const struct record_type file_type = RECORD("eras", struct eras, file_fields);

enum err era_word(struct cx *cx, const char *data_folder, const char **word)
{
  struct bytes text;
  struct eras file;
  *word = NULL;
  enum err err = disk_read(cx, arena_print(cx->arena, "%s/eras.json", data_folder), &text);
  if (!err) err = record_read_json(cx, &file_type, text, &file);
  if (err) return err;
  int64_t today = time_to_days(cx_now(cx));
  const struct era *eras = file.eras.items;
  for (size_t i = 0; i < file.eras.count; i++)
    if (eras[i].valid_from <= today && today <= eras[i].valid_to) *word = eras[i].word;
  return OK;
}
