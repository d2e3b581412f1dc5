/* What the fuzzers share. Each of them feeds one parser with bytes that a stranger could send and asserts, beyond memory safety,
 * what the parser's header promises. tests/fuzz.sh builds them, runs their corpora and lets them search. */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include "base/cx.h"
#include "base/text.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *count, char ***arguments);

/* A context whose clock stands at 2026-11-25 08:00 in Viet Nam; freed with cx_free_alone. */
struct cx *fuzz_cx(void);
/* The input as text; NULL when a NUL stands in it, as functions that take `const char *` never see one. */
const char *fuzz_text(struct arena *arena, const uint8_t *data, size_t size);
/* The next line of the text without its end, or NULL; *rest moves past it. */
const char *fuzz_line(struct arena *arena, const char **rest);
struct bytes fuzz_bytes(const char *text);
/* Success leaves no problem behind, a refusal says at least one. */
void fuzz_judge(const struct cx *cx, enum err err);

#endif
