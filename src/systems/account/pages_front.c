/* The front page: an officer's systems, or a citizen's entry; and the pages of plain text (help is web's own). */
#include "systems/account/pages.h"

#include "systems/account/entrances.h"

static void show_entrances(struct view *view, const struct person *person)
{
  for (const struct entrance *entrance = entrances; entrance->prefix; entrance++) {
    if (!person_may_some(person, entrance->prefix)) continue;
    struct model *row = model_row(view->model, "entrances");
    model_text(row, "path", entrance->path);
    model_text(row, "entrance_title", entrance->title);
    model_text(row, "entrance_text", entrance->text);
  }
}

enum err page_front(struct cx *cx, struct view *view)
{
  model_text(view->model, "system_word", NULL); /* of no system in particular */
  if (cx->person) {
    model_text(view->model, "name", cx->person->full_name);
    show_entrances(view, cx->person);
    return view_render(cx, view, "account_front");
  }
  model_flag(view->model, "citizen", true);
  model_flag(view->model, "has_lookup", people_knows_some(view->here->people, "onestop."));
  return view_render(cx, view, "account_front_citizen");
}

static enum err render_text(struct cx *cx, struct view *view, const char *name)
{
  model_text(view->model, "system_word", NULL);
  model_flag(view->model, "citizen", cx->person == NULL);
  return view_render(cx, view, name);
}

enum err page_privacy(struct cx *cx, struct view *view)
{
  return render_text(cx, view, "account_privacy");
}

enum err page_accessibility(struct cx *cx, struct view *view)
{
  return render_text(cx, view, "account_accessibility");
}
