/* What the rows of the command line are made of. */
#ifndef NODE_COMMANDS_H
#define NODE_COMMANDS_H

#include "record/record.h"

enum { COMMAND_NAMES_MAX = 8 };

/* A command's arguments: names without a dash, and --option value pairs. */
struct command_line {
  const char *executable;
  const struct command_row *row;
  const char *names[COMMAND_NAMES_MAX];
  size_t name_count;
  struct form options;
};

struct command_row {
  const char *name, *usage, *help;
  size_t names_min;
  int (*run)(struct cx *cx, const struct command_line *line); /* the exit status: 0 done, 1 failed, 2 wrong use */
  const char *flag; /* the one option that takes no value; NULL: none */
};

int command_run(const struct command_row *row, const char *executable, int count, char **arguments);
/* Prints cx's problems in words to stderr; returns 1. */
int command_fail(struct cx *cx, enum err err);
const char *command_option(const struct command_line *line, const char *name); /* NULL: not given */

/* Asks the node of a folder; what it finds wrong becomes problems of cx. */
struct control_ask;
MUST_USE enum err command_ask(struct cx *cx, const struct control_ask *ask, struct bytes *answer);

int command_init(struct cx *cx, const struct command_line *line);
int command_serve(struct cx *cx, const struct command_line *line);
int command_keys(struct cx *cx, const struct command_line *line);
int command_verify(struct cx *cx, const struct command_line *line);
int command_endpoints(struct cx *cx, const struct command_line *line);
int command_demo(struct cx *cx, const struct command_line *line);
int command_twin(struct cx *cx, const struct command_line *line);
int command_routes(struct cx *cx, const struct command_line *line);
int command_backup(struct cx *cx, const struct command_line *line);
int command_restore(struct cx *cx, const struct command_line *line);
int command_doctor(struct cx *cx, const struct command_line *line);
int command_journal_verify(struct cx *cx, const struct command_line *line);
/* Sends the command to the node of --node, with its options and its file, and prints the answer. */
int command_remote(struct cx *cx, const struct command_line *line);

#endif
