// Two processes of one node on one PostgreSQL: what is promised of one holds of both together, and one goes on when the other is killed.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Platform, root, sleep, until } from '../lib/platform.mjs';
import { multipart } from '../security/lib.mjs';
import { Cluster, noCluster as skip } from './cluster.mjs';
import { actForm, ask, Client, codeOf, errorsOf, formOf, household, insist, intakeForm, judicial, logIn, plain, rowsOf, unpaid } from './lib.mjs';
import { startTwin } from './nodes.mjs';
import { configure } from './provider.mjs';

const guest = 'H01/GOV/H01.20/guest', check = 'H01/GOV/H01.07/household/check', leaseSeconds = 4;
const question = JSON.stringify({ name: 'Hoa Sen Xanh', commune: '30307', head_identity: '000090000001' });
let cluster, platform, twin, counter, operator, number = 0;

/** The same person's browser at the other process: cookies know no ports. */
const at2 = (client) => new Client(twin.pages, client.cookies);
const axisOf = (process) => (process === 1 ? platform.url('province', 'axis') : twin.axis);
const next = () => ++number;

before(async () => {
  if (skip) return;
  cluster = await new Cluster().make({ sync: false });
  platform = await Platform.start({ stores: { province: `postgres:${cluster.conninfo}` } });
  await platform.nodeDown('province');
  await configure(platform, 'province', (config) => { config.lease_s = leaseSeconds; });
  await platform.nodeUp('province');
  twin = await startTwin(platform);
  counter = await logIn(platform, 'canbo.tiepnhan');
  operator = await logIn(platform, 'vanhanh');
}, { timeout: 90000 });

after(async () => {
  await twin?.end().catch(() => {});
  await platform?.end();
  await cluster?.end();
});

async function call(process, { id, client = guest } = {}) {
  return ask(`${axisOf(process)}/r1/${check}`, { method: 'POST', body: question,
    headers: { 'X-Road-Client': client, 'Axis-Token': platform.token(client), 'Content-Type': 'application/json', ...(id ? { 'X-Road-Id': id } : {}) } });
}

/** Grants the guest the check at one process: the right's number. */
async function grant(client, quota = '') {
  const page = await client.get('/van-hanh/quyen');
  const got = await client.post('/van-hanh/quyen', { ...formOf(page.text, '/van-hanh/quyen'), consumer: guest, service: check, method: 'any', path: '*', purpose: 'Kiểm thử',
    legal_basis: 'Thử nghiệm', quota_per_minute: String(quota) });
  assert.equal(got.status, 303, errorsOf(got));
  return cluster.rows(`select max(id) from axis.access_right where consumer = '${guest}'`)[0][0];
}

async function revoke(client, id) {
  const page = await client.get('/van-hanh/quyen'), form = formOf(page.text, '/van-hanh/quyen/thu-hoi');
  const got = await client.post('/van-hanh/quyen/thu-hoi', { ...form, id });
  assert.equal(got.status, 303, errorsOf(got));
}

const permitted = (process) => async () => (await call(process)).status === 200;
const refused = (process, error) => async () => (await call(process)).headers['x-road-error'] === error;

async function within(what, limitMs, probe) {
  const started = Date.now();
  await until(what, probe, limitMs);
  return Date.now() - started;
}

test('a session of one process is a session of the other, and ends in both', { skip, timeout: 30000 }, async () => {
  const one = await logIn(platform, 'chuyenvien'), two = at2(one);
  assert.equal((await two.get('/mot-cua')).status, 200);
  const out = await two.post('/dang-xuat', formOf((await two.get('/mot-cua')).text, '/dang-xuat'));
  assert.equal(out.status, 303, errorsOf(out));
  const old = new Client(platform.url(), new Map(one.cookies));
  const after = await old.get('/mot-cua');
  assert.ok(after.status === 303 && after.headers.location.includes('dang-nhap'), `${after.status}`);
});

