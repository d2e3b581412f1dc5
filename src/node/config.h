/* The configuration of a node: var/<node>/truc.json, read once at start. */
#ifndef NODE_CONFIG_H
#define NODE_CONFIG_H

#include "record/record.h"

struct config_system { const char *name; /* "onestop" */ const char *axis_id; };
struct config_part { const char *system, *part, *axis_id; }; /* onestop asks "household" at this system */

struct config {
  const char *node;             /* "province": the folder's and the process's name */
  const char *title;            /* name of the node in logs and pages */
  const char *instance;         /* "H01" */
  const char *store;            /* "" : SQLite files in the data folder; else "postgres:CONNINFO" */
  const char *pages_address;    /* "127.0.0.1:8080" */
  const char *axis_address;     /* /r1 for information systems */
  const char *gateway_address;  /* other gateways */
  const char *gateway_public;   /* the same as others reach it */
  const char *operations_address; /* /health and /metrics */
  const char *public_url;       /* "" : none was given; QR codes then carry the pages address */
  int64_t clock_offset_s;       /* the node's time minus the machine's, in seconds */
  bool demo;
  bool secure_cookies;          /* pages are behind TLS */
  const char *trusted_proxies;  /* before the pages: addresses with spaces between, whose X-Forwarded-For counts; "": none */
  const char *provider_networks; /* where providers that the operator enters may be: net/allow.h; "": see config_provider_networks */
  const char *malware_scanner;  /* "unix:/run/clamav/clamd.ctl", "tcp:127.0.0.1:3310"; "": files are taken unscanned */
  int64_t page_workers;         /* 0: 24 */
  const char *twin_gateway;     /* "" : the first process; else the name under which the first admitted this one (truc twin) */
  const char *directory_key;    /* of a twin: the instance's, base64 */
  const char *files_folder;     /* "" : FOLDER; else SYSTEM/files lie there, the same for all processes of the node */
  int64_t lease_s;              /* how long a process holds what it claimed of an outbox; 0: 60 */
  struct list systems;          /* struct config_system */
  struct list parts;            /* struct config_part */
};

extern const struct record_type config_type;

/* Reads FOLDER/truc.json; what is wrong is named with its field. */
MUST_USE enum err config_read(struct cx *cx, const char *folder, struct config *out);
/* The list in force. Without one: private networks at the usual ports of web servers; of a demonstration this machine too. */
const char *config_provider_networks(const struct config *config);
/* Where a system's stored files lie. */
const char *config_files_folder(struct cx *cx, const struct config *config, const char *folder, const char *system);
/* Four ports of 127.0.0.1 in a row: pages, information systems, gateways, operations. */
void config_set_ports(struct cx *cx, struct config *config, int64_t base);
/* Writes it anew: to a temporary name, synced, renamed. */
MUST_USE enum err config_write(struct cx *cx, const char *folder, const struct config *config);

#endif
