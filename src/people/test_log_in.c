/* Logging in on both engines: what lets nobody in, what counts once, what shuts the door. */
#include "people/test_support.h"

#include <pthread.h>

#define GOOD "đêm trăng bên sông"

static const uint8_t secret[20] = "abcdefghijklmnopqrst";

static int64_t add(struct fixture *f, const char *name, const uint8_t *totp)
{
  const struct account account = {.name = name, .full_name = "Trần Thị Mỹ Duyên", .language = "vi"};
  int64_t id = 0;
  assert_int_equal(account_add(f->cx, f->people, &account, GOOD, totp, &id), OK);
  assert_true(id > 0);
  return id;
}

static enum err log_in(struct fixture *f, const char *name, const char *password, const char *code)
{
  int64_t id = 0;
  enum err err = account_log_in(f->cx, f->people, name, password, code, &id);
  assert_int_equal(err == OK, id > 0);
  if (err) assert_problem(f->cx, err == ERR_WHO ? "account.error.log_in" : "account.error.locked_out", NULL);
  return err;
}

static const char *code_at(struct fixture *f, int64_t later_us)
{
  char *code = arena_alloc(f->cx->arena, 7);
  totp_code(secret, sizeof secret, clock_now(&f->clock) + later_us, code);
  return code;
}

static void test_log_in(void **state)
{
  struct fixture *f = fixture_of(state);
  add(f, "canbo", NULL);
  assert_int_equal(log_in(f, "canbo", GOOD, NULL), OK);
  assert_int_equal(log_in(f, "CanBo", GOOD, ""), OK);
  assert_int_equal(log_in(f, "canbo", "sai mật khẩu", NULL), ERR_WHO);
  assert_int_equal(log_in(f, "khongco", GOOD, NULL), ERR_WHO);
  assert_int_equal(log_in(f, "", "", NULL), ERR_WHO);
  assert_int_equal(log_in(f, NULL, NULL, NULL), ERR_WHO);
}

static void test_code_counts_once(void **state)
{
  struct fixture *f = fixture_of(state);
  add(f, "canbo", secret);
  assert_int_equal(log_in(f, "canbo", GOOD, NULL), ERR_WHO);
  assert_int_equal(log_in(f, "canbo", "sai mật khẩu", code_at(f, 0)), ERR_WHO);
  const char *code = code_at(f, 0);
  assert_int_equal(log_in(f, "canbo", GOOD, code), OK);
  assert_int_equal(log_in(f, "canbo", GOOD, code), ERR_WHO);
  /* An older step than the one that was used counts as used too. */
  assert_int_equal(log_in(f, "canbo", GOOD, code_at(f, -30 * SECOND_US)), ERR_WHO);
  f->clock.fixed_us += 30 * SECOND_US;
  assert_int_equal(log_in(f, "canbo", GOOD, code), ERR_WHO);
  assert_int_equal(log_in(f, "canbo", GOOD, code_at(f, 0)), OK);
}

static void test_a_new_authenticator(void **state)
{
  struct fixture *f = fixture_of(state);
  static const uint8_t other[20] = "tsrqponmlkjihgfedcba";
  int64_t id = add(f, "canbo", secret);
  assert_int_equal(log_in(f, "canbo", GOOD, code_at(f, 0)), OK);
  assert_int_equal(account_set_totp(f->cx, f->people, id, other), OK);
  assert_int_equal(log_in(f, "canbo", GOOD, code_at(f, 0)), ERR_WHO);
  char code[7];
  totp_code(other, sizeof other, clock_now(&f->clock), code);
  assert_int_equal(log_in(f, "canbo", GOOD, code), OK);
  assert_int_equal(account_set_totp(f->cx, f->people, id, NULL), OK);
  assert_int_equal(log_in(f, "canbo", GOOD, NULL), OK);
}

static void test_locked(void **state)
{
  struct fixture *f = fixture_of(state);
  int64_t id = add(f, "canbo", NULL);
  assert_int_equal(account_lock(f->cx, f->people, id, true), OK);
  assert_int_equal(log_in(f, "canbo", GOOD, NULL), ERR_WHO);
  assert_int_equal(account_lock(f->cx, f->people, id, false), OK);
  assert_int_equal(log_in(f, "canbo", GOOD, NULL), OK);
  assert_int_equal(account_lock(f->cx, f->people, id + 1, true), ERR_NOT_FOUND);
}

/* Ten wrong ones shut the door for 15 minutes, to the right password too; also when the name is nobody's, and whichever
 * process of the node asks. */
static void shut_out(struct fixture *f, const char *name)
{
  for (int i = 0; i < 10; i++) {
    assert_int_equal(log_in(f, name, "sai mật khẩu", NULL), ERR_WHO);
    f->clock.fixed_us += SECOND_US;
  }
  assert_int_equal(log_in(f, name, GOOD, NULL), ERR_TOO_MANY);
  struct people *mine = f->people;
  f->people = fixture_again(f);
  assert_int_equal(log_in(f, name, GOOD, NULL), ERR_TOO_MANY);
  people_close(f->people);
  f->people = mine;
}

