/* Follows the tokens of HTML through a template: one small function a state. */
#include "web/markup.h"

#include <string.h>
#include <strings.h>

static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }
static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

static void name_start(struct markup *m, char c)
{
  m->name_size = 1;
  m->name[0] = c;
  m->name[1] = 0;
}

static void name_add(struct markup *m, char c)
{
  if (m->name_size + 1 >= sizeof m->name) return;
  m->name[m->name_size++] = c;
  m->name[m->name_size] = 0;
}

static enum markup_kind attribute_kind(const char *name)
{
  static const char *const urls[] = {"href", "src", "action", "formaction", "poster", "cite", "data"};
  static const char *const forbidden[] = {"style", "srcdoc", "srcset", "ping", "http-equiv"};
  if (strncasecmp(name, "on", 2) == 0) return MARKUP_FORBIDDEN;
  for (size_t i = 0; i < sizeof forbidden / sizeof forbidden[0]; i++)
    if (strcasecmp(name, forbidden[i]) == 0) return MARKUP_FORBIDDEN;
  for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++)
    if (strcasecmp(name, urls[i]) == 0) return MARKUP_URL;
  return MARKUP_ORDINARY;
}

/* After the '>' of a start tag: some elements hold no markup. */
static void tag_end(struct markup *m)
{
  m->state = MARKUP_TEXT;
  m->matched = 0;
  if (strcasecmp(m->element, "script") == 0 || strcasecmp(m->element, "style") == 0) m->state = MARKUP_SCRIPT;
  if (strcasecmp(m->element, "textarea") == 0 || strcasecmp(m->element, "title") == 0) m->state = MARKUP_PLAIN;
}

static bool step_tag_open(struct markup *m, char c)
{
  if (c == '/') m->state = MARKUP_END_TAG;
  else if (c == '!') m->state = MARKUP_DECLARATION, m->matched = 1;
  else if (is_letter(c)) m->state = MARKUP_TAG_NAME, name_start(m, c);
  else return false; /* a bare '<' is written &lt; */
  return true;
}

static bool step_in_tag(struct markup *m, char c)
{
  if (is_space(c) || c == '/') m->state = MARKUP_IN_TAG;
  else if (c == '>') tag_end(m);
  else if (m->state == MARKUP_JOIN || c == '=' || c == '"' || c == '\'' || c == '<') return false;
  else m->state = MARKUP_ATTRIBUTE, name_start(m, c);
  return true;
}

static bool step_tag_name(struct markup *m, char c)
{
  if (!is_space(c) && c != '>' && c != '/') {
    name_add(m, c);
    return true;
  }
  memcpy(m->element, m->name, sizeof m->element);
  return step_in_tag(m, c);
}

static bool step_attribute(struct markup *m, char c)
{
  if (c == '=') m->state = MARKUP_BEFORE_VALUE;
  else if (m->state == MARKUP_ATTRIBUTE && is_space(c)) m->state = MARKUP_AFTER_ATTRIBUTE;
  else if (m->state == MARKUP_AFTER_ATTRIBUTE && is_space(c)) return true;
  else if (c == '>' || c == '/' || m->state == MARKUP_AFTER_ATTRIBUTE) return step_in_tag(m, c);
  else if (c == '"' || c == '\'' || c == '<') return false;
  else name_add(m, c);
  return true;
}

static bool step_before_value(struct markup *m, char c)
{
  if (is_space(c)) return true;
  m->kind = attribute_kind(m->name);
  m->url_begun = false;
  m->lead_size = 0;
  m->quote = c;
  if (c == '>') return false;
  m->state = c == '"' || c == '\'' ? MARKUP_VALUE : MARKUP_BARE_VALUE;
  return true;
}

static void step_value(struct markup *m, char c)
{
  if (c == m->quote) {
    m->state = MARKUP_IN_TAG;
    return;
  }
  m->url_begun = true;
  if (m->lead_size < sizeof m->lead) m->lead[m->lead_size++] = c;
}

static bool step_bare_value(struct markup *m, char c)
{
  if (is_space(c) || c == '>') return step_in_tag(m, c);
  return c != '"' && c != '\'' && c != '<' && c != '=';
}

/* "<!" was seen: "--" makes a comment of it, anything else ends at '>'. */
static void step_declaration(struct markup *m, char c)
{
  if (c == '-' && (m->matched == 1 || m->matched == 2)) {
    if (++m->matched == 3) m->state = MARKUP_COMMENT, m->matched = 0;
    return;
  }
  m->matched = 9;
  if (c == '>') m->state = MARKUP_TEXT;
}

