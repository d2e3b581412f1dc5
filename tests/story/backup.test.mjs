// A province loses its machine. What `truc backup` took of the running node becomes a node again on an empty one: dossiers, files and
// look-ups are there, old receipts hold, new ones come from a journal of its own name. And what is damaged is found and named.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmod, copyFile, mkdtemp, open as openFile, readFile, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Platform, freePorts, root, run, truc, until } from '../lib/platform.mjs';
import { open, logIn } from '../lib/browser.mjs';
import { act, cardText, openDossier, openIntake, readCard, receive, said, tick, type, waitFor, workList } from '../lib/office.mjs';

const tax = 'H01/GOV/H01.20/tax';
let platform, browser, folder, key, server, restored, code, later, oldReceipt, load;

const at = (...names) => join(folder, ...names);
const node = () => join(platform.var, 'province');
/** {code, out, err} of a command that may fail. */
const tried = (...args) => run(truc, args, { cwd: root, maxBuffer: 64 << 20, env: { ...process.env, LANG: 'C' } })
  .then(({ stdout, stderr }) => ({ code: 0, out: stdout, err: stderr }), (e) => ({ code: e.code, out: e.stdout, err: e.stderr }));
const copy = (from, to) => run('cp', ['-a', from, to]);

async function flip(path, place) {
  const file = await openFile(path, 'r+'), byte = Buffer.alloc(1);
  await file.read(byte, 0, 1, place);
  byte[0] ^= 0x10;
  await file.write(byte, 0, 1, place);
  await file.close();
}

async function files(path) {
  const found = [];
  for (const entry of await readdir(path, { withFileTypes: true })) {
    const below = join(path, entry.name);
    if (entry.isDirectory()) found.push(...(await files(below)));
    else found.push(below);
  }
  return found;
}

/** An intake of which a scan is kept as a file. */
async function intake(page, on, full_name, identity) {
  await openIntake(page, on, /Phiếu lý lịch tư pháp/);
  await readCard(page, cardText({ full_name, identity, birth_date: '12/05/1992', sex: 'male', residence: 'Số 5, khóm 3, phường Long Xuyên' }));
  await type(page, { phone: '0912345678', birth_place: 'An Giang', father_name: 'Lâm Văn Cha', mother_name: 'Ngô Thị Mẹ', purpose: 'Xin việc làm', certificate_kind: '1', means: 'cash', series: 'LT', number: identity.slice(-6) });
  await tick(page, 'request', 'original');
  await tick(page, 'identity', 'copy', join(root, 'tests/story/scan.pdf'));
  return receive(page);
}

const ask = async (on, path, token = platform.token(tax)) => {
  const got = await fetch(`${on.url('province', 'axis')}${path}`, { headers: { 'X-Road-Client': tax, 'Axis-Token': token } });
  await got.arrayBuffer();
  return got;
};

/** The receipt of an entry, once a checkpoint covers it. */
async function receipt(on, index, path) {
  const got = await until('a receipt', async () => (await on.command('axis', 'receipt', '--node', on.folder ?? node(), '--index', String(index))).stdout);
  await writeFile(path, got);
  return path;
}

/** Asks and changes that go on until told to end. */
function underLoad() {
  let on = true, exchanges = 0;
  const work = (async () => {
    while (on) if ((await ask(platform, '/r1/H01/GOV/H01.07/household/listMethods')).status === 200) exchanges++;
  })();
  const seed = (async () => {
    while (on) await platform.command('dossier', 'seed', '--node', node(), '--count', '20');
  })();
  return { end: async () => { on = false; await Promise.all([work, seed]); return exchanges; } };
}

