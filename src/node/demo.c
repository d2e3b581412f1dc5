/* Makes the demo people and information systems of a node from data/demo/NODE.json. */
#include "node/demo.h"

#include "base/text.h"
#include "node/disk.h"

struct demo_account { const char *name, *full_name; bool totp; };
struct demo_role { const char *account, *role, *unit; int64_t valid_from, valid_to; };
struct demo_system { const char *id, *name, *url; };
struct demo_right { const char *consumer, *service, *method, *path, *purpose, *legal_basis; };
struct demo { struct list accounts, roles, systems, members, rights; };
struct demo_member { const char *id, *name; };

static const struct field account_fields[] = {
  FIELD(struct demo_account, name, .max = 60, .required = true),
  FIELD(struct demo_account, full_name, .max = 100, .required = true),
  FIELD(struct demo_account, totp),
};
static const struct record_type demo_account_type = RECORD("demo_account", struct demo_account, account_fields);

/* Without dates a role holds in both eras of the law. */
static const struct field role_fields[] = {
  FIELD(struct demo_role, account, .max = 60, .required = true),
  FIELD(struct demo_role, role, .max = 40, .required = true),
  FIELD(struct demo_role, unit, .max = 40, .required = true),
  FIELD(struct demo_role, valid_from, .form = FORM_DATE),
  FIELD(struct demo_role, valid_to, .form = FORM_DATE),
};
static const struct record_type demo_role_type = RECORD("demo_role", struct demo_role, role_fields);

static const struct field system_fields[] = {
  FIELD(struct demo_system, id, .max = 200, .required = true),
  FIELD(struct demo_system, name, .max = 200, .required = true),
  FIELD(struct demo_system, url, .max = 300),
};
static const struct record_type demo_system_type = RECORD("demo_system", struct demo_system, system_fields);

static const struct field member_fields[] = {
  FIELD(struct demo_member, id, .max = 200, .required = true),
  FIELD(struct demo_member, name, .max = 200, .required = true),
};
static const struct record_type demo_member_type = RECORD("demo_member", struct demo_member, member_fields);

static const struct field right_fields[] = {
  FIELD(struct demo_right, consumer, .max = 200, .required = true),
  FIELD(struct demo_right, service, .max = 200, .required = true),
  FIELD(struct demo_right, method, .max = 20, .required = true),
  FIELD(struct demo_right, path, .max = 200, .required = true),
  FIELD(struct demo_right, purpose, .max = 300, .required = true),
  FIELD(struct demo_right, legal_basis, .max = 300, .required = true),
};
static const struct record_type demo_right_type = RECORD("demo_right", struct demo_right, right_fields);

static const struct field demo_fields[] = {
  FIELD(struct demo, accounts, .of = &demo_account_type, .max = 200),
  FIELD(struct demo, roles, .of = &demo_role_type, .max = 1000),
  FIELD(struct demo, members, .of = &demo_member_type, .max = 200),
  FIELD(struct demo, systems, .of = &demo_system_type, .max = 200),
  FIELD(struct demo, rights, .of = &demo_right_type, .max = 500),
};
static const struct record_type demo_type = RECORD("demo", struct demo, demo_fields);

static const struct field made_account_fields[] = {
  FIELD(struct demo_made_account, node), FIELD(struct demo_made_account, name), FIELD(struct demo_made_account, role),
  FIELD(struct demo_made_account, password), FIELD(struct demo_made_account, otpauth),
};
static const struct record_type made_account_type = RECORD("account", struct demo_made_account, made_account_fields);
static const struct field made_system_fields[] = {
  FIELD(struct demo_made_system, node), FIELD(struct demo_made_system, id), FIELD(struct demo_made_system, token),
};
static const struct record_type made_system_type = RECORD("system", struct demo_made_system, made_system_fields);

static const struct field made_fields[] = {
  FIELD(struct demo_made, accounts, .of = &made_account_type),
  FIELD(struct demo_made, systems, .of = &made_system_type),
};
const struct record_type demo_made_type = RECORD("made", struct demo_made, made_fields);

/* 15 characters of base64url: 90 bits. */
static const char *random_password(struct arena *arena)
{
  uint8_t raw[12];
  random_bytes(raw, sizeof raw);
  return arena_copy_n(arena, base64url_write(arena, raw, sizeof raw), 15);
}

static enum err make_roles(struct cx *cx, struct node *node, const struct demo *demo, struct demo_made_account *made, int64_t id)
{
  const struct demo_role *roles = demo->roles.items;
  for (size_t i = 0; i < demo->roles.count; i++) {
    if (!text_equal(roles[i].account, made->name)) continue;
    const struct role_row row = {.account = id, .role = roles[i].role, .unit = roles[i].unit, .valid_to = roles[i].valid_to,
                                 .valid_from = roles[i].valid_from == NONE_DATE ? 0 : roles[i].valid_from};
    enum err err = role_give(cx, node_people(node), &row);
    if (err) return err;
  }
  return OK;
}

