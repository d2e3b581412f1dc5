// Information systems in other languages join by URL and token: what they may, what they may not, and how fast that changes.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { Platform, freePorts, root, run, until } from '../lib/platform.mjs';
import { open, logIn } from '../lib/browser.mjs';

const tax = 'H01/GOV/H01.20/tax', guest = 'H01/GOV/H01.20/guest', mirror = 'H01/GOV/H01.20/mirror';
let platform, browser, operator, provider, providerPort;
const reached = [];

before(async () => {
  platform = await Platform.start();
  browser = await open();
  operator = await logIn(browser, platform, 'vanhanh');
  providerPort = await freePorts(1);
  provider = spawn('python3', [join(root, 'tests/lib/provider.py'), String(providerPort)], { stdio: ['ignore', 'pipe', 'inherit'] });
  createInterface({ input: provider.stdout }).on('line', (line) => reached.push(JSON.parse(line)));
}, { timeout: 120000 });

after(async () => {
  provider?.kill();
  await browser?.close();
  await platform?.end();
});

/** curl as an information system; {status, headers, body}. */
async function call(path, { client = tax, token = platform.token(tax), method, body, headers = {} } = {}) {
  const args = ['-si', '--path-as-is', `${platform.url('province', 'axis')}${path}`];
  if (client) args.push('-H', `X-Road-Client: ${client}`);
  if (token) args.push('-H', `Axis-Token: ${token}`);
  if (method) args.push('-X', method);
  if (body !== undefined) args.push('-H', 'Content-Type: application/json', '--data-binary', body);
  for (const [name, value] of Object.entries(headers)) args.push('-H', `${name}: ${value}`);
  const { stdout } = await run('curl', args, { maxBuffer: 16 << 20 });
  const cut = stdout.indexOf('\r\n\r\n');
  const [first, ...lines] = stdout.slice(0, cut).split('\r\n');
  return { status: Number(first.split(' ')[1]), body: stdout.slice(cut + 4),
    headers: Object.fromEntries(lines.map((l) => [l.slice(0, l.indexOf(':')).toLowerCase(), l.slice(l.indexOf(':') + 1).trim()])) };
}

const check = '/r1/H01/GOV/H01.07/household/check';
const question = JSON.stringify({ name: 'Hoa Sen Xanh', commune: '30307', head_identity: '000090000001' });

async function fill(path, form, values) {
  await operator.goto(`${platform.url()}${path}`);
  for (const [name, value] of Object.entries(values)) {
    const field = operator.locator(`form[action="${form}"] [name="${name}"]`);
    if (await field.evaluate((e) => e.tagName) === 'SELECT') await field.selectOption(value);
    else await field.fill(value);
  }
  await Promise.all([operator.waitForNavigation(), operator.locator(`form[action="${form}"] button`).last().click()]);
}

const grant = (consumer, service) => fill('/van-hanh/quyen', '/van-hanh/quyen',
  { consumer, service, method: 'any', path: '*', purpose: 'Kiểm thử', legal_basis: 'Nghị định 278/2025/NĐ-CP' });

async function revoke(consumer, service) {
  await operator.goto(`${platform.url()}/van-hanh/quyen?dich-vu=${encodeURIComponent(service)}`);
  await Promise.all([operator.waitForNavigation(), operator.locator('tr', { hasText: consumer }).locator('form[action="/van-hanh/quyen/thu-hoi"] button').first().click()]);
}

test('with the right: 200 and the fields of the protocol', async () => {
  const got = await call(check, { body: question, headers: { 'X-Road-Id': 'test-1', 'X-Road-UserId': 'VN0001' } });
  assert.equal(got.status, 200, got.body);
  assert.equal(got.headers['x-road-id'], 'test-1');
  assert.equal(got.headers['x-road-client'], tax);
  assert.equal(got.headers['x-road-service'], 'H01/GOV/H01.07/household/check');
  assert.match(got.headers['x-road-request-id'], /^[0-9a-f-]{36}$/);
  assert.match(got.headers['x-road-request-hash'], /^[A-Za-z0-9+/]{86}==$/);
  assert.equal(got.headers['x-road-error'], undefined);
  assert.equal(JSON.parse(got.body).name_lawful, true);
});

test('without a token, with a wrong one, with another system\'s name, without a name: refused', async () => {
  for (const options of [{ token: null }, { token: 'x'.repeat(43) }, { client: guest }, { client: null }, { client: 'H01/GOV/H01.20' }]) {
    const got = await call(check, { body: question, ...options });
    assert.ok(got.status === 400 || got.status === 500, JSON.stringify(options) + got.status);
    assert.match(got.headers['x-road-error'], /^(Client|Server\.ClientProxy)\./, JSON.stringify(options));
    assert.ok(JSON.parse(got.body).message);
  }
});

test('without a right: access denied', async () => {
  const got = await call(check, { client: guest, token: platform.token(guest), body: question });
  assert.equal(got.status, 500);
  assert.equal(got.headers['x-road-error'], 'Server.ServerProxy.AccessDenied');
});

test('an unknown service, an unknown member', async () => {
  assert.equal((await call('/r1/H01/GOV/H01.07/household/nothing', {})).headers['x-road-error'], 'Server.ServerProxy.UnknownService');
  assert.match((await call('/r1/H01/GOV/H01.99/nobody/nothing', {})).headers['x-road-error'], /UnknownMember$/);
});

test('errors as XML for whoever asks for it', async () => {
  const got = await call(check, { client: guest, token: platform.token(guest), body: question, headers: { Accept: 'application/xml' } });
  assert.match(got.body, /^(<\?xml[^>]*>\s*)?<error>/);
});

