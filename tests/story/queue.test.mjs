// The national node is away: what was asked waits, the officer sees since when, a province node that is killed in between loses
// nothing, and when the national node is back all goes on by itself, each thing once.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { Platform, sleep } from '../lib/platform.mjs';
import { open, logIn } from '../lib/browser.mjs';
import { act, openDossier, receiveRecord, said, waitFor, workList } from '../lib/office.mjs';

let platform, browser, counter, specialist, decider, operator;
const codes = [];

before(async () => {
  platform = await Platform.start();
  browser = await open();
  counter = await logIn(browser, platform, 'canbo.tiepnhan');
  specialist = await logIn(browser, platform, 'chuyenvien.llt');
  decider = await logIn(browser, platform, 'lanhdao.llt');
  operator = await logIn(browser, platform, 'vanhanh');
}, { timeout: 120000 });

after(async () => {
  await browser?.close();
  await platform?.end();
});

const intake = (full_name, identity) => receiveRecord(counter, platform, full_name, identity);

const exchanges = async (page) => (await page.locator('#exchanges').innerText()).replace(/\s+/g, ' ');

test('the national node ends; two requests are made and wait', async () => {
  codes.push(await intake('Lâm Quốc Bảo', '000092000101'), await intake('Châu Minh Đức', '000092000102'));
  await platform.nodeDown('national');
  for (const code of codes) assert.match(await act(counter, platform, code, 'chuyen'), /Đã chuyển hồ sơ/);
});

test('the officer sees that it waits, since when, and why', async () => {
  await openDossier(specialist, platform, codes[0]);
  const text = await waitFor(specialist, /chưa kết nối được từ/);
  assert.match(text, /chờ cơ quan khác/);
  const told = await exchanges(specialist);
  assert.match(told, /Đang chờ từ \d\d\/\d\d\/\d{4} \d\d:\d\d · chưa kết nối được từ \d\d\/\d\d\/\d{4} \d\d:\d\d \(.+\), hệ thống tự gửi lại/);
  const rows = await workList(specialist, platform, 'khac');
  for (const code of codes) assert.ok(rows.some((row) => row.includes(code)), code);
  await act(specialist, platform, codes[0], 'nhan-viec');
  assert.match(await act(specialist, platform, codes[0], 'trinh', { reason: 'Chưa có trả lời' }), /Hồ sơ đang chờ cơ quan khác trả lời|Chưa có trả lời của cơ sở dữ liệu/);
});

test('the operator sees the queue, its attempts and the last error', async () => {
  await operator.goto(`${platform.url()}/van-hanh/hang-doi`);
  const rows = (await operator.locator('tbody tr').allInnerTexts()).map((row) => row.replace(/\s+/g, ' '));
  for (const code of codes) assert.ok(rows.some((row) => row.includes(code) && row.includes('VN/GOV/G15/justice/lookup')), rows.join('\n'));
});

test('the province node is killed and started again: the officers stay logged in, the requests still wait', async () => {
  await platform.nodeKill('province');
  await platform.nodeUp('province');
  await openDossier(specialist, platform, codes[0]);
  assert.match(await exchanges(specialist), /Đang chờ từ/);
  const other = await intake('Sơn Thị Hoa', '000192000103');
  assert.notEqual(other, codes[0]);
  assert.match(other, /-0003$/, 'the next number of the day, none is lost');
});

test('killed while requests are on their way, several times', async () => {
  for (let i = 0; i < 3; i++) {
    await sleep(300 * i);
    await platform.nodeKill('province');
    await platform.nodeUp('province');
  }
});

test('the national node is back: the queue drains by itself and both are answered', async () => {
  await platform.nodeUp('national');
  for (const code of codes) {
    await openDossier(specialist, platform, code);
    await waitFor(specialist, 'Không có án tích', 45000);
  }
  await operator.goto(`${platform.url()}/van-hanh/hang-doi`);
  assert.equal((await operator.locator('tbody tr').allInnerTexts()).filter((row) => codes.some((code) => row.includes(code) && /lookup/.test(row) && /chờ/i.test(row))).length, 0);
});

test('the result is decided while the national node is away again, and the province is killed: the dossier is done all the same', async () => {
  await platform.nodeDown('national');
  for (const code of codes) {
    await act(specialist, platform, code, 'trinh', { reason: 'Đủ điều kiện' });
    assert.match(await act(decider, platform, code, 'duyet'), /Đã duyệt hồ sơ/);
  }
  await platform.nodeKill('province');
  await platform.nodeUp('province');
  assert.match(await act(counter, platform, codes[0], 'tra-ket-qua'), /Đã trả kết quả hồ sơ/);
  await platform.nodeUp('national');
});

test('the national side has each result exactly once, and each look-up once', async () => {
  const national = await logIn(browser, platform, 'canbo.quocgia', 'national');
  await national.goto(`${platform.url('national')}/ly-lich/ket-qua`);
  for (const code of codes) await waitFor(national, code, 45000);
  await sleep(3000);
  await national.reload();
  const results = await national.locator('tbody tr').allInnerTexts();
  assert.equal(results.length, codes.length, results.join('\n'));
  for (const code of codes) assert.equal(results.filter((row) => row.includes(code)).length, 1);
  await national.goto(`${platform.url('national')}/ly-lich?loc=tat-ca`);
  const lookups = await national.locator('tbody tr').allInnerTexts();
  for (const code of codes) assert.equal(lookups.filter((row) => row.includes(code)).length, 1, lookups.join('\n'));
  await openDossier(specialist, platform, codes[1]);
  await waitFor(specialist, /Đã nhận kết quả/);
  const told = await said(specialist);
  assert.equal(told.split('Cơ sở dữ liệu quốc gia đã nhận kết quả').length, 2, 'told once in the history');
});
