/* The keys process from outside: what it signs, what it survives, and what it may not do. */
#include "keys/key_folder.h"
#include "keys/test_process.h"
#include "base/text.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static const struct clock clock_fixed = {.fixed_us = INT64_C(1790000000000000)};
static const uint8_t digest[DIGEST_SIZE] = {1, 2, 3, 4, 5};

static void check(struct test_process *t, const char *name, const uint8_t *of, const struct signature *signature)
{
  struct bytes spki;
  assert_int_equal(keys_public(t->cx, t->keys, name, &spki), OK);
  EVP_PKEY *key = public_key_read(spki);
  assert_non_null(key);
  assert_int_equal(signature_check(t->cx, key, of, signature), OK);
  EVP_PKEY_free(key);
}

static void signs_with_both_algorithms(void **state)
{
  struct test_process t;
  struct signature signature;
  test_process_start(&t, &clock_fixed);
  assert_int_equal(keys_make(t.cx, t.keys, "member-GOV-H01-07", KEY_P256), OK);
  assert_int_equal(keys_sign_wait(t.cx, t.keys, "member-GOV-H01-07", digest, &signature), OK);
  assert_int_equal(signature.size, 64);
  check(&t, "member-GOV-H01-07", digest, &signature);
  assert_int_equal(keys_make(t.cx, t.keys, "old", KEY_RSA2048), OK);
  assert_int_equal(keys_sign_wait(t.cx, t.keys, "old", digest, &signature), OK);
  assert_int_equal(signature.size, 256);
  check(&t, "old", digest, &signature);
  test_process_stop(&t);
}

static void refuses_what_is_not_there(void **state)
{
  struct test_process t;
  struct signature signature;
  struct bytes spki;
  test_process_start(&t, &clock_fixed);
  assert_int_equal(keys_public(t.cx, t.keys, "nobody", &spki), ERR_NOT_FOUND);
  assert_int_equal(keys_sign_wait(t.cx, t.keys, "nobody", digest, &signature), ERR_NOT_FOUND);
  const char *bad[] = {"", "a/b", "../a", "a.b", "ấ", "12345678901234567890123456789012345678901234567890123456789012345"};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) assert_int_equal(keys_make(t.cx, t.keys, bad[i], KEY_P256), ERR_INPUT);
  assert_string_equal(t.cx->problems.items[t.cx->problems.count - 1].key, "keys.error.name");
  test_process_stop(&t);
}

static void keeps_keys_in_private_files(void **state)
{
  struct test_process t;
  struct bytes before, after;
  struct stat info;
  char path[128];
  test_process_start(&t, &clock_fixed);
  assert_int_equal(keys_make(t.cx, t.keys, "gateway", KEY_P256), OK);
  assert_int_equal(keys_public(t.cx, t.keys, "gateway", &before), OK);
  assert_int_equal(keys_make(t.cx, t.keys, "gateway", KEY_P256), OK); /* there is one: nothing happens */
  assert_int_equal(keys_make(t.cx, t.keys, "gateway", KEY_RSA2048), ERR_CONFLICT);
  snprintf(path, sizeof path, "%s/gateway.pem", t.folder);
  assert_int_equal(stat(path, &info), 0);
  assert_int_equal(info.st_mode & 0777, 0600);
  keys_stop(t.keys);
  assert_int_equal(keys_start(t.cx, "/proc/self/exe", t.folder, &t.keys), OK);
  assert_int_equal(keys_public(t.cx, t.keys, "gateway", &after), OK);
  assert_int_equal(before.size, after.size);
  assert_memory_equal(before.data, after.data, after.size);
  test_process_stop(&t);
}

static void write_file(const char *path, const char *text, mode_t mode)
{
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);
  assert_true(fd >= 0);
  assert_int_equal(write(fd, text, strlen(text)), (int)strlen(text));
  close(fd);
}

/* key_folder_open says so on stderr; the test keeps that out of its own output. */
static struct key_folder *open_quietly(const char *path)
{
  int kept = dup(STDERR_FILENO), nowhere = open("/dev/null", O_WRONLY);
  dup2(nowhere, STDERR_FILENO);
  struct key_folder *folder = key_folder_open(path);
  dup2(kept, STDERR_FILENO);
  close(kept);
  close(nowhere);
  return folder;
}

static void refuses_a_folder_that_is_not_private(void **state)
{
  char folder[] = "/tmp/truc-keys-XXXXXX", path[128];
  assert_non_null(mkdtemp(folder));
  struct key_folder *opened = key_folder_open(folder);
  assert_non_null(opened);
  assert_int_equal(key_folder_make(opened, "a", KEY_P256), OK);
  key_folder_close(opened);
  snprintf(path, sizeof path, "%s/b.0123.new", folder); /* a crash left it */
  write_file(path, "half a key", 0600);
  opened = key_folder_open(folder);
  assert_non_null(opened);
  assert_non_null(key_folder_find(opened, "a"));
  key_folder_close(opened);
  assert_int_equal(access(path, F_OK), -1);
  assert_int_equal(chmod(folder, 0750), 0);
  assert_null(open_quietly(folder));
  assert_int_equal(chmod(folder, 0700), 0);
  snprintf(path, sizeof path, "%s/a.pem", folder);
  assert_int_equal(chmod(path, 0640), 0);
  assert_null(open_quietly(folder));
  snprintf(path, sizeof path, "%s/c.pem", folder);
  write_file(path, "no key", 0600);
  assert_null(open_quietly(folder));
  test_folder_remove(folder);
}

