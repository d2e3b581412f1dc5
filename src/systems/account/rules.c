/* Pure decisions of the account pages. */
#include "systems/account/rules.h"

#include "base/text.h"
#include <string.h>

const struct entrance entrances[] = {
  {"onestop.", "/mot-cua", "account.entrance.onestop", "account.entrance.onestop.text"},
  {"household.", "/ho-kinh-doanh", "account.entrance.household", "account.entrance.household.text"},
  {"justice.", "/ly-lich", "account.entrance.justice", "account.entrance.justice.text"},
  {"operator.", "/van-hanh", "account.entrance.operator", "account.entrance.operator.text"},
  {"account.admin", "/quan-tri/tai-khoan", "account.entrance.admin", "account.entrance.admin.text"},
  {NULL, NULL, NULL, NULL},
};

const char *next_page(const char *wanted)
{
  if (!wanted || wanted[0] != '/' || wanted[1] == '/' || wanted[1] == '\\') return "/";
  for (const char *at = wanted; *at; at++)
    if ((unsigned char)*at <= ' ' || *at == 127 || *at == '\\') return "/";
  if (text_starts(wanted, "/dang-nhap") || text_starts(wanted, "/dang-xuat")) return "/";
  return wanted;
}