static void test_shut_out(void **state)
{
  struct fixture *f = fixture_of(state);
  add(f, "canbo", NULL);
  add(f, "nguoikhac", NULL);
  shut_out(f, "canbo");
  assert_int_equal(log_in(f, "nguoikhac", GOOD, NULL), OK);
  f->clock.fixed_us += 15 * MINUTE_US - 2 * SECOND_US;
  assert_int_equal(log_in(f, "canbo", GOOD, NULL), ERR_TOO_MANY);
  f->clock.fixed_us += 2 * SECOND_US;
  assert_int_equal(log_in(f, "canbo", GOOD, NULL), OK);
}

static void test_shut_out_of_an_unknown_name(void **state)
{
  shut_out(fixture_of(state), "khongco");
}

static void test_a_good_one_takes_the_count_back(void **state)
{
  struct fixture *f = fixture_of(state);
  add(f, "canbo", NULL);
  for (int i = 0; i < 9; i++) assert_int_equal(log_in(f, "canbo", "sai mật khẩu", NULL), ERR_WHO);
  assert_int_equal(log_in(f, "canbo", GOOD, NULL), OK);
  for (int i = 0; i < 9; i++) assert_int_equal(log_in(f, "canbo", "sai mật khẩu", NULL), ERR_WHO);
  f->clock.fixed_us += 16 * MINUTE_US;
  for (int i = 0; i < 2; i++) assert_int_equal(log_in(f, "canbo", "sai mật khẩu", NULL), ERR_WHO);
  assert_int_equal(log_in(f, "canbo", GOOD, NULL), OK);
}

struct racer { struct fixture *fixture; enum err err; };

static void *race(void *arg)
{
  struct racer *racer = arg;
  struct cx *cx = cx_new_alone(&racer->fixture->clock, NULL);
  int64_t id;
  racer->err = account_log_in(cx, racer->fixture->people, "canbo", "sai mật khẩu", NULL, &id);
  cx_free_alone(cx);
  return NULL;
}

static void test_many_at_once_do_not_outrun_the_count(void **state)
{
  struct fixture *f = fixture_of(state);
  enum { RACERS = 11 };
  struct racer racers[RACERS];
  pthread_t threads[RACERS];
  int wrong = 0;
  add(f, "canbo", NULL);
  for (int i = 0; i < RACERS; i++) {
    racers[i].fixture = f;
    assert_int_equal(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
  }
  for (int i = 0; i < RACERS; i++) {
    pthread_join(threads[i], NULL);
    wrong += racers[i].err == ERR_WHO;
    assert_true(racers[i].err == ERR_WHO || racers[i].err == ERR_TOO_MANY || racers[i].err == ERR_BUSY);
  }
  assert_true(wrong <= 10);
}

static void test_change_password(void **state)
{
  struct fixture *f = fixture_of(state);
  int64_t id = add(f, "canbo", secret);
  assert_int_equal(account_change_password(f->cx, f->people, id, "sai mật khẩu", "gió lùa qua khe cửa"), ERR_WHO);
  assert_problem(f->cx, "account.error.old_password", "old_password");
  assert_int_equal(account_change_password(f->cx, f->people, id, GOOD, "ngắn"), ERR_INPUT);
  assert_problem(f->cx, "account.error.password_short", "password");
  assert_int_equal(account_change_password(f->cx, f->people, id, GOOD, "gió lùa qua khe cửa"), OK);
  assert_int_equal(log_in(f, "canbo", GOOD, code_at(f, 0)), ERR_WHO);
  assert_int_equal(log_in(f, "canbo", "gió lùa qua khe cửa", code_at(f, 0)), OK);
  assert_int_equal(account_set_password(f->cx, f->people, id, "bảy con thuyền gỗ"), OK);
  f->clock.fixed_us += MINUTE_US;
  assert_int_equal(log_in(f, "canbo", "bảy con thuyền gỗ", code_at(f, 0)), OK);
}

/* argon2id makes log-ins slow: what differs in no statement from a test above runs on one engine. */
#define ON_SQLITE(test) cmocka_unit_test_setup_teardown(test, fixture_setup_sqlite, fixture_teardown)

int main(void)
{
  const struct CMUnitTest tests[] = {
    ON_BOTH(test_log_in), ON_BOTH(test_code_counts_once), ON_SQLITE(test_a_new_authenticator), ON_SQLITE(test_locked), ON_BOTH(test_shut_out),
    ON_SQLITE(test_shut_out_of_an_unknown_name), ON_SQLITE(test_a_good_one_takes_the_count_back),
    ON_BOTH(test_many_at_once_do_not_outrun_the_count), ON_SQLITE(test_change_password),
  };
  return cmocka_run_group_tests_name("people_log_in", tests, NULL, NULL);
}
