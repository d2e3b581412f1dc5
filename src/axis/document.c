/* The directory's signed document: one line of JSON and the signature of the instance's directory key. */
#include "axis/directory_inner.h"

#include "base/text.h"
#include "keys/merkle.h"
#include "keys/message_signature.h"

#include <assert.h>
#include <string.h>

static const struct field published_system_fields[] = {
  FIELD(struct published_system, id, .max = AXIS_NAME_MAX, .required = true),
  FIELD(struct published_system, name, .max = 200),
  FIELD(struct published_system, gateway, .max = AXIS_NAME_MAX),
  FIELD(struct published_system, state, .max = 20, .required = true),
};
static const struct record_type published_system_type = RECORD("system", struct published_system, published_system_fields);

static const struct field published_trust_fields[] = {
  FIELD(struct published_trust, instance, .max = 100, .required = true),
  FIELD(struct published_trust, directory_key, .max = 1000, .required = true),
};
static const struct record_type published_trust_type = RECORD("trusted", struct published_trust, published_trust_fields);

static const struct field document_fields[] = {
  FIELD(struct document, instance, .max = 100, .required = true),
  FIELD(struct document, version),
  FIELD(struct document, issued_us),
  FIELD(struct document, expires_us),
  FIELD(struct document, authority, .form = FORM_LINES, .max = PEM_MAX, .required = true),
  FIELD(struct document, members, .of = &member_type, .max = DOCUMENT_ROWS_MAX),
  FIELD(struct document, systems, .of = &published_system_type, .max = DOCUMENT_ROWS_MAX),
  FIELD(struct document, services, .of = &axis_service_type, .max = DOCUMENT_ROWS_MAX),
  FIELD(struct document, gateways, .of = &gateway_type, .max = DOCUMENT_ROWS_MAX),
  FIELD(struct document, trusted, .of = &published_trust_type, .max = DOCUMENT_ROWS_MAX),
};
const struct record_type document_type = RECORD("document", struct document, document_fields);

const char *document_signer(struct arena *arena, const char *instance)
{
  return arena_print(arena, "%s/directory", instance);
}

enum err document_read(struct cx *cx, const char *note, struct document *out)
{
  size_t size = strcspn(note, "\n");
  return record_read_json(cx, &document_type, (struct bytes){(const uint8_t *)note, size}, out);
}

static void publish_systems(struct cx *cx, const struct directory_rows *rows, struct document *document)
{
  const struct axis_system *systems = rows->systems.items;
  struct published_system *published = ARENA_ARRAY(cx->arena, rows->systems.count + 1, struct published_system);
  for (size_t i = 0; i < rows->systems.count; i++)
    published[i] = (struct published_system){systems[i].id, systems[i].name, systems[i].gateway, systems[i].state};
  document->systems = (struct list){published, rows->systems.count};
}

/* A suspended instance is not named: nobody that trusts us should trust it through us. */
static void publish_trust(struct cx *cx, const struct directory_rows *rows, struct document *document)
{
  const struct trusted_instance *trusted = rows->trusted.items;
  struct published_trust *published = ARENA_ARRAY(cx->arena, rows->trusted.count + 1, struct published_trust);
  for (size_t i = 0; i < rows->trusted.count; i++)
    if (state_active(trusted[i].state))
      published[document->trusted.count++] = (struct published_trust){trusted[i].instance, trusted[i].directory_key};
  document->trusted.items = published;
}

enum err document_publish(struct cx *cx, struct directory *directory, const struct directory_rows *rows, const char **note)
{
  int64_t now_us = cx_now(cx);
  struct document document = {.instance = directory->instance, .version = rows->version, .issued_us = now_us,
                              .expires_us = now_us + DOCUMENT_LIFE_US, .authority = rows->authority,
                              .members = rows->members, .services = rows->services, .gateways = rows->gateways};
  publish_systems(cx, rows, &document);
  publish_trust(cx, rows, &document);
  struct buffer text;
  buffer_init(&text, cx->arena);
  record_write_json(&text, &document_type, &document);
  assert(!memchr(text.data, '\n', text.size)); /* a document is one line: the note's text ends with it */
  buffer_char(&text, '\n');
  uint8_t digest[DIGEST_SIZE];
  struct signature signature;
  sha256(text.data, text.size, digest);
  enum err err = keys_sign_wait(cx, directory->keys, directory->directory_key, digest, &signature);
  if (err) return err;
  *note = note_attach(cx->arena, buffer_string(&text), document_signer(cx->arena, directory->instance), directory->public_key, &signature);
  return OK;
}
