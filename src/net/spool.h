/* A body that arrives piece by piece: in memory up to HTTP_BODY_MEMORY_MAX, in a temporary file beyond, hashed as it comes. */
#ifndef NET_SPOOL_H
#define NET_SPOOL_H

#include "net/http.h"

struct spool;

/* folder NULL: what does not fit into memory is ERR_TOO_LARGE. expected: the size when it is known, or -1. */
struct spool_wish { const char *folder; int64_t max, expected; bool hash; };
/* Lives in the arena; the file, when there is one, is removed with it. */
struct spool *http_spool_new(struct arena *arena, const struct spool_wish *wish);
MUST_USE enum err http_spool_add(struct spool *spool, const void *data, size_t size); /* ERR_TOO_LARGE, ERR_STORAGE */
MUST_USE enum err http_spool_end(struct spool *spool, struct http_body *out);         /* ERR_STORAGE */
/* Makes a new empty file in folder that is removed with the arena; -1 when it cannot. The caller closes it. */
int http_spool_file(struct arena *arena, const char *folder, const char **path);
/* Removes what a killed process left in its folder. Only for whoever is alone in it. */
void http_spool_empty(const char *folder);

#endif