before(async () => {
  platform = await Platform.start();
  folder = await mkdtemp(join(tmpdir(), 'truc-backup-'));
  browser = await open();
  const counter = await logIn(browser, platform, 'canbo.tiepnhan'), specialist = await logIn(browser, platform, 'chuyenvien.llt');
  await platform.command('dossier', 'seed', '--node', node(), '--count', '100');
  code = await intake(counter, platform, 'Lưu Quang Vinh', '000092000902');
  await act(counter, platform, code, 'chuyen');
  await openDossier(specialist, platform, code);
  await waitFor(specialist, 'Không có án tích');
  later = await intake(counter, platform, 'Sơn Thị Hoa', '000192000103');
  key = (await platform.command('axis', 'key', '--node', node())).stdout.trim();
  const got = await ask(platform, '/r1/H01/GOV/H01.07/household/listMethods');
  oldReceipt = await receipt(platform, got.headers.get('axis-receipt').split(':')[1], at('old.receipt'));
}, { timeout: 180000 });

after(async () => {
  await load?.end().catch(() => {});
  server?.kill();
  await browser?.close();
  await platform?.end();
  if (!process.env.TRUC_KEEP) await rm(folder, { recursive: true, force: true });
});

test('a running node under load is backed up, to a folder and to a tar; its keys only when that is said', async () => {
  load = underLoad();
  const whole = await platform.command('backup', '--node', node(), '--to', at('backup'), '--with-keys');
  assert.match(whole.stdout, /backup: \d+ files, \d+ bytes, journal H01\/gateway\/journal-1/);
  const keyless = await platform.command('backup', '--node', node(), '--to', at('backup.tar'));
  assert.match(keyless.stdout, /keys folder is not in it/);
  const exchanges = await load.end();
  load = undefined;
  assert.ok(exchanges > 0, 'nothing ran meanwhile');
  for (const path of await files(at('backup'))) assert.equal((await stat(path)).mode & 0o077, 0, path);
  assert.equal((await stat(at('backup.tar'))).mode & 0o777, 0o600);
  const { stdout: members } = await run('tar', ['tf', at('backup.tar')]);
  assert.ok(!members.includes('keys/directory.pem') && /onestop\/files\/..\/[0-9a-f]{64}\n/.test(members) && members.endsWith('manifest.jsonl\n'), members);
  assert.deepEqual((await readdir(node())).filter((name) => name === 'backup'), [], 'copies are left in the node');
});

test('a backup is written to a new place only', async () => {
  for (const to of ['backup', 'backup.tar']) assert.match((await tried('backup', '--node', node(), '--to', at(to))).err, /exists already/);
});

test('an unfinished backup, one that was cut and one that was changed are refused, and nothing is written', async () => {
  const damages = {
    'no manifest': async (path) => rm(join(path, 'manifest.jsonl')),
    'a manifest cut short': async (path) => truncate(join(path, 'manifest.jsonl'), (await stat(join(path, 'manifest.jsonl'))).size - 200),
    'a digit of the manifest changed': async (path) => flip(join(path, 'manifest.jsonl'), 40),
    'a file missing': async (path) => rm(join(path, 'axis/axis.sqlite')),
    'a file cut': async (path) => truncate(join(path, 'onestop/onestop.sqlite'), 8192),
    'a bit of a file changed': async (path) => flip(join(path, 'people/people.sqlite'), 5000),
    'a bit of the journal changed': async (path) => flip(join(path, 'axis/journal/entries'), 300),
  };
  for (const [what, damage] of Object.entries(damages)) {
    await copy(at('backup'), at('damaged'));
    await damage(at('damaged'));
    const got = await tried('restore', at('damaged'), at('nothing'));
    assert.equal(got.code, 1, what);
    assert.match(got.err, /damaged|no finished backup/, what);
    await assert.rejects(stat(at('nothing')), what);
    await rm(at('damaged'), { recursive: true });
  }
  const size = (await stat(at('backup.tar'))).size;
  for (const [what, damage] of [['cut', (path) => truncate(path, Math.floor(size / 2))], ['changed', (path) => flip(path, Math.floor(size / 3))]]) {
    await copyFile(at('backup.tar'), at('damaged.tar'));
    await damage(at('damaged.tar'));
    assert.equal((await tried('restore', at('damaged.tar'), at('nothing'))).code, 1, what);
    await assert.rejects(stat(at('nothing')), what);
  }
});