test('a rate that is reached at one holds at the other', { skip, timeout: 40000 }, async () => {
  const from = { localAddress: '127.0.0.77' };
  const tryOne = async (base) => (await ask(`${base}/dang-nhap`, { method: 'POST', tls: from, body: 'name=khong.co&password=sai&code=', headers: { 'Content-Type': 'application/x-www-form-urlencoded' } })).status;
  await until('the rate is reached at 1 and holds at 2', async () => {
    for (let i = 0; i < 30 && (await tryOne(platform.url())) !== 429; i++);
    return (await tryOne(twin.pages)) === 429; // not when the minute ended just then
  }, 30000);
});

test('one form sent to both at once takes effect once', { skip, timeout: 30000 }, async () => {
  for (let round = 0; round < 5; round++) {
    const values = unpaid(next()), form = await intakeForm(counter, values), windows = [counter, at2(counter), counter, at2(counter)];
    const first = await Promise.all(windows.map((window) => window.post('/mot-cua/tiep-nhan', form)));
    for (const got of first) assert.ok([303, 409, 503].includes(got.status), `${got.status} ${errorsOf(got)}`);
    const codes = new Set(first.map(codeOf).filter(Boolean));
    codes.add(await insist('the form sent again leads to its dossier', async () => codeOf(await at2(counter).post('/mot-cua/tiep-nhan', form))));
    assert.equal(codes.size, 1, [...codes].join());
    assert.deepEqual(cluster.rows(`select count(*) from onestop.dossier where identity = '${values.identity}'`), [['1']]);
  }
});

test('intakes through both at once get codes without gap or double', { skip, timeout: 60000 }, async (t) => {
  const codes = [], told = {};
  const desk = async (window, count) => {
    for (let i = 0; i < count; i++) {
      const form = await intakeForm(window, judicial(next(), 'Q'));
      codes.push(await insist('intake', async () => {
        const got = await window.post('/mot-cua/tiep-nhan', form);
        told[got.status] = (told[got.status] ?? 0) + 1;
        return codeOf(got);
      }));
    }
  };
  await Promise.all([...Array(8).keys()].map((i) => desk(i % 2 ? at2(counter) : counter.again(), 8)));
  t.diagnostic(`answers ${JSON.stringify(told)}`);
  assert.equal(new Set(codes).size, 64);
  const numbers = cluster.rows('select code from onestop.dossier').map(([code]) => Number(code.split('-').at(-1))).sort((a, b) => a - b);
  assert.deepEqual(numbers, numbers.map((_, i) => i + 1));
});

test('a right changes in both within a second, whoever changes it', { skip, timeout: 40000 }, async (t) => {
  const times = [];
  for (const [here, there] of [[operator, 2], [at2(operator), 1]]) {
    const id = await grant(here);
    times.push(await within('granted', 3000, permitted(there)));
    await revoke(here, id);
    times.push(await within('revoked', 1000, refused(there, 'Server.ServerProxy.AccessDenied')));
  }
  t.diagnostic(`seen after ${times.join(', ')} ms`);
});

test('a right\'s quota that is used up at one is used up at the other', { skip, timeout: 60000 }, async () => {
  const id = await grant(operator, 12), minute = async () => Math.floor((await platform.now()) / 60000);
  await until('granted', permitted(1), 3000);
  for (let begun = -1; begun !== (await minute());) { // again when the minute ended meanwhile
    begun = await minute();
    while ((await call(1)).status === 200);
    await sleep(700); // twice the time in which the other hears of it: before, more may pass
    const got = await call(2);
    if (begun === (await minute())) assert.equal(got.headers['x-road-error'], (await call(1)).headers['x-road-error'], `${got.status}`);
  }
  await revoke(operator, id);
});

test('what is published changes at the first alone: the second says so, and knows soon what the first did', { skip, timeout: 30000 }, async () => {
  const values = { id: 'H01/GOV/H01.30', name: 'Sở Thử nghiệm' };
  const post = async (client) => client.post('/van-hanh/thanh-vien', { ...formOf((await client.get('/van-hanh/thanh-vien')).text, '/van-hanh/thanh-vien'), ...values });
  const there = await post(at2(operator));
  assert.notEqual(there.status, 303);
  assert.match(plain(there.text), /chỉ thay đổi được ở tiến trình thứ nhất của nút/);
  const page = await at2(operator).get('/van-hanh/lien-thong'), action = /action="(\/van-hanh\/lien-thong[^"]*)"/.exec(page.text)[1];
  const trust = await at2(operator).post(action, formOf(page.text, action));
  assert.ok(trust.status === 409 && plain(trust.text).includes('tiến trình thứ nhất của nút'), `${trust.status} ${plain(trust.text).slice(0, 600)}`);
  assert.deepEqual(cluster.rows(`select id from axis.member where id = '${values.id}'`), []);
  assert.equal((await post(operator)).status, 303);
  const version = async (url) => JSON.parse((await ask(url)).text).directory_version;
  await until('the second has the first\'s version', async () => (await version(twin.health)) === (await version(platform.url('province', 'health'))), 1500);
  assert.equal((await ask(twin.health)).status, 200);
});

