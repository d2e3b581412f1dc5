/* The messages to and from the keys process: each is read to its last byte, and nothing else is read at all. The process's loop
 * runs here in a thread, so that the sanitizers see it. */
#include "keys/key_folder.h"
#include "keys/test_process.h"
#include "keys/wire.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static const struct wire_request requests[] = {
  {.kind = WIRE_HELLO, .id = 1},
  {.kind = WIRE_MAKE, .id = 2, .name = "a-1", .algorithm = KEY_P256},
  {.kind = WIRE_PUBLIC, .id = UINT64_MAX, .name = "Z"},
  {.kind = WIRE_SIGN, .id = 4, .name = "a-1", .digest = {7, 8, 9}},
};
enum { REQUESTS = sizeof requests / sizeof requests[0] };

static struct bytes body_of(const struct buffer *frame)
{
  struct bytes body;
  size_t whole;
  assert_int_equal(wire_frame(buffer_bytes(frame), &body, &whole), WIRE_WHOLE);
  assert_int_equal(whole, frame->size);
  return body;
}

static void requests_come_back(void **state)
{
  for (size_t i = 0; i < REQUESTS; i++) {
    struct buffer frame;
    struct wire_request read;
    buffer_init(&frame, NULL);
    wire_write_request(&frame, &requests[i]);
    assert_true(wire_read_request(body_of(&frame), &read));
    assert_int_equal(read.kind, requests[i].kind);
    assert_true(read.id == requests[i].id);
    assert_string_equal(read.name, requests[i].name);
    assert_int_equal(read.algorithm, requests[i].algorithm);
    assert_memory_equal(read.digest, requests[i].digest, DIGEST_SIZE);
    buffer_done(&frame);
  }
}

static void a_byte_too_few_or_too_many_is_broken(void **state)
{
  for (size_t i = 0; i < REQUESTS; i++) {
    struct buffer frame;
    struct wire_request read;
    buffer_init(&frame, NULL);
    wire_write_request(&frame, &requests[i]);
    struct bytes body = body_of(&frame);
    uint8_t longer[WIRE_FRAME_MAX] = {0};
    memcpy(longer, body.data, body.size);
    for (size_t size = 0; size < body.size; size++) assert_false(wire_read_request((struct bytes){longer, size}, &read));
    assert_false(wire_read_request((struct bytes){longer, body.size + 1}, &read));
    buffer_done(&frame);
  }
}

static void answers_come_back(void **state)
{
  struct wire_answer answer = {.id = 77, .size = WIRE_DATA_MAX}, read;
  struct buffer frame;
  memset(answer.data, 0xab, sizeof answer.data);
  buffer_init(&frame, NULL);
  wire_write_answer(&frame, &answer);
  struct bytes body = body_of(&frame);
  assert_true(wire_read_answer(body, &read));
  assert_true(read.id == 77 && read.err == OK && read.size == WIRE_DATA_MAX);
  assert_memory_equal(read.data, answer.data, sizeof answer.data);
  for (size_t size = 0; size < body.size; size++) assert_false(wire_read_answer((struct bytes){body.data, size}, &read));
  frame.data[WIRE_PREFIX + 8] = ERR_INTERNAL; /* an error with data */
  assert_false(wire_read_answer(body, &read));
  frame.data[WIRE_PREFIX + 8] = ERR_INTERNAL + 1;
  assert_false(wire_read_answer(body, &read));
  buffer_done(&frame);
}

static void frames_are_bounded(void **state)
{
  struct bytes body;
  size_t whole;
  const uint8_t empty[] = {0, 0, 0, 0, 1}, huge[] = {0xff, 0xff, 0xff, 0xff, 1}, part[] = {0, 0, 0, 5, 1};
  assert_int_equal(wire_frame((struct bytes){empty, 5}, &body, &whole), WIRE_BROKEN);
  assert_int_equal(wire_frame((struct bytes){huge, 5}, &body, &whole), WIRE_BROKEN);
  assert_int_equal(wire_frame((struct bytes){part, 5}, &body, &whole), WIRE_MORE);
  assert_int_equal(wire_frame((struct bytes){part, 3}, &body, &whole), WIRE_MORE);
}

