// What keeps people apart: log-in and its lock, sessions, form tokens, who sees a dossier, and two officers at one dossier.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { Platform } from '../lib/platform.mjs';
import { desk, open, logIn } from '../lib/browser.mjs';
import { actHere, cardText, openDossier, openIntake, readCard, receiveRecord, said, tick, type, workList } from '../lib/office.mjs';

let platform, browser, counter, colleague, code;

before(async () => {
  platform = await Platform.start();
  browser = await open();
  counter = await logIn(browser, platform, 'canbo.tiepnhan');
  colleague = await logIn(browser, platform, 'canbo.tiepnhan2');
  code = await receiveRecord(counter, platform, 'Mai Văn Tài', '000092000301');
}, { timeout: 120000 });

after(async () => {
  await browser?.close();
  await platform?.end();
});

async function tryLogIn(name, password, codeTyped = '000000') {
  const page = await (await browser.newContext(desk)).newPage();
  await page.goto(`${platform.url()}/dang-nhap`);
  await type(page, { name, password, code: codeTyped });
  await Promise.all([page.waitForNavigation(), page.click('main form button')]);
  const text = await said(page);
  await page.context().close();
  return text;
}

test('a wrong password, a wrong code and an unknown name are told in the same words', async () => {
  const account = platform.account('truongphong');
  const told = [await tryLogIn('truongphong', 'khong-phai-mat-khau'), await tryLogIn('truongphong', account.password), await tryLogIn('khong.co.ai', 'khong-phai-mat-khau')];
  for (const text of told) assert.match(text, /Tên đăng nhập, mật khẩu hoặc mã xác thực chưa đúng/);
});

test('one sees where one is logged in, and ends a session elsewhere', async () => {
  const elsewhere = await logIn(browser, platform, 'canbo.tiepnhan2');
  await colleague.goto(`${platform.url()}/tai-khoan`);
  const rows = colleague.locator('form[action="/tai-khoan/phien"]');
  assert.equal(await rows.count(), 2);
  const before = await elsewhere.goto(`${platform.url()}/mot-cua`);
  assert.equal(before.status(), 200);
  assert.ok(!elsewhere.url().includes('dang-nhap'));
  // The other one: to end one's own would be a log-out.
  for (let i = 0; i < 2 && !elsewhere.url().includes('dang-nhap'); i++) {
    await Promise.all([colleague.waitForNavigation(), rows.nth(i).locator('button').click()]);
    if (colleague.url().includes('dang-nhap')) break;
    await elsewhere.goto(`${platform.url()}/mot-cua`);
  }
  const ended = [colleague, elsewhere].filter((page) => page.url().includes('dang-nhap'));
  assert.equal(ended.length, 1, 'one session ended, the other lives');
  if (ended[0] === colleague) colleague = elsewhere;
});

test('a form without its token, or with another person\'s, changes nothing', async () => {
  await openDossier(counter, platform, code);
  const revision = await counter.locator('form[action$="/chuyen"] [name=revision]').inputValue();
  await openDossier(colleague, platform, code);
  const foreign = await colleague.locator('form[action$="/chuyen"] [name=csrf]').inputValue();
  for (const form of [{ revision }, { revision, csrf: 'x'.repeat(foreign.length) }, { revision, csrf: foreign }]) {
    const response = await counter.context().request.post(`${platform.url()}/mot-cua/ho-so/${code}/chuyen`, { form, maxRedirects: 0 });
    assert.equal(response.status(), 403, JSON.stringify(Object.keys(form)));
  }
  await openDossier(counter, platform, code);
  assert.match(await said(counter), /Đã tiếp nhận/);
});

test('who is not logged in is led to the log-in and back', async () => {
  const page = await (await browser.newContext(desk)).newPage();
  await page.goto(`${platform.url()}/mot-cua/ho-so/${code}`);
  assert.match(page.url(), /dang-nhap/);
  assert.doesNotMatch(await page.content(), /Mai Văn Tài/);
  await page.context().close();
});

test('an officer of a third unit sees neither the dossier, nor its papers, nor its line', async () => {
  const other = await logIn(browser, platform, 'canbo.noikhac');
  for (const path of ['', '/giay/tiep-nhan']) {
    const response = await other.context().request.get(`${platform.url()}/mot-cua/ho-so/${code}${path}`);
    assert.equal(response.status(), 404, path);
    assert.ok(!(await response.text()).includes('Mai Văn Tài'));
  }
  assert.deepEqual((await workList(other, platform, 'tat-ca', 'mai van tai')).filter((row) => row.includes(code)), []);
  assert.equal((await other.context().request.get(`${platform.url()}/quan-tri/tai-khoan`)).status(), 403);
  await other.context().close();
});

