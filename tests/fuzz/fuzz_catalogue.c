/* Fuzzer of catalogue files: what is taken hangs together, and a refusal names a line. */
#include "fuzz.h"

#include "systems/onestop/catalogue.h"

static void check_whole(const struct catalogue *catalogue)
{
  const struct procedure *procedures = catalogue->procedures.items;
  const struct component *components = catalogue->components.items;
  for (size_t i = 0; i < catalogue->procedures.count; i++) {
    assert(!text_empty(procedures[i].code) && procedures[i].version > 0 && catalogue->procedure_lines[i] > 0);
    assert(procedures[i].valid_to == NONE_DATE || procedures[i].valid_to >= procedures[i].valid_from);
  }
  for (size_t i = 0; i < catalogue->components.count; i++) {
    bool found = false;
    for (size_t j = 0; !found && j < catalogue->procedures.count; j++)
      found = procedures[j].version == components[i].version && text_equal(procedures[j].code, components[i].procedure);
    assert(found && components[i].ordinal != 0);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct cx *cx = fuzz_cx();
  struct catalogue catalogue;
  enum err err = catalogue_read(cx, (struct bytes){data, size}, &catalogue);
  fuzz_judge(cx, err);
  if (!err) check_whole(&catalogue);
  for (size_t i = 0; i < cx->problems.count; i++) assert(cx->problems.items[i].field && cx->problems.items[i].field[strspn(cx->problems.items[i].field, "0123456789")] != cx->problems.items[i].field[0]);
  cx_free_alone(cx);
  return 0;
}
