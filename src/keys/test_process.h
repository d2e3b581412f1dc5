/* For tests that need a keys process: the test's own binary, run again as `test keys --folder FOLDER`, is one. */
#ifndef KEYS_TEST_PROCESS_H
#define KEYS_TEST_PROCESS_H

#include "keys/keys.h"

/* First line of main: becomes the keys process when asked to. */
void test_process_main(int count, char **arguments);
struct test_process { struct cx *cx; struct keys *keys; char folder[64]; };
void test_process_start(struct test_process *process, const struct clock *clock);
void test_process_stop(struct test_process *process); /* and removes the folder */
void test_folder_remove(const char *folder);

#endif
