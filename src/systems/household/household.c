/* The register of household businesses: table of contents. */
#include "systems/household/household.h"

#include "household_html.h"
#include "household_sql.h"
#include "household_words.h"
#include "systems/household/load.h"
#include "systems/household/pages.h"
#include "systems/household/seed.h"
#include "systems/household/services.h"

#define NUMBER {.name = "number", .type = PARAM_CODE, .max = 20, .required = true}
static const struct param list_params[] = {
  {.name = "tim", .type = PARAM_TEXT, .max = 100}, {.name = "sau", .type = PARAM_CODE, .max = 20}, {0}};
static const struct param business_params[] = {NUMBER, {.name = "ngay", .type = PARAM_DATE}, {0}};
static const struct param act_params[] = {NUMBER, {0}};
static const struct param applications_params[] = {
  {.name = "loc", .type = PARAM_CODE, .max = 20}, {.name = "truoc", .type = PARAM_I64, .max = INT64_MAX}, {0}};
static const struct param application_params[] = {{.name = "reference", .type = PARAM_CODE, .max = 40, .required = true}, {0}};

#define BUSINESS "/ho-kinh-doanh/{number}"
#define WAITING "/ho-kinh-doanh/cho-xem-xet"
static const struct page pages[] = {
  {.method = "GET", .path = "/ho-kinh-doanh", .permission = "household.look", .params = list_params, .handle = page_business_list, .title = "household.title.list"},
  {.method = "GET", .path = WAITING, .permission = "household.look", .params = applications_params, .handle = page_household_applications, .title = "household.title.applications"},
  {.method = "GET", .path = WAITING "/{reference}", .permission = "household.look", .params = application_params, .handle = page_household_application, .title = "household.title.application"},
  {.method = "POST", .path = WAITING "/{reference}", .permission = "household.decide", .params = application_params, .handle = page_household_application_decide, .title = "household.title.application"},
  {.method = "GET", .path = BUSINESS, .permission = "household.look", .params = business_params, .handle = page_business, .title = "household.title.business"},
  {.method = "GET", .path = BUSINESS "/trich-luc", .permission = "household.look", .params = business_params, .handle = page_business_extract, .title = "household.title.extract", .flags = PAGE_SLOW | PAGE_FRAME},
  {.method = "GET", .path = BUSINESS "/thay-doi", .permission = "household.change", .params = act_params, .handle = page_business_change_form, .title = "household.title.change"},
  {.method = "POST", .path = BUSINESS "/thay-doi", .permission = "household.change", .params = act_params, .handle = page_business_change, .title = "household.title.change"},
  {.method = "GET", .path = BUSINESS "/tam-ngung", .permission = "household.change", .params = act_params, .handle = page_business_suspend_form, .title = "household.title.suspend"},
  {.method = "POST", .path = BUSINESS "/tam-ngung", .permission = "household.change", .params = act_params, .handle = page_business_suspend, .title = "household.title.suspend"},
  {.method = "GET", .path = BUSINESS "/tiep-tuc", .permission = "household.change", .params = act_params, .handle = page_business_resume_form, .title = "household.title.resume"},
  {.method = "POST", .path = BUSINESS "/tiep-tuc", .permission = "household.change", .params = act_params, .handle = page_business_resume, .title = "household.title.resume"},
  {.method = "GET", .path = BUSINESS "/cham-dut", .permission = "household.change", .params = act_params, .handle = page_business_close_form, .title = "household.title.close"},
  {.method = "POST", .path = BUSINESS "/cham-dut", .permission = "household.change", .params = act_params, .handle = page_business_close, .title = "household.title.close"},
};

static const struct permission permissions[] = {
  {"household.look", ROLE_REGISTER, "household.permission.look"},
  {"household.decide", ROLE_REGISTER, "household.permission.decide"},
  {"household.change", ROLE_REGISTER, "household.permission.change"},
  {NULL, NULL, NULL},
};

static const struct command commands[] = {{.name = "household seed", .usage = "--count N", .run = business_seed}};

const struct system household_system = {
  .name = "household",
  .word = "household.system",
  .schema = &household_schema,
  .pages = pages, .page_count = sizeof pages / sizeof pages[0],
  .services = household_services, .service_count = sizeof household_services / sizeof household_services[0],
  .permissions = permissions,
  .commands = commands, .command_count = 1,
  .html = &household_html,
  .words = household_words, .words_count = 2,
  .open = household_load,
};
