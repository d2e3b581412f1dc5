// A counter loses its line: it goes on with paper receipts whose numbers were reserved and printed before, and enters them when the line
// is back. The citizen finds the dossier by the paper's number all along.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { Platform } from '../lib/platform.mjs';
import { open, logIn, phone } from '../lib/browser.mjs';
import { cardText, openDossier, openIntake, readCard, receive, said, tick, type, workList } from '../lib/office.mjs';
import { readPaper } from '../lib/paper.mjs';

let platform, browser, counter, citizen, block, number, received, due, code;

before(async () => {
  // A working morning: the deadline of what is received then is known to the minute.
  platform = await Platform.start({ now: '2026-11-25T01:30:00Z', publicUrl: 'https://motcua.example' });
  browser = await open();
  counter = await logIn(browser, platform, 'canbo.tiepnhan');
  citizen = await (await browser.newContext(phone)).newPage();
}, { timeout: 120000 });

after(async () => {
  await browser?.close();
  await platform?.end();
});

const clock = async (minutes = 0) => {
  const at = new Date(await platform.now() + (7 * 60 + minutes) * 60000).toISOString();
  return `${at.slice(0, 10).split('-').reverse().join('/')} ${at.slice(11, 16)}`;
};

async function lookUp(digits) {
  await citizen.goto(`${platform.url()}/tra-cuu`);
  await type(citizen, { code: number, phone: digits });
  await Promise.all([citizen.waitForNavigation(), citizen.locator('main button').press('Enter')]);
  return said(citizen);
}

async function fillIn(values = {}) {
  await readCard(counter, cardText({ full_name: 'Kiều Thị Ngân', identity: '000188004455', birth_date: '03/03/1988', sex: 'female', residence: 'Số 7, khóm 2' }));
  await type(counter, { phone: '0919000246', birth_place: 'An Giang', father_name: 'Kiều Văn Cha', mother_name: 'Lê Thị Mẹ', purpose: 'Xin việc', certificate_kind: '1', means: 'later', ...values });
  await tick(counter, 'request', 'original');
  await tick(counter, 'identity', 'copy');
}

test('while the line is there: numbers are reserved, and the booklet is printed', async () => {
  await counter.goto(`${platform.url()}/mot-cua/giay-du-phong`);
  await type(counter, { pieces: 3 });
  await Promise.all([counter.waitForNavigation(), counter.locator('main form button').last().press('Enter')]);
  block = counter.url();
  const numbers = (await counter.locator('tbody th').allInnerTexts()).map((text) => text.trim());
  assert.equal(numbers.length, 3);
  [number] = numbers;
  const printed = await readPaper(await (await counter.context().request.get(`${block}/in`)).body(), 'booklet');
  assert.equal(printed.pages, 3);
  for (const one of numbers) assert.ok(printed.text.includes(one), one);
  assert.deepEqual(printed.families, ['Tinos']);
});

test('without the line: the citizen holds the paper alone; back again, its number is known as received on paper', async () => {
  received = await clock();
  await platform.nodeDown('province');
  await platform.nodeUp('province');
  assert.match(await lookUp('0246'), /đã nhận trên giấy, đang chờ nhập vào hệ thống/);
});

test('late entry asks for number, true time and who received it, keeps what was typed, and marks itself', async () => {
  await counter.goto(block);
  await Promise.all([counter.waitForNavigation(), counter.locator('tr', { hasText: number }).getByRole('link').first().click()]);
  await Promise.all([counter.waitForNavigation(), counter.getByRole('link', { name: /Phiếu lý lịch tư pháp/ }).press('Enter')]);
  assert.equal(await counter.inputValue('[name=reserved_number]'), number);
  assert.equal(await counter.evaluate(() => document.activeElement.name), 'late_us'); // the first field that is still to be filled in
  await fillIn({ late_us: await clock(90) });
  await Promise.all([counter.waitForNavigation(), counter.locator('button[name=button][value=receive]').press('Enter')]);
  assert.match(await said(counter), /không được ở tương lai/);
  assert.equal(await counter.inputValue('[name=father_name]'), 'Kiều Văn Cha');
  await type(counter, { late_us: received, late_by: 'canbo.tiepnhan2' });
  code = await receive(counter);
  await openDossier(counter, platform, code);
  const text = await said(counter);
  assert.match(text, /Nhập muộn/);
  assert.ok(text.includes(number) && text.includes(`tiếp nhận thật lúc ${received}`), text);
  assert.match(text, /Trần Thị Mỹ Duyên.*Người nhận trên giấy: Lê Thị Cẩm Tú/);
  const receipt = await readPaper(await (await counter.context().request.get(`${platform.url()}/mot-cua/ho-so/${code}/giay/tiep-nhan`)).body(), 'late-receipt');
  assert.ok(receipt.text.includes('Lê Thị Cẩm Tú') && !receipt.text.includes('Trần Thị Mỹ Duyên'), receipt.text);
  assert.ok(receipt.text.includes(received), receipt.text);
  assert.ok(receipt.qr?.startsWith(`https://motcua.example/tra-cuu/${code}?k=`), `QR: ${receipt.qr}`);
  assert.ok((await workList(counter, platform, 'tat-ca', number)).some((row) => row.includes(code) && row.includes('Nhập muộn')));
});

test('its deadline is that of the true time', async () => {
  // Received in time on the same day, a dossier of the same procedure is due on the same day.
  due = (await workList(counter, platform, 'tat-ca', number))[0].match(/\d\d\/\d\d\/\d{4}/)[0];
  await openIntake(counter, platform, /Phiếu lý lịch tư pháp/);
  await fillIn();
  const other = await receive(counter);
  const [row] = await workList(counter, platform, 'tat-ca', other);
  assert.ok(row.includes(due), `${row} ${due}`);
});

test('the same number is refused a second time, and leads to its dossier', async () => {
  await counter.goto(`${platform.url()}/mot-cua/tiep-nhan?thu-tuc=2.000488&so=${number}`);
  await fillIn({ late_us: received, late_by: 'canbo.tiepnhan' });
  await Promise.all([counter.waitForNavigation(), counter.locator('button[name=button][value=receive]').press('Enter')]);
  assert.ok((await said(counter)).includes(`Số này đã dùng cho hồ sơ ${code}`));
  await counter.goto(block);
  assert.match(await said(counter), /2 chưa dùng, 1 đã dùng, 0 đã hủy/);
});

test('after it was entered the paper\'s number still finds it, with the right phone alone', async () => {
  assert.match(await lookUp('9999'), /[Kk]hông/);
  const text = await lookUp('0246');
  assert.ok(text.includes(code) && /đã được tiếp nhận/.test(text), text);
  assert.ok(!text.includes('Kiều Thị Ngân'), text);
});
