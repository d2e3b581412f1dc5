/* The action log: every change and every look at personal data, in the transaction that does it. Append only:
 * a trigger refuses update and delete. Table `action` of the common schema, in every system's store. */
#ifndef PEOPLE_ACTION_H
#define PEOPLE_ACTION_H

#include "people/people.h"

struct action { int64_t id, at_us, account; const char *person_name, *role, *unit, *action, *subject, *detail, *request_id; };
extern const struct record_type action_type;

/* Appends what cx->person does: action "dossier.receive", subject the thing's code, detail JSON or NULL. */
MUST_USE enum err action_append(struct cx *cx, struct tx *tx, const char *action, const char *subject, const char *detail);
/* A look at personal data: its own short transaction; the same person, action and subject within 10 minutes is one look.
 * Where the store cannot be written (a full disk), it is kept in the room set aside for it, and comes into the store with the first look
 * that can be written again. Without that room: ERR_STORAGE, and nothing may be shown (docs/decisions/0006). */
MUST_USE enum err action_look(struct cx *cx, struct store *store, const char *action, const char *subject);
/* Sets the room aside, in the file FOLDER/looks, and carries into the store what is there. Without space it is an alarm in the log. */
void action_prepare(struct cx *cx, struct store *store, const char *folder);
/* Newest first, by key: before = the id to go on below (0: from the newest). */
MUST_USE enum err action_about(struct cx *cx, struct tx *tx, const char *subject, int64_t before, size_t max, struct list *out);

#endif
