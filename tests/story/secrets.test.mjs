// No password, token, session or key stands in a log, in a process list, or in a file that others may read.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Platform, run } from '../lib/platform.mjs';
import { open, logIn } from '../lib/browser.mjs';

let platform, browser;
before(async () => { platform = await Platform.start(); browser = await open(); }, { timeout: 120000 });
after(async () => { await browser?.close(); await platform?.end(); });

test('no secret stands in a log or in the process list', async () => {
  const page = await logIn(browser, platform, 'quantri');
  const session = (await page.context().cookies()).map((c) => c.value);
  const token = platform.token('H01/GOV/H01.20/tax');
  await run('curl', ['-s', '-H', `Axis-Token: ${token}`, '-H', 'X-Road-Client: H01/GOV/H01.20/tax', `${platform.url('province', 'axis')}/listClients`]);
  const secrets = [token, ...session, ...platform.demo.accounts.flatMap((a) => [a.password, a.otpauth && new URL(a.otpauth).searchParams.get('secret')])].filter((s) => s && s.length > 7);
  assert.ok(secrets.length > 10);
  const logs = await Promise.all(['province', 'national'].map((node) => readFile(join(platform.var, `${node}.log`), 'utf8')));
  const { stdout: processes } = await run('ps', ['-eo', 'args', 'ww'], { maxBuffer: 16 << 20 });
  for (const secret of secrets) {
    for (const log of logs) assert.ok(!log.includes(secret), 'a secret in a log');
    const lines = processes.split('\n').filter((l) => l.includes('truc') && l.includes(secret));
    assert.deepEqual(lines, []);
  }
});

test('the demo accounts and every file of a node are for its user alone', async () => {
  assert.equal((await stat(join(platform.var, 'demo-accounts.json'))).mode & 0o777, 0o600);
  async function walk(folder) {
    assert.equal((await stat(folder)).mode & 0o077, 0, folder);
    for (const entry of await readdir(folder, { withFileTypes: true })) if (entry.isDirectory()) await walk(join(folder, entry.name));
  }
  await walk(join(platform.var, 'province'));
  await walk(join(platform.var, 'national'));
});

test('private keys lie in the keys folder alone and pass to no other process', async () => {
  const folder = join(platform.var, 'province', 'keys');
  for (const name of await readdir(folder)) assert.equal((await stat(join(folder, name))).mode & 0o077, 0, name);
});
