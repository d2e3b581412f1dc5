/* Where a body ends. */
#include "net/framing.h"

enum { CHUNK_DIGITS_MAX = 8 };

void http_framing_start(struct framing *framing, const struct head *head, bool open_ended)
{
  *framing = (struct framing){.state = FRAMING_END};
  if (head->chunked) framing->state = CHUNK_SIZE;
  else if (head->length > 0) *framing = (struct framing){.state = FRAMING_LENGTH, .left = head->length};
  else if (head->length < 0 && open_ended) framing->state = FRAMING_OPEN;
}

bool http_framing_ended(const struct framing *framing)
{
  return framing->state == FRAMING_END;
}

static int hex_value(char c)
{
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

static bool size_char(struct framing *framing, char c)
{
  if (c == '\r' && framing->digits > 0) {
    framing->state = CHUNK_SIZE_LF;
    return true;
  }
  int value = hex_value(c);
  if (value < 0 || framing->digits == CHUNK_DIGITS_MAX) return false;
  framing->left = framing->left * 16 + value;
  framing->digits++;
  return true;
}

static bool expect_char(struct framing *framing, char c, char wanted, enum framing_state next)
{
  framing->state = next;
  return c == wanted;
}

/* One character of the chunks' wrapping. */
static bool wrapping_char(struct framing *framing, char c)
{
  switch (framing->state) {
    case CHUNK_SIZE: return size_char(framing, c);
    case CHUNK_SIZE_LF: return expect_char(framing, c, '\n', framing->left > 0 ? CHUNK_DATA : CHUNK_LAST_CR);
    case CHUNK_DATA_CR: return expect_char(framing, c, '\r', CHUNK_DATA_LF);
    case CHUNK_DATA_LF:
      framing->digits = 0;
      return expect_char(framing, c, '\n', CHUNK_SIZE);
    case CHUNK_LAST_CR: return expect_char(framing, c, '\r', CHUNK_LAST_LF);
    case CHUNK_LAST_LF: return expect_char(framing, c, '\n', FRAMING_END);
    default: return false;
  }
}

static bool in_data(const struct framing *framing)
{
  return framing->state == FRAMING_LENGTH || framing->state == FRAMING_OPEN || framing->state == CHUNK_DATA;
}

bool http_framing_step(struct framing *framing, const char *data, size_t size, size_t *used, struct bytes *piece)
{
  size_t at = 0;
  *piece = (struct bytes){NULL, 0};
  while (at < size && !in_data(framing) && !http_framing_ended(framing))
    if (!wrapping_char(framing, data[at++])) return false;
  if (in_data(framing)) {
    size_t part = size - at;
    if (framing->state != FRAMING_OPEN && (uint64_t)part > (uint64_t)framing->left) part = (size_t)framing->left;
    *piece = (struct bytes){(const uint8_t *)data + at, part};
    at += part;
    if (framing->state != FRAMING_OPEN && (framing->left -= (int64_t)part) == 0)
      framing->state = framing->state == CHUNK_DATA ? CHUNK_DATA_CR : FRAMING_END;
  }
  *used = at;
  return true;
}
