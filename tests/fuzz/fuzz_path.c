/* Fuzzer of addresses on the axis: names, paths below a service, and where a foreign provider listens. */
#include "fuzz.h"

#include "axis/path.h"

static void check_path(struct arena *arena, const char *text)
{
  struct axis_path path, again;
  if (!axis_path_read(arena, text, &path)) return;
  assert(axis_name_within(path.member, path.instance) && axis_name_within(path.system, path.member) && axis_name_within(path.service, path.system));
  assert(path.rest[0] == '\0' || path.rest[0] == '/' || path.rest[0] == '?');
  const char *name = axis_name_write(arena, path.service), *written = arena_print(arena, "%s%s", name, path.rest);
  if (strlen(name) <= AXIS_NAME_MAX) assert(axis_path_read(arena, written, &again) && text_equal(again.service, path.service) && text_equal(again.rest, path.rest));
}

static void check_name(struct arena *arena, const char *text)
{
  const char *name, *again;
  for (int segments = 1; segments <= 5; segments++) {
    if (!axis_name_read(arena, text, segments, &name)) continue;
    assert(text_equal(axis_name_head(arena, name, segments), name));
    const char *written = axis_name_write(arena, name) + 1;
    if (strlen(written) <= AXIS_NAME_MAX) assert(axis_name_read(arena, written, segments, &again) && text_equal(again, name));
    for (int others = 1; others <= 5; others++) assert(others == segments || !axis_name_read(arena, text, others, &again));
  }
}

/* A path with one reading has no climbing segment, and its reading is the reading of what is read. */
static void check_normal(struct arena *arena, const char *text)
{
  const char *path, *again;
  enum path_shape shape = path_normalise(arena, text, &path);
  if (shape == PATH_WRONG) return;
  assert(path[0] == '/' && !strstr(path, "/../") && !text_equal(path, "/..") && path_matches("*", path) && path_matches("", path));
  size_t size = strlen(path);
  assert(size < 3 || !text_equal(path + size - 3, "/.."));
  if (shape == PATH_AMBIGUOUS) return;
  assert(!strpbrk(path, ";\\") && !strstr(path, "//"));
  const char *written = axis_name_write(arena, path + 1);
  if (path[size - 1] != '/') assert(path_normalise(arena, written, &again) == PATH_PLAIN && text_equal(again, path));
  assert(path_matches("/**", path));
  if (!strchr(path, '*')) assert(path_matches(path, path));
}

static void check_place(struct arena *arena, const char *text)
{
  struct axis_url url, again;
  const char *host;
  int port;
  if (axis_address_read(arena, text, &host, &port)) assert(host[0] && port > 0 && port < 65536 && !strpbrk(host, "/@ "));
  if (!axis_url_read(arena, text, &url)) return;
  const char *written = arena_print(arena, strchr(url.host, ':') ? "http://[%s]:%d%s" : "http://%s:%d%s", url.host, url.port, url.base);
  assert(url.base[0] == '\0' || url.base[strlen(url.base) - 1] != '/');
  assert(axis_url_read(arena, written, &again) && again.port == url.port && text_equal(again.host, url.host) && text_equal(again.base, url.base));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct arena *arena = arena_new(0);
  const char *text = fuzz_text(arena, data, size);
  if (text) {
    check_path(arena, text);
    check_name(arena, text);
    check_normal(arena, text);
    check_place(arena, text);
  }
  arena_free(arena);
  return 0;
}
