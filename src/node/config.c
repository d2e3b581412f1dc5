/* Reads and writes a node's configuration file. */
#include "node/config.h"

#include "base/text.h"
#include "node/disk.h"

static const struct field system_fields[] = {
  FIELD(struct config_system, name, .max = 40, .required = true),
  FIELD(struct config_system, axis_id, .max = 200, .required = true),
};
static const struct record_type system_type = RECORD("system", struct config_system, system_fields);

static const struct field part_fields[] = {
  FIELD(struct config_part, system, .max = 40, .required = true),
  FIELD(struct config_part, part, .max = 40, .required = true),
  FIELD(struct config_part, axis_id, .max = 200, .required = true),
};
static const struct record_type part_type = RECORD("part", struct config_part, part_fields);

static const struct field config_fields[] = {
  FIELD(struct config, node, .max = 40, .required = true),
  FIELD(struct config, title, .max = 200),
  FIELD(struct config, instance, .max = 40, .required = true),
  FIELD(struct config, store, .max = 1000),
  FIELD(struct config, pages_address, .max = 100, .required = true),
  FIELD(struct config, axis_address, .max = 100, .required = true),
  FIELD(struct config, gateway_address, .max = 100, .required = true),
  FIELD(struct config, gateway_public, .max = 100, .required = true),
  FIELD(struct config, operations_address, .max = 100, .required = true),
  FIELD(struct config, public_url, .max = 300),
  FIELD(struct config, clock_offset_s, .min = -4000000000, .max = 4000000000),
  FIELD(struct config, demo),
  FIELD(struct config, secure_cookies),
  FIELD(struct config, trusted_proxies, .max = 1000),
  FIELD(struct config, provider_networks, .max = 4000),
  FIELD(struct config, malware_scanner, .max = 200),
  FIELD(struct config, page_workers, .max = 256),
  FIELD(struct config, twin_gateway, .max = 200),
  FIELD(struct config, directory_key, .max = 1000),
  FIELD(struct config, files_folder, .max = 1000),
  FIELD(struct config, lease_s, .max = 3600),
  FIELD(struct config, systems, .of = &system_type),
  FIELD(struct config, parts, .of = &part_type),
};
const struct record_type config_type = RECORD("config", struct config, config_fields);

static const char *config_path(struct cx *cx, const char *folder)
{
  return arena_print(cx->arena, "%s/truc.json", folder);
}

enum err config_read(struct cx *cx, const char *folder, struct config *out)
{
  struct bytes text;
  enum err err = disk_read(cx, config_path(cx, folder), &text);
  return err ? err : record_read_json(cx, &config_type, text, out);
}

#define PORTS ":80,443,8000-9999"
#define PRIVATE_NETWORKS "10.0.0.0/8" PORTS " 172.16.0.0/12" PORTS " 192.168.0.0/16" PORTS " [fc00::/7]" PORTS
#define THIS_MACHINE " 127.0.0.0/8:1024-65535 [::1]:1024-65535"

const char *config_provider_networks(const struct config *config)
{
  if (!text_empty(config->provider_networks)) return config->provider_networks;
  return config->demo ? PRIVATE_NETWORKS THIS_MACHINE : PRIVATE_NETWORKS;
}

const char *config_files_folder(struct cx *cx, const struct config *config, const char *folder, const char *system)
{
  return arena_print(cx->arena, "%s/%s/files", text_empty(config->files_folder) ? folder : config->files_folder, system);
}

enum err config_write(struct cx *cx, const char *folder, const struct config *config)
{
  struct buffer text;
  buffer_init(&text, cx->arena);
  record_write_json(&text, &config_type, config);
  buffer_char(&text, '\n');
  return disk_write(cx, config_path(cx, folder), buffer_bytes(&text), 0600);
}

static const char *loopback(struct cx *cx, int64_t port)
{
  return arena_print(cx->arena, "127.0.0.1:%lld", (long long)port);
}

void config_set_ports(struct cx *cx, struct config *config, int64_t base)
{
  config->pages_address = loopback(cx, base);
  config->axis_address = loopback(cx, base + 1);
  config->gateway_address = loopback(cx, base + 2);
  config->gateway_public = config->gateway_address;
  config->operations_address = loopback(cx, base + 3);
}
