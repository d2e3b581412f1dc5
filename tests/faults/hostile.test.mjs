// Thousands of connections that say nothing or a byte at a time, and HTTP that two readers would read differently: others are served
// within a second, what is ambiguous is refused and closed, and a provider behind both gateways sees exactly what was meant.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { Platform, freePorts, sleep } from '../lib/platform.mjs';
import { Client, ask, insist, logIn } from './lib.mjs';
import { joinProvider } from './provider.mjs';

const idle = 5000, slow = 500, tax = 'H01/GOV/H01.20/tax', recorder = 'VN/GOV/G15/recorder', path = `/r1/${recorder}/note`;
let platform, provider;
const reached = [];

before(async () => {
  platform = await Platform.start();
  const port = await freePorts(1);
  provider = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    reached.push({ method: request.method, url: request.url, body });
    response.end('noted');
  }).listen(port, '127.0.0.1');
  await joinProvider(await logIn(platform, 'vanhanh', 'national'), { system: recorder, url: `http://127.0.0.1:${port}`, consumer: tax, service: 'note' });
}, { timeout: 60000 });

after(async () => {
  provider?.close();
  provider?.closeAllConnections();
  await platform?.end();
});

/** Bytes on a connection of their own; what came back until the other side closed, or half a second after it fell silent. */
function raw(url, bytes, quietMs = 500) {
  return new Promise((resolve) => {
    const { hostname, port } = new URL(url), socket = connect(Number(port), hostname);
    let text = '', closed = false, timer;
    const end = () => { clearTimeout(timer); socket.destroy(); resolve({ text, closed, statuses: [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((m) => Number(m[1])) }); };
    const wait = () => { clearTimeout(timer); timer = setTimeout(end, quietMs); };
    socket.setEncoding('latin1');
    socket.on('data', (part) => { text += part; wait(); });
    socket.on('end', () => { closed = true; });
    socket.on('close', () => { closed = true; end(); });
    socket.on('error', () => { closed = true; });
    socket.write(Buffer.from(bytes, 'latin1'));
    timer = setTimeout(end, 4000);
  });
}

// ---- Many connections ----

/** A process of its own holds them: its limit of open files is raised, and this process stays quick enough to measure. They come from
 * many addresses: of one the node takes 1024. */
async function crowd(port) {
  const code = `import socket,sys,time,resource
want=${idle + slow + 100}
soft,hard=resource.getrlimit(resource.RLIMIT_NOFILE)
if hard!=resource.RLIM_INFINITY and hard<want:
  print('limit',hard,flush=True); sys.exit(0)
resource.setrlimit(resource.RLIMIT_NOFILE,(want,hard))
def one(i):
  s=socket.create_connection(('127.0.0.1',${port}),timeout=20,source_address=('127.0.0.%d'%(2+i%100),0)); s.setblocking(False); return s
idle=[one(i) for i in range(${idle})]
slow=[one(i) for i in range(${slow})]
print('open',len(idle)+len(slow),flush=True)
text=b'GET /dang-nhap HTTP/1.1\\r\\nHost: a\\r\\nX: '+b'y'*100000
for i in range(len(text)):
  for s in slow:
    try: s.send(text[i:i+1])
    except OSError: pass
  time.sleep(0.1)
`;
  const child = spawn('python3', ['-c', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  const said = await new Promise((resolve) => createInterface({ input: child.stdout }).once('line', resolve));
  return { child, said };
}

test(`${idle} idle connections and ${slow} that send a byte at a time: others are served within a second`, { timeout: 90000 }, async (t) => {
  const { child, said } = await crowd(platform.port);
  try {
    if (said.startsWith('limit')) return t.skip(`this machine allows ${said.split(' ')[1]} open files only`);
    assert.equal(said, `open ${idle + slow}`);
    const metrics = (await ask(platform.url('province', 'metrics'))).text, open = Number(/truc_page_connections (\d+)/.exec(metrics)[1]);
    let slowest = 0;
    for (let i = 0; i < 30; i++) {
      const started = Date.now(), client = new Client(platform.url());
      const got = await client.get('/dang-nhap');
      client.close();
      assert.equal(got.status, 200);
      slowest = Math.max(slowest, Date.now() - started);
      await sleep(50);
    }
    t.diagnostic(`${open} connections were open at the node; the slowest of 30 pages over new connections took ${slowest} ms`);
    assert.ok(slowest < 1000, `${slowest} ms`);
    assert.ok(open >= idle / 2, `the node holds ${open} of them`);
  } finally { child.kill('SIGKILL'); }
});

// ---- Ambiguous HTTP ----

const host = 'Host: a\r\n';
const ambiguous = {
  'chunked and a length': `POST @ HTTP/1.1\r\n${host}%Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n`,
  'a length and chunked': `POST @ HTTP/1.1\r\n${host}%Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  'two lengths': `POST @ HTTP/1.1\r\n${host}%Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcde`,
  'the same length twice': `POST @ HTTP/1.1\r\n${host}%Content-Length: 4\r\nContent-Length: 4\r\n\r\nabcd`,
  'a list of lengths': `POST @ HTTP/1.1\r\n${host}%Content-Length: 4, 4\r\n\r\nabcd`,
  'a length with a sign': `POST @ HTTP/1.1\r\n${host}%Content-Length: +4\r\n\r\nabcd`,
  'a length that is no number': `POST @ HTTP/1.1\r\n${host}%Content-Length: 0x4\r\n\r\nabcd`,
  'a length over all bounds': `POST @ HTTP/1.1\r\n${host}%Content-Length: 99999999999999999999\r\n\r\nabcd`,
  'a folded field': `GET @ HTTP/1.1\r\n${host}%X-One: a\r\n b\r\n\r\n`,
  'bare line feeds': `GET @ HTTP/1.1\n${host.replace('\r', '')}${'%'}\n\n`,
  'one bare line feed': `GET @ HTTP/1.1\r\nHost: a\n%X: y\r\n\r\n`,
  'a space before the colon': `POST @ HTTP/1.1\r\n${host}%Content-Length : 4\r\n\r\nabcd`,
  'a space before the name': `GET @ HTTP/1.1\r\n X: y\r\n${host}%\r\n`,
  'a bad chunk size': `POST @ HTTP/1.1\r\n${host}%Transfer-Encoding: chunked\r\n\r\nxyz\r\n\r\n`,
  'a chunk size over all bounds': `POST @ HTTP/1.1\r\n${host}%Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n`,
  'a chunk longer than it says': `POST @ HTTP/1.1\r\n${host}%Transfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n`,
  'another coding': `POST @ HTTP/1.1\r\n${host}%Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`,
  'two codings': `POST @ HTTP/1.1\r\n${host}%Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n`,
  'a coding behind a tab': `POST @ HTTP/1.1\r\n${host}%Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n`,
  'chunked in the old version': `POST @ HTTP/1.0\r\n${host}%Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  'no host': 'GET @ HTTP/1.1\r\n%\r\n',
  'two hosts': `GET @ HTTP/1.1\r\n${host}Host: b\r\n%\r\n`,
  'a whole address': `GET http://b@ HTTP/1.1\r\n${host}%\r\n`,
  'a NUL in a value': `GET @ HTTP/1.1\r\n${host}%X: a\0b\r\n\r\n`,
  'a NUL in the path': `GET @\0 HTTP/1.1\r\n${host}%\r\n`,
  'a carriage return in a value': `GET @ HTTP/1.1\r\n${host}%X: a\rb\r\n\r\n`,
  'no version': 'GET @\r\n\r\n',
  'a version of the future': `GET @ HTTP/2.0\r\n${host}%\r\n`,
  'an unknown method': `BREW @ HTTP/1.1\r\n${host}%\r\n`,
  'a trailer': `POST @ HTTP/1.1\r\n${host}%Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nContent-Length: 5\r\n\r\n`,
  'an endless field': `GET @ HTTP/1.1\r\n${host}%X: ${'y'.repeat(70000)}`,
  'an endless path': `GET @${'y'.repeat(70000)}`,
};

const fields = () => `X-Road-Client: ${tax}\r\nAxis-Token: ${platform.token(tax)}\r\n`;

for (const [name, text] of Object.entries(ambiguous)) {
  test(`${name}: refused and closed, and what is smuggled behind it is not read`, { timeout: 30000 }, async () => {
    const behind = (at, more) => `GET ${at} HTTP/1.1\r\n${host}${more}\r\n`;
    const page = await raw(platform.url(), text.replace('@', '/dang-nhap').replace('%', '') + behind('/dang-nhap', ''));
    assert.ok(page.closed, `left open: ${page.text.slice(0, 200)}`);
    assert.ok(page.statuses.length <= 1 && page.statuses.every((status) => status >= 400 && status !== 404), `pages: ${page.statuses}`);
    const before = reached.length;
    const axis = await raw(platform.url('province', 'axis'), text.replace('@', `${path}/meant`).replace('%', fields()) + behind(`${path}/smuggled`, fields()));
    assert.ok(axis.closed, `left open: ${axis.text.slice(0, 200)}`);
    assert.ok(axis.statuses.length <= 1 && axis.statuses.every((status) => status >= 400), `axis: ${axis.statuses}`);
    assert.deepEqual(reached.slice(before), [], 'it reached the provider');
  });
}

test('requests in a row through both gateways reach the provider one by one, whatever their bodies look like', { timeout: 30000 }, async () => {
  const call = (method, at, body, more = '') => `${method} ${path}/${at} HTTP/1.1\r\n${host}${fields()}${more}${body === undefined ? '' : `Content-Length: ${body.length}\r\n`}\r\n${body ?? ''}`;
  await insist('the way is open', async () => (await raw(platform.url('province', 'axis'), call('GET', 'open'))).statuses[0] === 200, 20000);
  const hidden = `GET ${path}/hidden HTTP/1.1\r\n${host}${fields()}\r\n`;
  const rows = [['POST', 'one', hidden], ['GET', 'two'], ['POST', 'three', '0\r\n\r\n' + hidden], ['PUT', 'four', ''], ['DELETE', 'five', hidden]];
  const before = reached.length;
  const chunked = `POST ${path}/six HTTP/1.1\r\n${host}${fields()}Transfer-Encoding: chunked\r\n\r\n${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n`;
  const got = await raw(platform.url('province', 'axis'), rows.map(([method, at, body]) => call(method, at, body)).join('') + chunked, 3000);
  assert.deepEqual(got.statuses, [200, 200, 200, 200, 200, 200], got.text.slice(0, 400));
  const seen = reached.slice(before).map((one) => [one.method, one.url, one.body]);
  const wanted = [...rows, ['POST', 'six', hidden]].map(([method, at, body]) => [method, `/note/${at}`, body ?? '']);
  assert.deepEqual(seen, wanted);
});

test('fields that a gateway, a proxy or a provider could take for the end of a message stay behind', { timeout: 30000 }, async () => {
  const before = reached.length;
  const got = await raw(platform.url('province', 'axis'), `POST ${path}/seven HTTP/1.1\r\n${host}${fields()}Connection: keep-alive, X-Road-Client\r\nTE: trailers\r\nUpgrade: h2c\r\nContent-Length: 2\r\n\r\nab`);
  assert.ok(got.statuses.length === 1);
  const seen = reached.slice(before);
  assert.ok(seen.length <= 1 && seen.every((one) => one.url === '/note/seven' && one.body === 'ab'), JSON.stringify(seen));
});
