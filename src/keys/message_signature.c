/* The signature base of RFC 9421 § 2.5, made and read back. What must be covered follows from the message alone; a received list
 * of components is compared with it, and only the order is the sender's. */
#include "keys/message_signature.h"

#include "base/text.h"
#include "keys/structured.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { COMPONENTS_MAX = 256 };
static const char label[] = "axis=";

struct component { const char *name, *value; bool of_request; };
struct components { size_t count; struct component items[COMPONENTS_MAX]; };

static enum err message_fail(struct cx *cx, const char *what)
{
  return cx_fail(cx, ERR_INPUT, NULL, "keys.error.message", "what", what, NULL);
}

/* ---- What a message has to cover ---- */

static const char *name_lower(struct arena *arena, const char *name)
{
  static const char token[] = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz";
  char *lower = arena_copy(arena, name);
  for (char *c = lower; *c; c++)
    if (*c >= 'A' && *c <= 'Z') *c = (char)(*c - 'A' + 'a');
  return *lower && lower[strspn(lower, token)] == '\0' ? lower : NULL;
}

/* Without white space at its ends, as it would be after a journey. NULL: not to be signed. */
static const char *value_clean(struct arena *arena, const char *value)
{
  value += strspn(value, " \t");
  size_t size = strlen(value);
  while (size > 0 && (value[size - 1] == ' ' || value[size - 1] == '\t')) size--;
  for (size_t i = 0; i < size; i++)
    if ((value[i] < 0x20 && value[i] != '\t') || value[i] > 0x7e) return NULL;
  return arena_copy_n(arena, value, size);
}

static bool visible(const char *text)
{
  size_t size = 0;
  while (text[size] > 0x20 && text[size] < 0x7f) size++;
  return size > 0 && text[size] == '\0';
}

/* True when it is new and there is room. */
static bool component_add(struct components *components, struct component component)
{
  if (!component.name || !component.value || components->count == COMPONENTS_MAX) return false;
  for (size_t i = 0; i < components->count; i++) {
    const struct component *other = &components->items[i];
    if (other->of_request == component.of_request && text_equal(other->name, component.name)) return false;
  }
  components->items[components->count++] = component;
  return true;
}

/* The only value of that name, or NULL. */
static const char *field_alone(const struct http_fields *fields, const char *name)
{
  return fields_count(fields, name) == 1 ? fields_get(fields, name) : NULL;
}

static bool of_request_add(struct cx *cx, struct components *out, const struct signed_message *request, const char *name)
{
  const char *value = request ? field_alone(request->fields, name) : NULL;
  return value && component_add(out, (struct component){name, value_clean(cx->arena, value), true});
}

static enum err derived_add(struct cx *cx, const struct signed_message *message, struct components *out)
{
  bool good;
  if (message->status == 0) {
    good = visible(message->method) && visible(message->target) && component_add(out, (struct component){"@method", message->method, false}) &&
           component_add(out, (struct component){"@request-target", message->target, false});
    return good ? OK : message_fail(cx, "@request-target");
  }
  good = message->status >= 100 && message->status <= 999 &&
         component_add(out, (struct component){"@status", arena_print(cx->arena, "%d", message->status), false});
  if (!good) return message_fail(cx, "@status");
  good = of_request_add(cx, out, message->request, "signature-input") && of_request_add(cx, out, message->request, "signature");
  return good ? OK : message_fail(cx, "\"signature\";req");
}

static bool never_covered(const char *name)
{
  return strcasecmp(name, "signature") == 0 || strcasecmp(name, "signature-input") == 0;
}

static enum err components_of(struct cx *cx, const struct signed_message *message, struct components *out)
{
  out->count = 0;
  enum err err = derived_add(cx, message, out);
  for (size_t i = 0; !err && i < message->fields->count; i++) {
    const struct http_field *field = &message->fields->items[i];
    if (never_covered(field->name)) continue;
    const struct component component = {name_lower(cx->arena, field->name), value_clean(cx->arena, field->value), false};
    if (!component_add(out, component)) err = message_fail(cx, component.name ? component.name : "");
  }
  return err;
}

static const char *component_suffix(const struct component *component)
{
  return component->of_request ? ";req" : "";
}

static const char *base_write(struct arena *arena, const struct components *components, const char *input)
{
  struct buffer out;
  buffer_init(&out, arena);
  for (size_t i = 0; i < components->count; i++) {
    const struct component *component = &components->items[i];
    buffer_char(&out, '"');
    buffer_text(&out, component->name);
    buffer_char(&out, '"');
    buffer_text(&out, component_suffix(component));
    buffer_text(&out, ": ");
    buffer_text(&out, component->value);
    buffer_char(&out, '\n');
  }
  buffer_text(&out, "\"@signature-params\": ");
  buffer_text(&out, input);
  return buffer_string(&out);
}

/* ---- Writing ---- */

static const char *tag_wanted(const struct signed_message *message)
{
  return message->status == 0 ? "axis-request" : "axis-response";
}

static const char *input_write(struct arena *arena, const struct components *components, const struct signature_parameters *parameters)
{
  struct buffer out;
  buffer_init(&out, arena);
  for (size_t i = 0; i < components->count; i++) {
    buffer_text(&out, i == 0 ? "(\"" : " \"");
    buffer_text(&out, components->items[i].name);
    buffer_char(&out, '"');
    buffer_text(&out, component_suffix(&components->items[i]));
  }
  buffer_print(&out, ");created=%lld;expires=%lld;keyid=\"%s\";tag=\"%s\"", (long long)parameters->created_s,
               (long long)parameters->expires_s, parameters->key_id, parameters->tag);
  return buffer_string(&out);
}

