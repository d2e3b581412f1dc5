/* Forms that took effect: one page worker writes them down for all who ended meanwhile, and answers them then. So no worker waits for the
 * disk with an answer in its hand, and one commit serves many. */
#include "web/web_inner.h"

#include "base/worker.h"
#include "web/web_sql.h"

static enum err write_in(struct cx *cx, struct tx *tx, void *arg)
{
  enum err err = OK;
  for (const struct visit *visit = arg; !err && visit; visit = visit->settled_before)
    err = sql_run(cx, tx, &web_sent_done, ARGS(V(visit->claim), V(visit->location), V(cx_now(cx))), NULL);
  return err;
}

/* All that wait; none: the next that comes starts anew. */
static struct visit *take(struct web *web)
{
  pthread_mutex_lock(&web->settling);
  struct visit *newest = web->settled;
  web->settled = NULL;
  web->settler = newest != NULL;
  pthread_mutex_unlock(&web->settling);
  return newest;
}

static void settle_all(void *arg)
{
  struct web *web = arg;
  struct visit *visit;
  while ((visit = take(web))) {
    struct cx *own = cx_new_alone(web->wish.clock, web->wish.log);
    /* They took effect; at worst they can be sent twice. */
    if (store_write(own, web->store, write_in, visit)) cx_log(own, LOG_WARN, "forms not settled", NULL);
    cx_free_alone(own);
    for (struct visit *before; visit; visit = before) {
      before = visit->settled_before;
      http_reply(visit->view.call, visit->view.answer); /* its memory goes with it */
    }
  }
}

void settled_answer(struct visit *visit)
{
  struct web *web = visit->view.web;
  pthread_mutex_lock(&web->settling);
  visit->settled_before = web->settled;
  web->settled = visit;
  bool start = !web->settler;
  web->settler = true;
  pthread_mutex_unlock(&web->settling);
  if (start && !workers_submit(web->wish.workers, settle_all, web)) settle_all(web);
}
