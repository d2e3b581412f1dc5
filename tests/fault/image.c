/* The model of a drive: content and names that are durable, and what waits for a sync. A file's content becomes durable with its own
 * sync, a name with that of the folder it stands in, as POSIX promises and no more. */
#include "image.h"

#include <assert.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SECTOR = 512 };

struct content { uint8_t *data; size_t size, room; };
struct waiting { const struct drive_event **items; size_t count, room; };
struct place { char *path; int file; };
struct places { struct place *items; size_t count, room; };
struct disk_file { struct content durable, cache; struct waiting waiting; };

struct image {
  struct disk_file *files;
  int file_count;
  struct places durable, cache;
  struct waiting names;
};

/* ---- Content ---- */

static void content_resize(struct content *content, size_t size)
{
  if (size > content->room) {
    size_t room = size + size / 2 + 4096;
    content->data = realloc(content->data, room);
    assert(content->data);
    content->room = room;
  }
  if (size > content->size) memset(content->data + content->size, 0, size - content->size);
  content->size = size;
}

static void content_put(struct content *content, size_t offset, const uint8_t *data, size_t size)
{
  if (offset + size > content->size) content_resize(content, offset + size);
  memcpy(content->data + offset, data, size);
}

static void content_apply(struct content *content, const struct drive_event *event)
{
  if (event->change == DRIVE_WRITTEN) content_put(content, (size_t)event->offset, event->data, event->size);
  else content_resize(content, (size_t)event->offset);
}

static uint64_t next_random(uint64_t *state)
{
  uint64_t z = *state += 0x9e3779b97f4a7c15u;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
  z = (z ^ z >> 27) * 0x94d049bb133111ebu;
  return z ^ z >> 31;
}

/* Each sector that a write touches got there or not. */
static void content_tear(struct content *content, const struct drive_event *event, uint64_t *random)
{
  if (event->change == DRIVE_CUT && next_random(random) % 2) content_apply(content, event);
  for (size_t done = 0; event->change == DRIVE_WRITTEN && done < event->size;) {
    size_t at = (size_t)event->offset + done, part = SECTOR - at % SECTOR;
    if (part > event->size - done) part = event->size - done;
    if (next_random(random) % 2) content_put(content, at, event->data + done, part);
    done += part;
  }
}

/* ---- Names ---- */

static void waiting_add(struct waiting *waiting, const struct drive_event *event)
{
  if (waiting->count == waiting->room) {
    waiting->room = waiting->room ? 2 * waiting->room : 16;
    waiting->items = realloc(waiting->items, waiting->room * sizeof *waiting->items);
    assert(waiting->items);
  }
  waiting->items[waiting->count++] = event;
}

static void place_remove(struct places *places, const char *path)
{
  for (size_t i = 0; i < places->count; i++) {
    if (strcmp(places->items[i].path, path) != 0) continue;
    free(places->items[i].path);
    memmove(&places->items[i], &places->items[i + 1], (--places->count - i) * sizeof *places->items);
    return;
  }
}

static void place_add(struct places *places, const char *path, int file)
{
  place_remove(places, path);
  if (places->count == places->room) {
    places->room = places->room ? 2 * places->room : 16;
    places->items = realloc(places->items, places->room * sizeof *places->items);
    assert(places->items);
  }
  places->items[places->count++] = (struct place){strdup(path), file};
}

/* moved: the file of a name that is moved. */
static void place_apply(struct places *places, const struct drive_event *event, int moved)
{
  if (event->change == DRIVE_MADE) place_add(places, event->path, event->file);
  else place_remove(places, event->path);
  if (event->change == DRIVE_MOVED) place_add(places, event->to, moved);
}

static void places_free(struct places *places)
{
  for (size_t i = 0; i < places->count; i++) free(places->items[i].path);
  free(places->items);
  *places = (struct places){0};
}

static bool stands_in(const char *path, const char *folder)
{
  const char *slash = strrchr(path, '/');
  size_t size = slash ? (size_t)(slash - path) : 0;
  return strlen(folder) == size && strncmp(path, folder, size) == 0;
}

static int moved_file(const struct image *image, const struct drive_event *event)
{
  return event->change == DRIVE_MOVED ? (int)event->number : -1;
}

/* ---- The image ---- */

struct image *image_new(void)
{
  struct image *image = calloc(1, sizeof *image);
  assert(image);
  return image;
}

void image_free(struct image *image)
{
  for (int i = 0; i < image->file_count; i++) {
    free(image->files[i].durable.data);
    free(image->files[i].cache.data);
    free(image->files[i].waiting.items);
  }
  free(image->files);
  places_free(&image->durable);
  places_free(&image->cache);
  free(image->names.items);
  free(image);
}

