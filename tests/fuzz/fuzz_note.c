/* Fuzzer of checkpoints and signed notes. A checkpoint that is read is written with the same bytes; a note that holds says what was
 * signed; and a note signed here holds until one byte of it is another, at a place that its first byte chooses. */
#include "material.h"

#include "keys/merkle.h"

#define ORIGIN "H01/gateway/journal-1"
static struct material material;
/* What the notes of the corpus say. */
static const char signed_before[] = ORIGIN "\n1\nAQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=\n";

int LLVMFuzzerInitialize(int *count, char ***arguments)
{
  material_open(&material, *count, *arguments);
  return 0;
}

static void check_checkpoint(struct cx *cx, const char *text)
{
  struct checkpoint checkpoint;
  enum err err = checkpoint_read(cx, text, &checkpoint);
  fuzz_judge(cx, err);
  cx_reset_problems(cx);
  if (err) return;
  const char *written = checkpoint_write(cx->arena, &checkpoint);
  assert(text_starts(text, written) && (text[strlen(written)] == '\0' || text[strlen(written)] == '\n'));
}

static enum err check_note(struct cx *cx, const char *note)
{
  cx_reset_problems(cx);
  enum err err = note_check(cx, note, ORIGIN, material.spki[MATERIAL_JOURNAL]);
  fuzz_judge(cx, err);
  cx_reset_problems(cx);
  return err;
}

/* Text that a note can carry, and that is not a note yet. */
static bool may_be_signed(const char *text)
{
  size_t size = strlen(text);
  for (const char *c = text; *c; c++)
    if ((unsigned char)*c < 0x20 && *c != '\n') return false;
  return size > 1 && text[size - 1] == '\n' && !strstr(text, "\n\n");
}

static void check_signed(struct cx *cx, const char *text)
{
  const char *note = material_note(cx->arena, &material, MATERIAL_JOURNAL, ORIGIN, text);
  assert(check_note(cx, note) == OK && text_starts(note, text));
  char *changed = arena_copy(cx->arena, note);
  size_t at = (unsigned char)text[0] * strlen(note) / 256;
  changed[at] ^= text[1] == changed[at] ? 1 : 2;
  assert(check_note(cx, changed) != OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct cx *cx = fuzz_cx();
  const char *text = fuzz_text(cx->arena, data, size);
  if (text) {
    check_checkpoint(cx, text);
    if (check_note(cx, text) == OK) assert(text_starts(text, signed_before));
    if (may_be_signed(text)) check_signed(cx, text);
  }
  cx_free_alone(cx);
  return 0;
}
