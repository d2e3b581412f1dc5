// A full disk under the province node: what cannot be kept is refused with a clear error, what is read goes on, health says that the
// journal fails, and when there is space again all goes on by itself with nothing half-written.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { Platform } from '../lib/platform.mjs';
import { ask, codeOf, errorsOf, insist, intakeForm, judicial, logIn, plain, rowsOf } from './lib.mjs';
import { serve } from './nodes.mjs';

const tax = 'H01/GOV/H01.20/tax', size = '240m';
let platform, counter, folder, filler, mounted = false, not;
const codes = [];

before(async () => {
  platform = await Platform.start();
  await platform.nodeDown('province');
  folder = join(platform.var, 'province');
  filler = join(folder, 'filler');
  try {
    mount();
  } catch (fault) { not = String(fault.stderr || fault.message).trim(); return; }
  await serve(platform, 'province');
  counter = await logIn(platform, 'canbo.tiepnhan');
}, { timeout: 60000 });

after(async () => {
  await platform?.down().catch(() => {});
  if (mounted) execFileSync('umount', [folder]);
  await platform?.end();
});

/** The node's folder moves to a small disk of its own. */
function mount() {
  const kept = `${folder}.kept`, owner = execFileSync('stat', ['-c', '%u:%g', folder], { encoding: 'utf8' }).trim();
  execFileSync('cp', ['-a', folder, kept]);
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=700`, 'tmpfs', folder], { stdio: ['ignore', 'pipe', 'pipe'] });
  mounted = true;
  execFileSync('cp', ['-a', '--sparse=always', `${kept}/.`, folder]);
  execFileSync('chown', [owner, folder]);
  execFileSync('rm', ['-rf', kept]);
}

function fill() {
  const fd = openSync(filler, 'a', 0o600);
  for (let step = 1 << 20; step >= 1; step >>= 4)
    for (const block = Buffer.alloc(step, 7);;) {
      try { writeSync(fd, block); } catch (fault) { if (fault.code === 'ENOSPC') break; throw fault; }
    }
  closeSync(fd);
}

const lookedAt = () => rowsOf(platform, 'province', 'onestop', "select subject from action where action = 'onestop.look'").flat();
const form = (n) => intakeForm(counter, judicial(n, 'D'));
const send = (values) => counter.post('/mot-cua/tiep-nhan', values);
const health = async () => JSON.parse((await ask(platform.url('province', 'health'))).text);
const exchange = (body) => ask(`${platform.url('province', 'axis')}/r1/H01/GOV/H01.07/household/check`, { method: 'POST', body,
  headers: { 'X-Road-Client': tax, 'Axis-Token': platform.token(tax), 'Content-Type': 'application/json' } });

test('a full disk', { timeout: 120000 }, async (t) => {
  if (not) return t.skip(`no file system may be mounted here: ${not}`);
  let waiting;
  await t.test('before: two dossiers are received', async () => {
    for (const n of [1, 2]) codes.push(codeOf(await send(await form(n))));
    waiting = await Promise.all([3, 4, 5, 6, 7, 8, 9, 10].map(form));
    fill();
  });
  await t.test('an intake is refused with a page that says so, or is kept whole', async () => {
    let refused = 0;
    for (let round = 0; round < 20 && refused < 8; round++) {
      fill();
      const answers = await Promise.all(waiting.map(send));
      for (const got of answers) {
        if (got.status === 303) codes.push(codeOf(got));
        else { refused++; assert.ok([500, 503, 507].includes(got.status), `${got.status}`); assert.ok(plain(got.text).length > 100, got.text); }
      }
    }
    assert.ok(refused >= 8, 'the disk was never full');
  });
  await t.test('what is kept can be read', async () => {
    for (const code of codes) assert.equal((await counter.get(`/mot-cua/ho-so/${code}`)).status, 200, code);
    assert.equal((await counter.get('/mot-cua?loc=tat-ca')).status, 200);
    // Nobody reads personal data without a trace that stays: what the database cannot take waits beside it.
    const waits = readFileSync(join(folder, 'onestop/looks'), 'utf8'), rows = lookedAt();
    for (const code of codes) assert.ok(waits.includes(`"${code}"`) || rows.includes(code), code);
    assert.ok(codes.some((code) => waits.includes(`"${code}"`)), 'no look had to wait');
  });
  await t.test('exchanges go on in the space set aside for the journal, then are refused before anybody is asked; health says so', async () => {
    const body = JSON.stringify({ name: 'x', note: 'y'.repeat(60000) });
    let sent = 0, got;
    for (let round = 0; round < 400; round++) {
      const answers = await Promise.all(Array.from({ length: 8 }, () => exchange(body)));
      sent += answers.length;
      got = answers.find((one) => one.status === 503);
      if (got) break;
    }
    t.diagnostic(`${sent} exchanges of 60 kB until the journal refused`);
    assert.ok(got, 'the journal never filled');
    assert.match(got.headers['x-road-error'], /Busy$/);
    assert.equal((await insist('health fails', async () => { const told = await health(); return told.status === 'failing' && told; }, 20000)).journal, false);
  });
  await t.test('with space again all goes on by itself; forms that were refused are taken when sent again', async () => {
    rmSync(filler);
    await insist('health is good', async () => (await health()).status === 'ok', 20000);
    assert.notEqual((await exchange('{}')).status, 503);
    for (const values of waiting) {
      const code = codeOf(await insist('it is taken', async () => { const got = await send(values); return got.status === 303 ? got : assert.ok(got.status >= 500, errorsOf(got)); }, 20000));
      if (!codes.includes(code)) codes.push(code);
    }
    assert.equal(codes.length, new Set(codes).size);
  });
  await t.test('looks that waited are rows of the action log', async () => {
    for (const code of codes) assert.equal((await counter.get(`/mot-cua/ho-so/${code}`)).status, 200, code);
    assert.ok(!readFileSync(join(folder, 'onestop/looks')).some((byte) => byte !== 0), 'looks still wait');
    assert.deepEqual([...new Set(lookedAt())].sort(), [...codes].sort());
  });
  await t.test('nothing is half-written: every dossier is whole and there once, databases and journal are sound', async () => {
    assert.equal(codes.length, 10);
    assert.deepEqual(rowsOf(platform, 'province', 'onestop', 'select code from dossier order by code').flat(), [...codes].sort());
    const parts = 'select code, (select count(*) from seat s where s.code = d.code), (select count(*) from component c where c.dossier = d.code), (select count(*) from fee f where f.dossier = d.code) from dossier d';
    for (const [code, seats, components, fees] of rowsOf(platform, 'province', 'onestop', parts)) assert.deepEqual([seats, components, fees], [2, 2, 1], code);
    await platform.nodeDown('province');
    for (const system of ['onestop', 'household', 'people', 'axis', 'web']) assert.deepEqual(rowsOf(platform, 'province', system, 'pragma integrity_check'), [['ok']], system);
    assert.match((await platform.command('journal', 'verify', folder)).stdout, /^whole: \d+ entries/);
  });
});