/* ---- Many at once, and deaths ---- */

enum { MANY = 600 };
struct tally { atomic_int answered, failed; struct signature signatures[MANY]; };
struct one { struct tally *tally; int index; };

static void one_done(void *user, enum err err, const struct signature *signature)
{
  struct one *one = user;
  if (err) atomic_fetch_add(&one->tally->failed, 1);
  else one->tally->signatures[one->index] = *signature;
  atomic_fetch_add(&one->tally->answered, 1);
}

static void wait_answered(struct tally *tally, int count)
{
  for (int i = 0; i < 20000 && atomic_load(&tally->answered) < count; i++) usleep(1000);
  assert_int_equal(atomic_load(&tally->answered), count);
}

static void digest_of(int index, uint8_t out[DIGEST_SIZE])
{
  sha256(&index, sizeof index, out);
}

static void sends_anew_when_the_process_dies(void **state)
{
  static struct tally tally;
  struct one ones[MANY];
  uint8_t of[DIGEST_SIZE];
  struct test_process t;
  test_process_start(&t, &clock_fixed);
  assert_int_equal(keys_make(t.cx, t.keys, "busy", KEY_P256), OK);
  int first = keys_process_pid(t.keys);
  for (int i = 0; i < MANY; i++) {
    ones[i] = (struct one){&tally, i};
    digest_of(i, of);
    keys_sign(t.keys, "busy", of, one_done, &ones[i]);
    if (i == MANY / 3) assert_int_equal(kill(keys_process_pid(t.keys), SIGKILL), 0);
  }
  wait_answered(&tally, MANY);
  assert_int_equal(atomic_load(&tally.failed), 0);
  assert_int_not_equal(keys_process_pid(t.keys), first);
  for (int i = 0; i < MANY; i += 37) {
    digest_of(i, of);
    check(&t, "busy", of, &tally.signatures[i]);
  }
  test_process_stop(&t);
}

static void ends_requests_that_no_process_survives(void **state)
{
  static struct tally tally;
  struct one one = {&tally, 0};
  struct test_process t;
  char path[128], hidden[128];
  test_process_start(&t, &clock_fixed);
  assert_int_equal(keys_make(t.cx, t.keys, "k", KEY_P256), OK);
  snprintf(path, sizeof path, "%s/k.pem", t.folder);
  snprintf(hidden, sizeof hidden, "%s/k.hidden", t.folder);
  /* Its folder is spoilt and the process killed: each new one refuses to start. */
  assert_int_equal(chmod(t.folder, 0755), 0);
  assert_int_equal(kill(keys_process_pid(t.keys), SIGKILL), 0);
  keys_sign(t.keys, "k", digest, one_done, &one);
  wait_answered(&tally, 1);
  assert_int_equal(atomic_load(&tally.failed), 1);
  /* And when the folder is right again, so is the process. */
  assert_int_equal(chmod(t.folder, 0700), 0);
  struct signature signature;
  assert_int_equal(keys_sign_wait(t.cx, t.keys, "k", digest, &signature), OK);
  check(&t, "k", digest, &signature);
  test_process_stop(&t);
}

static void start_fails_clearly(void **state)
{
  struct keys *keys;
  struct cx *cx = cx_new_alone(&clock_fixed, NULL);
  assert_int_equal(keys_start(cx, "/nonexistent/truc", "/tmp", &keys), ERR_STORAGE);
  assert_string_equal(cx->problems.items[0].key, "keys.error.start");
  cx_free_alone(cx);
}

static void stop_answers_what_was_asked(void **state)
{
  static struct tally tally;
  struct one ones[50];
  struct test_process t;
  test_process_start(&t, &clock_fixed);
  assert_int_equal(keys_make(t.cx, t.keys, "k", KEY_P256), OK);
  pid_t pid = keys_process_pid(t.keys);
  for (int i = 0; i < 50; i++) {
    ones[i] = (struct one){&tally, i};
    keys_sign(t.keys, "k", digest, one_done, &ones[i]);
  }
  keys_stop(t.keys);
  assert_int_equal(atomic_load(&tally.answered), 50);
  assert_int_equal(atomic_load(&tally.failed), 0);
  assert_true(kill(pid, 0) == -1 && errno == ESRCH);
  t.keys = NULL;
  test_process_stop(&t);
}

/* ---- The cage ---- */

static const char *status_line(int pid, const char *name, char *line, int size)
{
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/status", pid);
  FILE *file = fopen(path, "r");
  const char *found = NULL;
  while (file && !found && fgets(line, size, file))
    if (text_starts(line, name)) found = line + strlen(name);
  if (file) fclose(file);
  return found;
}

