// docs/nginx.conf as an operator takes it: the real nginx before the real node, with its three names, its ports and its log replaced.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as tlsConnect } from 'node:tls';
import { Platform, freePorts, root, run, until } from '../lib/platform.mjs';
import { Visitor, formBody, formType, multipart, newAccount, routes, send } from './lib.mjs';

const name = 'motcua.angiang.example', LIMIT = 100 << 20;
let platform, folder, nginx, authority, secure, plain, base;

async function configure() {
  const path = join(platform.var, 'province', 'truc.json');
  const config = JSON.parse(await readFile(path, 'utf8'));
  await platform.nodeDown('province');
  await writeFile(path, JSON.stringify({ ...config, secure_cookies: true, trusted_proxies: '127.0.0.1', public_url: `https://${name}` }));
  await platform.nodeUp('province');
}

async function startProxy() {
  folder = await mkdtemp(join(tmpdir(), 'truc-nginx-'));
  await chmod(folder, 0o755);
  await run('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', `/CN=${name}`,
    '-addext', `subjectAltName=DNS:${name}`, '-keyout', join(folder, 'key.pem'), '-out', join(folder, 'fullchain.pem')]);
  authority = await readFile(join(folder, 'fullchain.pem'));
  plain = await freePorts(2);
  secure = plain + 1;
  const ours = await readFile(join(root, 'docs/nginx.conf'), 'utf8');
  const theirs = ours.replaceAll('motcua.example', name).replaceAll('/etc/truc/tls', folder).replaceAll('127.0.0.1:8080', new URL(platform.url()).host)
    .replaceAll('listen 443 ', `listen 127.0.0.1:${secure} `).replaceAll(/listen 80\b/g, `listen 127.0.0.1:${plain}`).replaceAll('/var/log/nginx', folder);
  await writeFile(join(folder, 'truc.conf'), theirs);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${folder}/${kind};`).join(' ');
  // What stands around it in Debian, gzip included.
  await writeFile(join(folder, 'nginx.conf'), `daemon off; worker_processes 2; pid ${folder}/pid; error_log ${folder}/error.log warn;
    events { worker_connections 768; } http { ${temporary} sendfile on; gzip on; ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3; include ${folder}/truc.conf; }\n`);
  nginx = spawn('/usr/sbin/nginx', ['-e', join(folder, 'error.log'), '-c', join(folder, 'nginx.conf')], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  nginx.stderr.on('data', (d) => (said += d));
  await until('nginx answers', async () => { if (nginx.exitCode !== null) throw new Error(said); return (await send(`http://127.0.0.1:${plain}/`, { headers: { Host: name } })).status; });
  base = `https://${name}`;
}

before(async () => {
  platform = await Platform.start();
  await configure();
  await startProxy();
}, { timeout: 180000 });
after(async () => {
  if (nginx?.exitCode === null) { nginx.kill('SIGQUIT'); await new Promise((resolve) => nginx.on('exit', resolve)); }
  if (folder) await rm(folder, { recursive: true, force: true });
  await platform?.end();
}, { timeout: 60000 });

/** One request over TLS, with the certificate checked against the name. */
function ask(path, { method = 'GET', headers = {}, body, from = '127.0.8.1' } = {}) {
  return new Promise((resolve, reject) => {
    const request = httpsRequest({ host: '127.0.0.1', port: secure, servername: name, ca: authority, path, method, localAddress: from, agent: false, timeout: 60000,
      headers: { Host: name, ...(body ? { 'Content-Length': body.length } : {}), ...headers } }, (response) => {
      const parts = [];
      response.on('data', (d) => parts.push(d));
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, text: Buffer.concat(parts).toString('utf8') }));
    });
    request.on('timeout', () => request.destroy(new Error(`no answer: ${path}`)));
    request.on('error', reject);
    if (body) request.write(body);
    request.end();
  });
}

/** What a visitor does, through the proxy. */
class Guest extends Visitor {
  async send(path, { method, headers = {}, body } = {}) {
    const cookie = Object.entries(this.cookies).map(([k, v]) => `${k}=${v}`).join('; ');
    const answer = await ask(path, { method, from: this.from, body: body === undefined ? undefined : Buffer.from(body), headers: { ...(cookie ? { Cookie: cookie } : {}), ...headers } });
    this.set = answer.headers['set-cookie'] ?? [];
    for (const line of this.set) this.cookies[line.slice(0, line.indexOf('='))] = line.slice(line.indexOf('=') + 1, line.indexOf(';'));
    return answer;
  }
}

async function guest(login, role = 'counter', from = '127.0.8.2') {
  await newAccount(platform, login, role);
  const visitor = new Guest(platform, 'province', from);
  assert.equal((await visitor.logIn(login)).status, 303);
  return visitor;
}

