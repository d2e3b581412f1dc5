/* Starting and ending the keys process. */
#include "keys/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { END_TRIES = 3000, END_PAUSE_US = 1000 };

static int attributes_fill(posix_spawnattr_t *attributes)
{
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  int failed = posix_spawnattr_setsigmask(attributes, &none);
  if (!failed) failed = posix_spawnattr_setsigdefault(attributes, &all);
  if (!failed) failed = posix_spawnattr_setpgroup(attributes, 0);
  if (!failed) failed = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  return failed;
}

static int actions_fill(posix_spawn_file_actions_t *actions, int socket)
{
  int failed = posix_spawn_file_actions_adddup2(actions, socket, KEYS_SOCKET);
  if (!failed) failed = posix_spawn_file_actions_addclosefrom_np(actions, KEYS_SOCKET + 1);
  if (!failed) failed = posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  if (!failed) failed = posix_spawn_file_actions_addopen(actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  return failed;
}

static int spawn(struct child *child, const char *executable, const char *folder, int socket)
{
  const char *const arguments[] = {"truc", "keys", "--folder", folder, NULL};
  char *const environment[] = {NULL};
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_t actions;
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_init(&actions);
  int failed = attributes_fill(&attributes);
  if (!failed) failed = actions_fill(&actions, socket);
  if (!failed) failed = posix_spawn(&child->pid, executable, &actions, &attributes, (char *const *)arguments, environment);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  return failed;
}

bool child_start(struct child *child, const char *executable, const char *folder)
{
  int ends[2];
  *child = (struct child){.socket = -1};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return false;
  int failed = fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0 ? spawn(child, executable, folder, ends[1]) : errno;
  close(ends[1]);
  if (failed) {
    close(ends[0]);
    *child = (struct child){.socket = -1};
    errno = failed;
    return false;
  }
  child->socket = ends[0];
  return true;
}

int child_end(struct child *child, bool patiently)
{
  if (child->pid == 0) return -1;
  int status = -1;
  pid_t ended = 0;
  close(child->socket);
  for (int i = 0; patiently && ended == 0 && i < END_TRIES; i++) {
    ended = waitpid(child->pid, &status, WNOHANG);
    if (ended == 0) usleep(END_PAUSE_US);
  }
  if (ended == 0) {
    kill(child->pid, SIGKILL);
    while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR) {}
  }
  *child = (struct child){.socket = -1};
  return status;
}