test('a scan that one took in opens at the other, either way', { skip, timeout: 30000 }, async () => {
  const scan = await readFile(join(root, 'tests/story/scan.pdf'));
  for (const [from, to] of [[counter, at2(counter)], [at2(counter), counter]]) {
    const values = await intakeForm(from, judicial(next(), 'F'));
    const body = multipart([...Object.entries(values), ['components[0].confirmed', '1'], ['components[0].paper_number', '000090123456'], ['components[0].issuer', 'Cục Cảnh sát'],
      ['scan_0', { file: 'scan.pdf', type: 'application/pdf', content: scan }]]);
    const got = await ask(`${from.base}/mot-cua/tiep-nhan`, { method: 'POST', body: body.body,
      headers: { 'Content-Type': body.type, Cookie: [...from.cookies].map(([name, value]) => `${name}=${value}`).join('; ') } });
    assert.ok(codeOf(got), `${got.status} ${errorsOf(got)}`);
    const page = await to.get(`/mot-cua/ho-so/${codeOf(got)}`), link = /href="(\/mot-cua\/ho-so\/[^"]+\/tep\/[^"]+)"/.exec(page.text)?.[1];
    assert.ok(link, 'the page names no scan');
    const file = await to.get(link);
    assert.equal(file.status, 200);
    assert.equal(Number(file.headers['content-length']), scan.length);
  }
});

/** Judicial records received and forwarded at a process: each then asks the nation. */
async function forwarded(window, count, series) {
  const codes = [];
  for (let i = 0; i < count; i++) {
    const form = await intakeForm(window, judicial(next(), series));
    const code = await insist('intake', async () => codeOf(await window.post('/mot-cua/tiep-nhan', form)));
    await insist('forwarding', async () => {
      const { path, form: act } = await actForm(window, code, 'chuyen');
      return act && (await window.post(path, act)).status === 303;
    });
    codes.push(code);
  }
  return codes;
}

const waiting = () => Number(cluster.rows('select count(*) from onestop.outbox where state in (\'waiting\', \'doubt\')')[0][0]);
const lookups = (codes) => rowsOf(platform, 'national', 'justice', 'select dossier, count(*) from lookup group by dossier').filter(([code]) => codes.includes(code));

/** The nation was asked once for each, and each answer is there. */
async function asked(codes) {
  await until('every row is answered', async () => waiting() === 0, 30000);
  assert.deepEqual(lookups(codes).map(([, count]) => count), codes.map(() => 1));
}

test('while both send, each row of an outbox takes effect once', { skip, timeout: 60000 }, async (t) => {
  const codes = (await Promise.all([forwarded(counter.again(), 10, 'U'), forwarded(at2(counter), 10, 'V')])).flat();
  await asked(codes);
  const sent = cluster.rows('select origin, count(*) from axis.exchange where consumer = \'H01/GOV/H01.01/onestop\' and service like \'VN/%\' group by origin order by origin');
  t.diagnostic(`exchanges with the nation: ${sent.map((row) => row.join(' ')).join(', ')}`);
});

