// Every page of every role, in both languages, on a desk and on a phone: nothing that axe-core finds wrong, nothing heavy, nothing
// that scrolls sideways, no word without its text; and the main forms work without scripts. TRUC_SHOTS names a folder for pictures.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Platform } from '../lib/platform.mjs';
import { axe, desk, logIn, open, phone } from '../lib/browser.mjs';
import { act, cardText, openIntake, readCard, receive, receiveBusiness, receiveRecord, said, tick, type } from '../lib/office.mjs';
import { paperOf } from '../lib/paper.mjs';

const sizeMax = 100 * 1024;
const shots = process.env.TRUC_SHOTS;
let platform, browser, lookupUrl;
const seenBefore = new Set();

/** Where each role begins; what is linked from there is found by following. */
const roles = [
  { name: null, begin: ['/', '/tra-cuu', '/dang-nhap', '/rieng-tu', '/tiep-can', '/khong-co-trang-nay'] },
  { name: 'canbo.tiepnhan', begin: ['/', '/mot-cua', '/mot-cua/tiep-nhan?thu-tuc=1.001612', '/mot-cua/tiep-nhan?thu-tuc=2.000488', '/mot-cua/thu-phi', '/tai-khoan/mat-khau', '/quan-tri/tai-khoan'] },
  { name: 'chuyenvien.llt', begin: ['/', '/mot-cua'] },
  { name: 'lanhdao', begin: ['/', '/mot-cua'] },
  { name: 'dangky', begin: ['/', '/ho-kinh-doanh', '/ho-kinh-doanh/cho-xem-xet'] },
  { name: 'truongphong', begin: ['/', '/mot-cua'] },
  { name: 'vanhanh', begin: ['/', '/van-hanh', '/van-hanh/quyen'] },
  { name: 'quantri', begin: ['/', '/quan-tri/tai-khoan', '/quan-tri/tai-khoan/canbo.tiepnhan', '/quan-tri/tai-khoan-moi', '/quan-tri/lich', '/quan-tri/nhat-ky/canbo.tiepnhan'] },
  { name: 'canbo.quocgia', node: 'national', begin: ['/', '/ly-lich', '/ly-lich/ket-qua', '/ly-lich?loc=tat-ca'] },
];

before(async () => {
  platform = await Platform.start();
  if (shots) await mkdir(shots, { recursive: true });
  browser = await open();
  const counter = await logIn(browser, platform, 'canbo.tiepnhan');
  for (const [name, identity, business] of [['Trương Ngọc Ánh', '000189000501', 'Ánh Dương'], ['Lý Thị Sen', '000189000502', 'Ảnh Dương']]) {
    const code = await receiveBusiness(counter, platform, name, identity, business);
    if (identity.endsWith('1')) lookupUrl = (await paperOf(counter, 'In giấy tiếp nhận và hẹn trả kết quả')).qr;
    await act(counter, platform, code, 'chuyen');
    const specialist = await logIn(browser, platform, 'chuyenvien'), decider = await logIn(browser, platform, 'lanhdao');
    await act(specialist, platform, code, 'trinh', { reason: 'Hợp lệ' });
    await act(decider, platform, code, 'duyet');
    await specialist.context().close();
    await decider.context().close();
  }
  const record = await receiveRecord(counter, platform, 'Trần Văn Bình', '000085000001', { birth_date: '02/03/1985' });
  await act(counter, platform, record, 'chuyen');
  await act(counter, platform, await receiveRecord(counter, platform, 'Lưu Quang Vinh', '000092000504'), 'yeu-cau-bo-sung', { reason: 'Bổ sung bản sao căn cước' });
  await receiveRecord(counter, platform, 'Mai Thị Lựu', '000092000503', { means: 'later', series: '', number: '' });
  await counter.context().close();
}, { timeout: 240000 });

after(async () => {
  await browser?.close();
  await platform?.end();
});

/** Pages of one kind look alike: /mot-cua/ho-so/X and /mot-cua/ho-so/Y; one of a kind is enough. */
const kindOf = (path) => path.replace(/\?.*$/, (q) => q.replace(/=[^&]*/g, '=')).replace(/^(\/quan-tri\/(tai-khoan|nhat-ky)\/)[^/?]+/, '$1#').replace(/[^/]*\d[^/?]*/g, '#');

function isPage(href, origin) {
  if (!href.startsWith(origin) || href.includes('#')) return false;
  return !/\/(giay|tep|bien-nhan|trich-luc|xuat|csv|ngon-ngu)(\/|\?|$)|[?&](lang|ngon-ngu)=/.test(href);
}

async function inLanguage(page, language, url) {
  const link = page.locator(`header a[hreflang=${language}]`);
  if (await link.count()) await Promise.all([page.waitForNavigation(), link.first().press('Enter')]);
  if (page.url() !== url) await page.goto(url);
}

