/* The axis operator's pages: table of contents. */
#include "systems/operator/operator.h"

#include "operator_html.h"
#include "operator_words.h"
#include "systems/operator/pages.h"

static const struct param exchange_params[] = {
  {.name = "ma", .type = PARAM_TEXT, .max = 100}, {.name = "truoc", .type = PARAM_I64, .max = INT64_MAX}, {0}};
static const struct param receipt_params[] = {{.name = "index", .type = PARAM_I64, .max = INT64_MAX, .required = true}, {0}};
static const struct param service_params[] = {{.name = "he-thong", .type = PARAM_TEXT, .max = 200}, {0}};
static const struct param right_params[] = {{.name = "dich-vu", .type = PARAM_TEXT, .max = 300}, {0}};

#define LOOK "operator.look"
#define CHANGE "operator.change"
static const struct page pages[] = {
  {.method = "GET", .path = "/van-hanh", .permission = LOOK, .handle = page_overview, .title = "operator.title.overview"},
  {.method = "GET", .path = "/van-hanh/trao-doi", .permission = LOOK, .params = exchange_params, .handle = page_exchanges, .title = "operator.title.exchanges"},
  {.method = "GET", .path = "/van-hanh/trao-doi/{index}/bien-nhan", .permission = LOOK, .params = receipt_params, .handle = page_receipt, .title = "operator.title.receipt"},
  {.method = "GET", .path = "/van-hanh/hang-doi", .permission = LOOK, .handle = page_queues, .title = "operator.title.queues"},
  {.method = "POST", .path = "/van-hanh/hang-doi", .permission = CHANGE, .handle = page_queues_wake, .title = "operator.title.queues"},
  {.method = "GET", .path = "/van-hanh/thanh-vien", .permission = LOOK, .handle = page_members, .title = "operator.title.members"},
  {.method = "POST", .path = "/van-hanh/thanh-vien", .permission = CHANGE, .handle = page_member_put, .title = "operator.title.members"},
  {.method = "POST", .path = "/van-hanh/thanh-vien/trang-thai", .permission = CHANGE, .handle = page_member_state, .title = "operator.title.members"},
  {.method = "GET", .path = "/van-hanh/he-thong", .permission = LOOK, .handle = page_axis_systems, .title = "operator.title.systems"},
  {.method = "POST", .path = "/van-hanh/he-thong", .permission = CHANGE, .handle = page_axis_system_put, .title = "operator.title.systems"},
  {.method = "POST", .path = "/van-hanh/he-thong/trang-thai", .permission = CHANGE, .handle = page_axis_system_state, .title = "operator.title.systems"},
  {.method = "POST", .path = "/van-hanh/he-thong/ma-truy-cap", .permission = CHANGE, .handle = page_axis_system_token, .title = "operator.title.systems"},
  {.method = "GET", .path = "/van-hanh/dich-vu", .permission = LOOK, .params = service_params, .handle = page_axis_services, .title = "operator.title.services"},
  {.method = "POST", .path = "/van-hanh/dich-vu", .permission = CHANGE, .params = service_params, .handle = page_axis_service_put, .title = "operator.title.services"},
  {.method = "GET", .path = "/van-hanh/lien-thong", .permission = LOOK, .handle = page_instances, .title = "operator.title.instances"},
  {.method = "POST", .path = "/van-hanh/lien-thong/trang-thai", .permission = CHANGE, .handle = page_instance_state, .title = "operator.title.instances"},
  {.method = "GET", .path = "/van-hanh/quyen", .permission = LOOK, .params = right_params, .handle = page_rights, .title = "operator.title.rights"},
  {.method = "POST", .path = "/van-hanh/quyen", .permission = CHANGE, .params = right_params, .handle = page_right_grant, .title = "operator.title.rights"},
  {.method = "POST", .path = "/van-hanh/quyen/thu-hoi", .permission = CHANGE, .handle = page_right_revoke, .title = "operator.title.rights"},
};

static const struct permission permissions[] = {
  {LOOK, ROLE_OPERATOR, "operator.permission.look"},
  {CHANGE, ROLE_OPERATOR, "operator.permission.change"},
  {NULL, NULL, NULL},
};

const struct system operator_system = {
  .name = "operator",
  .word = "operator.name",
  .pages = pages, .page_count = sizeof pages / sizeof pages[0],
  .permissions = permissions,
  .html = &operator_html,
  .words = operator_words, .words_count = 2,
};
