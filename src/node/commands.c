/* Reads a command line by its row, and puts what went wrong into words. */
#include "node/commands.h"

#include "base/text.h"
#include "node/hosting.h"
#include "node_words.h"
#include "ui_words.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OPTIONS_MAX = 32, SYSTEMS_MAX = 64 };

const char *command_option(const struct command_line *line, const char *name)
{
  return form_get(&line->options, name, 0);
}

static const char *terminal_language(void)
{
  const char *lang = getenv("LANG");
  return lang && strncmp(lang, "vi", 2) == 0 ? "vi" : "en";
}

/* All words of the program: what fails on any floor is said in the terminal's language. NULL: keys must do. */
static struct words *all_words(struct cx *cx)
{
  const struct words_table *tables[4 + 2 * SYSTEMS_MAX];
  size_t count = 0;
  for (size_t i = 0; i < 2; i++) {
    tables[count++] = &node_words[i];
    tables[count++] = &ui_words[i];
  }
  for (size_t i = 0; i < known_system_count && i < SYSTEMS_MAX; i++)
    for (size_t w = 0; w < known_systems[i]->words_count; w++) tables[count++] = &known_systems[i]->words[w];
  struct words *words;
  return words_open(cx, tables, count, &words) == OK ? words : NULL;
}

int command_fail(struct cx *cx, enum err err)
{
  size_t problems = cx->problems.count;
  const struct words *words = all_words(cx);
  for (size_t i = 0; i < problems; i++) {
    const struct problem *problem = &cx->problems.items[i];
    size_t args = 0;
    while (args < PROBLEM_ARGS_MAX && problem->args[args].name) args++;
    const char *text = words ? words_get(words, cx->arena, terminal_language(), problem->key, problem->args, args) : problem->key;
    fprintf(stderr, "truc: %s%s%s\n", problem->field ? problem->field : "", problem->field ? ": " : "", text);
  }
  if (problems == 0) fprintf(stderr, "truc: %s\n", err_name(err));
  return 1;
}

static int wrong_use(const struct command_row *row)
{
  fprintf(stderr, "usage: truc %s %s\n", row->name, row->usage);
  return 2;
}

/* false: an option without its value, or too much of anything. */
static bool command_read(struct cx *cx, struct command_line *line, int count, char **arguments)
{
  struct form_pair *pairs = ARENA_ARRAY(cx->arena, OPTIONS_MAX, struct form_pair);
  line->options.pairs = pairs;
  for (int i = 0; i < count; i++) {
    if (!text_starts(arguments[i], "--")) {
      if (line->name_count == COMMAND_NAMES_MAX) return false;
      line->names[line->name_count++] = arguments[i];
      continue;
    }
    if (line->options.count < OPTIONS_MAX && line->row->flag && text_equal(arguments[i] + 2, line->row->flag)) {
      pairs[line->options.count++] = (struct form_pair){line->row->flag, "yes"};
      continue;
    }
    if (i + 1 == count || line->options.count == OPTIONS_MAX) return false;
    pairs[line->options.count++] = (struct form_pair){arguments[i] + 2, arguments[i + 1]};
    i++;
  }
  return line->name_count >= line->row->names_min;
}

int command_run(const struct command_row *row, const char *executable, int count, char **arguments)
{
  if (count == 1 && text_equal(arguments[0], "--help")) {
    printf("usage: truc %s %s\n\n%s\n", row->name, row->usage, row->help);
    return 0;
  }
  static const struct clock machine_clock = {0, 0};
  struct cx *cx = cx_new_alone(&machine_clock, NULL);
  struct command_line line = {.executable = executable, .row = row};
  int status = command_read(cx, &line, count, arguments) ? row->run(cx, &line) : wrong_use(row);
  cx_free_alone(cx);
  return status;
}
