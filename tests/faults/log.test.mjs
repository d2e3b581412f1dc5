// The disk changes a byte of a database's log between a kill and the next start: the node does not start and says why, the doctor names it,
// and what was answered is not lost without a word. Whoever accepts the loss goes on with what stands before the damage.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { closeSync, openSync, readFileSync, readSync, readdirSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { Platform, until } from '../lib/platform.mjs';
import { codeOf, errorsOf, intakeForm, judicial, logIn, rowsOf } from './lib.mjs';
import { serve } from './nodes.mjs';

let platform, counter, folder, database;
const codes = [];

before(async () => {
  platform = await Platform.start();
  counter = await logIn(platform, 'canbo.tiepnhan');
  folder = join(platform.var, 'province');
  database = join(folder, 'onestop/onestop.sqlite');
}, { timeout: 60000 });
after(() => platform?.end());

function flip(path, at) {
  const fd = openSync(path, 'r+'), byte = Buffer.alloc(1);
  readSync(fd, byte, 0, 1, at);
  byte[0] ^= 0x10;
  writeSync(fd, byte, 0, 1, at);
  closeSync(fd);
}

async function kill() {
  const pid = Number(readFileSync(join(platform.var, 'province.pid'), 'utf8'));
  process.kill(pid, 'SIGKILL');
  await until('it is gone', async () => { try { process.kill(pid, 0); return false; } catch { return true; } });
}

const doctor = () => platform.command('doctor', folder).then((got) => got.stdout + got.stderr, (fault) => `${fault.stdout ?? ''}${fault.stderr ?? ''}${fault.message}`);

test('a changed byte in the log of a killed node', { timeout: 90000 }, async () => {
  for (let n = 1; n <= 4; n++) {
    const got = await counter.post('/mot-cua/tiep-nhan', await intakeForm(counter, judicial(n, 'L')));
    assert.equal(got.status, 303, errorsOf(got));
    codes.push(codeOf(got));
  }
  await kill();
  const log = `${database}-wal`, at = 32 + Math.floor((statSync(log).size - 32) / 4120 / 2) * 4120 + 2000;
  flip(log, at);
  assert.match(await doctor(), /log of the database .*onestop\.sqlite is damaged/);
  await assert.rejects(serve(platform, 'province'), /does not start/);
  assert.match(readFileSync(join(platform.var, 'province.log'), 'utf8'), /onestop\.sqlite-wal: frame \d+ of \d+ is damaged/);
  flip(log, at);
  await serve(platform, 'province');
  assert.deepEqual(rowsOf(platform, 'province', 'onestop', 'select code from dossier order by code').flat(), [...codes].sort());
  const last = await counter.post('/mot-cua/tiep-nhan', await intakeForm(counter, judicial(5, 'L')));
  assert.equal(last.status, 303, errorsOf(last));
  await kill();
  flip(log, 32 + 2000);
  await assert.rejects(serve(platform, 'province'), /does not start/);
  writeFileSync(`${log}.lost`, '');
  await serve(platform, 'province');
  assert.match(readFileSync(join(platform.var, 'province.log'), 'utf8'), /a damaged log is taken up: its loss was accepted/);
  assert.ok(!readdirSync(join(folder, 'onestop')).includes('onestop.sqlite-wal.lost'));
  assert.ok(rowsOf(platform, 'province', 'onestop', 'select code from dossier').length >= codes.length);
});
