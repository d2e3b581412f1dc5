/* The words of official papers: always Vietnamese, whatever language a page is in. */
#ifndef ONESTOP_PAPER_WORDS_H
#define ONESTOP_PAPER_WORDS_H

#include "base/cx.h"

/* Key below "onestop.paper."; must exist (assert). */
const char *paper_word(const char *key);
const char *paper_fill(struct cx *cx, const char *key, const char *name, const char *value);
const char *paper_fill2(struct cx *cx, const char *key, const char *name, const char *value, const char *name2, const char *value2);
/* "An Giang, ngày 25 tháng 11 năm 2026" */
const char *paper_date(struct cx *cx, const char *place, int64_t day);

#endif
