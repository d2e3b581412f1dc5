/* The one-stop shop: table of contents. Read this first; README.md has the law and the words. */
#include "systems/onestop/onestop.h"

#include "onestop_html.h"
#include "onestop_sql.h"
#include "onestop_words.h"
#include "systems/onestop/act.h"
#include "systems/onestop/jobs.h"
#include "systems/onestop/pages.h"
#include "systems/onestop/seed.h"
#include "systems/onestop/services.h"
#include "systems/onestop/succeed.h"

/* Scans of one intake. */
#define INTAKE_BODY_MAX (100 << 20)
#define ACT(segment, right) \
  {.method = "POST", .path = "/mot-cua/ho-so/{code}/" segment, .permission = right, .params = code_param, .handle = page_act, .title = "onestop.title.dossier"}

static const struct param list_params[] = {
  {.name = "loc", .type = PARAM_CODE, .max = 20}, {.name = "q", .type = PARAM_TEXT, .max = 100}, {.name = "sau", .type = PARAM_TEXT, .max = 120},
  {.name = "don-vi", .type = PARAM_CODE, .max = 40}, {.name = "roi", .type = PARAM_CODE, .max = 1}, {0}};
static const struct param intake_params[] = {{.name = "thu-tuc", .type = PARAM_CODE, .max = 60}, {.name = "so", .type = PARAM_CODE, .max = 60}, {0}};
static const struct param block_params[] = {
  {.name = "block", .type = PARAM_CODE, .max = 60, .required = true}, {.name = "so", .type = PARAM_CODE, .max = 60}, {0}};
static const struct param block_param[] = {{.name = "block", .type = PARAM_CODE, .max = 60, .required = true}, {0}};
static const struct param code_param[] = {{.name = "code", .type = PARAM_CODE, .max = 60, .required = true}, {0}};
static const struct param paper_params[] = {
  {.name = "code", .type = PARAM_CODE, .max = 60, .required = true}, {.name = "paper", .type = PARAM_CODE, .max = 20, .required = true}, {0}};
static const struct param scan_params[] = {
  {.name = "code", .type = PARAM_CODE, .max = 60, .required = true}, {.name = "hash", .type = PARAM_CODE, .max = 64, .required = true}, {0}};
static const struct param log_params[] = {{.name = "ma", .type = PARAM_TEXT, .max = 60}, {.name = "truoc", .type = PARAM_I64}, {0}};
static const struct param day_param[] = {{.name = "ngay", .type = PARAM_DATE}, {0}};
static const struct param lookup_params[] = {
  {.name = "code", .type = PARAM_CODE, .max = 60, .required = true}, {.name = "k", .type = PARAM_CODE, .max = 40}, {0}};

