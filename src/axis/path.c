/* Reading names and paths strictly: whatever could be read in two ways is refused or marked here, once. */
#include "axis/path.h"

#include "base/text.h"

#include <string.h>

static bool name_character_good(unsigned char c)
{
  return c > 0x20 && c != 0x7f && !strchr("/\\;%?#\"<>|", c);
}

/* A decoded segment that can stand in a name: not empty, no dots alone, no sign that a path or header gives a meaning. */
static bool name_segment_good(struct arena *arena, const char *segment)
{
  if (segment[0] == '\0' || text_equal(segment, ".") || text_equal(segment, "..")) return false;
  for (const char *c = segment; *c; c++)
    if (!name_character_good((unsigned char)*c)) return false;
  return text_equal(text_clean(arena, segment, strlen(segment), TEXT_LINE), segment);
}

/* Decodes the segment that starts at *at and moves *at to its end ('/', '?' or the end). */
static const char *segment_take(struct arena *arena, const char **at)
{
  size_t size = strcspn(*at, "/?");
  const char *segment = size <= AXIS_NAME_MAX ? url_decode(arena, *at, size, false) : NULL;
  *at += size;
  if (!segment || !name_segment_good(arena, segment)) return NULL;
  /* As the next gateway gets it: a sign that came as itself may have become three. */
  return strlen(url_encode(arena, segment)) <= AXIS_NAME_MAX ? segment : NULL;
}

/* Joins that many segments; *at stands before the first one, and at its end after the last. */
static const char *segments_take(struct arena *arena, const char **at, int segments, const char *joined)
{
  for (int i = 0; i < segments; i++) {
    if (i > 0 && *(*at)++ != '/') return NULL;
    const char *segment = segment_take(arena, at);
    if (!segment) return NULL;
    joined = joined ? arena_print(arena, "%s/%s", joined, segment) : segment;
  }
  return joined;
}

bool axis_path_read(struct arena *arena, const char *tail, struct axis_path *out)
{
  const char *at = tail;
  if (*at++ != '/') return false;
  const char *system = segments_take(arena, &at, 4, NULL);
  if (!system || *at++ != '/') return false;
  const char *code = segment_take(arena, &at);
  if (!code) return false;
  *out = (struct axis_path){.instance = axis_name_head(arena, system, 1), .member = axis_name_head(arena, system, 3), .system = system,
                            .code = code, .service = arena_print(arena, "%s/%s", system, code), .rest = arena_copy(arena, at)};
  return true;
}

bool axis_name_read(struct arena *arena, const char *text, int segments, const char **out)
{
  *out = NULL;
  if (!text || strlen(text) > AXIS_NAME_MAX) return false;
  const char *at = text;
  const char *name = segments_take(arena, &at, segments, NULL);
  if (!name || *at != '\0' || strlen(axis_name_write(arena, name)) - 1 > AXIS_NAME_MAX) return false;
  *out = name;
  return true;
}

char *axis_name_write(struct arena *arena, const char *name)
{
  struct buffer out;
  buffer_init(&out, arena);
  for (const char *at = name; *at;) {
    size_t size = strcspn(at, "/");
    buffer_char(&out, '/');
    buffer_text(&out, url_encode(arena, arena_copy_n(arena, at, size)));
    at += size + (at[size] == '/');
  }
  return arena_copy(arena, out.size ? out.data : "/");
}

char *axis_name_head(struct arena *arena, const char *name, int segments)
{
  size_t size = 0;
  for (int i = 0; i < segments; i++) {
    if (i > 0 && name[size] == '/') size++;
    size += strcspn(name + size, "/");
  }
  return arena_copy_n(arena, name, size);
}

bool axis_name_within(const char *name, const char *owner)
{
  size_t size = strlen(owner);
  return strncmp(name, owner, size) == 0 && (name[size] == '\0' || name[size] == '/');
}

bool axis_address_read(struct arena *arena, const char *text, const char **host, int *port)
{
  const char *colon = text ? strrchr(text, ':') : NULL;
  int64_t number;
  if (!colon || colon == text || !text_to_i64(colon + 1, 1, 65535, &number)) return false;
  size_t size = (size_t)(colon - text);
  bool bracketed = text[0] == '[' && text[size - 1] == ']';
  *host = bracketed ? arena_copy_n(arena, text + 1, size - 2) : arena_copy_n(arena, text, size);
  *port = (int)number;
  return (*host)[0] != '\0' && !strpbrk(*host, "/@?#[] ");
}

