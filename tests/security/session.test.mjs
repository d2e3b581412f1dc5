// Sessions, log-in and what surrounds a page: fixation, brute force, timing, codes, rates, redirects, hosts and headers.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Platform, totp } from '../lib/platform.mjs';
import { Visitor, enter, formBody, formType, freshCode, newAccount, routes, send, toLogIn } from './lib.mjs';

let platform;
before(async () => { platform = await Platform.start(); }, { timeout: 120000 });
after(() => platform?.end());

let addresses = 0;
/** An address of its own for each test: rates count by address. */
const address = () => `127.0.3.${++addresses}`;
/** Somebody new in that role, who is in. */
const someone = async (role, from = address(), unit = '30307') => enter(platform, (await newAccount(platform, `nguoi.${addresses}.${from.split('.').pop()}`, role, unit)).name, 'province', from);
const cookieLine = (answer, name) => (answer.headers['set-cookie'] ?? []).find((l) => l.startsWith(`${name}=`));

test('fixation: an id that somebody brought along is never taken up; log-in and log-out give new ones', async () => {
  const visitor = new Visitor(platform, 'province', address());
  const planted = 'A'.repeat(43);
  visitor.cookies.session = planted;
  await visitor.get('/');
  const [someoneNew, another] = [await newAccount(platform, 'co.dinh.1'), await newAccount(platform, 'co.dinh.2')];
  const first = await visitor.logIn(someoneNew.name);
  assert.equal(first.status, 303);
  const one = visitor.cookies.session;
  assert.notEqual(one, planted);
  assert.ok(Buffer.from(one, 'base64url').length >= 32, 'an id has 256 bits');
  const thief = new Visitor(platform, 'province', address());
  thief.cookies.session = planted;
  assert.ok(toLogIn(await thief.get('/mot-cua')), 'the planted id is nobody');
  await visitor.logIn(another.name);
  const two = visitor.cookies.session;
  assert.notEqual(two, one);
  thief.cookies.session = one;
  assert.ok(toLogIn(await thief.get('/mot-cua')), 'the id from before the second log-in has ended');
  await visitor.submit('/dang-xuat');
  assert.notEqual(visitor.cookies.session, two);
});

test('fixation: the token of forms from before log-in is none afterwards', async () => {
  const visitor = new Visitor(platform, 'province', address());
  const before = (await visitor.get('/dang-nhap')).text.match(/name="csrf" value="([^"]+)"/)?.[1];
  await visitor.logIn((await newAccount(platform, 'truoc.sau')).name);
  assert.notEqual(await visitor.token(), before);
  if (before) assert.equal((await visitor.post('/dang-xuat', { csrf: before })).status, 403);
});

