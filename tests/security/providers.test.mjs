// Where a provider's URL may lead: refused on the form, and again when it is called, with the reason where an operator looks.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Platform, until } from '../lib/platform.mjs';
import { callAxis, enter } from './lib.mjs';

const tax = 'H01/GOV/H01.20/tax', mirror = 'H01/GOV/H01.20/guong', named = 'H01/GOV/H01.20/ten';
let platform, operator, provider, port, calls = 0;

before(async () => {
  platform = await Platform.start();
  operator = await enter(platform, 'vanhanh');
  provider = createServer((request, response) => { calls++; response.end('ok'); });
  await new Promise((resolve) => provider.listen(0, '127.0.0.1', resolve));
  port = provider.address().port;
}, { timeout: 120000 });
after(async () => {
  provider?.close();
  provider?.closeAllConnections();
  await platform?.end();
});

const system = (id, url) => operator.submit('/van-hanh/he-thong', { id, name: 'Gương', url });

async function joinIn(id, url) {
  assert.equal((await system(id, url)).status, 303, url);
  assert.equal((await operator.submit('/van-hanh/dich-vu', { system: id, code: 'x', name: 'X', endpoints: 'GET *' })).status, 303);
  assert.equal((await operator.submit('/van-hanh/quyen', { consumer: tax, service: `${id}/x`, method: 'any', path: '*', purpose: 'Thử', legal_basis: 'Thử' })).status, 303);
}

async function allow(list) {
  const path = join(platform.var, 'province', 'truc.json');
  await platform.nodeDown('province');
  const config = JSON.parse(await readFile(path, 'utf8'));
  await writeFile(path, JSON.stringify({ ...config, provider_networks: list }));
  await platform.nodeUp('province');
}

test('what no list opens, and what this one does not, is refused on the form, which says so beside the field', async () => {
  for (const url of ['http://169.254.169.254/latest/meta-data', 'http://[fe80::1]:8080', 'http://[::ffff:169.254.169.254]', 'http://0.0.0.0:8080', 'http://203.0.113.5', 'http://127.0.0.1:22', 'http://10.0.0.1:5432', 'http://thue.example:25']) {
    const answer = await system(mirror, url);
    assert.equal(answer.status, 422, url);
    assert.match(answer.text, /id="field-url-error"[\s\S]*nằm ngoài các mạng và cổng[\s\S]*provider_networks/, url);
  }
});

test('what is allowed is called; once the list is another, nothing is sent, and page and log say why', { timeout: 60000 }, async () => {
  await joinIn(mirror, `http://127.0.0.1:${port}`);
  await joinIn(named, `http://localhost:${port}`);
  for (const id of [mirror, named]) assert.equal((await callAxis(platform, tax, `/r1/${id}/x/1`)).status, 200, id);
  assert.equal(calls, 2);
  await allow(`10.0.0.0/8:${port}`);
  operator = await enter(platform, 'vanhanh');
  for (const id of [mirror, named]) {
    const answer = await callAxis(platform, tax, `/r1/${id}/x/1`);
    assert.equal(answer.headers['x-road-error'], 'Server.ServerProxy.AddressRefused', id);
  }
  assert.equal(calls, 2, 'the provider heard nothing');
  const exchanges = await until('the list has it', async () => { const { text } = await operator.get('/van-hanh/trao-doi'); return text.includes('AddressRefused') && text; });
  assert.match(exchanges, /nằm ngoài provider_networks/);
  assert.match((await operator.get('/van-hanh/he-thong')).text, new RegExp(`http://127.0.0.1:${port}<br>[^\\n]*ngoài các mạng được phép`));
  const log = await readFile(join(platform.var, 'province.log'), 'utf8');
  assert.match(log, new RegExp(`outside of provider_networks[^\\n]*${mirror}[^\\n]*127.0.0.1:${port}`));
});

test('a list that is none keeps the node from starting, and the field is named', { timeout: 60000 }, async () => {
  await assert.rejects(allow('10.0.0.0/8:http'), /provider_networks[\s\S]*10\.0\.0\.0\/8:http/);
  await allow('');
  assert.equal((await callAxis(platform, tax, `/r1/${mirror}/x/1`)).status, 200);
});