/** Bytes as they are, until the proxy closes. */
function raw(text, options = {}) {
  return new Promise((resolve, reject) => {
    const socket = tlsConnect({ host: '127.0.0.1', port: secure, servername: name, ca: authority, ...options }, () => socket.write(text));
    let got = '';
    socket.on('data', (d) => (got += d.toString('latin1')));
    socket.on('close', () => resolve(got));
    socket.on('error', (error) => (got ? resolve(got) : reject(error)));
    socket.setTimeout(20000, () => socket.destroy(new Error('the proxy does not close')));
  });
}

test('http leads to https on the same page; another name gets nothing', async () => {
  const answer = await send(`http://127.0.0.1:${plain}/tra-cuu?lang=en`, { headers: { Host: name } });
  assert.equal(answer.status, 308);
  assert.equal(answer.headers.location, `${base}/tra-cuu?lang=en`);
  await assert.rejects(send(`http://127.0.0.1:${plain}/`, { headers: { Host: 'other.example' } }));
  await assert.rejects(raw('GET / HTTP/1.1\r\nHost: x\r\n\r\n', { servername: 'other.example', rejectUnauthorized: false }));
  await assert.rejects(ask('/', { headers: { Host: 'evil.example' } }), 'the name of TLS is right, the one of the request is not');
});

test('TLS 1.2 and 1.3 alone, with a certificate that fits the name', async () => {
  for (const version of ['TLSv1.2', 'TLSv1.3']) {
    const got = await raw(`GET / HTTP/1.1\r\nHost: ${name}\r\nConnection: close\r\n\r\n`, { minVersion: version, maxVersion: version });
    assert.match(got, /^HTTP\/1\.1 200/, version);
  }
  for (const version of ['TLSv1', 'TLSv1.1']) {
    await assert.rejects(raw('GET / HTTP/1.1\r\n\r\n', { minVersion: version, maxVersion: version, ciphers: 'DEFAULT:@SECLEVEL=0' }), version);
  }
  await assert.rejects(raw(`GET / HTTP/1.1\r\nHost: ${name}\r\n\r\n`, { maxVersion: 'TLSv1.2', ciphers: 'AES128-SHA' }), 'no suite without forward secrecy');
});

test('log-in works over https; cookies are Secure and __Host-, one HSTS, no version, no compressed page', async () => {
  const visitor = await guest('qua.proxy');
  const line = visitor.set.find((l) => l.startsWith('__Host-session='));
  assert.match(line, /; Secure/);
  assert.match(line, /; HttpOnly/);
  const page = await visitor.get('/mot-cua', { headers: { 'Accept-Encoding': 'gzip' } });
  assert.equal(page.status, 200);
  assert.equal(page.headers['strict-transport-security'], 'max-age=31536000');
  assert.equal(page.headers['content-encoding'], undefined);
  assert.equal(page.headers.server, 'nginx');
  const origin = await visitor.submit('/dang-xuat', {}, { headers: { Origin: base } });
  assert.equal(origin.status, 303, 'the page\'s own origin is known behind the proxy');
  const style = page.text.match(/href="(\/a\/[^"]+\.css)"/)[1];
  assert.equal((await ask(style, { headers: { 'Accept-Encoding': 'gzip' } })).headers['content-encoding'], 'gzip');
});

test('the address of whoever asks reaches the list of sessions, the rates and the log; what they write of it does not', async () => {
  const forged = { 'X-Forwarded-For': '10.9.8.7', 'X-Real-IP': '10.9.8.7', Forwarded: 'for=10.9.8.7' };
  const visitor = await guest('dia.chi', 'counter', '127.0.8.77');
  const own = await visitor.get('/tai-khoan');
  assert.ok(own.text.includes('127.0.8.77'));
  const post = (from) => ask('/tra-cuu', { method: 'POST', from, headers: { 'Content-Type': formType, ...forged }, body: Buffer.from('x=1') });
  const [hits] = (await routes()).pages.find((p) => p.method === 'POST' && p.path === '/tra-cuu').rate.split('/').map(Number);
  let refused;
  for (let i = 0; i < 2 * hits + 2 && !refused; i++) refused = (await post('127.0.8.78')).status === 429;
  assert.ok(refused, 'one address has its rate');
  assert.notEqual((await post('127.0.8.79')).status, 429, 'another has its own');
  const log = await until('the log has the address', async () => { const text = await readFile(join(folder, 'truc.log'), 'utf8'); return text.includes(' 127.0.8.79 POST /tra-cuu ') && text; });
  assert.ok(!log.includes('10.9.8.7'));
  assert.ok(!log.includes('?'), 'no query is logged');
});