test('cookies: HttpOnly, SameSite, path / and no domain; nothing of the person in them', async () => {
  const visitor = new Visitor(platform, 'province', address());
  const answer = await visitor.logIn('lanhdao');
  const line = cookieLine(answer, 'session');
  assert.match(line, /; HttpOnly/i);
  assert.match(line, /; SameSite=(Lax|Strict)/i);
  assert.match(line, /; Path=\//i);
  assert.doesNotMatch(line, /domain=|expires=|lanhdao/i);
});

test('the session ends on the server: at log-out, and when its owner ends it elsewhere', async () => {
  const visitor = await someone('counter');
  const kept = { ...visitor.cookies };
  assert.equal((await visitor.submit('/dang-xuat')).status, 303);
  const copy = new Visitor(platform, 'province', visitor.from);
  copy.cookies = kept;
  assert.ok(toLogIn(await copy.get('/tai-khoan')), 'the cookie that was copied is worth nothing');
  await newAccount(platform, 'hai.noi');
  const here = await enter(platform, 'hai.noi', 'province', address()), there = await enter(platform, 'hai.noi', 'province', address());
  const keys = [...(await here.get('/tai-khoan')).text.matchAll(/name="key" value="([^"]+)"/g)].map((m) => m[1]);
  assert.ok(keys.length >= 1, 'sessions can be ended');
  for (const key of keys) await here.submit('/tai-khoan/phien', { key });
  assert.ok(toLogIn(await there.get('/tai-khoan')));
  const other = await someone('specialist');
  const own = [...(await other.get('/tai-khoan')).text.matchAll(/name="key" value="([^"]+)"/g)].map((m) => m[1]);
  const again = await someone('decider');
  for (const key of own) assert.equal((await again.submit('/tai-khoan/phien', { key })).status, 404, 'another\'s session cannot be ended');
});

test('log-out by another site\'s page or by a mere link does nothing', async () => {
  const visitor = await someone('decider');
  assert.equal((await visitor.post('/dang-xuat', {}, { headers: { Origin: 'https://example.org' } })).status, 403);
  assert.equal((await visitor.get('/dang-xuat')).status, 405);
  assert.equal((await visitor.get('/tai-khoan')).status, 200);
});

test('log-in CSRF: a form of another site logs nobody in', async () => {
  const account = platform.account('chuyenvien');
  for (const origin of ['https://example.org', 'null', 'http://127.0.0.1:1', `${platform.url()}.example.org`]) {
    const visitor = new Visitor(platform, 'province', address());
    const answer = await visitor.post('/dang-nhap', { name: account.name, password: account.password, code: '000000' }, { headers: { Origin: origin } });
    assert.equal(answer.status, 403, origin);
    assert.equal(visitor.cookies.session, undefined);
  }
});

test('brute force: ten wrong ones lock the name for a while, also for the right password; the message is the same for a name that is not there', async () => {
  const said = {};
  for (const name of ['truongphong', 'khong.co.ai']) {
    const visitor = new Visitor(platform, 'province', address());
    const seen = [];
    for (let i = 0; i < 11; i++) {
      const answer = await visitor.post('/dang-nhap', { name, password: `sai mật khẩu ${i}`, code: '123456' });
      seen.push([answer.status, answer.text.match(/govuk-error-summary[\s\S]*?<\/ul>/)?.[0].replace(/<[^>]*>|\d+/g, ' ').replace(/\s+/g, ' ')]);
      assert.equal(visitor.cookies.session, undefined);
    }
    said[name] = seen;
  }
  assert.deepEqual(said.truongphong, said['khong.co.ai'], 'nothing tells which name there is');
  assert.notDeepEqual(said.truongphong[0], said.truongphong[10], 'the lock-out is said');
  const account = platform.account('truongphong');
  const late = new Visitor(platform, 'province', address());
  const answer = await late.post('/dang-nhap', { name: account.name, password: account.password, code: await freshCode(platform, account, 'province') });
  assert.notEqual(answer.status, 303, 'locked out for the right password too');
  assert.ok(await someone('counter'), 'nobody else is');
});

test('timing: an unknown name takes as long as a wrong password', async () => {
  const times = { known: [], unknown: [] };
  for (let round = 0; round < 9; round++) {
    for (const [kind, name] of [['known', ['dangky', 'quantri', 'vanhanh'][round % 3]], ['unknown', `khong.co.${round % 3}`]]) {
      const visitor = new Visitor(platform, 'province', `127.0.4.${round + 1}`);
      const begun = process.hrtime.bigint();
      await visitor.post('/dang-nhap', { name, password: 'sai mật khẩu', code: '000000' });
      times[kind].push(Number(process.hrtime.bigint() - begun) / 1e6);
    }
  }
  const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
  const known = median(times.known), unknown = median(times.unknown);
  assert.ok(known / unknown < 1.6 && unknown / known < 1.6, `known ${known} ms, unknown ${unknown} ms`);
  assert.ok(unknown > 5, `a password is compared for an unknown name too: ${unknown} ms`);
});

test('a code counts once, an old one not at all, and a wrong one says the same as a wrong password', async () => {
  const account = platform.account('canbo.noikhac'), from = address();
  const code = await freshCode(platform, account, 'province');
  const first = new Visitor(platform, 'province', from), second = new Visitor(platform, 'province', from);
  const fields = { name: account.name, password: account.password };
  assert.equal((await first.post('/dang-nhap', { ...fields, code })).status, 303);
  const again = await second.post('/dang-nhap', { ...fields, code });
  assert.notEqual(again.status, 303, 'the same code a second time');
  const message = (answer) => answer.text.match(/govuk-error-summary[\s\S]*?<\/ul>/)?.[0];
  const now = await platform.now('province');
  for (const wrong of [totp(account.otpauth, now - 3600e3), totp(account.otpauth, now + 3600e3), '', '000000', `${code} `, `0${code}`, '٠١٢٣٤٥']) {
    const answer = await second.post('/dang-nhap', { ...fields, code: wrong });
    assert.notEqual(answer.status, 303, `code "${wrong}"`);
    if (wrong.length === 6 && /^\d+$/.test(wrong)) assert.equal(message(answer), message(again));
  }
  const wrongPassword = await second.post('/dang-nhap', { ...fields, password: 'sai mật khẩu', code: '000000' });
  assert.equal(message(wrongPassword), message(again));
});

test('rates: every row that names one answers 429 with Retry-After once it is used up', async () => {
  const limited = (await routes()).pages.filter((p) => p.rate && p.permission === null);
  assert.ok(limited.length >= 4);
  for (const page of limited) {
    const [hits, seconds] = page.rate.split('/').map(Number);
    const from = address(), path = page.path.replace('{code}', 'H01.103-200101-9999');
    let refused, answer, taken = 0;
    for (let i = 0; i < 2 * hits + 2 && !refused; i++) { // a window may begin anew in between
      answer = page.method === 'GET' ? await send(`${platform.url()}${path}`, { from }) : await send(`${platform.url()}${path}`, { method: 'POST', from, headers: { 'Content-Type': formType }, body: 'x=1' });
      if (answer.status === 429) refused = true; else taken++;
    }
    assert.ok(refused, `${page.method} ${page.path}: ${taken} taken`);
    assert.ok(taken >= hits, `${page.path}: ${taken} of ${hits}`);
    const wait = Number(answer.headers['retry-after']);
    assert.ok(wait >= 1 && wait <= seconds, `${page.path}: Retry-After ${answer.headers['retry-after']}`);
    const forged = await send(`${platform.url()}${path}`, { method: page.method, from, headers: { 'Content-Type': formType, 'X-Forwarded-For': '10.1.2.3', Forwarded: 'for=10.1.2.3', 'X-Real-IP': '10.1.2.3' }, body: page.method === 'POST' ? 'x=1' : undefined });
    assert.equal(forged.status, 429, 'a forged address header is not believed');
  }
});

test('the return path after log-in is our own, whatever the cookie says', async () => {
  for (const path of ['//example.org/', 'https://example.org/', '/\\example.org', '\\\\example.org', '/%0d%0aSet-Cookie:x=1', '/a\r\nX-Made: up', '/ b', 'javascript:alert(1)', '/\t/example.org', '/a\u0000b', '']) {
    const visitor = new Visitor(platform, 'province', address());
    visitor.cookies.return = Buffer.from(path).toString('base64url');
    const answer = await visitor.logIn((await newAccount(platform, `tro.lai.${addresses}`)).name);
    assert.equal(answer.status, 303);
    const to = answer.headers.location;
    assert.ok(to.startsWith('/') && !to.startsWith('//') && !to.includes('\\'), `${JSON.stringify(path)} leads to ${to}`);
    assert.equal(answer.headers['x-made'], undefined);
  }
});

test('paths that look like another host lead nowhere', async () => {
  for (const path of ['//example.org/?lang=en', '/%2f/example.org?lang=en', '//example.org/%2e%2e?lang=vi', '/\\example.org?lang=en', '/mot-cua//example.org?lang=en']) {
    const answer = await send(`${platform.url()}${path}`, { from: address() });
    if (answer.headers.location) assert.match(answer.headers.location, /^\/(?![/\\])/, `${path} leads to ${answer.headers.location}`);
    else assert.ok([400, 404].includes(answer.status), `${path}: ${answer.status}`);
  }
});

test('a forged Host is repeated nowhere', async () => {
  for (const headers of [{ Host: 'evil.example' }, { Host: 'evil.example:80', 'X-Forwarded-Host': 'evil.example' }, { 'X-Forwarded-Host': 'evil.example', Forwarded: 'host=evil.example' }]) {
    for (const path of ['/', '/dang-nhap', '/mot-cua', '/tra-cuu', '/khong-co', '/?lang=en']) {
      const answer = await send(`${platform.url()}${path}`, { headers, from: address() });
      assert.ok(!answer.text.includes('evil.example'), path);
      assert.ok(!JSON.stringify(answer.headers).includes('evil.example'), path);
    }
  }
});

test('CR and LF in every parameter, path and cookie: no header is made of them', async () => {
  const tables = await routes();
  const visitor = await someone('counter', '127.0.5.1');
  const officers = { onestop: visitor, account: await someone('admin', '127.0.5.2'), operator: await someone('operator', '127.0.5.3'), household: await someone('register', '127.0.5.4') };
  const poison = ['%0d%0aX-Made:%20up', '%0aX-Made:%20up', '%E5%98%8A%E5%98%8DX-Made:%20up', '%0d%0a%0d%0a<script>x</script>'];
  let tried = 0;
  for (const page of tables.pages.filter((p) => p.method === 'GET' && p.system !== 'justice')) {
    const by = officers[page.system] ?? visitor;
    for (const text of poison) {
      const paths = [page.path.replace(/\{\w+\}/g, `a${text}`) + (page.path.includes('{') ? '' : `?lang=en&x=${text}`),
        ...page.params.filter((p) => !page.path.includes(`{${p.name}}`)).map((p) => `${page.path.replace(/\{\w+\}/g, 'a')}?${p.name}=${text}&lang=en`)];
      for (const path of paths) {
        const answer = await by.get(path, { from: `127.0.5.${10 + (tried++ % 200)}` });
        assert.equal(answer.headers['x-made'], undefined, path);
        assert.ok(answer.status < 500, `${path}: ${answer.status}`);
      }
    }
  }
  assert.ok(tried > 150, `${tried}`);
  for (const name of ['lang', 'flash', 'return', 'session', 'before']) {
    const answer = await send(`${platform.url()}/dang-nhap`, { headers: { Cookie: `${name}=${Buffer.from('ui.session.ended\nx\r\nX-Made: up').toString('base64url')}` }, from: address() });
    assert.equal(answer.headers['x-made'], undefined);
    assert.ok(answer.status < 500);
  }
});

test('every page: no framing, no sniffing, a policy without foreign or inline scripts, nothing kept by caches', async () => {
  const tables = await routes();
  const officers = { onestop: await someone('counter', '127.0.6.1'), account: await someone('admin', '127.0.6.2'),
    operator: await someone('operator', '127.0.6.3'), household: await someone('register', '127.0.6.4') };
  for (const page of tables.pages.filter((p) => p.method === 'GET' && p.system !== 'justice')) {
    const answer = await (officers[page.system] ?? officers.onestop).get(page.path.replace(/\{\w+\}/g, 'A1'));
    const policy = answer.headers['content-security-policy'] ?? '';
    assert.match(policy, /default-src 'none'/, page.path);
    assert.match(policy, answer.status === 200 && page.frame ? /frame-ancestors 'self'/ : /frame-ancestors '(none|self)'/, page.path);
    const html = /^text\/html/.test(answer.headers['content-type']);
    if (html) assert.match(policy, /script-src 'self'/, page.path);
    assert.doesNotMatch(policy, /script-src[^;]*(unsafe|\*|data:|https?:)/, page.path);
    if (html) assert.doesNotMatch(policy, /unsafe/, page.path);
    assert.match(policy, /base-uri 'none'/);
    assert.match(policy, /form-action/);
    assert.match(answer.headers['x-frame-options'], page.frame ? /SAMEORIGIN|DENY/ : /^DENY$/, page.path);
    assert.equal(answer.headers['x-content-type-options'], 'nosniff');
    assert.match(answer.headers['referrer-policy'], /same-origin|no-referrer/);
    assert.equal(answer.headers['cache-control'], 'no-store', page.path);
    assert.equal(answer.headers['access-control-allow-origin'], undefined);
    assert.doesNotMatch(answer.headers.server ?? '', /\d/);
  }
});

test('what may be cached is the same for everybody: styles and scripts, by their content\'s hash', async () => {
  const asset = (await send(`${platform.url()}/`, { from: address() })).text.match(/(?:href|src)="(\/a\/[^"]+\.(?:css|js|mjs))"/)?.[1];
  assert.ok(asset);
  const answer = await send(`${platform.url()}${asset}`, { from: address() });
  assert.match(answer.headers['cache-control'], /public/);
  assert.equal(answer.headers['x-content-type-options'], 'nosniff');
  assert.equal(answer.headers['set-cookie'], undefined);
});

