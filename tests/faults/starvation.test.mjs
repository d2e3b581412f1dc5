// A pool of workers cannot starve itself: more pages than there are workers wait on a register whose provider, before it answers,
// asks the same node for a page and for an exchange. All of them end.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { Platform, freePorts } from '../lib/platform.mjs';
import { ask, errorsOf, household, insist, intakeForm, logIn, plain } from './lib.mjs';
import { joinProvider, turnPart } from './provider.mjs';

const width = 64, register = 'H01/GOV/H01.20/slow', tax = 'H01/GOV/H01.20/tax';
let platform, provider, counter;
const inside = { now: 0, most: 0, pages: 0, exchanges: 0, others: [] };

async function callBack(request, response) {
  for await (const part of request) void part;
  inside.most = Math.max(inside.most, ++inside.now);
  // All wait inside the provider before the first goes on: every page worker and every service worker is asked for at once.
  await insist('the others are inside too', async () => inside.most >= width / 2, 15000).catch(() => {});
  const window = counter.again(), page = await window.get('/mot-cua'), exchange = await ask(`${platform.url('province', 'axis')}/r1/H01/GOV/H01.07/household/listMethods`,
    { headers: { 'X-Road-Client': tax, 'Axis-Token': platform.token(tax) } });
  if (page.status === 200) inside.pages++;
  else inside.others.push(`${page.status} ${plain(page.text).slice(0, 200)}`);
  if (exchange.status === 200) inside.exchanges++;
  else inside.others.push(`${exchange.status} ${exchange.text}`);
  window.close();
  inside.now--;
  const answer = JSON.stringify({ name_lawful: true, name_free: true, head_free: true, findings: [] });
  response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': answer.length });
  response.end(answer);
}

before(async () => {
  platform = await Platform.start();
  const port = await freePorts(1);
  provider = createServer((request, response) => callBack(request, response).catch((fault) => response.destroy(fault))).listen(port, '127.0.0.1');
  const operator = await logIn(platform, 'vanhanh');
  await joinProvider(operator, { system: register, url: `http://127.0.0.1:${port}`, consumer: 'H01/GOV/H01.01/onestop', service: 'check' });
  await turnPart(platform, 'province', 'household', register);
  counter = await logIn(platform, 'canbo.tiepnhan2');
}, { timeout: 60000 });

after(async () => {
  provider?.close();
  provider?.closeAllConnections();
  await platform?.end();
});

test(`${width} pages that ask a provider which calls back all end`, { timeout: 90000 }, async (t) => {
  const forms = [];
  for (let i = 0; i < width; i++) forms.push(await intakeForm(counter, { ...household(i, 'S'), button: 'check' }));
  const started = Date.now();
  const answers = await Promise.all(forms.map(async (form) => {
    const window = counter.again();
    try { return await window.post('/mot-cua/tiep-nhan', form); } finally { window.close(); }
  }));
  t.diagnostic(`${Date.now() - started} ms; at most ${inside.most} were inside the provider at once`);
  for (const got of answers) assert.equal(got.status, 200, errorsOf(got));
  assert.ok(inside.most > 16, `only ${inside.most} were inside the provider at once`);
  assert.deepEqual(inside.others, []);
  assert.equal(inside.pages, width);
  assert.equal(inside.exchanges, width);
});
