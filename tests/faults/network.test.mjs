// The network between the two nodes is cut in mid-exchange, is slow, breaks connections off when the work is done and the answer is
// on its way: each request takes effect once, the queue drains by itself, and the officer sees since when a dossier waits.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { Platform, freePorts, sleep } from '../lib/platform.mjs';
import { actForm, ask, chance, codeOf, errorsOf, formOf, insist, intakeForm, judicial, logIn, plain, rowsOf } from './lib.mjs';
import { configure, spoiler } from './provider.mjs';
import { introduce, moveApart, serve, wire } from './nodes.mjs';

const why = {}, cable = wire(why), random = chance(Number(process.env.SEED ?? 7));
let platform, counter, proxy, number = 0;

before(async () => {
  platform = await Platform.start();
  if (cable) await moveApart(platform, cable);
  counter = await logIn(platform, 'canbo.tiepnhan');
}, { timeout: 60000 });

after(async () => {
  cable?.mend();
  await platform?.end();
  proxy?.close();
  cable?.end();
});

async function receive() {
  const got = await counter.post('/mot-cua/tiep-nhan', await intakeForm(counter, judicial(++number, 'N')));
  assert.equal(got.status, 303, errorsOf(got));
  return codeOf(got);
}

async function forward(code) {
  const { path, form } = await actForm(counter, code, 'chuyen');
  assert.equal((await counter.post(path, form)).status, 303);
}

async function receiveMany(count) {
  const codes = [];
  for (let i = 0; i < count; i++) codes.push(await receive());
  return codes;
}

const exchangesOf = async (code) => plain(/id="exchanges"[\s\S]*?<\/section>/.exec((await counter.get(`/mot-cua/ho-so/${code}`)).text)[0]);
const answered = (code) => insist(`${code} is answered`, async () => /đã trả lời|Không có án tích/i.test(await exchangesOf(code)) && !/Đang chờ từ/.test(await exchangesOf(code)), 90000);

async function lookedUpOnce(codes) {
  for (const code of codes) await answered(code);
  const counts = new Map(rowsOf(platform, 'national', 'justice', 'select dossier, count(*) from lookup group by dossier'));
  for (const code of codes) assert.equal(counts.get(code), 1, code);
}

const skip = cable ? false : `no network namespaces here: ${why.not}; the cut is made by a proxy alone`;

test('the wire is cut in mid-exchange, again and again', { skip, timeout: 150000 }, async () => {
  const codes = await receiveMany(24);
  const cuts = (async () => {
    for (let i = 0; i < 5; i++) {
      await sleep(20 + random() * 150);
      cable.cut();
      await sleep(200 + random() * 1500);
      cable.mend();
    }
  })();
  for (const code of codes) {
    await forward(code);
    await sleep(random() * 300);
  }
  await cuts;
  await lookedUpOnce(codes);
});

test('while it is cut the officer sees since when the dossier waits; mended, the queue drains by itself', { skip, timeout: 150000 }, async () => {
  const codes = await receiveMany(6);
  cable.cut();
  for (const code of codes) await forward(code);
  await insist('the officer sees it', async () => /Đang chờ từ \d\d\/\d\d\/\d{4} \d\d:\d\d · chưa kết nối được từ/.test(await exchangesOf(codes[0])), 60000);
  cable.mend();
  await lookedUpOnce(codes);
});

test('an exchange that comes twice over the network, at the same moment or later, takes effect once', { timeout: 60000 }, async () => {
  const tax = 'H01/GOV/H01.20/tax', service = 'VN/GOV/G15/justice/lookup', operator = await logIn(platform, 'vanhanh', 'national');
  const page = await operator.get('/van-hanh/quyen'), right = { consumer: tax, service, method: 'any', path: '*', purpose: 'Kiểm thử', legal_basis: 'Thử nghiệm', quota_per_minute: '' };
  const granted = await operator.post('/van-hanh/quyen', { ...formOf(page.text, '/van-hanh/quyen'), ...right });
  assert.equal(granted.status, 303, errorsOf(granted));
  const body = JSON.stringify({ dossier: 'H01.20-260101-0001', kind: '1', full_name: 'Nguyễn Văn Hai Lần', sex: 'male', identity: '089085000123', birth_date: '1985-03-04', nationality: 'Việt Nam' });
  const send = (id) => ask(`${platform.url('province', 'axis')}/r1/${service}`, { method: 'POST', body,
    headers: { 'X-Road-Client': tax, 'Axis-Token': platform.token(tax), 'X-Road-Id': id, 'Content-Type': 'application/json' } });
  const effects = () => rowsOf(platform, 'national', 'justice', `select count(*) from lookup where consumer = '${tax}'`)[0][0];
  const first = await insist('the right holds', async () => { const got = await send('hai-lan-0'); return got.status === 200 && got; }, 20000);
  assert.equal(effects(), 1);
  for (const id of ['hai-lan-1', 'hai-lan-2']) {
    const answers = await Promise.all(Array.from({ length: 8 }, () => send(id)));
    answers.push(await insist('it is answered again', async () => { const got = await send(id); return got.status === 200 && got; }, 20000));
    // Who comes while the first is at work may be told to wait, and nothing else.
    for (const got of answers) assert.ok(got.status === 200 || got.status === 503, `${got.status} ${got.text}`);
    const told = answers.filter((got) => got.status === 200).map((got) => got.text);
    assert.equal(new Set(told).size, 1, [...new Set(told)].join('\n'));
    assert.notEqual(told[0], first.text);
  }
  assert.equal(effects(), 3);
});

test('a slow network whose connections break when the answer is on its way', { timeout: 150000 }, async (t) => {
  const base = platform.port, host = cable?.there ?? '127.0.0.1', port = await freePorts(1);
  proxy = await spoiler(port, { host, port: base + 12 });
  await platform.nodeDown('national');
  await configure(platform, 'national', (config) => { config.gateway_public = `127.0.0.1:${port}`; });
  await serve(platform, 'national', { namespace: cable?.name });
  await introduce(platform, { province: `${cable?.here ?? '127.0.0.1'}:${base + 2}`, national: `127.0.0.1:${port}` });
  const early = await receiveMany(2);
  for (const code of early) await forward(code);
  await lookedUpOnce(early);
  assert.ok(proxy.counts.connections > 0, 'the gateways speak through the proxy');
  Object.assign(proxy.how, { delay_ms: 150, cut: 0.5 });
  proxy.breakAll();
  const codes = await receiveMany(16);
  for (const code of codes) {
    await forward(code);
    await sleep(random() * 200);
  }
  await sleep(4000);
  Object.assign(proxy.how, { delay_ms: 20, cut: 0 });
  await lookedUpOnce(codes);
  t.diagnostic(`${proxy.counts.connections} connections, ${proxy.counts.cut} broken off after the request was through`);
  assert.ok(proxy.counts.cut > 0);
});

test('nobody answers at all for a while: refused connections', { timeout: 90000 }, async () => {
  const codes = await receiveMany(4);
  proxy.how.refuse = true;
  proxy.breakAll();
  for (const code of codes) await forward(code);
  await insist('the officer sees it', async () => /chưa kết nối được từ/.test(await exchangesOf(codes[0])), 40000);
  proxy.how.refuse = false;
  await lookedUpOnce(codes);
});
