/* A raw conversation with a server in this process. */
#include "talk.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { WAIT_MS = 15000 };

void talk_start(struct talk_server *out, const struct clock *clock, const struct http_service *service, const struct http_limits *limits)
{
  *out = (struct talk_server){.cx = fuzz_cx(), .address.sun_family = AF_UNIX};
  snprintf(out->address.sun_path, sizeof out->address.sun_path, "/tmp/truc-fuzz-%d.socket", (int)getpid());
  const char *address = arena_print(out->cx->arena, "unix:%s", out->address.sun_path);
  enum err err = loops_start(out->cx, 1, NULL, clock, &out->loops);
  if (!err) err = http_server_start(out->cx, out->loops, address, NULL, service, limits, NULL, &out->server);
  if (err) abort();
}

void talk_stop(struct talk_server *server)
{
  http_server_stop(server->server, 1000);
  loops_stop(server->loops);
  cx_free_alone(server->cx);
}

static void send_all(int fd, struct bytes data)
{
  while (data.size > 0) {
    ssize_t sent = send(fd, data.data, data.size, MSG_NOSIGNAL);
    if (sent <= 0) return; /* refused already: the answer tells */
    data.data += sent;
    data.size -= (size_t)sent;
  }
}

/* The fuzzer's own alarm interrupts. */
static bool readable(int fd)
{
  struct pollfd wait = {.fd = fd, .events = POLLIN};
  int ready;
  while ((ready = poll(&wait, 1, WAIT_MS)) < 0 && errno == EINTR) {}
  return ready == 1;
}

void talk(const struct talk_server *server, struct bytes data, size_t first, struct buffer *out)
{
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  bool connected = fd >= 0 && connect(fd, (const struct sockaddr *)&server->address, sizeof server->address) == 0;
  assert(connected && first <= data.size);
  send_all(fd, (struct bytes){data.data, first});
  if (first < data.size) {
    poll(NULL, 0, 1); /* the server sees the first bytes alone, mostly */
    send_all(fd, (struct bytes){data.data + first, data.size - first});
  }
  shutdown(fd, SHUT_WR);
  char block[16384];
  for (ssize_t got = 1; got > 0;) {
    assert(readable(fd)); /* every connection has an end */
    if ((got = recv(fd, block, sizeof block, 0)) > 0) buffer_add(out, block, (size_t)got);
  }
  close(fd);
}