/* The first role of an account: enough for a first look. */
static const char *role_of(const struct demo *demo, const char *account)
{
  const struct demo_role *roles = demo->roles.items;
  for (size_t i = 0; i < demo->roles.count; i++)
    if (text_equal(roles[i].account, account)) return roles[i].role;
  return "";
}

static enum err make_account(struct cx *cx, struct node *node, const struct demo *demo, const struct demo_account *wish, struct demo_made_account *made)
{
  struct account account = {.name = wish->name, .full_name = wish->full_name, .language = "vi", .totp = wish->totp};
  uint8_t secret[20];
  random_bytes(secret, sizeof secret);
  *made = (struct demo_made_account){.node = node_config(node)->node, .name = wish->name, .password = random_password(cx->arena)};
  made->role = role_of(demo, wish->name);
  if (wish->totp) made->otpauth = totp_uri(cx->arena, "Truc", wish->name, secret);
  struct account known;
  enum err err = account_by_name(cx, node_people(node), wish->name, &known);
  if (err == ERR_NOT_FOUND) {
    int64_t id;
    err = account_add(cx, node_people(node), &account, made->password, wish->totp ? secret : NULL, &id);
    return err ? err : make_roles(cx, node, demo, made, id);
  }
  if (!err) err = account_set_password(cx, node_people(node), known.id, made->password);
  if (!err) err = account_set_totp(cx, node_people(node), known.id, wish->totp ? secret : NULL);
  return err;
}

static enum err make_accounts(struct cx *cx, struct node *node, const struct demo *demo, struct list *out)
{
  const struct demo_account *wishes = demo->accounts.items;
  struct demo_made_account *made = ARENA_ARRAY(cx->arena, demo->accounts.count + 1, struct demo_made_account);
  for (size_t i = 0; i < demo->accounts.count; i++) {
    enum err err = make_account(cx, node, demo, &wishes[i], &made[i]);
    if (err) return err;
  }
  *out = (struct list){made, demo->accounts.count};
  return OK;
}

static enum err make_members(struct cx *cx, struct node *node, const struct demo *demo)
{
  const struct demo_member *members = demo->members.items;
  for (size_t i = 0; i < demo->members.count; i++) {
    const struct member member = {.id = members[i].id, .name = members[i].name, .state = "active"};
    enum err err = directory_put_member(cx, axis_directory(node_axis(node)), &member);
    if (err) return err;
  }
  return OK;
}

static enum err make_systems(struct cx *cx, struct node *node, const struct demo *demo, struct list *out)
{
  struct directory *directory = axis_directory(node_axis(node));
  const struct demo_system *wishes = demo->systems.items;
  struct demo_made_system *made = ARENA_ARRAY(cx->arena, demo->systems.count + 1, struct demo_made_system);
  for (size_t i = 0; i < demo->systems.count; i++) {
    const struct axis_system system = {.id = wishes[i].id, .name = wishes[i].name, .url = wishes[i].url, .state = "active",
      .gateway = arena_print(cx->arena, "%s/gateway", node_config(node)->instance)};
    made[i] = (struct demo_made_system){.node = node_config(node)->node, .id = wishes[i].id};
    enum err err = directory_put_system(cx, directory, &system);
    if (!err) err = system_token_make(cx, directory, wishes[i].id, &made[i].token);
    if (err) return err;
  }
  *out = (struct list){made, demo->systems.count};
  return OK;
}

static enum err make_rights(struct cx *cx, struct node *node, const struct demo *demo)
{
  const struct demo_right *wishes = demo->rights.items;
  for (size_t i = 0; i < demo->rights.count; i++) {
    const struct right right = {.consumer = wishes[i].consumer, .service = wishes[i].service, .method = wishes[i].method,
      .path = wishes[i].path, .purpose = wishes[i].purpose, .legal_basis = wishes[i].legal_basis, .valid_from = NONE_DATE,
      .valid_to = NONE_DATE, .state = "granted", .granted_by = "demo"};
    int64_t id;
    enum err err = right_grant(cx, axis_directory(node_axis(node)), &right, &id);
    if (err) return err;
  }
  return OK;
}

enum err demo_make(struct cx *cx, struct node *node, const char *data_folder, struct buffer *out)
{
  struct bytes text;
  struct demo demo;
  struct demo_made made = {0};
  enum err err = disk_read(cx, arena_print(cx->arena, "%s/demo/%s.json", data_folder, node_config(node)->node), &text);
  if (!err) err = record_read_json(cx, &demo_type, text, &demo);
  if (!err) err = make_accounts(cx, node, &demo, &made.accounts);
  if (!err) err = make_members(cx, node, &demo);
  if (!err) err = make_systems(cx, node, &demo, &made.systems);
  if (!err) err = make_rights(cx, node, &demo);
  if (!err) record_write_json(out, &demo_made_type, &made);
  return err;
}
