/* Takes in what people hand in. */
#include "people/handed.h"

#include "base/text.h"
#include "people/action.h"
#include <string.h>

static const struct field refused_fields[] = {
  FIELD(struct handed_refused, name, .max = 255),
  FIELD(struct handed_refused, hash, .max = 64),
  FIELD(struct handed_refused, type, .max = 200),
  FIELD(struct handed_refused, size),
  FIELD(struct handed_refused, finding, .max = 255),
  FIELD(struct handed_refused, peer, .max = 100),
};
const struct record_type handed_refused_type = RECORD("refused", struct handed_refused, refused_fields);

static enum err refused_in(struct cx *cx, struct tx *tx, void *arg)
{
  struct buffer detail;
  buffer_init(&detail, cx->arena);
  record_write_json(&detail, &handed_refused_type, arg);
  return action_append(cx, tx, HANDED_INFECTED, HANDED_SUBJECT, buffer_string(&detail));
}

/* The log has no name of a file: people write names of people there. */
static enum err note_infected(struct cx *cx, const struct here *here, const struct handed *handed, const struct file_info *info)
{
  const char *name = handed->name ? text_clean(cx->arena, handed->name, strlen(handed->name), TEXT_LINE) : NULL;
  struct handed_refused refused = {.name = name, .hash = info->hash, .type = info->type, .size = info->size, .finding = info->finding, .peer = handed->peer};
  cx_log(cx, LOG_WARN, "a file was refused: malware was found in it", LOG_FIELDS({"system", here->system}, {"finding", info->finding}, {"hash", info->hash}));
  return store_write(cx, here->store, refused_in, &refused);
}

enum err handed_take(struct cx *cx, const struct here *here, const struct handed *handed, const struct file_limits *limits, struct file_info *out)
{
  *out = (struct file_info){0};
  enum err err = file_take(cx, here->files, handed->path, limits, out);
  enum err noted = err && out->finding ? note_infected(cx, here, handed, out) : OK;
  return noted ? noted : err;
}
