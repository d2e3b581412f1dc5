/* Private keys in memory and on disk. Nothing is ever replaced: a new key is written under a name of its own, synced, and then
 * given its real name only if that is free. */
#include "keys/key_folder.h"

#include "base/text.h"

#include <dirent.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MAX = 16384, LOCK_TRIES = 200, LOCK_PAUSE_US = 10000, FOLDER_KEYS_MAX = 100000 };

struct key_folder { int fd; struct folder_key *keys; size_t count, room; }; /* keys: sorted by name */

static bool complain(const char *what, const char *name)
{
  fprintf(stderr, "keys: %s: %s\n", name, what);
  return false;
}

/* ---- In memory ---- */

void folder_key_fill(struct folder_key *key)
{
  key->kind = key_kind(key->key);
  key->signing = key->key ? EVP_PKEY_CTX_new(key->key, NULL) : NULL;
  bool good = key->signing && EVP_PKEY_sign_init(key->signing) == 1;
  if (key->kind == KEY_RSA2048) good = good && EVP_PKEY_CTX_set_rsa_padding(key->signing, RSA_PKCS1_PADDING) == 1;
  good = good && EVP_PKEY_CTX_set_signature_md(key->signing, sha256_method()) == 1;
  ERR_clear_error();
  if (good) return;
  EVP_PKEY_CTX_free(key->signing);
  key->signing = NULL;
}

void folder_key_done(struct folder_key *key)
{
  EVP_PKEY_CTX_free(key->signing);
  EVP_PKEY_free(key->key);
}

/* Where that name stands, or would stand. */
static size_t place(const struct key_folder *folder, const char *name, bool *found)
{
  size_t low = 0, high = folder->count;
  *found = false;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    int order = strcmp(folder->keys[middle].name, name);
    if (order == 0) *found = true;
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

const struct folder_key *key_folder_find(const struct key_folder *folder, const char *name)
{
  bool found;
  size_t at = place(folder, name, &found);
  return found ? &folder->keys[at] : NULL;
}

static void remember(struct key_folder *folder, const char *name, EVP_PKEY *key)
{
  bool found;
  size_t at = place(folder, name, &found);
  if (folder->count == folder->room) {
    folder->room = folder->room ? folder->room * 2 : 16;
    folder->keys = reallocarray(folder->keys, folder->room, sizeof *folder->keys);
    if (!folder->keys) abort();
  }
  memmove(folder->keys + at + 1, folder->keys + at, (folder->count - at) * sizeof *folder->keys);
  folder->keys[at] = (struct folder_key){.key = key};
  memcpy(folder->keys[at].name, name, strlen(name) + 1);
  folder_key_fill(&folder->keys[at]);
  folder->count++;
}

/* ---- Reading the folder ---- */

/* No terminal is asked: our keys have no pass phrase. */
static int no_phrase(char *out, int size, int writing, void *user)
{
  return -1;
}

static EVP_PKEY *key_read(int fd)
{
  char text[FILE_MAX];
  ssize_t size = read(fd, text, sizeof text);
  BIO *bio = size > 0 ? BIO_new_mem_buf(text, (int)size) : NULL;
  EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, no_phrase, NULL) : NULL;
  BIO_free(bio);
  OPENSSL_cleanse(text, sizeof text);
  ERR_clear_error();
  return key;
}

static bool private_thing(const struct stat *info)
{
  return info->st_uid == geteuid() && (info->st_mode & 077) == 0;
}