bool axis_url_read(struct arena *arena, const char *text, struct axis_url *out)
{
  static const char scheme[] = "http://";
  if (!text || strncmp(text, scheme, sizeof scheme - 1) != 0) return false;
  const char *authority = text + sizeof scheme - 1;
  size_t size = strcspn(authority, "/");
  const char *base = authority + size;
  for (const char *c = base; *c; c++)
    if (*c <= 0x20 || *c == 0x7f || *c == '?' || *c == '#') return false;
  const char *address = arena_copy_n(arena, authority, size);
  if (!strchr(strrchr(address, ']') ? strrchr(address, ']') : address, ':')) address = arena_print(arena, "%s:80", address);
  if (!axis_address_read(arena, address, &out->host, &out->port)) return false;
  size = strlen(base);
  while (size > 0 && base[size - 1] == '/') size--;
  out->base = arena_copy_n(arena, base, size);
  return true;
}

/* "." and "..", also before a path parameter ("..;x"), as some servers resolve it. */
static bool segment_climbs(const char *segment)
{
  size_t size = strcspn(segment, ";");
  return (size == 1 && segment[0] == '.') || (size == 2 && segment[0] == '.' && segment[1] == '.');
}

/* The dots may hide behind an encoded slash or a backslash: every part between them is looked at. */
static bool segment_hides_climb(struct arena *arena, const char *segment)
{
  for (const char *at = segment;;) {
    size_t size = strcspn(at, "/\\");
    if (segment_climbs(arena_copy_n(arena, at, size))) return true;
    if (at[size] == '\0') return false;
    at += size + 1;
  }
}

static enum path_shape segment_shape(struct arena *arena, const char *segment, bool last)
{
  if (segment[0] != '\0' && !text_clean(arena, segment, strlen(segment), TEXT_LINES)) return PATH_WRONG;
  if (segment_hides_climb(arena, segment)) return PATH_WRONG;
  if (strpbrk(segment, "/\\;")) return PATH_AMBIGUOUS;
  return segment[0] == '\0' && !last ? PATH_AMBIGUOUS : PATH_PLAIN;
}

enum path_shape path_normalise(struct arena *arena, const char *raw, const char **out)
{
  *out = "/";
  size_t end = strcspn(raw, "?#");
  if (end == 0) return raw[0] == '#' ? PATH_WRONG : PATH_PLAIN;
  if (raw[0] != '/' || raw[end] == '#') return PATH_WRONG;
  struct buffer decoded;
  buffer_init(&decoded, arena);
  enum path_shape worst = PATH_PLAIN;
  for (size_t at = 0; at < end;) {
    size_t size = strcspn(raw + at + 1, "/?#");
    const char *segment = url_decode(arena, raw + at + 1, size, false);
    at += 1 + size;
    enum path_shape shape = segment ? segment_shape(arena, segment, at >= end) : PATH_WRONG;
    if (shape == PATH_WRONG) return PATH_WRONG;
    if (shape > worst) worst = shape;
    buffer_char(&decoded, '/');
    buffer_text(&decoded, segment);
  }
  *out = arena_copy(arena, buffer_string(&decoded));
  return worst;
}

bool path_matches(const char *pattern, const char *path)
{
  if (pattern[0] == '\0' || text_equal(pattern, "*")) return true;
  while (*pattern == '/' && *path == '/') {
    size_t wanted = strcspn(++pattern, "/"), given = strcspn(++path, "/");
    if (wanted == 2 && strncmp(pattern, "**", 2) == 0) return pattern[2] == '\0';
    bool one = wanted == 1 && pattern[0] == '*' && given > 0;
    if (!one && (wanted != given || memcmp(pattern, path, wanted) != 0)) return false;
    pattern += wanted;
    path += given;
  }
  if (text_equal(pattern, "/**")) return true;
  return *pattern == '\0' && *path == '\0';
}