test('the same intake sent twice counts once', async () => {
  await openIntake(counter, platform, /Phiếu lý lịch tư pháp/);
  await readCard(counter, cardText({ full_name: 'Hồ Thị Song', identity: '000192000302', birth_date: '12/05/1992', sex: 'female', residence: 'Số 5, khóm 3' }));
  await type(counter, { phone: '0912345678', birth_place: 'An Giang', father_name: 'Cha', mother_name: 'Mẹ', purpose: 'Xin việc', certificate_kind: '1', means: 'later' });
  await tick(counter, 'request', 'original');
  await tick(counter, 'identity', 'copy');
  const ends = await counter.evaluate(async () => {
    const form = document.querySelector('main form[method=post]');
    const body = new FormData(form);
    body.set('button', 'receive');
    const send = () => fetch(form.action, { method: 'POST', body }).then((response) => response.url);
    return [...(await Promise.all([send(), send()])), await send()];
  });
  assert.equal(new Set(ends).size, 1, ends.join(' '));
  assert.match(ends[0], /da-tiep-nhan/);
  assert.equal((await workList(counter, platform, 'tat-ca', 'ho thi song')).length, 1);
});

test('the second officer is told who changed what, and keeps what was typed', async () => {
  const unpaid = await receiveRecord(counter, platform, 'Mai Thị Lựu', '000192000303', { means: 'later', series: '', number: '' });
  await openDossier(counter, platform, unpaid);
  await openDossier(colleague, platform, unpaid);
  assert.match(await actHere(counter, 'thu-phi', { means: 'cash', series: 'LT', number: '990001' }), /Đã thu phí/);
  await actHere(colleague, 'rut', { reason: 'Người dân gọi điện xin rút' });
  const text = await said(colleague);
  assert.match(text, /Trần Thị Mỹ Duyên đã thu phí lúc \d\d\/\d\d\/\d{4} \d\d:\d\d/);
  assert.equal(await colleague.locator('form[action$="/rut"] textarea').inputValue(), 'Người dân gọi điện xin rút');
});

test('each look at personal data stands in a log that the administrator reads: who, what, when', async () => {
  const admin = await logIn(browser, platform, 'quantri');
  const minute = (text) => /\d\d:\d\d/.test(text) && /\d\d\/\d\d\/\d{4}/.test(text);
  await openDossier(colleague, platform, code);
  await admin.goto(`${platform.url()}/`);
  await Promise.all([admin.waitForNavigation(), admin.getByRole('link', { name: 'Nhật ký truy cập' }).press('Enter')]);
  await type(admin, { ma: code });
  await Promise.all([admin.waitForNavigation(), admin.press('[name=ma]', 'Enter')]);
  const rows = (await admin.locator('tbody tr').allInnerTexts()).map((row) => row.replace(/\s+/g, ' '));
  for (const [what, who] of [['Xem hồ sơ', 'Trần Thị Mỹ Duyên'], ['Xem hồ sơ', 'Lê Thị Cẩm Tú'], ['Tiếp nhận hồ sơ', 'Trần Thị Mỹ Duyên']])
    assert.ok(rows.some((row) => row.includes(what) && row.includes(who) && minute(row) && /phường Long Xuyên/i.test(row)), `${what} ${who}: ${rows.join('\n')}`);
  assert.ok(!rows.some((row) => row.includes('Thái Thị Ngọc Bích')), 'who was shown nothing looked at nothing');
  assert.doesNotMatch(await admin.content(), /Mai Văn Tài/, 'the log names no applicant');
  assert.equal((await counter.context().request.get(`${platform.url()}/mot-cua/nhat-ky?ma=${code}`)).status(), 403);
  // A look at an account is a look at personal data as well.
  await admin.goto(`${platform.url()}/quan-tri/tai-khoan/canbo.tiepnhan`);
  await admin.goto(`${platform.url()}/quan-tri/nhat-ky/canbo.tiepnhan`);
  const log = (await admin.locator('.app-timeline li').allInnerTexts()).find((line) => line.includes('Xem tài khoản'));
  assert.ok(log?.includes('Đặng Thị Thu Hà') && minute(log), log);
});

test('after too many the name is locked for a while, even for the right password', async () => {
  let text = '';
  for (let i = 0; i < 11 && !/Đã sai quá nhiều lần/.test(text); i++) text = await tryLogIn('truongphong', `sai-lan-${i}`);
  assert.match(text, /Đã sai quá nhiều lần. Hãy thử lại sau \d+ phút/);
  assert.match(await tryLogIn('truongphong', platform.account('truongphong').password), /Đã sai quá nhiều lần/);
});