static void step_comment(struct markup *m, char c)
{
  if (c == '-') m->matched++;
  else if (c == '>' && m->matched >= 2) m->state = MARKUP_TEXT;
  else m->matched = 0;
}

/* In an element without markup: looks for "</name". */
static void step_opaque(struct markup *m, char c)
{
  const size_t size = strlen(m->element);
  char wanted = m->matched == 0 ? '<' : m->matched == 1 ? '/' : m->element[m->matched - 2];
  if ((c | 0x20) == (wanted | 0x20)) m->matched++;
  else m->matched = c == '<' ? 1 : 0;
  if (m->matched == size + 2) m->state = MARKUP_END_TAG;
}

static bool step(struct markup *m, char c)
{
  switch (m->state) {
    case MARKUP_TEXT: if (c == '<') m->state = MARKUP_TAG_OPEN; return true;
    case MARKUP_TAG_OPEN: return step_tag_open(m, c);
    case MARKUP_TAG_NAME: return step_tag_name(m, c);
    case MARKUP_END_TAG: if (c == '>') m->state = MARKUP_TEXT; return c != '<';
    case MARKUP_IN_TAG:
    case MARKUP_JOIN: return step_in_tag(m, c);
    case MARKUP_ATTRIBUTE:
    case MARKUP_AFTER_ATTRIBUTE: return step_attribute(m, c);
    case MARKUP_BEFORE_VALUE: return step_before_value(m, c);
    case MARKUP_VALUE: step_value(m, c); return true;
    case MARKUP_BARE_VALUE: return step_bare_value(m, c);
    case MARKUP_COMMENT: step_comment(m, c); return true;
    case MARKUP_DECLARATION: step_declaration(m, c); return true;
    case MARKUP_SCRIPT:
    case MARKUP_PLAIN: step_opaque(m, c); return true;
  }
  return false;
}

bool markup_feed(struct markup *markup, const char *data, size_t size, size_t *newlines)
{
  for (size_t i = 0; i < size; i++) {
    if (!step(markup, data[i])) return false;
    *newlines += data[i] == '\n';
  }
  return true;
}

enum markup_escape markup_hole(struct markup *markup)
{
  if (markup->state == MARKUP_TEXT || markup->state == MARKUP_PLAIN) return ESCAPE_TEXT;
  if (markup->state != MARKUP_VALUE || markup->kind == MARKUP_FORBIDDEN) return ESCAPE_NONE;
  if (markup->kind == MARKUP_ORDINARY) return ESCAPE_TEXT;
  bool begun = markup->url_begun;
  markup->url_begun = true;
  if (!begun) return ESCAPE_URL;
  bool contact = (markup->lead_size >= 4 && strncasecmp(markup->lead, "tel:", 4) == 0) ||
                 (markup->lead_size >= 7 && strncasecmp(markup->lead, "mailto:", 7) == 0);
  return contact ? ESCAPE_CONTACT : ESCAPE_URL_PART;
}

/* The states between '<' and '>' outside a value are one place for sections: `<option{{#chosen}} selected{{/chosen}}>`. */
static bool in_tag(enum markup_state state)
{
  return state == MARKUP_TAG_NAME || state == MARKUP_IN_TAG || state == MARKUP_ATTRIBUTE || state == MARKUP_AFTER_ATTRIBUTE || state == MARKUP_JOIN;
}

bool markup_section(struct markup *markup)
{
  if (in_tag(markup->state)) {
    if (markup->state == MARKUP_TAG_NAME) memcpy(markup->element, markup->name, sizeof markup->element);
    if (markup->state != MARKUP_IN_TAG) markup->state = MARKUP_JOIN;
    return true;
  }
  return markup->state == MARKUP_TEXT || markup->state == MARKUP_PLAIN || (markup->state == MARKUP_VALUE && markup->kind != MARKUP_FORBIDDEN);
}

bool markup_join(struct markup *markup, const struct markup *before)
{
  if (in_tag(markup->state) && in_tag(before->state)) {
    markup->state = MARKUP_JOIN;
    return strcasecmp(markup->element, before->element) == 0;
  }
  if (markup->state != before->state) return false;
  if (markup->state == MARKUP_VALUE) {
    if (markup->quote != before->quote || markup->kind != before->kind) return false;
    /* Whether something stands before depends on the section: the stricter reading counts. */
    markup->url_begun = markup->url_begun && before->url_begun;
  }
  return markup->state != MARKUP_PLAIN || strcasecmp(markup->element, before->element) == 0;
}
