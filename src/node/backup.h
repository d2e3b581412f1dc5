/* The running node's part of a backup: consistent copies of its databases, and how far its journal is signed. */
#ifndef NODE_BACKUP_H
#define NODE_BACKUP_H

#include "node/node.h"

/* A file of the backup: under which name, from where in the data folder, how much of it (-1: all). */
struct backup_source { const char *name, *source; int64_t size; };
struct backup_plan {
  const char *node, *instance, *origin, *checkpoint;
  bool postgres;
  const char *schemas;   /* on PostgreSQL: those of this node, a space between two */
  struct list sources;   /* struct backup_source */
  struct list files;     /* struct backup_source: folders of files named by their content, to be copied after the sources */
};
extern const struct record_type backup_plan_type;

/* Copies the databases into FOLDER/backup, emptied first. ERR_CONFLICT while somebody holds a lock on that folder; ERR_STORAGE
 * "node.backup.no_room" when the disk could not hold the copies. */
MUST_USE enum err backup_begin(struct cx *cx, struct node *node, struct backup_plan *out);
/* Empties it again. */
void backup_end(struct node *node);
#define BACKUP_STAGE "backup"

#endif
