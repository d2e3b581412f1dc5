// Exchanges through both gateways, and the latency that they add.
//
// The demo tax system of the province asks a service of the national node. Its provider is an nginx that answers with fixed bytes; the
// same nginx stands behind the pair of proxies that the figure is compared with, and is asked bare for the latency.
import { join } from 'node:path';
import { here, logIn, median, NotMeasured, pace, say, sleep, wrk, writeText } from './machine.mjs';
import { pairStart, providerStart } from './nginx.mjs';
import { request } from 'node:http';

const consumer = 'H01/GOV/H01.20/tax', system = 'VN/GOV/G15/bench', path = `/r1/${system}/echo/question`;
const question = JSON.stringify({ name: 'Hoa Sen Xanh', commune: '30307', head_identity: '000090000001', sectors: ['4711', '4721'], note: 'x'.repeat(120) });
const answer = JSON.stringify({ name_lawful: true, name_free: true, head_free: true, findings: [], note: 'y'.repeat(200) });
const connections = 64;

async function join_provider(platform, port) {
  const operator = await logIn(platform, 'vanhanh', 'national');
  await operator.post('/van-hanh/he-thong', '/van-hanh/he-thong', { id: system, name: 'Đo tốc độ', url: `http://127.0.0.1:${port}` });
  await operator.post('/van-hanh/dich-vu', '/van-hanh/dich-vu', { system, code: 'echo', name: 'Đo tốc độ', endpoints: 'POST /question' });
  await operator.post('/van-hanh/quyen', '/van-hanh/quyen',
    { consumer, service: `${system}/echo`, method: 'any', path: '*', purpose: 'Đo tốc độ', legal_basis: 'Thử nghiệm' });
}

function ask(url, headers) {
  return new Promise((resolve, reject) => {
    const call = request(url, { method: 'POST', headers: { 'Content-Type': 'application/json', ...headers } }, (got) => {
      let text = '';
      got.on('data', (part) => (text += part));
      got.on('end', () => resolve({ status: got.statusCode, text }));
    });
    call.on('error', reject);
    call.end(question);
  });
}

/** Until the province has the national directory with the new system in it. */
async function until_joined(url, headers) {
  let last = '';
  for (const end = Date.now() + 60000; Date.now() < end; await sleep(300)) {
    const got = await ask(url, headers);
    if (got.status === 200 && got.text === answer) return;
    last = `${got.status} ${got.text}`;
  }
  throw new NotMeasured(`the exchange does not come through: ${last}`);
}

const raw = (host, headers) => `POST ${path} HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\n` +
  Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join('') + `Content-Length: ${Buffer.byteLength(question)}\r\n\r\n${question}`;

export async function exchangeOpen({ platform, folder }) {
  const provider = await providerStart(folder, answer), pair = await pairStart(folder, provider);
  await join_provider(platform, provider);
  const headers = { 'X-Road-Client': consumer, 'Axis-Token': platform.token(consumer) };
  const axis = platform.url('province', 'axis');
  await until_joined(axis + path, headers);
  const env = { BENCH_LUA: here, BENCH_BODY: question, BENCH_CLIENT: consumer, BENCH_TOKEN: headers['Axis-Token'] };
  return { axis, headers, env, provider, pair, folder };
}

/** {exchange, exchange_p99} */
export async function measureExchange({ setting, tools, rounds, seconds }) {
  const { axis, env, pair } = setting;
  const load = (base) => wrk(base + path, { connections, seconds, script: 'exchange.lua', env });
  const ours = [], theirs = [];
  await load(axis);
  for (let i = 0; i < rounds; i++) {
    theirs.push((await load(`http://127.0.0.1:${pair}`)).rate);
    ours.push((await load(axis)).rate);
    say(`exchange: ${ours.at(-1).toFixed(0)}/s, nginx pair ${theirs.at(-1).toFixed(0)}/s`);
  }
  return { value: median(ours), reference_value: median(theirs) };
}

export async function measureLatency({ setting, tools, rounds, seconds, rate }) {
  const { axis, headers, provider, folder } = setting;
  const address = axis.replace('http://', ''), bare = `127.0.0.1:${provider}`;
  const file = await writeText(join(folder, 'exchange.request'), raw(address, headers));
  const bareFile = await writeText(join(folder, 'bare.request'), raw(bare, headers));
  const ours = [], theirs = [];
  for (let i = 0; i < rounds; i++) {
    theirs.push((await pace(tools, bare, bareFile, rate, seconds, connections)).p99_ms);
    ours.push((await pace(tools, address, file, rate, seconds, connections)).p99_ms);
    say(`exchange_p99 at ${rate.toFixed(0)}/s: ${ours.at(-1)} ms, bare provider ${theirs.at(-1)} ms`);
  }
  return { value: median(ours) - median(theirs), reference_value: median(theirs), ratio: median(ours) / median(theirs) };
}