static struct disk_file *file_of(struct image *image, int file)
{
  assert(file >= 0);
  if (file >= image->file_count) {
    image->files = realloc(image->files, ((size_t)file + 1) * sizeof *image->files);
    assert(image->files);
    memset(image->files + image->file_count, 0, ((size_t)file + 1 - (size_t)image->file_count) * sizeof *image->files);
    image->file_count = file + 1;
  }
  return &image->files[file];
}

static void file_synced(struct disk_file *file, bool good)
{
  for (size_t i = 0; good && i < file->waiting.count; i++) content_apply(&file->durable, file->waiting.items[i]);
  file->waiting.count = 0;
}

static void names_synced(struct image *image, const char *folder, bool good)
{
  size_t kept = 0;
  for (size_t i = 0; i < image->names.count; i++) {
    const struct drive_event *event = image->names.items[i];
    if (!stands_in(event->to ? event->to : event->path, folder)) image->names.items[kept++] = event;
    else if (good) place_apply(&image->durable, event, moved_file(image, event));
  }
  image->names.count = kept;
}

void image_take(struct image *image, const struct drive_event *event)
{
  switch (event->change) {
    case DRIVE_MADE:
    case DRIVE_MOVED:
    case DRIVE_REMOVED:
      if (event->change == DRIVE_MADE && event->file >= 0) file_of(image, event->file);
      waiting_add(&image->names, event);
      place_apply(&image->cache, event, moved_file(image, event));
      break;
    case DRIVE_WRITTEN:
    case DRIVE_CUT:
      waiting_add(&file_of(image, event->file)->waiting, event);
      content_apply(&file_of(image, event->file)->cache, event);
      break;
    case DRIVE_SYNCED:
    case DRIVE_SYNC_FAILED: file_synced(file_of(image, event->file), event->change == DRIVE_SYNCED); break;
    case DRIVE_NAMES_SYNCED:
    case DRIVE_NAMES_SYNC_FAILED: names_synced(image, event->path, event->change == DRIVE_NAMES_SYNCED); break;
    case DRIVE_TOLD: break;
  }
}

/* ---- Copies ---- */

static void file_write_out(const char *path, const struct disk_file *file, enum cut cut, uint64_t *random)
{
  const struct content *from = cut == CUT_NONE ? &file->cache : &file->durable;
  struct content content = {0};
  content_resize(&content, from->size);
  if (from->size) memcpy(content.data, from->data, from->size);
  for (size_t i = 0; cut == CUT_TEAR && i < file->waiting.count; i++) content_tear(&content, file->waiting.items[i], random);
  int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  assert(fd >= 0);
  ssize_t put = content.size ? write(fd, content.data, content.size) : 0;
  assert(put == (ssize_t)content.size);
  close(fd);
  free(content.data);
}

static void places_tear(struct places *out, const struct image *image, enum cut cut, uint64_t *random)
{
  const struct places *from = cut == CUT_NONE ? &image->cache : &image->durable;
  for (size_t i = 0; i < from->count; i++) place_add(out, from->items[i].path, from->items[i].file);
  for (size_t i = 0; cut == CUT_TEAR && i < image->names.count; i++)
    if (next_random(random) % 2) place_apply(out, image->names.items[i], moved_file(image, image->names.items[i]));
}

/* Folders first, and what stands in a folder that is not there is gone with it. */
static void place_write_out(const struct image *image, const struct places *places, const struct place *place, const char *folder, enum cut cut, uint64_t *random)
{
  char path[PATH_MAX], parent[PATH_MAX];
  struct stat status;
  snprintf(path, sizeof path, "%s/%s", folder, place->path);
  snprintf(parent, sizeof parent, "%.*s", (int)(strrchr(path, '/') - path), path);
  if (stat(parent, &status) != 0) return;
  if (place->file < 0) {
    int made = mkdir(path, 0700);
    assert(made == 0);
  } else {
    file_write_out(path, &image->files[place->file], cut, random);
  }
}

void image_write(const struct image *image, const char *folder, enum cut cut, uint64_t seed)
{
  struct places places = {0};
  uint64_t random = seed * 1000003 + 17;
  places_tear(&places, image, cut, &random);
  for (int files = 0; files < 2; files++)
    for (size_t i = 0; i < places.count; i++)
      if ((places.items[i].file >= 0) == files) place_write_out(image, &places, &places.items[i], folder, cut, &random);
  places_free(&places);
}
