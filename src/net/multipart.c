/* Forms with files (RFC 7578). Browsers write one plain shape of multipart, and only that shape is taken: the first boundary
 * at the first byte, CRLF everywhere, nothing between or after the parts.
 *
 * The body is looked at through a window: over memory it is the whole, over a file it moves, so that a file of any size costs
 * the window alone. */
#include "net/head.h"
#include "net/spool.h"

#include "base/text.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { WINDOW = 131072, BOUNDARY_MAX = 70, PART_HEAD_MAX = 4096, PART_FIELDS_MAX = 8, NAME_MAX_SIZE = 255, PARTS_MAX = 1000 };

struct reader {
  struct cx *cx;
  const struct multipart_limits *limits;
  int fd;                        /* -1: all is in the window */
  char *window;                  /* of the file */
  const char *data;              /* what is in sight */
  size_t size;
  bool ended;                    /* nothing comes after what is in sight */
  char delimiter[BOUNDARY_MAX + 5]; /* CR LF - - boundary */
  size_t delimiter_size;
  struct http_parts *parts;
  size_t room;
};

static enum err malformed(struct reader *reader)
{
  return cx_fail(reader->cx, ERR_INPUT, NULL, "net.error.multipart", NULL);
}

/* Of a limit, or of the request's memory. */
static enum err too_large(struct reader *reader, enum err err)
{
  return cx_fail(reader->cx, err, NULL, "net.error.too_large", NULL);
}

static enum err disk_fail(struct reader *reader)
{
  return cx_fail(reader->cx, ERR_STORAGE, NULL, "net.error.spool", "cause", strerror(errno), NULL);
}