test('one is killed with the leases in its hand: the other sends what it held, once', { skip, timeout: 60000 }, async (t) => {
  const national = await platform.pid('national');
  process.kill(national, 'SIGSTOP');
  twin.signal('SIGSTOP');
  let codes;
  try {
    codes = await forwarded(counter.again(), 6, 'W');
    const held = 'select count(*) from onestop.outbox where state = \'waiting\' and lease_us > 0';
    await until('the first holds them all', async () => Number(cluster.rows(held)[0][0]) === codes.length, 15000);
    await platform.nodeKill('province');
  } finally {
    twin.signal('SIGCONT');
    process.kill(national, 'SIGCONT');
  }
  const started = Date.now();
  await asked(codes);
  t.diagnostic(`${Date.now() - started} ms after the kill all were answered; a lease is ${leaseSeconds} s`);
  const page = await at2(counter).get(`/mot-cua/ho-so/${codes[0]}`);
  assert.equal(page.status, 200);
  const id = await grant(at2(operator));
  await until('granted without the first', permitted(2), 3000);
  await revoke(at2(operator), id);
  await until('revoked without the first', refused(2, 'Server.ServerProxy.AccessDenied'), 1000);
  await platform.nodeUp('province');
});

test('receipts of both verify under the one directory key', { skip, timeout: 30000 }, async () => {
  const key = (await platform.command('axis', 'key', '--node', join(platform.var, 'province'))).stdout.trim();
  assert.equal((await platform.command('axis', 'key', '--node', twin.folder)).stdout.trim(), key);
  for (const [folder, gateway] of [[join(platform.var, 'province'), 'H01/gateway'], [twin.folder, 'H01/gateway-2']]) {
    const [[index]] = cluster.rows(`select max(entry) from axis.exchange where origin = '${gateway}/journal-1' and service like 'VN/%' and role = 'consumer'`);
    assert.ok(index, `${gateway} exchanged nothing with the nation`);
    const receipt = await until('the receipt is whole', async () => (await platform.command('axis', 'receipt', '--node', folder, '--index', index)).stdout);
    const file = join(platform.var, `receipt-${gateway.replace('/', '-')}.json`);
    await writeFile(file, receipt);
    const verified = (await platform.command('verify', file, '--directory-key', key)).stdout;
    assert.match(verified, /^valid/);
    assert.ok(verified.includes(`in the log: ${gateway}/journal-1`), verified);
  }
});

test('the nation watches both journals', { skip, timeout: 30000 }, async () => {
  await until('each was seen', async () => {
    const seen = rowsOf(platform, 'national', 'axis', 'select origin from witness').map(([origin]) => origin);
    return ['H01/gateway/journal-1', 'H01/gateway-2/journal-1'].every((origin) => seen.includes(origin));
  });
  assert.ok(!(await readFile(join(platform.var, 'national.log'), 'utf8')).includes('contradicts'));
});

test('the second is backed up, ends cleanly and is found whole', { skip, timeout: 30000 }, async () => {
  assert.match((await platform.command('backup', '--node', twin.folder, '--to', join(platform.var, 'backup-2.tar'))).stdout, /journal H01\/gateway-2\/journal-1/);
  await twin.end();
  assert.match((await platform.command('journal', 'verify', twin.folder)).stdout, /^whole: \d+ entries/);
  assert.match((await platform.command('doctor', twin.folder)).stdout, /^well:/);
});

test('made again, a process keeps its name; a node without a shared store has no second one', { skip, timeout: 30000 }, async () => {
  const again = await platform.command('twin', twin.folder, '--of', join(platform.var, 'province'));
  assert.match(again.stdout, /^province-2: H01\/gateway-2\n/);
  await twin.serve();
  assert.equal((await ask(`${twin.pages}/`)).status, 200);
  const nation = async () => (await ask(`${twin.axis}/r1/VN/GOV/G15/justice/listMethods`, { headers: { 'X-Road-Client': guest, 'Axis-Token': platform.token(guest) } }));
  assert.equal((await nation()).status, 200);
  await platform.command('twin', 'end', '--node', join(platform.var, 'province'), '--gateway', 'H01/gateway-2');
  await until('the nation takes nothing from it', async () => (await nation()).headers['x-road-error'] === 'Server.ServerProxy.SslAuthenticationFailed', 5000);
  await twin.end();
  await assert.rejects(twin.serve());
  await assert.rejects(platform.command('twin', join(platform.var, 'national-2'), '--of', join(platform.var, 'national'), '--port', '9'), /PostgreSQL/);
  await assert.rejects(platform.command('twin', join(platform.var, 'province-3'), '--of', twin.folder, '--port', '9'), /first process/);
});
