// PostgreSQL is restarted under load, by the hard way: what could not be kept is refused with a page that says so or waits, what was
// answered is there, and the node goes on by itself.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chownSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, chmod, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Platform, freePorts, sleep } from '../lib/platform.mjs';
import { actForm, chance, codeOf, errorsOf, historyOf, insist, intakeForm, judicial, logIn, plain, unpaid } from './lib.mjs';

const restarts = 4, random = chance(Number(process.env.SEED ?? 11));
const version = (() => { try { return readdirSync('/usr/lib/postgresql').sort((a, b) => b - a)[0]; } catch { return undefined; } })();
const bin = `/usr/lib/postgresql/${version}/bin`, skip = version ? false : 'PostgreSQL\'s server is not installed';
let cluster, platform, counter, going = true, number = 0;
const dossiers = [], told = new Map();

/** A cluster of this test alone: it is stopped and started while it is used. It syncs, because what it loses is the question. */
class Cluster {
  async make() {
    this.folder = await mkdtemp(join(tmpdir(), 'truc-cluster-'));
    await chmod(this.folder, 0o711);
    this.port = await freePorts(1);
    this.user = process.getuid() === 0 ? 'truc-test' : undefined;
    if (this.user) {
      try { execFileSync('id', ['-u', this.user], { stdio: 'ignore' }); } catch { execFileSync('useradd', ['--system', '--no-create-home', '--shell', '/usr/sbin/nologin', this.user]); }
    }
    mkdirSync(join(this.folder, 'run'));
    this.own(join(this.folder, 'run'));
    this.run('initdb', '-D', this.data, '-U', 'truc', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync');
    writeFileSync(join(this.data, 'postgresql.auto.conf'), `listen_addresses = '127.0.0.1'\nunix_socket_directories = ''\nmax_connections = 300\nshared_buffers = 32MB\nport = ${this.port}\n`);
    this.start();
  }

  get data() { return join(this.folder, 'run/data'); }
  get conninfo() { return `host=127.0.0.1 port=${this.port} user=truc dbname=postgres`; }
  own(path) { if (this.user) chownSync(path, Number(execFileSync('id', ['-u', this.user])), Number(execFileSync('id', ['-g', this.user]))); }
  run(program, ...words) {
    const prefix = this.user ? ['setpriv', '--reuid', this.user, '--regid', String(execFileSync('id', ['-g', this.user])).trim(), '--clear-groups', '--inh-caps=-all'] : [];
    const all = [...prefix, join(bin, program), ...words];
    execFileSync(all[0], all.slice(1), { stdio: ['ignore', 'ignore', 'ignore'], cwd: '/' });
  }
  start() { this.run('pg_ctl', '-D', this.data, '-w', '-l', join(this.folder, 'run/log'), 'start'); }
  stop() { this.run('pg_ctl', '-D', this.data, '-m', 'immediate', 'stop'); }
  async end() {
    try { this.stop(); } catch { /* it is down */ }
    await rm(this.folder, { recursive: true, force: true });
  }
}

before(async () => {
  if (skip) return;
  cluster = new Cluster();
  await cluster.make();
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
  const twice = execFileSync(join(bin, 'psql'), ['-At', cluster.conninfo, '-c', sql], { encoding: 'utf8' }).trim();
  assert.equal(twice, '', 'an intake sent again made a second dossier');
});