test('an upload at the limit reaches the node, above it a page says so, far above it the proxy does', { timeout: 120000 }, async () => {
  const visitor = await guest('tep.lon', 'counter', '127.0.8.3');
  const conf = await readFile(join(root, 'docs/nginx.conf'), 'utf8');
  const uploads = (await routes()).pages.filter((p) => p.upload).map((p) => p.path);
  for (const path of uploads) assert.ok(conf.includes(`location = ${path} {`), `${path} takes files and has no place in docs/nginx.conf`);
  const csrf = await visitor.token('/mot-cua');
  const sized = (size) => {
    const parts = (content) => multipart([['csrf', csrf], ['file', { file: 'giay.pdf', type: 'application/pdf', content }]]);
    const { type, body } = parts(''), made = parts(Buffer.alloc(size - body.length));
    assert.equal(made.body.length, size);
    return { method: 'POST', headers: { 'Content-Type': type }, body: made.body };
  };
  const fits = await visitor.send('/mot-cua/tiep-nhan', sized(LIMIT));
  assert.ok(![413, 502, 503, 504].includes(fits.status) && fits.status < 500, `at the limit: ${fits.status}`);
  const over = await visitor.send('/mot-cua/tiep-nhan', sized(LIMIT + 1));
  assert.equal(over.status, 413);
  assert.match(over.text, /govuk-/, 'the page is the node\'s');
  const head = (path, length) => raw(`POST ${path} HTTP/1.1\r\nHost: ${name}\r\nConnection: close\r\nContent-Type: ${formType}\r\nContent-Length: ${length}\r\n\r\n`);
  const far = await head('/mot-cua/tiep-nhan', 200 << 20);
  assert.match(far, /^HTTP\/1\.1 413/);
  assert.match(far, /100 MB/);
  assert.match(far, /Strict-Transport-Security/);
  assert.match(await head('/tra-cuu', 1 << 20), /^HTTP\/1\.1 413/, 'no other page takes as much');
  const form = await ask('/tra-cuu', { method: 'POST', from: '127.0.8.4', headers: { 'Content-Type': formType }, body: Buffer.from(formBody({ x: 'a'.repeat(70000) })) });
  assert.equal(form.status, 413);
  assert.match(form.text, /govuk-/);
});

test('ambiguous requests are refused and none of them reaches a page', async () => {
  const before = (await readFile(join(folder, 'truc.log'), 'utf8')).length;
  const smuggled = 'GET /lau-qua HTTP/1.1\r\nHost: x\r\n\r\n', post = `POST /tra-cuu HTTP/1.1\r\nHost: ${name}\r\nContent-Type: ${formType}\r\n`;
  const cases = {
    'a length beside chunks': `${post}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`,
    'chunks beside a length': `${post}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n${smuggled}`,
    'two lengths': `${post}Content-Length: 0\r\nContent-Length: ${smuggled.length}\r\n\r\n${smuggled}`,
    'two codings': `${post}Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n${smuggled}`,
    'an unknown coding': `${post}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${smuggled}`,
    'a space before the colon': `${post}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n${smuggled}`,
    'chunks on 1.0': `POST /tra-cuu HTTP/1.0\r\nHost: ${name}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`,
    'two hosts': `GET / HTTP/1.1\r\nHost: ${name}\r\nHost: evil.example\r\n\r\n`,
    'no host': 'GET / HTTP/1.1\r\n\r\n',
    'a number that is none': `${post}Content-Length: +4\r\n\r\nx=1&`,
    'a chunk without a size': `${post}Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n${smuggled}`,
    'a NUL in a header': `${post}X-A: a\0b\r\nContent-Length: 3\r\n\r\nx=1`,
    'a long head': `GET / HTTP/1.1\r\nHost: ${name}\r\nX-Long: ${'a'.repeat(20000)}\r\n\r\n`,
  };
  for (const [what, text] of Object.entries(cases)) {
    const got = await raw(text);
    assert.match(got, /^(HTTP\/1\.1 (400|414|431|494|501)|<html>\r\n<head><title>400)/, `${what}: ${JSON.stringify(got.slice(0, 80))}`);
    assert.equal(got.match(/HTTP\/1\.1 \d{3}/g)?.length ?? 0, 1, `${what}: one answer`);
  }
  const log = (await readFile(join(folder, 'truc.log'), 'utf8')).slice(before);
  assert.ok(!log.includes('/lau-qua'), 'what was hidden in a body is no request');
});

test('chunks alone come out whole, and a name with an underscore goes no further', async () => {
  const body = 'x=1', got = await raw(`POST /tra-cuu HTTP/1.1\r\nHost: ${name}\r\nConnection: close\r\nContent-Type: ${formType}\r\nTransfer_Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n${body.length}\r\n${body}\r\n0\r\n\r\n`);
  assert.match(got, /^HTTP\/1\.1 (200|303|422|429)/);
});

test('while the node is away the proxy says so in a page', { timeout: 60000 }, async () => {
  await platform.nodeDown('province');
  const answer = await ask('/');
  assert.equal(answer.status, 503);
  assert.match(answer.text, /tạm ngừng/);
  await platform.nodeUp('province');
  await until('it is back', async () => (await ask('/')).status === 200);
});
