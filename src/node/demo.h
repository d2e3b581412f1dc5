/* Demo people and information systems: made once a node, with random passwords, so that a first look needs no preparation. */
#ifndef NODE_DEMO_H
#define NODE_DEMO_H

#include "node/node.h"

/* What stands in the demo accounts file, of one node or of several. */
struct demo_made_account { const char *node, *name, *role, *password, *otpauth; };
struct demo_made_system { const char *node, *id, *token; };
struct demo_made { struct list accounts, systems; };
extern const struct record_type demo_made_type;

/* Makes what data/demo/NODE.json names and writes {"accounts":[…],"systems":[…]} to out. Run again, it makes new passwords and tokens. */
MUST_USE enum err demo_make(struct cx *cx, struct node *node, const char *data_folder, struct buffer *out);

#endif
