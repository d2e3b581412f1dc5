/* The systems whose pages the front page links to. */
#include "systems/account/entrances.h"

#include <stddef.h>

const struct entrance entrances[] = {
  {"onestop.list", "/mot-cua", "account.entrance.onestop", "account.entrance.onestop.text"},
  {"household.", "/ho-kinh-doanh", "account.entrance.household", "account.entrance.household.text"},
  {"justice.", "/ly-lich", "account.entrance.justice", "account.entrance.justice.text"},
  {"operator.", "/van-hanh", "account.entrance.operator", "account.entrance.operator.text"},
  {"account.admin", "/quan-tri/tai-khoan", "account.entrance.admin", "account.entrance.admin.text"},
  {"onestop.log", "/mot-cua/nhat-ky", "account.entrance.log", "account.entrance.log.text"},
  {NULL, NULL, NULL, NULL},
};