enum err message_signature_prepare(struct cx *cx, const struct signed_message *message, const struct signature_parameters *parameters,
                                   struct received_signature *out)
{
  struct components components;
  assert(structured_string_good(parameters->key_id) && text_equal(parameters->tag, tag_wanted(message)));
  assert(parameters->created_s >= 0 && parameters->created_s < parameters->expires_s);
  enum err err = components_of(cx, message, &components);
  if (err) return err;
  *out = (struct received_signature){.parameters = *parameters, .input = input_write(cx->arena, &components, parameters)};
  out->base = base_write(cx->arena, &components, out->input);
  sha256(out->base, strlen(out->base), out->digest);
  return OK;
}

void message_signature_attach(struct http_fields *fields, const char *input, const struct signature *signature)
{
  const char *value = base64_write(fields->arena, signature->data, signature->size);
  fields_drop(fields, "Signature-Input");
  fields_drop(fields, "Signature");
  fields_add(fields, "Signature-Input", arena_print(fields->arena, "%s%s", label, input));
  fields_add(fields, "Signature", arena_print(fields->arena, "%s:%s:", label, value));
}

/* ---- Reading ---- */

/* ("name" "name";req …) */
static bool components_read(struct arena *arena, const char **at, struct components *out)
{
  out->count = 0;
  if (!structured_take(at, "(")) return false;
  while (!structured_take(at, ")")) {
    if (out->count > 0 && !structured_take(at, " ")) return false;
    struct component component = {.name = structured_string(arena, at), .value = ""};
    component.of_request = structured_take(at, ";req");
    if (!component_add(out, component)) return false;
  }
  return true;
}

enum { HAS_CREATED = 1, HAS_EXPIRES = 2, HAS_KEY_ID = 4, HAS_TAG = 8, HAS_ALL = 15 };

/* One parameter: which it was, or 0. */
static unsigned parameter_read(struct arena *arena, const char **at, struct signature_parameters *out)
{
  if (structured_take(at, ";created=")) return structured_integer(at, &out->created_s) ? HAS_CREATED : 0;
  if (structured_take(at, ";expires=")) return structured_integer(at, &out->expires_s) ? HAS_EXPIRES : 0;
  if (structured_take(at, ";keyid=")) return (out->key_id = structured_string(arena, at)) ? HAS_KEY_ID : 0;
  if (structured_take(at, ";tag=")) return (out->tag = structured_string(arena, at)) ? HAS_TAG : 0;
  return 0;
}

static bool parameters_read(struct arena *arena, const char **at, struct signature_parameters *out)
{
  unsigned had = 0;
  while (**at) {
    unsigned one = parameter_read(arena, at, out);
    if (one == 0 || had & one) return false;
    had |= one;
  }
  return had == HAS_ALL && out->created_s < out->expires_s;
}

/* Gives each component that was named the message's value. False: not the same set. */
static bool values_fill(struct components *named, const struct components *all)
{
  size_t found = 0;
  if (named->count != all->count) return false;
  for (size_t i = 0; i < named->count; i++)
    for (size_t j = 0; j < all->count; j++) {
      const struct component *component = &all->items[j];
      if (component->of_request != named->items[i].of_request || !text_equal(component->name, named->items[i].name)) continue;
      named->items[i].value = component->value;
      found++;
    }
  return found == named->count; /* each once: neither list has doubles */
}

static bool signature_read(struct arena *arena, const char *value, struct signature *out)
{
  struct bytes data;
  bool good = structured_take(&value, label) && structured_bytes(arena, &value, &data) && *value == '\0' && data.size > 0 &&
              data.size <= SIGNATURE_MAX;
  if (!good) return false;
  *out = (struct signature){.size = data.size};
  memcpy(out->data, data.data, data.size);
  return true;
}

enum err message_signature_read(struct cx *cx, const struct signed_message *message, struct received_signature *out)
{
  struct components named, all;
  *out = (struct received_signature){0};
  const char *input = field_alone(message->fields, "signature-input"), *signature = field_alone(message->fields, "signature");
  if (!input || !structured_take(&input, label)) return message_fail(cx, "signature-input");
  if (!signature || !signature_read(cx->arena, signature, &out->signature)) return message_fail(cx, "signature");
  out->input = arena_copy(cx->arena, input);
  const char *at = out->input;
  bool good = components_read(cx->arena, &at, &named) && parameters_read(cx->arena, &at, &out->parameters) &&
              text_equal(out->parameters.tag, tag_wanted(message));
  if (!good) return message_fail(cx, "signature-input");
  enum err err = components_of(cx, message, &all);
  if (err) return err;
  if (!values_fill(&named, &all)) return message_fail(cx, "signature-input");
  out->base = base_write(cx->arena, &named, out->input);
  sha256(out->base, strlen(out->base), out->digest);
  return OK;
}

/* ---- Content-Digest ---- */

static const char digest_label[] = "sha-256=";

const char *content_digest(struct arena *arena, const uint8_t digest[DIGEST_SIZE])
{
  return arena_print(arena, "%s:%s:", digest_label, base64_write(arena, digest, DIGEST_SIZE));
}

bool content_digest_read(const char *value, uint8_t digest[DIGEST_SIZE])
{
  struct bytes data;
  struct arena *arena = arena_new(0);
  bool good = structured_take(&value, digest_label) && structured_bytes(arena, &value, &data) && *value == '\0' && data.size == DIGEST_SIZE;
  if (good) memcpy(digest, data.data, DIGEST_SIZE);
  arena_free(arena);
  return good;
}