static void runs_behind_a_filter(void **state)
{
  struct test_process t;
  char line[256];
  test_process_start(&t, &clock_fixed);
  int pid = keys_process_pid(t.keys);
  const char *seccomp = status_line(pid, "Seccomp:", line, sizeof line);
  assert_non_null(seccomp);
  assert_int_equal(atoi(seccomp), 2);
  const char *privileges = status_line(pid, "NoNewPrivs:", line, sizeof line);
  assert_non_null(privileges);
  assert_int_equal(atoi(privileges), 1);
  const char *threads = status_line(pid, "Threads:", line, sizeof line);
  assert_non_null(threads);
  assert_int_equal(atoi(threads), 1);
  test_process_stop(&t);
}

static void try_socket(void) { syscall(SYS_socket, AF_INET, SOCK_STREAM, 0); }
static void try_connect(void) { syscall(SYS_connect, 3, NULL, 0); }
static void try_exec(void) { syscall(SYS_execve, "/bin/true", (const char *[]){"true", NULL}, (char *[]){NULL}); }
static void try_read(void) { syscall(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY); }
static void try_overwrite(void) { syscall(SYS_openat, AT_FDCWD, "/dev/null", O_WRONLY | O_CREAT); }
static void try_replace(void) { syscall(SYS_renameat2, AT_FDCWD, "a", AT_FDCWD, "b", 0); }
static void try_delete(void) { syscall(SYS_unlinkat, AT_FDCWD, "/tmp/truc-no-such-file", 0); }
static void try_fork(void) { syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0); }
static void try_trace(void) { syscall(SYS_ptrace, 16, getppid(), 0, 0); }
static void try_kill(void) { syscall(SYS_kill, getppid(), 0); }
static void try_code(void) { syscall(SYS_mmap, 0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); }
static void try_nothing(void) {}
static void try_allowed(void) { syscall(SYS_openat, AT_FDCWD, "/dev/null", KEY_FILE_FLAGS, 0600); }

/* How a process ends that locks itself in and then does that. */
static int caged(void (*deed)(void))
{
  int status = 0;
  pid_t pid = fork();
  if (pid == 0) {
    if (!process_lock_in()) _exit(9);
    deed();
    _exit(0);
  }
  assert_int_equal(waitpid(pid, &status, 0), pid);
  return status;
}

static void the_cage_kills_what_breaks_out(void **state)
{
  void (*const deeds[])(void) = {try_socket, try_connect, try_exec, try_read, try_overwrite, try_replace, try_delete,
                                 try_fork, try_trace, try_kill, try_code};
  for (size_t i = 0; i < sizeof deeds / sizeof deeds[0]; i++) {
    int status = caged(deeds[i]);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
  }
  assert_int_equal(caged(try_nothing), 0);
  assert_int_equal(caged(try_allowed), 0);
}

static void dies_with_its_parent(void **state)
{
  char folder[] = "/tmp/truc-keys-XXXXXX";
  int ends[2], keys_pid = 0;
  assert_non_null(mkdtemp(folder));
  assert_int_equal(pipe(ends), 0);
  pid_t parent = fork();
  if (parent == 0) {
    struct cx *cx = cx_new_alone(&clock_fixed, NULL);
    struct keys *keys;
    if (keys_start(cx, "/proc/self/exe", folder, &keys) != OK) _exit(1);
    int pid = keys_process_pid(keys);
    if (write(ends[1], &pid, sizeof pid) != sizeof pid) _exit(1);
    for (;;) pause();
  }
  assert_int_equal(read(ends[0], &keys_pid, sizeof keys_pid), (int)sizeof keys_pid);
  assert_int_equal(kill(keys_pid, 0), 0);
  kill(parent, SIGKILL);
  assert_int_equal(waitpid(parent, NULL, 0), parent);
  char line[256];
  const char *is = NULL;
  for (int i = 0; i < 2000; i++) {
    is = status_line(keys_pid, "State:", line, sizeof line);
    if (!is || strchr(is, 'Z')) break; /* gone, or waiting for init to notice */
    usleep(1000);
  }
  assert_true(!is || strchr(is, 'Z'));
  close(ends[0]);
  close(ends[1]);
  test_folder_remove(folder);
}

int main(int count, char **arguments)
{
  test_process_main(count, arguments);
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(signs_with_both_algorithms),
    cmocka_unit_test(refuses_what_is_not_there),
    cmocka_unit_test(keeps_keys_in_private_files),
    cmocka_unit_test(refuses_a_folder_that_is_not_private),
    cmocka_unit_test(sends_anew_when_the_process_dies),
    cmocka_unit_test(ends_requests_that_no_process_survives),
    cmocka_unit_test(start_fails_clearly),
    cmocka_unit_test(stop_answers_what_was_asked),
    cmocka_unit_test(runs_behind_a_filter),
    cmocka_unit_test(the_cage_kills_what_breaks_out),
    cmocka_unit_test(dies_with_its_parent),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