test('a provider in another language joins by URL and sees path, query and headers as they were sent', async () => {
  await fill('/van-hanh/he-thong', '/van-hanh/he-thong', { id: mirror, name: 'Gương', url: `http://127.0.0.1:${providerPort}/base` });
  await fill('/van-hanh/dich-vu', '/van-hanh/dich-vu', { system: mirror, code: 'echo', name: 'Lặp lại', endpoints: 'GET /items\nPOST /items' });
  let got = await call('/r1/H01/GOV/H01.20/mirror/echo/items', {});
  assert.equal(got.headers['x-road-error'], 'Server.ServerProxy.AccessDenied', got.body);
  assert.equal(reached.length, 0, 'nothing reached the provider');
  await grant(tax, `${mirror}/echo`);
  got = await call('/r1/H01/GOV/H01.20/mirror/echo/items/a%20b%2Bc?x=1&y=%C4%91', { method: 'PUT', body: '{"n":1}', headers: { Authorization: 'Bearer kept', 'X-Own': 'kept', 'X-Road-Issue': '7' } });
  assert.equal(got.status, 200, got.body);
  assert.equal(got.headers['x-provider'], 'python');
  const seen = reached.at(-1);
  assert.equal(seen.method, 'PUT');
  assert.equal(seen.path, '/base/echo/items/a%20b%2Bc?x=1&y=%C4%91');
  assert.equal(seen.body, '{"n":1}');
  const headers = Object.fromEntries(Object.entries(seen.headers).map(([k, v]) => [k.toLowerCase(), v]));
  assert.equal(headers['authorization'], 'Bearer kept');
  assert.equal(headers['x-own'], 'kept');
  assert.equal(headers['x-road-client'], tax);
  assert.equal(headers['x-road-issue'], '7');
  assert.equal(headers['axis-token'], undefined, 'the token stays with the gateway');
});

test('a provider\'s own error passes untouched', async () => {
  const got = await call('/r1/H01/GOV/H01.20/mirror/echo/missing', {});
  assert.equal(got.status, 404);
  assert.equal(got.headers['x-road-error'], undefined);
});

test('GET, POST, PUT and DELETE reach the provider as what they are', async () => {
  for (const method of ['GET', 'POST', 'PUT', 'DELETE']) {
    const got = await call('/r1/H01/GOV/H01.20/mirror/echo/items', { method, body: method === 'GET' || method === 'DELETE' ? undefined : 'x' });
    assert.equal(got.status, 200);
    assert.equal(JSON.parse(got.body).method, method);
  }
});

test('paths that two readers could understand differently do not pass', async () => {
  const before = reached.length;
  for (const path of ['/items/../secret', '/items/%2e%2e/secret', '/items/%00', '/items/%zz']) {
    const got = await call(`/r1/H01/GOV/H01.20/mirror/echo${path}`, {});
    assert.ok(got.headers['x-road-error'] || got.status === 400, path);
  }
  assert.equal(reached.length, before);
});

test('lists: clients, methods, allowed methods', async () => {
  const clients = JSON.parse((await call('/listClients', {})).body);
  const codes = clients.member.map((m) => m.id.subsystem_code);
  assert.ok(codes.includes('household') && codes.includes('mirror'));
  const methods = JSON.parse((await call('/r1/H01/GOV/H01.07/household/listMethods', {})).body).service.map((s) => s.service_code);
  assert.ok(['check', 'register', 'read', 'search'].every((code) => methods.includes(code)), methods.join());
  const allowed = JSON.parse((await call('/r1/H01/GOV/H01.07/household/allowedMethods', {})).body).service.map((s) => s.service_code);
  assert.ok(allowed.includes('check') && !allowed.includes('register'), allowed.join());
});

test('a right revoked in the operator\'s page stops the next call within a second', async () => {
  assert.equal((await call('/r1/H01/GOV/H01.20/mirror/echo/items', {})).status, 200);
  const count = reached.length;
  await revoke(tax, `${mirror}/echo`);
  const got = await call('/r1/H01/GOV/H01.20/mirror/echo/items', {});
  assert.equal(got.headers['x-road-error'], 'Server.ServerProxy.AccessDenied');
  assert.equal(reached.length, count);
});

test('receipts of these exchanges are shown to the operator and hold offline', async () => {
  await operator.goto(`${platform.url()}/van-hanh/trao-doi?ma=test-1`);
  const row = operator.locator('tbody tr').first();
  assert.match(await row.textContent(), /household\/check/);
  const [download] = await Promise.all([operator.waitForEvent('download'), row.locator('a').click()]);
  const key = (await platform.command('axis', 'key', '--node', join(platform.var, 'province'))).stdout.trim();
  const verified = await platform.command('verify', await download.path(), '--directory-key', key);
  assert.match(verified.stdout, /^valid/);
});

test('revoking the VN instance stops VN, and giving it back lets it go on', async () => {
  const methods = '/r1/VN/GOV/G15/justice/listMethods';
  assert.equal((await until('VN answers', async () => { const got = await call(methods, {}); return got.status === 200 && got; })).status, 200);
  const button = async () => {
    await operator.goto(`${platform.url()}/van-hanh/lien-thong`);
    await Promise.all([operator.waitForNavigation(), operator.locator('tr', { hasText: 'VN' }).locator('form button').first().click()]);
  };
  await button();
  const got = await call(methods, {});
  assert.ok(got.headers['x-road-error'], got.body);
  await button();
  await until('VN answers again', async () => (await call(methods, {})).status === 200);
});
