/* Log-in, one's own account, accounts, units and calendar: table of contents. */
#include "systems/account/account.h"

#include "account_html.h"
#include "account_words.h"
#include "systems/account/commands.h"
#include "systems/account/load.h"
#include "systems/account/pages.h"

#define ANYBODY NULL
#define LOGGED_IN ""
#define ADMIN "account.admin"

static const struct param list_params[] = {{.name = "sau", .type = PARAM_CODE, .max = 60}, {0}};
static const struct param name_params[] = {{.name = "name", .type = PARAM_CODE, .max = 60, .required = true}, {0}};
static const struct param unit_params[] = {
  {.name = "ma", .type = PARAM_CODE, .max = 64}, {.name = "ngay", .type = PARAM_DATE}, {.name = "tim", .type = PARAM_TEXT, .max = 100}, {0}};
static const struct param year_params[] = {{.name = "nam", .type = PARAM_I64, .max = 9999}, {0}};
static const struct param action_params[] = {
  {.name = "subject", .type = PARAM_CODE, .max = 64, .required = true}, {.name = "truoc", .type = PARAM_I64, .max = INT64_MAX}, {0}};

static const struct page pages[] = {
  {.method = "GET", .path = "/", .permission = ANYBODY, .handle = page_front, .title = "account.title.front"},
  {.method = "GET", .path = "/rieng-tu", .permission = ANYBODY, .handle = page_privacy, .title = "account.title.privacy"},
  {.method = "GET", .path = "/tiep-can", .permission = ANYBODY, .handle = page_accessibility, .title = "account.title.accessibility"},

  {.method = "GET", .path = "/dang-nhap", .permission = ANYBODY, .handle = page_log_in, .title = "account.title.log_in"},
  {.method = "POST", .path = "/dang-nhap", .permission = ANYBODY, .handle = page_log_in_try, .title = "account.title.log_in",
   .flags = PAGE_NO_CSRF | PAGE_SLOW, .rate = "20/60"},
  {.method = "POST", .path = "/dang-xuat", .permission = LOGGED_IN, .handle = page_log_out, .title = "account.title.log_out"},
  {.method = "GET", .path = "/tai-khoan/don-vi", .permission = LOGGED_IN, .handle = page_choose_unit, .title = "account.title.choose_unit"},
  {.method = "POST", .path = "/tai-khoan/don-vi", .permission = LOGGED_IN, .handle = page_choose_unit_take, .title = "account.title.choose_unit"},

  {.method = "GET", .path = "/tai-khoan", .permission = LOGGED_IN, .handle = page_own, .title = "account.title.own"},
  {.method = "POST", .path = "/tai-khoan/phien", .permission = LOGGED_IN, .handle = page_session_end, .title = "account.title.own"},
  {.method = "GET", .path = "/tai-khoan/mat-khau", .permission = LOGGED_IN, .handle = page_password, .title = "account.title.password"},
  {.method = "POST", .path = "/tai-khoan/mat-khau", .permission = LOGGED_IN, .handle = page_password_change, .title = "account.title.password",
   .flags = PAGE_SLOW, .rate = "20/60"},

  {.method = "GET", .path = "/quan-tri/tai-khoan", .permission = ADMIN, .params = list_params, .handle = page_accounts, .title = "account.title.accounts"},
  {.method = "GET", .path = "/quan-tri/tai-khoan-moi", .permission = ADMIN, .handle = page_account_new, .title = "account.title.account_new"},
  {.method = "POST", .path = "/quan-tri/tai-khoan-moi", .permission = ADMIN, .handle = page_account_add, .title = "account.title.account_new", .flags = PAGE_SLOW},
  {.method = "GET", .path = "/quan-tri/tai-khoan/{name}", .permission = ADMIN, .params = name_params, .handle = page_account, .title = "account.title.account"},
  {.method = "POST", .path = "/quan-tri/tai-khoan/{name}/khoa", .permission = ADMIN, .params = name_params, .handle = page_account_lock, .title = "account.title.account"},
  {.method = "POST", .path = "/quan-tri/tai-khoan/{name}/mat-khau", .permission = ADMIN, .params = name_params, .handle = page_account_password,
   .title = "account.title.secrets", .flags = PAGE_SLOW},
  {.method = "POST", .path = "/quan-tri/tai-khoan/{name}/ma-xac-thuc", .permission = ADMIN, .params = name_params, .handle = page_account_totp,
   .title = "account.title.secrets"},
  {.method = "POST", .path = "/quan-tri/tai-khoan/{name}/vai-tro", .permission = ADMIN, .params = name_params, .handle = page_role_give, .title = "account.title.account"},
  {.method = "POST", .path = "/quan-tri/tai-khoan/{name}/vai-tro/ket-thuc", .permission = ADMIN, .params = name_params, .handle = page_role_end,
   .title = "account.title.account"},
  {.method = "GET", .path = "/quan-tri/nhat-ky/{subject}", .permission = ADMIN, .params = action_params, .handle = page_actions, .title = "account.title.actions"},

  {.method = "GET", .path = "/quan-tri/don-vi", .permission = LOGGED_IN, .params = unit_params, .handle = page_account_units, .title = "account.title.units"},
  {.method = "GET", .path = "/quan-tri/lich", .permission = LOGGED_IN, .params = year_params, .handle = page_calendar, .title = "account.title.calendar"},
  {.method = "POST", .path = "/quan-tri/lich", .permission = ADMIN, .params = year_params, .handle = page_day_put, .title = "account.title.calendar"},
  {.method = "POST", .path = "/quan-tri/lich/bo", .permission = ADMIN, .params = year_params, .handle = page_day_drop, .title = "account.title.calendar"},
};

static const struct permission permissions[] = {
  {ADMIN, ROLE_ADMIN, "account.permission.admin"},
  {NULL, NULL, NULL},
};

/* Another process on the same store may have changed units or calendar. */
static enum err refresh(struct cx *cx, struct here *here)
{
  return people_refresh(cx, here->people);
}

static const struct job jobs[] = {{"refresh", 1000, refresh}};

const struct system account_system = {
  .name = "account",
  .word = "account.system",
  .pages = pages, .page_count = sizeof pages / sizeof pages[0],
  .permissions = permissions,
  .jobs = jobs, .job_count = sizeof jobs / sizeof jobs[0],
  .commands = account_commands, .command_count = ACCOUNT_COMMANDS,
  .html = &account_html,
  .words = account_words, .words_count = 2,
  .open = load_files,
};
