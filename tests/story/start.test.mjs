// What ./start promises apart from starting: it goes on with what is there, and begins anew only when asked, never under a running node.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Platform } from '../lib/platform.mjs';

let platform;
const accounts = () => readFile(join(platform.var, 'demo-accounts.json'), 'utf8');
const endpoints = () => readFile(join(platform.var, 'endpoints.json'), 'utf8');
const serves = async () => (await fetch(platform.url('province', 'health'))).status === 200;

before(async () => { platform = await Platform.start(); });
after(async () => { await platform.end(); });

test('a running platform is neither started twice nor begun anew', async () => {
  const before = await accounts();
  await assert.rejects(platform.start(['--detach', '--port', String(platform.port)]), /node province runs already/);
  await assert.rejects(platform.start(['--detach', '--port', String(platform.port), '--fresh']), /node province runs already/);
  assert.equal(await accounts(), before);
  assert.ok(await serves());
});

test('started again it goes on; with --fresh it is another one', async () => {
  const before = [await accounts(), await endpoints()];
  await platform.down();
  await platform.up();
  assert.deepEqual([await accounts(), await endpoints()], before);
  await platform.down();
  await platform.start(['--detach', '--port', String(platform.port), '--fresh']);
  assert.ok(await serves());
  const passwords = (text) => JSON.parse(text).accounts.map((account) => account.password).filter(Boolean);
  const old = new Set(passwords(before[0])), made = passwords(await accounts());
  assert.ok(made.length > 0 && made.every((password) => !old.has(password)), 'no password of before is one of now');
});

test('what it does not know it refuses', async () => {
  await assert.rejects(platform.start(['--freshly']), /unknown option --freshly/);
  await assert.rejects(platform.start(['--detach', '--node', 'district']), /goes on with a node that both were started with before/);
});
