/* The keys process itself. It reads requests as they come, works through all that are there, and writes the answers at once:
 * under load one turn of the loop serves dozens of signatures. */
#include "keys/child.h"
#include "keys/key_folder.h"
#include "keys/wire.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READ_ROOM = 16384, STATUS_FOLDER = 3, STATUS_LOCK = 4 };

/* ---- One request ---- */

static bool sign(const struct folder_key *key, const uint8_t digest[DIGEST_SIZE], struct signature *out)
{
  uint8_t raw[SIGNATURE_MAX];
  size_t size = sizeof raw;
  bool good = key->signing && EVP_PKEY_sign(key->signing, raw, &size, digest, DIGEST_SIZE) == 1;
  ERR_clear_error();
  if (good && key->kind == KEY_P256) return signature_from_der(raw, size, out);
  if (good) memcpy(out->data, raw, size);
  out->size = size;
  return good;
}

static void answer_public(EVP_PKEY *key, struct wire_answer *answer)
{
  uint8_t *at = answer->data;
  int size = i2d_PUBKEY(key, NULL);
  bool fits = size > 0 && size <= WIRE_DATA_MAX;
  if (fits) answer->size = (size_t)i2d_PUBKEY(key, &at);
  else answer->err = ERR_INTERNAL;
}

static void answer_sign(const struct folder_key *key, const uint8_t digest[DIGEST_SIZE], struct wire_answer *answer)
{
  struct signature signature;
  if (sign(key, digest, &signature)) {
    memcpy(answer->data, signature.data, signature.size);
    answer->size = signature.size;
  } else {
    answer->err = ERR_INTERNAL;
  }
}

static void answer_request(struct key_folder *folder, const struct wire_request *request, struct wire_answer *answer)
{
  *answer = (struct wire_answer){.id = request->id};
  if (request->kind == WIRE_HELLO) return;
  if (request->kind == WIRE_MAKE) {
    answer->err = key_folder_make(folder, request->name, request->algorithm);
    return;
  }
  const struct folder_key *key = key_folder_find(folder, request->name);
  if (!key) answer->err = ERR_NOT_FOUND;
  else if (request->kind == WIRE_PUBLIC) answer_public(key->key, answer);
  else answer_sign(key, request->digest, answer);
}

/* ---- The loop ---- */

static bool send_all(int socket, const struct buffer *out)
{
  for (size_t sent = 0; sent < out->size;) {
    ssize_t wrote = send(socket, out->data + sent, out->size - sent, MSG_NOSIGNAL);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return false;
    sent += (size_t)wrote;
  }
  return true;
}

/* Answers every whole frame in data; *used: how far they reach. */
static bool serve_frames(struct key_folder *folder, struct bytes data, size_t *used, struct buffer *out)
{
  struct bytes body;
  struct wire_request request;
  struct wire_answer answer;
  enum wire_state state;
  size_t whole = 0;
  for (*used = 0;; *used += whole) {
    state = wire_frame((struct bytes){data.data + *used, data.size - *used}, &body, &whole);
    if (state != WIRE_WHOLE) break;
    if (!wire_read_request(body, &request)) return false;
    answer_request(folder, &request, &answer);
    wire_write_answer(out, &answer);
  }
  return state == WIRE_MORE;
}

int keys_process_serve(struct key_folder *folder, int socket)
{
  uint8_t in[READ_ROOM];
  size_t held = 0, used;
  struct buffer out;
  buffer_init(&out, NULL);
  bool good = true;
  while (good) {
    ssize_t got = recv(socket, in + held, sizeof in - held, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    held += (size_t)got;
    good = serve_frames(folder, (struct bytes){in, held}, &used, &out) && send_all(socket, &out);
    memmove(in, in + used, held - used);
    held -= used;
    out.size = 0;
  }
  buffer_done(&out);
  return good && held == 0 ? 0 : 1;
}

/* ---- Becoming that process ---- */

/* A terminal's Ctrl-C and a service manager's TERM reach this process too, but it must live until the node has drained and
 * closes the socket. When the node dies without that, so does this one. */
static void shut_doors(void)
{
  const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE};
  for (size_t i = 0; i < sizeof ignored / sizeof ignored[0]; i++) signal(ignored[i], SIG_IGN);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  prctl(PR_SET_DUMPABLE, 0);
  setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
  umask(077);
}

/* Lets OpenSSL fetch what it needs while it still may. */
static void warm_up(void)
{
  const uint8_t digest[DIGEST_SIZE] = {0};
  struct signature signature;
  struct folder_key key = {.key = EVP_EC_gen("P-256")};
  folder_key_fill(&key);
  bool good = sign(&key, digest, &signature);
  folder_key_done(&key);
  if (!good) fprintf(stderr, "keys: OpenSSL cannot sign\n");
}

static int serve_folder(const char *path)
{
  struct key_folder *folder = key_folder_open(path);
  if (!folder) return STATUS_FOLDER;
  warm_up();
  if (!process_lock_in()) {
    fprintf(stderr, "keys: the kernel refuses the system call filter\n");
    return STATUS_LOCK;
  }
  int status = keys_process_serve(folder, KEYS_SOCKET);
  key_folder_close(folder);
  return status;
}

int keys_process_main(const char *folder)
{
  shut_doors();
  /* Not return: exit handlers (of sanitizers above all) ask the kernel for what this process has given up. */
  _exit(serve_folder(folder));
}
