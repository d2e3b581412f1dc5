/* Styles, scripts and fonts: from memory, on the loop, with names that change with their content. */
#include "web/web_inner.h"

#include "base/text.h"
#include "ui_assets.h"
#include <string.h>

const char *asset_version(struct arena *arena)
{
  struct buffer all;
  buffer_init(&all, arena);
  for (size_t i = 0; i < ui_assets.count; i++) buffer_text(&all, ui_assets.files[i].hash);
  return arena_copy_n(arena, web_hash(arena, "assets", buffer_string(&all)), 16);
}

static const struct embedded *asset_named(const char *name)
{
  for (size_t i = 0; i < ui_assets.count; i++)
    if (text_equal(ui_assets.files[i].name, name)) return &ui_assets.files[i];
  return NULL;
}

static bool takes_gzip(const struct http_call *call)
{
  const char *accepted = fields_get(&call->fields, "Accept-Encoding");
  return accepted && strstr(accepted, "gzip") && !strstr(accepted, "gzip;q=0");
}

bool asset_answer(const struct web *web, struct http_call *call)
{
  const char *version = call->path + strlen(ASSET_PREFIX), *slash = strchr(version, '/');
  const struct embedded *asset = slash ? asset_named(slash + 1) : NULL;
  if (!asset) return false;
  size_t size = strlen(web->asset_path);
  bool current = strncmp(call->path, web->asset_path, size) == 0 && call->path[size] == '/';
  bool gzip = asset->gzip.size && takes_gzip(call);
  const char *etag = arena_print(call->arena, "\"%s%s\"", asset->hash, gzip ? "-g" : "");
  struct http_answer answer = {.status = 200};
  fields_init(&answer.fields, call->arena);
  fields_add(&answer.fields, "ETag", etag);
  fields_add(&answer.fields, "Vary", "Accept-Encoding");
  fields_add(&answer.fields, "Cache-Control", current ? "public, max-age=31536000, immutable" : "no-cache");
  fields_add(&answer.fields, "Content-Type", asset->type);
  fields_add(&answer.fields, "X-Content-Type-Options", "nosniff");
  fields_add(&answer.fields, "Cross-Origin-Resource-Policy", "same-origin");
  const char *had = fields_get(&call->fields, "If-None-Match");
  if (had && strstr(had, etag)) answer.status = 304;
  else {
    if (gzip) fields_add(&answer.fields, "Content-Encoding", "gzip");
    answer.body.data = gzip ? asset->gzip : asset->plain;
    answer.body.size = (int64_t)answer.body.data.size;
  }
  http_reply(call, &answer);
  return true;
}