static void what_is_no_request_is_refused(void **state)
{
  const struct wire_request bad[] = {
    {.kind = 0, .id = 1}, {.kind = WIRE_SIGN + 1, .id = 1, .name = "a"}, {.kind = WIRE_HELLO, .name = "a"}, {.kind = WIRE_PUBLIC, .name = ""},
    {.kind = WIRE_PUBLIC, .name = "../a"}, {.kind = WIRE_PUBLIC, .name = "a.pem"}, {.kind = WIRE_MAKE, .name = "a", .algorithm = 3}};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    struct buffer frame;
    struct wire_request read;
    buffer_init(&frame, NULL);
    wire_write_request(&frame, &bad[i]);
    assert_false(wire_read_request(body_of(&frame), &read));
    buffer_done(&frame);
  }
  const uint8_t nul_in_name[] = {WIRE_PUBLIC, 0, 0, 0, 0, 0, 0, 0, 1, 3, 'a', 0, 'b'};
  struct wire_request read;
  assert_false(wire_read_request((struct bytes){nul_in_name, sizeof nul_in_name}, &read));
}

/* ---- The loop ---- */

struct served { int socket, status; char folder[32]; };

static void *serve(void *arg)
{
  struct served *served = arg;
  struct key_folder *folder = key_folder_open(served->folder);
  assert_non_null(folder);
  served->status = keys_process_serve(folder, served->socket);
  key_folder_close(folder);
  shutdown(served->socket, SHUT_RDWR);
  return NULL;
}

/* Sends that in pieces of `piece` bytes, closes, and gives how the loop ended; out: all that it answered. */
static int serve_bytes(struct bytes sent, size_t piece, struct buffer *out)
{
  int ends[2];
  char block[4096];
  pthread_t thread;
  struct served served = {.folder = "/tmp/truc-keys-XXXXXX"};
  assert_non_null(mkdtemp(served.folder));
  assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  served.socket = ends[1];
  assert_int_equal(pthread_create(&thread, NULL, serve, &served), 0);
  for (size_t at = 0; at < sent.size; at += piece) {
    size_t size = sent.size - at < piece ? sent.size - at : piece;
    if (send(ends[0], sent.data + at, size, MSG_NOSIGNAL) < 0) break;
  }
  shutdown(ends[0], SHUT_WR);
  ssize_t got;
  while ((got = recv(ends[0], block, sizeof block, 0)) > 0) buffer_add(out, block, (size_t)got);
  pthread_join(thread, NULL);
  close(ends[0]);
  close(ends[1]);
  test_folder_remove(served.folder);
  return served.status;
}

static void the_loop_answers_in_order(void **state)
{
  const size_t pieces[] = {1, 7, 100000};
  struct buffer sent;
  buffer_init(&sent, NULL);
  for (size_t i = 0; i < REQUESTS; i++) wire_write_request(&sent, &requests[i]);
  for (size_t p = 0; p < 3; p++) {
    struct buffer out;
    struct bytes body;
    struct wire_answer answer;
    size_t whole, at = 0;
    const enum err expected[] = {OK, OK, ERR_NOT_FOUND, OK};
    buffer_init(&out, NULL);
    assert_int_equal(serve_bytes(buffer_bytes(&sent), pieces[p], &out), 0);
    for (size_t i = 0; i < REQUESTS; i++, at += whole) {
      assert_int_equal(wire_frame((struct bytes){(uint8_t *)out.data + at, out.size - at}, &body, &whole), WIRE_WHOLE);
      assert_true(wire_read_answer(body, &answer));
      assert_true(answer.id == requests[i].id);
      assert_int_equal(answer.err, expected[i]);
    }
    assert_int_equal(at, out.size);
    buffer_done(&out);
  }
  buffer_done(&sent);
}

static void the_loop_ends_at_nonsense(void **state)
{
  struct buffer sent, out;
  buffer_init(&out, NULL);
  buffer_init(&sent, NULL);
  wire_write_request(&sent, &requests[0]);
  buffer_add(&sent, "\0\0\0\1\xff", 5); /* of no kind */
  wire_write_request(&sent, &requests[0]);
  assert_int_equal(serve_bytes(buffer_bytes(&sent), 100000, &out), 1);
  sent.size = 3; /* half a length, then the end */
  assert_int_equal(serve_bytes(buffer_bytes(&sent), 100000, &out), 1);
  assert_int_equal(serve_bytes((struct bytes){(const uint8_t *)"\xff\xff\xff\xff", 4}, 100000, &out), 1);
  buffer_done(&sent);
  buffer_done(&out);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(requests_come_back),
    cmocka_unit_test(a_byte_too_few_or_too_many_is_broken),
    cmocka_unit_test(answers_come_back),
    cmocka_unit_test(frames_are_bounded),
    cmocka_unit_test(what_is_no_request_is_refused),
    cmocka_unit_test(the_loop_answers_in_order),
    cmocka_unit_test(the_loop_ends_at_nonsense),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