/** Everything that is wrong with the page as it stands. */
async function faults(page) {
  const wrong = [];
  const bytes = await page.evaluate(() => [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')].reduce((sum, one) => sum + one.transferSize, 0));
  if (bytes > sizeMax) wrong.push(`${bytes} bytes`);
  const text = await page.locator('body').innerText();
  const bare = text.match(/\b(onestop|account|household|justice|operator|ui|error|node|net|store)\.[a-z_]+(\.[a-z_]+)*\b/);
  if (bare) wrong.push(`a word without its text: ${bare[0]}`);
  for (const found of await axe(page)) wrong.push(found);
  const size = page.viewportSize();
  for (const width of [768, 360]) {
    await page.setViewportSize({ width, height: 740 });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (wide > 0) wrong.push(`scrolls sideways by ${wide} px at ${width} px`);
  }
  return [wrong, size];
}

for (const role of roles) {
  test(`pages of ${role.name ?? 'a citizen'}`, { timeout: 180000 }, async (t) => {
    const node = role.node ?? 'province', origin = platform.url(node);
    const page = role.name ? await logIn(browser, platform, role.name, node) : await (await browser.newContext(desk)).newPage();
    const waiting = [...role.begin.map((path) => origin + path), ...(role.name ? [] : [lookupUrl])];
    const kinds = new Map(), wrong = [];
    let seen = 0;
    while (waiting.length && seen < 40) {
      const url = waiting.shift(), kind = kindOf(url.slice(origin.length));
      // What all see alike was looked at with the first of them.
      if (kinds.has(kind) || (seenBefore.has(node + kind) && /^\/(tai-khoan|tro-giup|rieng-tu|tiep-can|quan-tri\/(don-vi|lich))/.test(kind))) continue;
      seenBefore.add(node + kind);
      kinds.set(kind, 1);
      await page.goto(url);
      // As the last page was left, then the other way round: every page in both, with one change of language each.
      const first = await page.getAttribute('html', 'lang');
      for (const language of [first, first === 'vi' ? 'en' : 'vi']) {
        if (language !== first) await inLanguage(page, language, url);
        if ((await page.getAttribute('html', 'lang')) !== language) wrong.push(`${url}: not in ${language}`);
        const [found, size] = await faults(page);
        for (const one of found) wrong.push(`${language} ${kind}: ${one}`);
        if (shots) await page.screenshot({ path: join(shots, `${role.name ?? 'citizen'}-${seen}-${language}-phone.png`), fullPage: true });
        await page.setViewportSize(size);
        if (shots) await page.screenshot({ path: join(shots, `${role.name ?? 'citizen'}-${seen}-${language}-desk.png`), fullPage: true });
      }
      const links = await page.locator('a[href]').evaluateAll((all) => all.map((a) => a.href));
      for (const link of links) if (isPage(link, origin)) waiting.push(link);
      seen++;
    }
    t.diagnostic(`${seen} pages: ${[...kinds.keys()].join(' ')}`);
    assert.deepEqual([...new Set(wrong)], []);
    await page.context().close();
  });
}

test('the whole of a first visit is small, and what follows is smaller', async () => {
  const page = await (await browser.newContext(phone)).newPage();
  let bytes = 0;
  page.on('response', async (response) => { bytes += Number(response.headers()['content-length'] ?? (await response.body().catch(() => Buffer.alloc(0))).length); });
  await page.goto(`${platform.url()}/tra-cuu`, { waitUntil: 'networkidle' });
  bytes = 0;
  for (const path of ['/', '/dang-nhap', '/tra-cuu']) {
    await page.goto(platform.url() + path, { waitUntil: 'networkidle' });
    assert.ok(bytes < sizeMax, `${path} transferred ${bytes} bytes`);
    bytes = 0;
  }
});

test('without scripts: log in, take in, work, look up', async () => {
  const page = await logIn(browser, platform, 'canbo.tiepnhan2', 'province', { ...desk, javaScriptEnabled: false });
  await openIntake(page, platform, /Phiếu lý lịch tư pháp/);
  // Without a script Enter still presses the form's first button.
  await readCard(page, cardText({ full_name: 'Đinh Văn Mười', identity: '000092000555', birth_date: '12/05/1992', sex: 'male', residence: 'Số 5, khóm 3' }));
  assert.equal(await page.inputValue('[name=full_name]'), 'Đinh Văn Mười');
  await type(page, { phone: '0912345678', birth_place: 'An Giang', father_name: 'Cha', mother_name: 'Mẹ', purpose: 'Xin việc', certificate_kind: '1', means: 'later' });
  await tick(page, 'request', 'original');
  await tick(page, 'identity', 'copy');
  const code = await receive(page);
  assert.match(await act(page, platform, code, 'chuyen'), /Đã chuyển hồ sơ/);
  const citizen = await (await browser.newContext({ ...phone, javaScriptEnabled: false })).newPage();
  await citizen.goto(`${platform.url()}/tra-cuu`);
  await type(citizen, { code, phone: '5678' });
  await Promise.all([citizen.waitForNavigation(), citizen.press('main form button', 'Enter')]);
  assert.match(await said(citizen), /đang được giải quyết/);
});