test('the machine is lost; on an empty one the backup is restored, once, and the doctor says well', async () => {
  await platform.nodeDown('province');
  const got = await tried('restore', at('backup'), at('restored'));
  assert.equal(got.code, 0, got.err);
  assert.match((await tried('restore', at('backup'), at('restored'))).err, /not empty/);
  const port = await freePorts(4);
  assert.equal((await tried('init', at('restored'), '--port', String(port))).code, 0);
  assert.match((await tried('doctor', at('restored'))).out, /^well: 4 databases/);
  restored = Object.assign(Object.create(platform), { folder: at('restored'), url: (which = 'province', what = 'pages') => which === 'province' ? `http://127.0.0.1:${port + { pages: 0, axis: 1 }[what]}` : platform.url(which, what) });
  server = spawn(truc, ['serve', at('restored'), '--data', join(root, 'data')], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  for (const stream of [server.stdout, server.stderr]) stream.on('data', (d) => (log += d));
  await until('the restored node is healthy', async () => (await fetch(`http://127.0.0.1:${port + 3}/health`)).ok).catch((e) => { throw new Error(`${e.message}: ${log}`); });
  assert.match(log, /the old log is closed and a new one begun/);
  // The other operator is told where this one is now; nothing else is agreed anew.
  await platform.command('axis', 'trust', '--node', join(platform.var, 'national'), '--instance', 'H01', '--key', key, '--gateway', `127.0.0.1:${port + 2}`);
});

test('what the story reads is there: the work list, the dossier with its scan, the look-up by its code', async () => {
  const counter = await logIn(browser, restored, 'canbo.tiepnhan');
  const rows = await workList(counter, restored, 'viec', later);
  assert.ok(rows.some((row) => row.includes(later)), rows.join('\n'));
  await openDossier(counter, restored, code);
  assert.match(await said(counter), /Lưu Quang Vinh/);
  const scan = await counter.locator('a[href*="/tep/"], a[href*="scan"], a[href*=".pdf"]').evaluateAll((all) => all.map((a) => a.href));
  const kept = await Promise.all(scan.map(async (href) => (await counter.context().request.get(href)).body()));
  const original = await readFile(join(root, 'tests/story/scan.pdf'));
  assert.ok(kept.some((body) => body.equals(original)), `the scan is none of ${scan.join(' ')}`);
  const citizen = await browser.newPage();
  await citizen.goto(`${restored.url()}/tra-cuu`);
  await type(citizen, { code, phone: '5678' });
  await Promise.all([citizen.waitForNavigation(), citizen.click('main button')]);
  assert.match(await said(citizen), new RegExp(`${code}.*(thẩm định|xử lý|giải quyết)`));
});

test('work goes on: a request to the other agency is answered, under receipts of the new journal', async () => {
  const counter = await logIn(browser, restored, 'canbo.tiepnhan'), specialist = await logIn(browser, restored, 'chuyenvien.llt');
  await act(counter, restored, later, 'chuyen');
  await openDossier(specialist, restored, later);
  await waitFor(specialist, 'Không có án tích', 60000);
  const got = await ask(restored, '/r1/H01/GOV/H01.07/household/listMethods');
  assert.equal(got.status, 200);
  const [origin, index] = got.headers.get('axis-receipt').split(':');
  assert.notEqual(origin, 'H01/gateway/journal-1');
  assert.match(origin, /^H01\/gateway\/journal-\d{8}-[0-9a-f]{8}$/);
  const fresh = await receipt(restored, index, at('new.receipt'));
  for (const path of [oldReceipt, fresh]) assert.match((await tried('verify', path, '--directory-key', key)).out, /^valid/);
  // The other instance took the directory of the restored node, and its own evidence of the look-up shows it.
  const national = join(platform.var, 'national'), theirs = (await platform.command('axis', 'key', '--node', national)).stdout.trim();
  const last = (await tried('doctor', national)).out.match(/(\d+) journal entries/)[1] - 1;
  const evidence = await readFile(await receipt({ ...platform, command: platform.command.bind(platform), folder: national }, last, at('theirs.receipt')), 'utf8');
  assert.ok(evidence.includes(origin), 'the other instance does not know the new journal');
  for (const trusted of [key, theirs]) assert.match((await tried('verify', at('theirs.receipt'), '--directory-key', trusted)).out, /^valid/);
  assert.match((await tried('doctor', at('restored'))).out, /^well: 5 databases/);
});

test('stopped, it is well; each damage is found and named, with what to do', { timeout: 300000 }, async () => {
  server.kill('SIGTERM');
  await new Promise((resolve) => server.on('exit', resolve));
  server = undefined;
  assert.match((await tried('doctor', at('restored'))).out, /^well: 5 databases, \d+ stored files \(\d+ named in rows\), \d+ journal entries/);
  const stored = (await files(at('restored/onestop/files'))).find((path) => /[0-9a-f]{64}$/.test(path)).slice(at('restored').length + 1);
  const damages = [
    ['a database changed in one bit', /database .*onestop\.sqlite is damaged.*backup/, async (path) => flip(join(path, 'onestop/onestop.sqlite'), 4096 * 3 + 100)],
    ['a database cut', /database .*people\.sqlite is damaged/, async (path) => truncate(join(path, 'people/people.sqlite'), 20000)],
    ['a database that is none', /database .*axis\.sqlite is damaged/, async (path) => writeFile(join(path, 'axis/axis.sqlite'), 'x'.repeat(8192), { mode: 0o600 })],
    ['a database gone', /database .*household\.sqlite is missing/, async (path) => rm(join(path, 'household/household.sqlite'))],
    ['the journal changed in one bit', /journal .*axis\/journal is damaged at entry \d+/, async (path) => flip(join(path, 'axis/journal/entries'), 300)],
    ['the journal cut', /journal .*axis\/journal is damaged/, async (path) => truncate(join(path, 'axis/journal/entries'), 100)],
    ['the closed journal changed', /journal .*axis\/journal-1 is damaged/, async (path) => flip(join(path, 'axis/journal-1/entries'), 300)],
    ['a stored file changed', new RegExp(`stored file .*${stored.split('/').pop()} is not what its name says`), async (path) => { await chmod(join(path, stored), 0o600); await flip(join(path, stored), 20); }],
    ['a stored file gone', new RegExp(`Rows of onestop name the file ${stored.split('/').pop()}`), async (path) => rm(join(path, stored))],
    ['a key gone', /private key .*keys\/journal\.pem is missing/, async (path) => rm(join(path, 'keys/journal.pem'))],
    ['a file that others may read', /truc\.json can be read or changed by other users/, async (path) => chmod(join(path, 'truc.json'), 0o644)],
    ['a configuration that is none', /configuration .*truc\.json cannot be read/, async (path) => writeFile(join(path, 'truc.json'), '{', { mode: 0o600 })],
  ];
  for (const [what, words, damage] of damages) {
    await copy(at('restored'), at('sick'));
    await damage(at('sick'));
    const got = await tried('doctor', at('sick'));
    assert.equal(got.code, 1, `${what}: ${got.out}${got.err}`);
    assert.match(got.err, words, what);
    await rm(at('sick'), { recursive: true, force: true });
  }
});

test('a node without the keys that its journal was written with does not start, and makes none', async () => {
  assert.equal((await tried('restore', at('backup.tar'), at('keyless'))).code, 0);
  const got = await tried('serve', at('keyless'), '--data', join(root, 'data'));
  assert.equal(got.code, 1);
  assert.match(got.err, /private key .* is missing/);
  assert.ok(!(await readdir(at('keyless'))).includes('keys'));
});
