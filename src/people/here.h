/* What a running system has at hand; made by the node, lent to its pages, services and jobs. */
#ifndef PEOPLE_HERE_H
#define PEOPLE_HERE_H

#include "people/people.h"
#include "store/files.h"
#include "store/queue.h"

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
  void *node;                /* the node's own */
};

#endif
