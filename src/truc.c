/* The command line: one row a command. A command that concerns a running node goes to it through its control socket. */
#include "base/text.h"
#include "node/commands.h"
#include <stdio.h>
#include <string.h>

/* To add a command: its function in node/commands_*.c, its row here, its line in docs/operations.md, and a test that runs it. */
static const struct command_row commands[] = {
  {"init", "FOLDER --from FILE --port BASE [--public-url URL] [--now TIME]", "make or change a node's data folder", 1, command_init},
  {"serve", "FOLDER [--data FOLDER]", "run a node until it is told to end", 1, command_serve},
  {"keys", "--folder FOLDER", "the process that holds private keys; started by serve", 0, command_keys},
  {"verify", "RECEIPT --directory-key KEY", "check a receipt offline; trusts that key alone", 1, command_verify},
  {"endpoints", "FOLDER… [--write FILE]", "print the addresses of nodes as JSON", 1, command_endpoints},
  {"demo", "FOLDER… --write FILE", "make demo accounts and systems on running nodes", 1, command_demo},
  {"axis key", "--node FOLDER", "print the instance's directory key", 0, command_remote},
  {"axis trust", "--node FOLDER --instance NAME --key KEY --gateway HOST:PORT", "trust another instance", 0, command_remote},
  {"axis token", "--node FOLDER --system ID", "make a new token for an information system; shown once", 0, command_remote},
  {"axis receipt", "--node FOLDER --index N", "print the receipt of an exchange", 0, command_remote},
  {"twin end", "--node FOLDER --gateway NAME", "nobody takes anything from that process any more; its receipts hold", 0, command_remote},
  {"twin", "FOLDER --of NODEFOLDER [--port BASE]", "make the folder of one more process of a running node on PostgreSQL", 1, command_twin},
  {"routes", "", "print every page, service and permission as JSON", 0, command_routes},
  {"backup", "--node FOLDER --to NEWFOLDER|FILE.tar [--with-keys]",
   "copy a running node. Its private keys are who it is: they are copied only with --with-keys; keep such a backup as safe as the node", 0,
   command_backup, "with-keys"},
  {"restore", "BACKUP FOLDER", "check a backup and put it into an empty folder; the node then begins a new journal", 2, command_restore},
  {"doctor", "FOLDER", "look over a node, running or stopped: databases, journal, files, keys, modes, room", 1, command_doctor},
  {"journal verify", "FOLDER", "read a stopped node's journal whole and compare it with its checkpoints", 1, command_journal_verify},
  {"user add", "--node FOLDER --name NAME --full-name TEXT --role ROLE --unit CODE", "make an account; prints its password once", 0, command_remote},
  {"user password", "--node FOLDER --name NAME", "make a new password and authenticator key; printed once", 0, command_remote},
  {"catalogue import", "FILE --node FOLDER", "load a file of procedures; all of it or nothing", 1, command_remote},
  {"dossier succeed", "FILE --node FOLDER", "hand open dossiers of units that ended to those that follow", 1, command_remote},
  {"dossier seed", "--node FOLDER --count N", "make N dossiers for trials of size (demo nodes only)", 0, command_remote},
  {"household seed", "--node FOLDER --count N", "make N household businesses (demo nodes only)", 0, command_remote},
};

static void print_help(void)
{
  puts("usage: truc COMMAND [ARGUMENTS]   (truc COMMAND --help for one of them)\n");
  for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
    printf("  %-18s %s\n", commands[i].name, commands[i].help);
}

/* The row whose words the arguments begin with; *used: how many words. */
static const struct command_row *command_find(int count, char **arguments, int *used)
{
  for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
    const char *name = commands[i].name, *space = strchr(name, ' ');
    size_t first = space ? (size_t)(space - name) : strlen(name);
    if (count < 1 || strlen(arguments[0]) != first || strncmp(arguments[0], name, first) != 0) continue;
    if (space && (count < 2 || strcmp(arguments[1], space + 1) != 0)) continue;
    *used = space ? 2 : 1;
    return &commands[i];
  }
  return NULL;
}

int main(int count, char **arguments)
{
  int used = 0;
  const struct command_row *row = command_find(count - 1, arguments + 1, &used);
  if (!row) {
    bool asked = count > 1 && strcmp(arguments[1], "--help") == 0;
    print_help();
    return asked ? 0 : 2;
  }
  return command_run(row, arguments[0], count - 1 - used, arguments + 1 + used);
}