static const struct page pages[] = {
  /* Officers */
  {.method = "GET", .path = "/mot-cua", .permission = "onestop.list", .params = list_params, .handle = page_work_list, .title = "onestop.title.work"},
  {.method = "GET", .path = "/mot-cua/tiep-nhan", .permission = "onestop.receive", .params = intake_params, .handle = page_intake, .title = "onestop.title.intake"},
  {.method = "POST", .path = "/mot-cua/tiep-nhan", .permission = "onestop.receive", .handle = page_intake_post, .title = "onestop.title.intake",
   .flags = PAGE_UPLOAD | PAGE_ONCE, .body_max = INTAKE_BODY_MAX},
  {.method = "GET", .path = "/mot-cua/da-tiep-nhan/{code}", .permission = "onestop.receive", .params = code_param, .handle = page_received, .title = "onestop.title.received"},
  {.method = "GET", .path = "/mot-cua/giay-du-phong", .permission = "onestop.receive", .handle = page_reserve, .title = "onestop.title.reserve"},
  {.method = "POST", .path = "/mot-cua/giay-du-phong", .permission = "onestop.receive", .handle = page_reserve_post, .title = "onestop.title.reserve"},
  {.method = "GET", .path = "/mot-cua/giay-du-phong/{block}", .permission = "onestop.receive", .params = block_params, .handle = page_reserve_block, .title = "onestop.title.reserve"},
  {.method = "POST", .path = "/mot-cua/giay-du-phong/{block}/huy", .permission = "onestop.receive", .params = block_param, .handle = page_reserve_void, .title = "onestop.title.reserve"},
  {.method = "GET", .path = "/mot-cua/giay-du-phong/{block}/in", .permission = "onestop.receive", .params = block_param, .handle = page_reserve_paper,
   .title = "onestop.title.paper", .flags = PAGE_SLOW},
  {.method = "GET", .path = "/mot-cua/don-vi", .permission = "onestop.oversee", .handle = page_units, .title = "onestop.title.units"},
  {.method = "GET", .path = "/mot-cua/nhat-ky", .permission = "onestop.log", .params = log_params, .handle = page_log, .title = "onestop.title.log"},
  {.method = "GET", .path = "/mot-cua/thu-phi", .permission = "onestop.cash", .params = day_param, .handle = page_cash, .title = "onestop.title.cash"},
  {.method = "GET", .path = "/mot-cua/ho-so/{code}", .permission = "onestop.list", .params = code_param, .handle = page_dossier, .title = "onestop.title.dossier"},
  {.method = "GET", .path = "/mot-cua/ho-so/{code}/giay/{paper}", .permission = "onestop.list", .params = paper_params, .handle = page_paper,
   .title = "onestop.title.paper", .flags = PAGE_SLOW},
  {.method = "GET", .path = "/mot-cua/ho-so/{code}/tep/{hash}", .permission = "onestop.list", .params = scan_params, .handle = page_scan, .title = "onestop.title.scan"},
  {.method = "POST", .path = "/mot-cua/ho-so/{code}/tra-cuu", .permission = "onestop.work", .params = code_param, .handle = page_check, .title = "onestop.title.dossier"},
  ACT("chuyen", "onestop.receive"), ACT("da-bo-sung", "onestop.receive"), ACT("rut", "onestop.receive"), ACT("tra-ket-qua", "onestop.receive"),
  ACT("thu-phi", "onestop.cash"), ACT("nhan-viec", "onestop.work"), ACT("ban-giao", "onestop.work"), ACT("hoi-lai", "onestop.work"),
  ACT("trinh", "onestop.work"), ACT("yeu-cau-bo-sung", "onestop.supplement"), ACT("tu-choi", "onestop.refuse"),
  ACT("duyet", "onestop.decide"), ACT("tra-lai", "onestop.decide"),
  /* Citizens */
  {.method = "GET", .path = "/tra-cuu", .handle = page_lookup, .title = "onestop.title.lookup", .rate = "60/60"},
  {.method = "POST", .path = "/tra-cuu", .handle = page_lookup_post, .title = "onestop.title.lookup", .flags = PAGE_NO_CSRF, .rate = "10/60"},
  {.method = "GET", .path = "/tra-cuu/{code}", .params = lookup_params, .handle = page_lookup_code, .title = "onestop.title.lookup", .rate = "60/60"},
};

static const struct permission permissions[] = {
  {"onestop.list", ROLE_COUNTER " " ROLE_SPECIALIST " " ROLE_DECIDER " " ROLE_HEAD, "onestop.permission.list"},
  {"onestop.receive", ROLE_COUNTER, "onestop.permission.receive"},
  {"onestop.cash", ROLE_COUNTER, "onestop.permission.cash"},
  {"onestop.oversee", ROLE_HEAD, "onestop.permission.oversee"},
  {"onestop.log", ROLE_ADMIN, "onestop.permission.log"},
  {"onestop.work", ROLE_SPECIALIST, "onestop.permission.work"},
  {"onestop.supplement", ROLE_COUNTER " " ROLE_SPECIALIST, "onestop.permission.supplement"},
  {"onestop.refuse", ROLE_COUNTER " " ROLE_DECIDER, "onestop.permission.refuse"},
  {"onestop.decide", ROLE_DECIDER, "onestop.permission.decide"},
  /* Certificate No. 2 shows expunged convictions: its paper and findings are for those who make and sign it. */
  {"onestop.record_two", ROLE_SPECIALIST " " ROLE_DECIDER, "onestop.permission.record_two"},
  {NULL, NULL, NULL},
};

static const struct job jobs[] = {{"sweep", 3600000, job_sweep}};

static const struct command commands[] = {
  {.name = "catalogue import", .usage = "FILE", .takes_file = true, .run = catalogue_import},
  {.name = "dossier succeed", .usage = "FILE", .takes_file = true, .run = dossier_succeed},
  {.name = "dossier seed", .usage = "--count N [--unit CODE]", .run = dossier_seed},
};

const struct system onestop_system = {
  .name = "onestop",
  .word = "onestop.name",
  .schema = &onestop_schema,
  .files = &onestop_file_names,
  .pages = pages, .page_count = sizeof pages / sizeof pages[0],
  .services = onestop_services, .service_count = 2,
  .permissions = permissions,
  .jobs = jobs, .job_count = sizeof jobs / sizeof jobs[0],
  .commands = commands, .command_count = sizeof commands / sizeof commands[0],
  .html = &onestop_html,
  .words = onestop_words, .words_count = 2,
  .open = catalogue_open,
  .answered = onestop_answered,
};
