/* HTTP messages, the strict server and the pooled client.
 *
 * The server takes HTTP/1.0 and 1.1 only. The head (≤ 16 KiB) is buffered whole and scanned before llhttp (strict)
 * parses it: exactly one Host on 1.1, no folding, no bare LF, no space before a colon, no NUL, no TE on 1.0, no TE with CL, no
 * two CLs, no trailers, no chunk extensions, no absolute-form, GET HEAD POST PUT PATCH DELETE OPTIONS only; what is ambiguous
 * gets 400 and the connection is closed. The client judges answers by the same rules.
 * A body up to 64 KiB stays in memory, a greater one goes to a temporary file. */
#ifndef NET_HTTP_H
#define NET_HTTP_H

#include "base/fields.h"
#include "base/buffer.h"
#include "net/loop.h"
#include <openssl/ssl.h>

enum { HTTP_HEAD_MAX = 16384, HTTP_BODY_MEMORY_MAX = 65536 };

/* In memory (path NULL), or in a file that is removed when its arena is freed. sha256 is of the whole. */
struct http_body { struct bytes data; const char *path; int64_t size; uint8_t sha256[32]; bool hashed; };
/* A body of any kind as memory, until the arena of cx is freed (a file is mapped, which does not count on its budget); ERR_TOO_LARGE
 * over max. */
MUST_USE enum err http_body_bytes(struct cx *cx, const struct http_body *body, int64_t max, struct bytes *out);

struct http_call;

struct http_answer {
  int status;
  struct http_fields fields;      /* content-length, date and connection are the server's */
  struct http_body body;
};

/* ---- Server ---- */
struct http_server;

struct http_service {
  void *self;
  /* On the loop when the head is complete: sets *body_max (0 before: no body at all) and returns 0, or a status to refuse with. */
  int (*head)(void *self, struct http_call *call, int64_t *body_max);
  /* On the loop when all is there. Must lead to exactly one http_reply, from any thread. */
  void (*ready)(void *self, struct http_call *call);
  bool hash_bodies;               /* fill body.sha256 as bytes arrive */
};

struct http_limits {
  int connections_max;            /* 0: 8192 */
  int connections_per_peer_max;   /* 0: no limit */
  int64_t head_wait_ms, idle_wait_ms, body_rate_min; /* 0: 10,000; 60,000; 1,000 bytes/s after 10 s */
  const char *spool_folder;       /* for great bodies; NULL: what is over 64 KiB is refused with 413 */
};

/* What a handler sees; all of it lives in call->arena, which is freed after the answer was sent. */
struct http_call {
  struct arena *arena;
  const char *method, *target, *path, *query; /* raw; query without '?', "" when none */
  struct http_fields fields;
  struct http_body body;
  const char *peer;               /* "127.0.0.1" */
  bool tls;
  X509 *peer_certificate;         /* verified by the TLS context's rules, or NULL; borrowed */
  struct loop *loop;
  int64_t started_us;             /* clock_monotonic_us when its first byte came */
  void *user;                     /* for the service */
};

/* address: "127.0.0.1:0", "[::1]:8080" or "unix:/path" (mode 0600). tls NULL: plain. port: the one that was bound (may be NULL).
 * ERR_CONFLICT: the address cannot be had. */
MUST_USE enum err http_server_start(struct cx *cx, struct loops *loops, const char *address, SSL_CTX *tls,
                                    const struct http_service *service, const struct http_limits *limits, int *port,
                                    struct http_server **out);
/* Takes no more connections, lets running calls end for at most wait_ms, closes. Not on a loop. A handler that is still at work
 * then may reply as ever, as long as the loops run: nobody hears it. NULL is allowed. */
void http_server_stop(struct http_server *server, int64_t wait_ms);
struct http_server_counts { int64_t connections, requests, refused, bytes_in, bytes_out; };
struct http_server_counts http_server_counts(const struct http_server *server);
/* Any thread, once a call: afterwards the call is gone. *answer is copied; what it points to must live in call->arena or longer.
 * A field that is not well-formed (a line break in a value) makes the answer a 500. */
