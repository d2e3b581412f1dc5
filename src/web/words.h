/* Words at hand: one table of all keys, in every language. */
#ifndef WEB_WORDS_H
#define WEB_WORDS_H

#include "web/model.h"

/* The text of a key whose model_hash is known; NULL when there is none. language: words_language. */
const char *words_find(const struct words *words, size_t language, const char *key, uint32_t hash);
size_t words_language(const struct words *words, const char *language); /* an unknown one is the first: Vietnamese */
/* Fills {name} of a text from args into out; what is not named stays. */
void words_fill(struct buffer *out, const char *text, const struct problem_arg *args, size_t arg_count);

#endif