/* ---- The window ---- */
/* Brings at least half a window into sight, or all that is left. */
static enum err window_fill(struct reader *reader)
{
  if (reader->fd < 0 || reader->ended || reader->size >= WINDOW / 2) return OK;
  if (reader->size) memmove(reader->window, reader->data, reader->size);
  reader->data = reader->window;
  while (reader->size < WINDOW) {
    ssize_t got = read(reader->fd, reader->window + reader->size, WINDOW - reader->size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return disk_fail(reader);
    if (got == 0) {
      reader->ended = true;
      break;
    }
    reader->size += (size_t)got;
  }
  return OK;
}

static void window_drop(struct reader *reader, size_t size)
{
  reader->data += size;
  reader->size -= size;
}

/* True, and passed over, when this comes next. */
static bool window_takes(struct reader *reader, const char *text, size_t size)
{
  if (reader->size < size || memcmp(reader->data, text, size) != 0) return false;
  window_drop(reader, size);
  return true;
}

/* ---- A part's head ---- */
struct part_head { const char *name, *file_name, *type; };

/* One parameter value in quotes at *at. Browsers write %22 for a quote within; others write \" . Other backslashes are a
 * path's. NULL: not well-formed. */
static char *quoted_read(struct arena *arena, const char **at)
{
  if (**at != '"') return NULL;
  struct buffer out;
  buffer_init(&out, arena);
  const char *c = *at + 1;
  for (; *c && *c != '"'; c++) {
    if (*c == '\\' && (c[1] == '"' || c[1] == '\\')) c++;
    if (strncmp(c, "%22", 3) == 0) {
      buffer_char(&out, '"');
      c += 2;
    } else if (strncmp(c, "%0D", 3) == 0 || strncmp(c, "%0A", 3) == 0) {
      buffer_char(&out, ' ');
      c += 2;
    } else buffer_char(&out, *c);
  }
  if (*c != '"') return NULL;
  *at = c + 1;
  return arena_copy(arena, buffer_string(&out));
}

/* A file name is a stranger's: only its last part, without control characters, never one that means a folder. */
static const char *file_name_clean(struct arena *arena, const char *given)
{
  for (const char *c = given; *c; c++)
    if (*c == '/' || *c == '\\') given = c + 1;
  char *plain = arena_copy(arena, given);
  for (char *c = plain; *c; c++)
    if (*c == '\t') *c = ' '; /* the one control character that a field's value may hold */
  const char *clean = text_clean(arena, plain, strlen(plain), TEXT_LINE);
  if (text_empty(clean) || strspn(clean, ".") == strlen(clean)) return "file";
  size_t size = strlen(clean);
  if (size <= NAME_MAX_SIZE) return clean;
  const char *dot = strrchr(clean, '.');
  size_t ending = dot && strlen(dot) <= 16 ? strlen(dot) : 0, kept = NAME_MAX_SIZE - ending;
  while (kept > 0 && ((unsigned char)clean[kept] & 0xc0) == 0x80) kept--;
  return arena_print(arena, "%.*s%s", (int)kept, clean, clean + size - ending);
}

/* form-data; name="…"; filename="…" */
static bool disposition_read(struct arena *arena, const char *value, struct part_head *head)
{
  if (strncasecmp(value, "form-data", 9) != 0) return false;
  const char *at = value + 9;
  while (*at) {
    at += strspn(at, " \t");
    if (*at != ';') return *at == '\0';
    at++;
    at += strspn(at, " \t");
    size_t size = strcspn(at, "=; \t");
    const char *key = at;
    at += size;
    if (*at != '=') return false;
    at++;
    const char *text = quoted_read(arena, &at);
    if (!text) return false;
    bool is_name = size == 4 && strncasecmp(key, "name", 4) == 0;
    bool is_file = size == 8 && strncasecmp(key, "filename", 8) == 0;
    if ((is_name && head->name) || (is_file && head->file_name) || (!is_name && !is_file)) return false;
    if (is_name) head->name = text;
    else head->file_name = text;
  }
  return true;
}

static bool part_field_take(struct arena *arena, const char *line, size_t size, struct part_head *head, bool *disposed)
{
  const char *colon = memchr(line, ':', size);
  if (!colon) return false;
  const char *name = arena_copy_n(arena, line, (size_t)(colon - line));
  const char *value = colon + 1 + strspn(colon + 1, " \t");
  value = arena_copy_n(arena, value, value > line + size ? 0 : (size_t)(line + size - value));
  if (!http_is_token(name) || !http_is_field_value(value)) return false;
  if (strcasecmp(name, "content-disposition") == 0) {
    if (*disposed) return false;
    *disposed = true;
    return disposition_read(arena, value, head);
  }
  if (strcasecmp(name, "content-type") == 0) {
    if (head->type) return false;
    head->type = value;
  }
  if (strcasecmp(name, "content-transfer-encoding") == 0)
    return strcasecmp(value, "binary") == 0 || strcasecmp(value, "8bit") == 0 || strcasecmp(value, "7bit") == 0;
  return true;
}

static enum err part_head_read(struct reader *reader, struct part_head *head)
{
  size_t limit = reader->size < PART_HEAD_MAX ? reader->size : PART_HEAD_MAX;
  const char *end = memmem(reader->data, limit, "\r\n\r\n", 4);
  if (!end || memchr(reader->data, '\0', (size_t)(end - reader->data))) return malformed(reader);
  bool disposed = false;
  int fields = 0;
  for (const char *line = reader->data; line < end + 2;) {
    const char *line_end = memmem(line, (size_t)(end + 2 - line), "\r\n", 2);
    size_t size = (size_t)(line_end - line);
    if (++fields > PART_FIELDS_MAX || !part_field_take(reader->cx->arena, line, size, head, &disposed)) return malformed(reader);
    line = line_end + 2;
  }
  window_drop(reader, (size_t)(end + 4 - reader->data));
  const char *name = head->name ? text_clean(reader->cx->arena, head->name, strlen(head->name), TEXT_LINE) : NULL;
  if (text_empty(name)) return malformed(reader);
  head->name = name;
  return OK;
}

/* ---- A part's content ---- */
/* Gives pieces up to the delimiter, which is passed over. */
static enum err content_read(struct reader *reader, enum err (*take)(void *, const char *, size_t), void *arg)
{
  for (;;) {
    enum err err = window_fill(reader);
    if (err) return err;
    const char *end = memmem(reader->data, reader->size, reader->delimiter, reader->delimiter_size);
    if (end) {
      size_t size = (size_t)(end - reader->data);
      err = size ? take(arg, reader->data, size) : OK;
      window_drop(reader, size + reader->delimiter_size);
      return err ? err : window_fill(reader);
    }
    if (reader->ended) return malformed(reader);
    size_t sure = reader->size - reader->delimiter_size; /* the rest may be the delimiter's beginning */
    err = take(arg, reader->data, sure);
    if (err) return err;
    window_drop(reader, sure);
  }
}

struct value_take { struct reader *reader; struct buffer out; };

static enum err value_add(void *arg, const char *data, size_t size)
{
  struct value_take *take = arg;
  if ((int64_t)(take->out.size + size) > take->reader->limits->value_max) return too_large(take->reader, ERR_TOO_LARGE);
  if (memchr(data, '\0', size)) return malformed(take->reader);
  buffer_add(&take->out, data, size);
  return arena_over(take->reader->cx->arena) ? too_large(take->reader, ERR_MEMORY) : OK;
}

static enum err value_read(struct reader *reader, struct http_part *part)
{
  struct value_take take = {.reader = reader};
  buffer_init(&take.out, reader->cx->arena);
  enum err err = content_read(reader, value_add, &take);
  part->value = buffer_string(&take.out);
  part->size = (int64_t)take.out.size;
  return err;
}

struct file_take { struct reader *reader; int fd; int64_t size; };

static enum err file_add(void *arg, const char *data, size_t size)
{
  struct file_take *take = arg;
  take->size += (int64_t)size;
  while (size > 0) {
    ssize_t put = write(take->fd, data, size);
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return disk_fail(take->reader);
    data += put;
    size -= (size_t)put;
  }
  return OK;
}

static enum err file_read(struct reader *reader, struct http_part *part)
{
  struct file_take take = {.reader = reader};
  take.fd = http_spool_file(reader->cx->arena, reader->limits->spool_folder, &part->path);
  if (take.fd < 0) return disk_fail(reader);
  enum err err = content_read(reader, file_add, &take);
  if (close(take.fd) != 0 && !err) err = disk_fail(reader);
  part->size = take.size;
  return err;
}

/* ---- The whole ---- */
static enum err part_add(struct reader *reader, const struct http_part *part)
{
  size_t most = reader->limits->parts_max ? reader->limits->parts_max : PARTS_MAX;
  struct http_parts *parts = reader->parts;
  if (parts->count == most) return too_large(reader, ERR_TOO_LARGE);
  if (parts->count == reader->room) {
    size_t room = reader->room ? reader->room * 2 : 16;
    struct http_part *items = ARENA_ARRAY(reader->cx->arena, room, struct http_part);
    if (parts->count) memcpy(items, parts->items, parts->count * sizeof *items);
    parts->items = items;
    reader->room = room;
  }
  parts->items[parts->count++] = *part;
  return OK;
}

static enum err part_read(struct reader *reader)
{
  struct part_head head = {0};
  enum err err = part_head_read(reader, &head);
  if (err) return err;
  struct http_part part = {.name = head.name, .type = head.type};
  /* A file field in which nothing was chosen is sent as a file without name and content. */
  if (head.file_name && !*head.file_name) {
    if (reader->size < reader->delimiter_size && (err = window_fill(reader))) return err;
    return window_takes(reader, reader->delimiter, reader->delimiter_size) ? window_fill(reader) : malformed(reader);
  }
  if (head.file_name) part.file_name = file_name_clean(reader->cx->arena, head.file_name);
  err = head.file_name ? file_read(reader, &part) : value_read(reader, &part);
  return err ? err : part_add(reader, &part);
}

static enum err parts_read(struct reader *reader)
{
  enum err err = window_fill(reader);
  if (err) return err;
  if (!window_takes(reader, reader->delimiter + 2, reader->delimiter_size - 2)) return malformed(reader);
  while (!window_takes(reader, "--", 2)) {
    if (!window_takes(reader, "\r\n", 2)) return malformed(reader);
    err = part_read(reader);
    if (err) return err;
  }
  window_takes(reader, "\r\n", 2);
  return reader->size == 0 ? OK : malformed(reader);
}

/* multipart/form-data; boundary=…, the boundary of 1 to 70 characters of RFC 2046's set but the space. */
static bool boundary_read(const char *type, char out[BOUNDARY_MAX + 1])
{
  static const char form[] = "multipart/form-data";
  if (!type || strncasecmp(type, form, sizeof form - 1) != 0) return false;
  const char *at = type + sizeof form - 1;
  at += strspn(at, " \t");
  if (*at++ != ';') return false;
  at += strspn(at, " \t");
  if (strncasecmp(at, "boundary=", 9) != 0) return false;
  at += 9;
  bool quoted = *at == '"';
  at += quoted;
  size_t size = strspn(at, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'()+_,-./:=?");
  if (size == 0 || size > BOUNDARY_MAX || strcmp(at + size, quoted ? "\"" : "") != 0) return false;
  memcpy(out, at, size);
  out[size] = '\0';
  return true;
}

static enum err body_open(struct reader *reader, const struct http_body *body)
{
  if (!body->path) {
    reader->data = (const char *)body->data.data;
    reader->size = body->data.size;
    reader->ended = true;
    return OK;
  }
  reader->fd = open(body->path, O_RDONLY | O_CLOEXEC);
  if (reader->fd < 0) return disk_fail(reader);
  reader->window = malloc(WINDOW);
  if (!reader->window) abort();
  reader->data = reader->window;
  return OK;
}

enum err multipart_read(struct cx *cx, const char *content_type, const struct http_body *body,
                        const struct multipart_limits *limits, struct http_parts *out)
{
  char boundary[BOUNDARY_MAX + 1];
  struct reader reader = {.cx = cx, .limits = limits, .fd = -1, .parts = out};
  *out = (struct http_parts){0};
  if (!boundary_read(content_type, boundary)) return cx_fail(cx, ERR_TYPE, NULL, "net.error.multipart", NULL);
  reader.delimiter_size = (size_t)snprintf(reader.delimiter, sizeof reader.delimiter, "\r\n--%s", boundary);
  enum err err = body_open(&reader, body);
  if (!err) err = parts_read(&reader);
  if (reader.fd >= 0) close(reader.fd);
  free(reader.window);
  return err;
}
