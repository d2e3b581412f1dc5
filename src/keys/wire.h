/* The messages between a node and its keys process: what each side writes and how strictly the other reads.
 *
 * A frame is a length (u32, big-endian, of what follows) and a body. Request: kind u8, id u64, length of name u8, name; then
 * for WIRE_MAKE the algorithm u8, for WIRE_SIGN 32 bytes of digest. Answer: id u64, error u8, length u16, data (a public key
 * or a signature; nothing after an error). A body with a byte too few or too many is broken. Both ends are one binary, so
 * there is no version. */
#ifndef KEYS_WIRE_H
#define KEYS_WIRE_H

#include "keys/inner.h"

enum { WIRE_DATA_MAX = 1024, WIRE_FRAME_MAX = WIRE_DATA_MAX + 64, WIRE_PREFIX = 4 };
enum wire_kind { WIRE_HELLO = 1, WIRE_MAKE, WIRE_PUBLIC, WIRE_SIGN };

struct wire_request {
  enum wire_kind kind;
  uint64_t id;
  char name[KEY_NAME_MAX + 1];  /* "" for WIRE_HELLO */
  enum key_algorithm algorithm; /* WIRE_MAKE */
  uint8_t digest[DIGEST_SIZE];  /* WIRE_SIGN */
};

struct wire_answer {
  uint64_t id;
  enum err err;
  size_t size;
  uint8_t data[WIRE_DATA_MAX];
};

void wire_write_request(struct buffer *out, const struct wire_request *request);
void wire_write_answer(struct buffer *out, const struct wire_answer *answer);
/* Where the first frame's body lies in data; *whole: the frame's size. WIRE_MORE: not all of it has come. */
enum wire_state { WIRE_WHOLE, WIRE_MORE, WIRE_BROKEN };
enum wire_state wire_frame(struct bytes data, struct bytes *body, size_t *whole);
MUST_USE bool wire_read_request(struct bytes body, struct wire_request *out);
MUST_USE bool wire_read_answer(struct bytes body, struct wire_answer *out);

#endif