void http_reply(struct http_call *call, const struct http_answer *answer);
/* A short text answer with a type. */
void http_reply_text(struct http_call *call, int status, const char *type, const char *text);

/* ---- Client ---- */
struct http_client;

/* tls NULL: plain. tls_name: the name that the certificate must carry: a host name or address among its alternative names, or, when it
 * holds a '/' ("H01/gateway"), its common name; NULL: host. allow: what the host's addresses have to be in when a connection is made
 * (net/allow.h); NULL: anywhere. It must outlive the client. */
struct net_allow;
struct http_target { const char *host; int port; SSL_CTX *tls; const char *tls_name; const struct net_allow *allow; };
struct http_ask {
  struct arena *arena;            /* the answer is allocated here; must live until done */
  struct http_target to;
  const char *method, *target;
  struct http_fields fields;      /* host, content-length and connection are the client's */
  struct http_body body;
  int64_t wait_ms_max;            /* for the whole; 0: 30 s */
  int64_t answer_max;             /* bytes of the answer's body; 0: 64 MiB */
  bool hash_body;                 /* fill the answer's body.sha256 */
};
/* Keeps connections a target and loop (0: at most 32); idle ones close after 30 s. spool_folder for great answers; NULL: what is over
 * 64 KiB is ERR_TOO_LARGE. */
MUST_USE enum err http_client_new(struct cx *cx, struct loops *loops, const char *spool_folder, int connections_per_target_max,
                                  struct http_client **out);
void http_client_free(struct http_client *client); /* not on a loop; running asks end with ERR_UPSTREAM first; NULL is allowed */
/* Any thread. done runs on a loop, never inside this call: on the asking thread's loop when there is one. OK: *answer is whole.
 * ERR_UPSTREAM (not reached or broke off), ERR_FORBIDDEN (all addresses of the host are outside of to.allow), ERR_TIMEOUT, ERR_TOO_LARGE,
 * ERR_BUSY (queue of that target full: 1024), ERR_INPUT (the ask itself is not well-formed), ERR_STORAGE (a body's file).
 * sent: whether any byte of the request may have reached the peer. A GET, HEAD or OPTIONS that met a kept connection's end
 * is tried once more; another method only when nothing was sent. The answer and the certificate live in ask->arena. */
struct http_outcome { enum err err; bool sent; struct http_answer *answer; X509 *peer_certificate; };
void http_client_send(struct http_client *client, const struct http_ask *ask,
                      void (*done)(void *user, const struct http_outcome *outcome), void *user);
/* Drops idle connections of a target: its certificate or address changed. */
void http_client_forget(struct http_client *client, const char *host, int port);

/* ---- Multipart (RFC 7578): parts to values and temporary files ---- */
struct http_part { const char *name, *file_name, *type; const char *value; const char *path; int64_t size; };
struct http_parts { struct http_part *items; size_t count; };
struct multipart_limits { size_t parts_max; int64_t value_max; const char *spool_folder; }; /* parts_max 0: 1000 */
/* content_type: with the boundary. A part with a file name becomes a file (removed with the arena of cx unless taken away): path, and value
 * NULL; another has its value, and path NULL. File names come cleaned: no folders, no control characters, at most 255 bytes. A
 * file field in which nothing was chosen is left out. Values are bytes without NUL, not yet checked as text.
 * ERR_TYPE: not such a form; ERR_INPUT: broken; ERR_TOO_LARGE: too many parts, or a value over value_max. */
MUST_USE enum err multipart_read(struct cx *cx, const char *content_type, const struct http_body *body,
                                 const struct multipart_limits *limits, struct http_parts *out);

/* ---- TLS contexts: 1.3 only between gateways; pages take 1.2 too ----
 * A gateway shows a certificate and demands one of the authorities. A server of pages asks for one, and takes none, when authorities are
 * given. A client without authorities trusts the system's. Times are judged by the loops' clock. ERR_INPUT: it does not fit. */
struct tls_wish { bool server, gateway; EVP_PKEY *key; const char *certificate_pem; const char *authorities_pem; };
MUST_USE enum err tls_context(struct cx *cx, const struct tls_wish *wish, SSL_CTX **out);

#endif
