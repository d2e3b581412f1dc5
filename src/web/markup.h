/* Where in an HTML document one stands: what decides how a hole is escaped, and whether it may be there at all.
 * Not a parser of HTML: it follows the tokens of our own templates and refuses what it does not know. */
#ifndef WEB_MARKUP_H
#define WEB_MARKUP_H

#include <stdbool.h>
#include <stddef.h>

enum markup_state {
  MARKUP_TEXT = 0, MARKUP_TAG_OPEN, MARKUP_TAG_NAME, MARKUP_END_TAG, MARKUP_IN_TAG, MARKUP_ATTRIBUTE, MARKUP_AFTER_ATTRIBUTE,
  MARKUP_BEFORE_VALUE, MARKUP_VALUE, MARKUP_BARE_VALUE, MARKUP_COMMENT, MARKUP_DECLARATION,
  MARKUP_SCRIPT,  /* in <script> or <style> */
  MARKUP_PLAIN,   /* in <textarea> or <title>: text up to the end tag */
  MARKUP_JOIN     /* in a tag where a section begins or ends: the next sign must separate */
};

enum markup_kind { MARKUP_ORDINARY = 0, MARKUP_URL, MARKUP_FORBIDDEN };

struct markup {
  enum markup_state state;
  enum markup_kind kind;   /* of the attribute whose value this is */
  char quote;
  bool url_begun;          /* something stands before this place in the URL */
  char name[16];           /* of the tag, then of the attribute; cut when longer */
  size_t name_size;
  char element[16];        /* the tag whose text this is, in SCRIPT and PLAIN */
  char lead[8];            /* the first characters of a URL, to know tel: and mailto: */
  size_t lead_size;
  size_t matched;          /* of the end that is looked for: "-->", "</script" */
};

enum markup_escape { ESCAPE_NONE = 0 /* no hole may be here */, ESCAPE_TEXT, ESCAPE_URL /* the whole or its beginning */, ESCAPE_URL_PART, ESCAPE_CONTACT };

/* Goes on over static text; false: what stands there is not understood. *newlines counts the line feeds up to there. */
bool markup_feed(struct markup *markup, const char *data, size_t size, size_t *newlines);
/* A value is put here: how it must be escaped. */
enum markup_escape markup_hole(struct markup *markup);
/* A section begins or ends here: false when it may not. */
bool markup_section(struct markup *markup);
/* Joins the place after a section with the one before it; false when they differ. */
bool markup_join(struct markup *markup, const struct markup *before);

#endif
