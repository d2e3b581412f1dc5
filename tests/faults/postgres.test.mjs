// PostgreSQL is restarted under load, by the hard way: what could not be kept is refused with a page that says so or waits, what was
// answered is there, and the node goes on by itself.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { Platform, sleep } from '../lib/platform.mjs';
import { Cluster, noCluster as skip } from './cluster.mjs';
import { actForm, chance, codeOf, errorsOf, historyOf, insist, intakeForm, judicial, logIn, plain, unpaid } from './lib.mjs';

const restarts = 4, random = chance(Number(process.env.SEED ?? 11));
let cluster, platform, counter, going = true, number = 0;
const dossiers = [], told = new Map();

before(async () => {
  if (skip) return;
  cluster = await new Cluster().make();
  platform = await Platform.start({ stores: { province: `postgres:${cluster.conninfo}` } });
  counter = await logIn(platform, 'canbo.tiepnhan');
}, { timeout: 90000 });

after(async () => {
  going = false;
  await platform?.end();
  await cluster?.end();
});

async function desk() {
  const window = counter.again();
  while (going) {
    const n = ++number, values = n % 3 === 0 ? unpaid(n) : judicial(n, 'P');
    const form = await insist('a form of intake', () => intakeForm(window, values));
    const dossier = { identity: values.identity, done: [], sent: 0 };
    dossier.code = await insist('intake', async () => {
      dossier.sent++;
      const got = await window.post('/mot-cua/tiep-nhan', form);
      told.set(got.status, (told.get(got.status) ?? 0) + 1);
      if (got.status !== 303) assert.ok([409, 503].includes(got.status) && plain(got.text).length > 100, `${got.status} ${errorsOf(got)}`);
      return codeOf(got);
    }, 120000);
    dossiers.push(dossier);
    await insist('forwarding', async () => {
      const { path, form: act, page } = await actForm(window, dossier.code, 'chuyen');
      if (!act) return historyOf(page).includes('Chuyển xử lý');
      const got = await window.post(path, act);
      told.set(got.status, (told.get(got.status) ?? 0) + 1);
      return got.status === 303 && dossier.done.push('Chuyển xử lý');
    }, 120000);
    await sleep(20);
  }
  window.close();
}

test(`${restarts} hard restarts under load`, { skip, timeout: 240000 }, async (t) => {
  const load = [desk(), desk(), desk(), desk()];
  let failed;
  for (const one of load) one.catch((fault) => (failed = fault));
  for (let i = 0; i < restarts && !failed; i++) {
    await sleep(500 + random() * 1500);
    cluster.stop();
    await sleep(random() * 1500);
    cluster.start();
  }
  const back = Date.now();
  await insist('the node goes on by itself', async () => (await counter.get('/mot-cua')).status === 200, 30000);
  t.diagnostic(`${Date.now() - back} ms after the last start pages came again`);
  await sleep(1000);
  going = false;
  await Promise.allSettled(load);
  if (failed) throw failed;
  t.diagnostic(`${dossiers.length} dossiers, ${dossiers.filter((d) => d.sent > 1).length} sent again; answers ${JSON.stringify([...told])}`);
  assert.ok(dossiers.length > 20);
});

test('every step that was answered is there, once', { skip, timeout: 90000 }, async () => {
  for (const { code, identity, done } of dossiers) {
    const got = await counter.get(`/mot-cua/ho-so/${code}`);
    assert.equal(got.status, 200, code);
    assert.ok(got.text.includes(identity), code);
    for (const word of done) assert.equal(historyOf(got.text).split(` ${word} ·`).length, 2, code);
  }
  assert.equal(new Set(dossiers.map((d) => d.code)).size, dossiers.length);
  const sql = 'select identity, count(*) from onestop.dossier group by identity having count(*) > 1';
  assert.deepEqual(cluster.rows(sql), [], 'an intake sent again made a second dossier');
});