static bool load_file(struct key_folder *folder, const char *file, const char *name)
{
  struct stat info;
  int fd = openat(folder->fd, file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return complain(strerror(errno), file);
  bool good = fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && private_thing(&info) && info.st_size < FILE_MAX;
  EVP_PKEY *key = good ? key_read(fd) : NULL;
  close(fd);
  if (!good) return complain("not a file of this user alone (mode 0600)", file);
  if (key_kind(key)) {
    remember(folder, name, key);
    return true;
  }
  EVP_PKEY_free(key);
  return complain("not a private key for P-256 or RSA", file);
}

/* What a file is, by its name: a key, what a crash left of one, or none of ours. */
static bool load_entry(struct key_folder *folder, const char *file)
{
  char name[KEY_NAME_MAX + 1];
  const char *dot = strchr(file, '.');
  size_t size = dot ? (size_t)(dot - file) : 0;
  if (size == 0 || size > KEY_NAME_MAX) return true;
  memcpy(name, file, size);
  name[size] = '\0';
  const char *end = strrchr(file, '.');
  if (strcmp(end, ".new") == 0) return unlinkat(folder->fd, file, 0) == 0 || complain(strerror(errno), file);
  if (strcmp(dot, ".pem") != 0 || !key_name_good(name)) return true;
  return load_file(folder, file, name);
}

static bool load_all(struct key_folder *folder)
{
  int fd = openat(folder->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *entries = fd >= 0 ? fdopendir(fd) : NULL;
  if (!entries) return false;
  bool good = true;
  for (struct dirent *entry; good && (entry = readdir(entries));) good = load_entry(folder, entry->d_name);
  closedir(entries);
  return good;
}

/* A process that has just been killed may hold the lock for a moment more. */
static bool lock_folder(int fd)
{
  for (int i = 0; i < LOCK_TRIES; i++) {
    if (flock(fd, LOCK_EX | LOCK_NB) == 0) return true;
    usleep(LOCK_PAUSE_US);
  }
  return false;
}

struct key_folder *key_folder_open(const char *path)
{
  struct stat info;
  if (mkdir(path, 0700) != 0 && errno != EEXIST) return complain(strerror(errno), path), NULL;
  int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return complain(strerror(errno), path), NULL;
  struct key_folder *folder = calloc(1, sizeof *folder);
  if (!folder) abort();
  folder->fd = fd;
  bool good = (fstat(fd, &info) == 0 && private_thing(&info)) || complain("not a folder of this user alone (mode 0700)", path);
  good = good && (lock_folder(fd) || complain("another process serves these keys", path));
  if (good && load_all(folder)) return folder;
  key_folder_close(folder);
  return NULL;
}

void key_folder_close(struct key_folder *folder)
{
  for (size_t i = 0; i < folder->count; i++) folder_key_done(&folder->keys[i]);
  free(folder->keys);
  close(folder->fd);
  free(folder);
}

/* ---- Adding ---- */

static bool write_all(int fd, const char *data, size_t size)
{
  while (size > 0) {
    ssize_t wrote = write(fd, data, size);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return false;
    data += wrote;
    size -= (size_t)wrote;
  }
  return true;
}

/* The name while writing carries chance, since the lock lets nothing be deleted: what a failure leaves goes at the next start. */
static bool write_file(int folder, const char *name, const char *data, size_t size)
{
  uint64_t chance;
  char while_writing[KEY_NAME_MAX + 32], file[KEY_NAME_MAX + 8];
  random_bytes(&chance, sizeof chance);
  snprintf(while_writing, sizeof while_writing, "%s.%016llx.new", name, (unsigned long long)chance);
  snprintf(file, sizeof file, "%s.pem", name);
  int fd = openat(folder, while_writing, KEY_FILE_FLAGS, 0600);
  if (fd < 0) return complain(strerror(errno), file);
  bool good = write_all(fd, data, size) && fsync(fd) == 0;
  close(fd);
  good = good && renameat2(folder, while_writing, folder, file, RENAME_NOREPLACE) == 0 && fsync(folder) == 0;
  return good || complain(strerror(errno), file);
}

static bool save(struct key_folder *folder, const char *name, EVP_PKEY *key)
{
  char *data = NULL;
  BIO *bio = BIO_new(BIO_s_secmem());
  if (!bio || PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) != 1) abort();
  long size = BIO_get_mem_data(bio, &data);
  bool good = write_file(folder->fd, name, data, (size_t)size);
  BIO_free(bio);
  return good;
}

enum err key_folder_make(struct key_folder *folder, const char *name, enum key_algorithm algorithm)
{
  const struct folder_key *there = key_folder_find(folder, name);
  if (there) return there->kind == algorithm ? OK : ERR_CONFLICT;
  if (folder->count == FOLDER_KEYS_MAX) return ERR_TOO_MANY;
  EVP_PKEY *key = algorithm == KEY_P256 ? EVP_EC_gen("P-256") : EVP_RSA_gen(RSA_BITS_MIN);
  if (!key) return ERR_INTERNAL;
  if (save(folder, name, key)) {
    remember(folder, name, key);
    return OK;
  }
  EVP_PKEY_free(key);
  return ERR_STORAGE;
}
