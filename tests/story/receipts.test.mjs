// Each exchange of a story leaves a receipt that convinces a stranger offline, with one key and nothing else; a changed one
// convinces nobody. (All bytes of a receipt are tried in src/axis; here the program itself is asked, byte after byte.)
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Platform, until } from '../lib/platform.mjs';
import { open, logIn } from '../lib/browser.mjs';
import { act, openDossier, receiveBusiness, receiveRecord, waitFor } from '../lib/office.mjs';

let platform, browser;
const receipts = { province: [], national: [] }, keys = {};

const keyOf = async (one, node) => (await one.command('axis', 'key', '--node', join(one.var, node))).stdout.trim();
const verify = (path, key) => platform.command('verify', path, '--directory-key', key).then((got) => got.stdout, () => 'refused');

/** Every receipt that the operator's page of exchanges offers, as files. */
async function collect(one, node) {
  const operator = await logIn(browser, one, 'vanhanh', node);
  const got = await until('receipts are covered by a checkpoint', async () => {
    await operator.goto(`${one.url(node)}/van-hanh/trao-doi`);
    const links = await operator.locator('a[href$="/bien-nhan"]').evaluateAll((all) => all.map((a) => a.href));
    const all = await Promise.all(links.map((link) => operator.context().request.get(link)));
    return all.length && all.every((one) => one.status() === 200) && all;
  });
  const files = [];
  for (const [i, response] of got.entries()) {
    files.push(join(one.var, `${node}-${i}.receipt`));
    await writeFile(files.at(-1), await response.body());
  }
  await operator.context().close();
  return files;
}

before(async () => {
  platform = await Platform.start();
  browser = await open();
  const counter = await logIn(browser, platform, 'canbo.tiepnhan'), specialist = await logIn(browser, platform, 'chuyenvien.llt'), decider = await logIn(browser, platform, 'lanhdao.llt');
  await receiveBusiness(counter, platform, 'Trương Ngọc Ánh', '000189000901', 'Ánh Dương');
  const code = await receiveRecord(counter, platform, 'Lưu Quang Vinh', '000092000902');
  await act(counter, platform, code, 'chuyen');
  await openDossier(specialist, platform, code);
  await waitFor(specialist, 'Không có án tích');
  await act(specialist, platform, code, 'trinh', { reason: 'Đủ điều kiện' });
  await act(decider, platform, code, 'duyet');
  await openDossier(decider, platform, code);
  await waitFor(decider, 'Đã nhận kết quả');
  for (const node of ['province', 'national']) {
    receipts[node] = await collect(platform, node);
    keys[node] = await keyOf(platform, node);
  }
}, { timeout: 180000 });

after(async () => {
  await browser?.close();
  await platform?.end();
});

test('each receipt of the story holds, and says who asked whom for what', async () => {
  assert.ok(receipts.province.length >= 3 && receipts.national.length >= 2, `${receipts.province.length} and ${receipts.national.length} receipts`);
  const said = [];
  for (const node of ['province', 'national']) for (const file of receipts[node]) said.push(await verify(file, keys[node]));
  for (const text of said) assert.match(text, /^valid\nconsumer: H01\/GOV\/H01\.01\/onestop\n/);
  for (const service of ['H01/GOV/H01.07/household/check', 'VN/GOV/G15/justice/lookup', 'VN/GOV/G15/justice/result'])
    assert.ok(said.some((text) => text.includes(`service: ${service}\n`)), `${service} in ${said.join('\n')}`);
});

test('the nodes are not asked: a receipt holds while both are down', async () => {
  await platform.down();
  assert.match(await verify(receipts.province[0], keys.province), /^valid/);
  await platform.up();
});

test('after any one byte is changed it is refused', async () => {
  const whole = await readFile(receipts.national[0]), path = join(platform.var, 'changed.receipt');
  const places = Array.from({ length: 200 }, (_, i) => Math.floor((i * (whole.length - 1)) / 199));
  for (const place of places) {
    const changed = Buffer.from(whole);
    changed[place] ^= 1;
    await writeFile(path, changed);
    assert.equal(await verify(path, keys.national), 'refused', `byte ${place} of ${whole.length}`);
  }
  for (const changed of [whole.subarray(0, -1), Buffer.concat([whole, Buffer.from('\n')]), Buffer.alloc(0)]) {
    await writeFile(path, changed);
    assert.equal(await verify(path, keys.national), 'refused');
  }
});

test('a receipt that is whole in itself under another key of the same names is refused', async () => {
  // A stranger sets up the same instances under keys of his own and makes a receipt of the same exchange.
  const stranger = await Platform.start();
  try {
    const counter = await logIn(browser, stranger, 'canbo.tiepnhan');
    await receiveBusiness(counter, stranger, 'Trương Ngọc Ánh', '000189000901', 'Ánh Dương');
    const [forged] = await collect(stranger, 'province');
    assert.match(await verify(forged, await keyOf(stranger, 'province')), /^valid/, 'consistent under its own key');
    assert.equal(await verify(forged, keys.province), 'refused');
  } finally {
    await stranger.end();
  }
});
