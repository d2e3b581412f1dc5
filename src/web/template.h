/* Templates: HTML files with holes, escaped by the place where a hole stands.
 *
 *   {{name}} {{dossier.code}}      a value, escaped for text, quoted attribute or URL attribute (href, src, action:
 *                                  only relative, http, https, mailto, tel; otherwise "#")
 *   {{#rows}}…{{/rows}}            for each row, or once when a text, flag or record is there
 *   {{^rows}}…{{/rows}}            when empty, absent or false
 *   {{t:word.key}} {{t:word.key name=value other=dossier.code}}   words, filled from the model
 *   {{t:*name}}                    the word whose key is the model's value ("status.{value}" is written {{t:status.*state}})
 *   {{>partial}} {{>field name=applicant_name}}    another file; arguments are plain text, added to the model
 *   {{raw:name}}                   only for values set with model_html by web/ itself (rendered body)
 * A hole in a script, style, comment, unquoted attribute or tag name does not parse. */
#ifndef WEB_TEMPLATE_H
#define WEB_TEMPLATE_H

#include "web/web.h"

struct templates;
MUST_USE enum err templates_open(struct cx *cx, const struct embedded_table *const *tables, size_t count, struct templates **out);
void templates_close(struct templates *templates);
MUST_USE enum err template_render(struct cx *cx, const struct templates *templates, const struct words *words,
                                  const char *name, const struct model *model, struct buffer *out);
void model_html(struct model *model, const char *name, const char *html);
/* Every word key named by templates, for the check that both languages have them. */
void templates_words(const struct templates *templates, void (*found)(void *user, const char *template_name, const char *key), void *user);

#endif
