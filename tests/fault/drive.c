/* The log of a drive, and the plan of its failures. One for the process, as the calls that it stands in for are. */
#include "drive.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct name { char *path; int file; };

static struct {
  pthread_mutex_t lock;
  char *folder;
  struct drive_event *events;
  size_t count, room;
  struct name *names;
  size_t name_count, name_room;
  int files;
  int64_t calls[DRIVE_CALLS], failures;
  enum drive_call broken;
  int64_t first, last;       /* of the calls of that kind that fail; last -1: none */
  int code;
  char *held;
  bool reached;              /* a sync is held */
  pthread_cond_t passing;
} drive = {.lock = PTHREAD_MUTEX_INITIALIZER, .last = -1, .passing = PTHREAD_COND_INITIALIZER};

void drive_lock(void) { pthread_mutex_lock(&drive.lock); }
void drive_unlock(void) { pthread_mutex_unlock(&drive.lock); }

/* ---- Beginning and end ---- */

static void folder_set(const char *folder)
{
  free(drive.folder);
  drive.folder = folder ? strdup(folder) : NULL;
}

static void plan_clear(void)
{
  memset(drive.calls, 0, sizeof drive.calls);
  drive.failures = 0;
  drive.last = -1;
}

void drive_start(const char *folder)
{
  drive_end();
  drive_lock();
  folder_set(folder);
  drive_unlock();
}

void drive_go_on(const char *folder)
{
  drive_lock();
  folder_set(folder);
  plan_clear();
  drive_unlock();
}

void drive_stop(void)
{
  drive_lock();
  folder_set(NULL);
  drive_unlock();
}

void drive_end(void)
{
  drive_lock();
  folder_set(NULL);
  for (size_t i = 0; i < drive.count; i++) {
    free(drive.events[i].data);
    free(drive.events[i].path);
    free(drive.events[i].to);
  }
  for (size_t i = 0; i < drive.name_count; i++) free(drive.names[i].path);
  free(drive.events);
  free(drive.names);
  drive.events = NULL;
  drive.names = NULL;
  drive.count = drive.room = drive.name_count = drive.name_room = 0;
  drive.files = 0;
  plan_clear();
  drive_unlock();
}

/* ---- The log ---- */

size_t drive_event_count(void) { return drive.count; }
const struct drive_event *drive_event_at(size_t index) { return &drive.events[index]; }

const char *drive_below(const char *path)
{
  if (!drive.folder || !path) return NULL;
  size_t size = strlen(drive.folder);
  if (strncmp(path, drive.folder, size) != 0 || (path[size] && path[size] != '/')) return NULL;
  return path[size] ? path + size + 1 : path + size;
}

static struct name *name_find(const char *below)
{
  for (size_t i = 0; i < drive.name_count; i++)
    if (strcmp(drive.names[i].path, below) == 0) return &drive.names[i];
  return NULL;
}

static void name_remove(const char *below)
{
  struct name *name = name_find(below);
  if (!name) return;
  free(name->path);
  *name = drive.names[--drive.name_count];
}

static void name_add(const char *below, int file)
{
  name_remove(below);
  if (drive.name_count == drive.name_room) {
    drive.name_room = drive.name_room ? 2 * drive.name_room : 64;
    drive.names = realloc(drive.names, drive.name_room * sizeof *drive.names);
    assert(drive.names);
  }
  drive.names[drive.name_count++] = (struct name){strdup(below), file};
}

bool drive_knows(const char *below) { return name_find(below) != NULL; }

int drive_file(const char *below)
{
  struct name *name = name_find(below);
  if (name) return name->file;
  name_add(below, drive.files);
  return drive.files++;
}

/* Names live as the changes go by: a file keeps its number under its new name. */
static void names_follow(struct drive_event *event)
{
  const struct name *name = event->path ? name_find(event->path) : NULL;
  if (event->change == DRIVE_MOVED && name) {
    event->number = name->file;
    name_add(event->to, name->file);
    name_remove(event->path);
  }
  if (event->change == DRIVE_REMOVED) name_remove(event->path);
}

void drive_note(struct drive_event event)
{
  if (drive.count == drive.room) {
    drive.room = drive.room ? 2 * drive.room : 1024;
    drive.events = realloc(drive.events, drive.room * sizeof *drive.events);
    assert(drive.events);
  }
  names_follow(&event);
  if (event.path) event.path = strdup(event.path);
  if (event.to) event.to = strdup(event.to);
  if (event.data) {
    uint8_t *copy = malloc(event.size + 1);
    assert(copy);
    memcpy(copy, event.data, event.size);
    event.data = copy;
  }
  drive.events[drive.count++] = event;
}

void drive_tell(int64_t number)
{
  drive_lock();
  if (drive.folder) drive_note((struct drive_event){.change = DRIVE_TOLD, .number = number});
  drive_unlock();
}

/* ---- Failures ---- */

void drive_break(enum drive_call call, int64_t n, int code, int64_t more)
{
  drive_lock();
  plan_clear();
  drive.broken = call;
  drive.first = n;
  drive.last = n + more;
  drive.code = code;
  drive_unlock();
}

void drive_mend(void)
{
  drive_lock();
  plan_clear();
  drive_unlock();
}

int64_t drive_calls(enum drive_call call) { return drive.calls[call]; }
int64_t drive_failures(void) { return drive.failures; }

int drive_try(enum drive_call call)
{
  int64_t n = drive.calls[call]++;
  if (call != drive.broken || n < drive.first || n > drive.last) return 0;
  drive.failures++;
  return drive.code;
}

/* ---- Slow syncs ---- */

void drive_hold(const char *below)
{
  drive_lock();
  drive.held = strdup(below);
  drive.reached = false;
  drive_unlock();
}

void drive_release(void)
{
  drive_lock();
  free(drive.held);
  drive.held = NULL;
  pthread_cond_broadcast(&drive.passing);
  drive_unlock();
}

void drive_wait_held(void)
{
  drive_lock();
  while (drive.held && !drive.reached) pthread_cond_wait(&drive.passing, &drive.lock);
  drive_unlock();
}

void drive_pass(int file)
{
  const struct name *name;
  while (drive.held && (name = name_find(drive.held)) && name->file == file) {
    drive.reached = true;
    pthread_cond_broadcast(&drive.passing);
    pthread_cond_wait(&drive.passing, &drive.lock);
  }
}
