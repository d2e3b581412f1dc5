/* What a running system has at hand; made by the node, lent to its pages, services and jobs. */
#ifndef PEOPLE_HERE_H
#define PEOPLE_HERE_H

#include "people/people.h"
#include "store/files.h"
#include "store/queue.h"
#include <stdatomic.h>

/* Which system on the axis plays a part: {"household", "H01/GOV/H01.07/household"}; from the node's configuration. */
struct here_part { const char *part, *axis_id; };

struct axis; /* axis/axis.h */
struct here;

/* What the operator's pages look at, and no other system: the axis itself, the queues of all systems of this node, and who scans the files
 * that are handed in (NULL: nobody). */
struct here_operations { struct axis *axis; struct here *const *systems; size_t system_count; struct scanner *scanner; };

struct here {
  const char *system;        /* "onestop" */
  const char *axis_id;       /* "H01/GOV/H01.01/onestop" */
  struct store *store;       /* its own */
  struct files *files;       /* its own */
  struct people *people;     /* the node's */
  const char *public_url;    /* "https://motcua.example" without a slash at the end: what QR codes carry */
  bool public_url_given;     /* false: public_url is a loopback address that a phone can't follow */
  bool demo;                 /* papers carry the watermark, pages the ribbon */
  const char *spool_folder;  /* temporary files */
  const char *data_folder;   /* data/ that ships with the program */
  void (*wake_outbox)(struct here *here); /* call after a commit that added an outbox row */
  const struct here_part *parts; size_t part_count; /* who this system asks */
  const atomic_bool *ending; /* the node is about to end: see here_go_on. NULL: never */
  const struct here_operations *operations; /* for the operator's system alone; else NULL */
  void *node;                /* the node's own */
};

/* Asked between the steps of long work: ERR_BUSY "error.ending" when the node is about to end. What is done stays. */
MUST_USE enum err here_go_on(struct cx *cx, const struct here *here);
/* "H01/GOV/H01.07/household/register" for the part and the service code; NULL when the configuration names no such part. */
const char *here_service(struct arena *arena, const struct here *here, const char *part, const char *code);

#endif
