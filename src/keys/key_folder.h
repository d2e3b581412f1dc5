/* The folder of private keys, as the keys process alone sees it: read whole before the process locks itself in, only added to
 * afterwards. One file a key, "NAME.pem", PKCS #8, mode 0600, in a folder of mode 0700; one process at a time. */
#ifndef KEYS_KEY_FOLDER_H
#define KEYS_KEY_FOLDER_H

#include "keys/inner.h"
#include <fcntl.h>

struct key_folder;
/* signing: ready to sign SHA-256 digests with it, kept because to make one anew for each signature costs a fifth of it. */
struct folder_key { char name[KEY_NAME_MAX + 1]; EVP_PKEY *key; enum key_algorithm kind; EVP_PKEY_CTX *signing; };

/* Makes the folder if it is missing. NULL, and a line on stderr, when the folder or a file in it is not as above: a key that
 * cannot be read must never be replaced in silence. */
struct key_folder *key_folder_open(const char *path);
void key_folder_close(struct key_folder *folder);
/* ERR_CONFLICT: there is a key of that name, of the other algorithm. ERR_STORAGE: it could not be written durably. */
MUST_USE enum err key_folder_make(struct key_folder *folder, const char *name, enum key_algorithm algorithm);
/* NULL: no key of that name. The folder keeps it. */
const struct folder_key *key_folder_find(const struct key_folder *folder, const char *name);
void folder_key_fill(struct folder_key *key); /* kind and signing, from key */
void folder_key_done(struct folder_key *key);

/* Locks the calling process in: after it, only what key_folder_make and serving a socket need is allowed, everything else
 * kills the process. False: the kernel would not. */
MUST_USE bool process_lock_in(void);
/* How key_folder_make opens a new file: never one that exists. The lock lets openat pass with these flags alone. */
#define KEY_FILE_FLAGS (O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC)

/* Serves requests on a socket until it is closed (0) or the other side breaks the protocol (1). */
int keys_process_serve(struct key_folder *folder, int socket);

#endif
