/* Cookies: read from the request, set on the answer; and the hashes that stand between an id and what is stored of it. */
#include "web/web_inner.h"

#include "base/text.h"
#include "keys/keys.h"
#include <string.h>

/* Behind TLS the name itself makes the browser insist on Secure, path / and no other host (RFC 6265bis, __Host-). */
static const char *full_name(struct arena *arena, const struct web *web, const char *name)
{
  return web->wish.secure_cookies ? arena_print(arena, "__Host-%s", name) : name;
}

const char *cookie_get(struct arena *arena, const struct http_call *call, const struct web *web, const char *name)
{
  const char *wanted = full_name(arena, web, name);
  size_t size = strlen(wanted);
  for (size_t i = 0; i < call->fields.count; i++) {
    if (strcasecmp(call->fields.items[i].name, "Cookie") != 0) continue;
    const char *at = call->fields.items[i].value;
    while (*at) {
      at += strspn(at, "; ");
      size_t length = strcspn(at, ";");
      if (length > size && memcmp(at, wanted, size) == 0 && at[size] == '=') return arena_copy_n(arena, at + size + 1, length - size - 1);
      at += length;
    }
  }
  return NULL;
}

void cookie_set(struct visit *visit, const char *name, const char *value, int64_t seconds)
{
  const struct web *web = visit->view.web;
  struct buffer out;
  buffer_init(&out, visit->cx.arena);
  buffer_print(&out, "%s=%s; Path=/; HttpOnly; SameSite=Lax", full_name(visit->cx.arena, web, name), value ? value : "");
  if (web->wish.secure_cookies) buffer_text(&out, "; Secure");
  if (!value) buffer_text(&out, "; Max-Age=0");
  else if (seconds) buffer_print(&out, "; Max-Age=%lld", (long long)seconds);
  fields_add(&visit->view.answer->fields, "Set-Cookie", buffer_string(&out));
}

const char *cookie_random(struct arena *arena)
{
  uint8_t bytes[32];
  random_bytes(bytes, sizeof bytes);
  return base64url_write(arena, bytes, sizeof bytes);
}

bool cookie_is_random(const char *value)
{
  return value && strlen(value) == 43 && strspn(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") == 43;
}

const char *web_hash(struct arena *arena, const char *purpose, const char *text)
{
  uint8_t digest[32];
  const char *whole = arena_print(arena, "%s:%s", purpose, text);
  sha256(whole, strlen(whole), digest);
  return hex_write(arena, digest, sizeof digest);
}