test('methods that no row names: 405 or refused, TRACE repeats nothing', async () => {
  for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'CONNECT', 'PROPFIND', 'QUERY']) {
    const port = new URL(platform.url()).port;
    const said = await new Promise((resolve) => {
      let all = '';
      const socket = connect(port, '127.0.0.1', () => socket.write(`${method} /dang-nhap HTTP/1.1\r\nHost: x\r\nCookie: bi-mat=1\r\nConnection: close\r\n\r\n`));
      socket.on('data', (d) => (all += d)).on('close', () => resolve(all)).on('error', () => resolve(all));
    });
    assert.match(said, /^(HTTP\/1\.1 (400|403|404|405|501)|$)/, method);
    assert.ok(!said.includes('bi-mat'), method);
  }
});

test('idle for half an hour: the session has ended; used in between: not; after half a day: in any case', async () => {
  const config = join(platform.var, 'province', 'truc.json');
  const idle = await someone('counter'), busy = await someone('counter');
  const move = async (seconds) => {
    await platform.nodeDown('province');
    const now = JSON.parse(await readFile(config, 'utf8'));
    now.clock_offset_s = (now.clock_offset_s ?? 0) + seconds;
    await writeFile(config, JSON.stringify(now));
    await platform.nodeUp('province');
  };
  await move(25 * 60);
  assert.equal((await busy.get('/tai-khoan')).status, 200);
  await move(10 * 60);
  assert.ok(toLogIn(await idle.get('/tai-khoan')), 'idle for 35 minutes');
  assert.equal((await busy.get('/tai-khoan')).status, 200, 'used 10 minutes ago');
  await move(12 * 3600);
  assert.ok(toLogIn(await busy.get('/tai-khoan')), 'half a day later');
}, { timeout: 120000 });
