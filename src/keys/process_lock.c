/* The system calls that are left to the keys process. Whoever takes it over can sign, until the node is stopped, but can open no
 * file that exists (KEY_FILE_FLAGS makes new ones only), reach no network, start no program and map no code. */
#include "keys/key_folder.h"

#include <seccomp.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

/* recvfrom and sendto need a socket that is open already: socket and connect are not here. */
static const int allowed[] = {
  SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(recvfrom), SCMP_SYS(sendto), SCMP_SYS(close), SCMP_SYS(fsync), SCMP_SYS(newfstatat),
  SCMP_SYS(fstat), SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(futex), SCMP_SYS(getrandom),
  SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday), SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(rt_sigprocmask),
  SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigreturn), SCMP_SYS(restart_syscall), SCMP_SYS(exit), SCMP_SYS(exit_group),
#ifdef TRUC_SANITIZED
  /* What the sanitizers' allocator and reports call. */
  SCMP_SYS(sched_yield), SCMP_SYS(sigaltstack), SCMP_SYS(readlink), SCMP_SYS(getrlimit), SCMP_SYS(prlimit64),
#endif
};

static bool allow_plain(scmp_filter_ctx filter)
{
  for (size_t i = 0; i < sizeof allowed / sizeof allowed[0]; i++)
    if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0) != 0) return false;
  return true;
}

static bool allow_guarded(scmp_filter_ctx filter)
{
  return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1, SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid())) == 0 &&
         seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)) == 0 &&
         seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)) == 0 &&
         seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(openat), 1, SCMP_A2(SCMP_CMP_EQ, KEY_FILE_FLAGS)) == 0 &&
         seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(renameat2), 1, SCMP_A4(SCMP_CMP_EQ, RENAME_NOREPLACE)) == 0;
}

bool process_lock_in(void)
{
  scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
  if (!filter) return false;
  bool good = allow_plain(filter) && allow_guarded(filter) && seccomp_load(filter) == 0;
  seccomp_release(filter);
  return good;
}
