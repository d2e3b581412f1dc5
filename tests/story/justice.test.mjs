// A judicial record certificate from the counter to its return, in both eras of the law: the people of the province, the
// national officer, and the citizen with a phone; then what the papers say.
import { test, before, after, describe } from 'node:test';
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { Platform, root } from '../lib/platform.mjs';
import { open, logIn, phone } from '../lib/browser.mjs';
import { act, actHere, cardText, line, offered, openDossier, openIntake, readCard, receive, said, tick, type, waitFor, workList } from '../lib/office.mjs';
import { paperOf } from '../lib/paper.mjs';

const eras = [
  { name: '2021', now: '2021-03-15T02:00:00Z', code: /^000\.00\.31\.H01-210315-\d{4}$/, header: 'Luật áp dụng: chính quyền ba cấp, Nghị định 61/2018/NĐ-CP', counter: 'Thành phố Long Xuyên',
    decider: 'Sở Tư pháp tỉnh An Giang', office: 'SỞ TƯ PHÁP', number: /^\d+\/2021\/STP-LLTP$/, form: 'Thông tư 01/2018/TT-VPCP', due: '25/03/2021' },
  { name: 'today', code: /^H01\.103-\d{6}-\d{4}$/, counter: 'Phường Long Xuyên',
    decider: 'Công an tỉnh An Giang', office: 'CÔNG AN TỈNH AN GIANG', number: /^\d+\/\d{4}\/CA-LLTP$/, form: 'Thông tư 03/2025/TT-VPCP' },
];
const procedure = /Phiếu lý lịch tư pháp/;
const districts = /(^|[^\p{L}])(huyện|thị xã|thành phố)([^\p{L}]|$)/iu;

const lan = { full_name: 'Trần Thị Ngọc Lan', identity: '000190004711', birth_date: '05/09/1990', sex: 'female', residence: 'Số 12, khóm Đông Thịnh, phường Mỹ Phước' };
const hong = { full_name: 'Lê Thị Hồng', identity: '000190000815', birth_date: '21/07/1990', sex: 'female', residence: 'Số 7, ấp Long Hòa, xã Mỹ Hiệp' };
const binh = { full_name: 'Trần Văn Bình', identity: '000085000001', birth_date: '02/03/1985', sex: 'male', residence: 'Số 3, khóm 2, phường Mỹ Long' };

for (const era of eras) {
  describe(`judicial record, law of ${era.name}`, () => {
    let platform, browser, counter, specialist, decider, national, citizen, code, lookupUrl;
    let series = 0;

    before(async () => {
      platform = await Platform.start({ now: era.now });
      browser = await open();
      counter = await logIn(browser, platform, 'canbo.tiepnhan');
      specialist = await logIn(browser, platform, 'chuyenvien.llt');
      decider = await logIn(browser, platform, 'lanhdao.llt');
      national = await logIn(browser, platform, 'canbo.quocgia', 'national');
      citizen = await (await browser.newContext(phone)).newPage();
    }, { timeout: 120000 });

    after(async () => {
      await browser?.close();
      await platform?.end();
    });

    async function begin(person) {
      await openIntake(counter, platform, procedure);
      await readCard(counter, cardText(person));
      await type(counter, { phone: '0912345678', birth_place: 'An Giang', father_name: 'Trần Văn Tám', mother_name: 'Ngô Thị Bảy', purpose: 'Bổ túc hồ sơ xin việc', certificate_kind: '1' });
      await tick(counter, 'request', 'original');
    }

    const pay = () => type(counter, { means: 'cash', series: 'LP/26E', number: String(1000 + series++) });

    /** An intake with nothing special. */
    async function quick(person, values = {}) {
      await begin(person);
      await tick(counter, 'identity', 'certified');
      await pay();
      await type(counter, values);
      return receive(counter);
    }

    async function toCitizen(url, forbidden = [lan.full_name, 'Trần Văn Tám', '0912345678', lan.identity]) {
      await citizen.goto(url);
      const text = await said(citizen);
      for (const name of forbidden) assert.ok(!text.includes(name), `${name} on the citizen's page`);
      const wide = await citizen.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      assert.ok(wide <= 0, `scrolls sideways by ${wide}`);
      return text;
    }

    test('the counter officer sees where and under which law she works', async () => {
      await counter.goto(`${platform.url()}/mot-cua`);
      const header = (await counter.locator('header').innerText()).replace(/\s+/g, ' ');
      assert.ok(header.includes(era.counter), header);
      assert.ok(header.includes('Trần Thị Mỹ Duyên'), header);
      assert.equal(header.includes('Luật áp dụng'), Boolean(era.header), header);
      if (era.header) assert.ok(header.includes(era.header));
    });

    test('intake: the card fills in, what is missing is told beside its field, nothing typed is lost', async () => {
      await begin(lan);
      assert.equal(await counter.inputValue('[name=full_name]'), lan.full_name);
      assert.equal(await counter.inputValue('[name=identity]'), lan.identity);
      assert.equal(await counter.inputValue('[name=birth_date]'), lan.birth_date);
      assert.ok(await counter.isChecked('[name=sex][value=female]'));
      await type(counter, { by_other: true, submitter_name: 'Trần Văn Tám', submitter_identity: '000060000002', submitter_phone: '0987654321', authority: 'kin', copies: '4', means: 'cash' });
      await Promise.all([counter.waitForNavigation(), counter.locator('button[value=receive]').click()]);
      const told = (await counter.locator('.govuk-error-summary').innerText()).replace(/\s+/g, ' ');
      assert.match(told, /Còn thiếu giấy tờ bắt buộc: Bản sao thẻ căn cước/);
      assert.match(told, /Nhập cả ký hiệu và số biên lai/);
      assert.equal(await counter.inputValue('[name=purpose]'), 'Bổ túc hồ sơ xin việc');
      await tick(counter, 'identity', 'copy', join(root, 'tests/story/scan.pdf'));
      await pay();
      code = await receive(counter);
      assert.match(code, era.code);
      const text = await said(counter);
      assert.match(text, /210\.000 đồng/, 'the third copy and on cost 5.000 đồng each');
      assert.match(text, /Điện thoại của người dân không mở được địa chỉ này/, 'an address of this machine alone is told');
      if (era.due) assert.ok(text.includes(era.due), text);
    });

    test('form 01: law, names, code, fee; its QR leads to the citizen\'s page', async () => {
      const paper = await paperOf(counter, 'In giấy tiếp nhận và hẹn trả kết quả');
      for (const wanted of ['CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM', 'GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ', era.form, code, 'TRẦN THỊ NGỌC LAN', 'Trần Văn Tám', lan.identity, '210.000 đồng', era.decider, '2.000488', 'KHÔNG CÓ GIÁ TRỊ PHÁP LÝ'])
        assert.ok(paper.text.includes(wanted), `${wanted} in ${paper.text}`);
      if (era.name === 'today') assert.doesNotMatch(paper.text, districts);
      assert.ok(paper.qr?.startsWith(`${platform.url()}/tra-cuu/${code}?k=`), `QR: ${paper.qr}`);
      lookupUrl = paper.qr;
      assert.deepEqual(paper.families, ['Tinos']);
      assert.equal(paper.pages, 1);
    });

    test('the citizen follows the QR on a phone: how it stands, what to do, no names', async () => {
      const text = await toCitizen(lookupUrl);
      assert.match(text, /Hồ sơ của ông\/bà đã được tiếp nhận/);
      assert.match(text, /Hẹn trả kết quả/);
      assert.ok(await citizen.locator('a[href^="tel:"]').count(), 'a phone number to tap');
    });

    test('a specialist has nothing to do before the counter forwards; a third unit never sees it', async () => {
      assert.ok(!(await workList(specialist, platform)).some((row) => row.includes(code)));
      const other = await logIn(browser, platform, 'canbo.noikhac');
      await openDossier(other, platform, code);
      const text = await said(other);
      assert.ok(!text.includes(lan.full_name), text);
      assert.ok(!(await workList(other, platform, 'tat-ca')).some((row) => row.includes(code)));
      await other.context().close();
    });

    test('forwarded: the national database answers at once that nothing is known', async () => {
      assert.equal(await act(counter, platform, code, 'chuyen'), `Đã chuyển hồ sơ ${code} đến cơ quan giải quyết`);
      await openDossier(specialist, platform, code);
      const text = await waitFor(specialist, 'Không có án tích');
      assert.match(text, /Tra cứu cơ sở dữ liệu lý lịch tư pháp quốc gia/);
      assert.match(text, /VN\/GOV\/G15\/justice\/lookup/);
    });

    test('the exchange names its request and its receipt', async () => {
      await openDossier(specialist, platform, code);
      const exchanges = (await specialist.locator('#exchanges').innerText()).replace(/\s+/g, ' ');
      assert.match(exchanges, /Mã giao dịch [0-9a-f-]{36}/);
      assert.match(exchanges, /Biên nhận trên trục \S+:\d+/);
    });

    test('the specialist takes it and asks for a supplement: the clock stands, form 02, the citizen reads what to bring', async () => {
      assert.match(await act(specialist, platform, code, 'nhan-viec'), /Ông\/bà đã nhận giải quyết hồ sơ/);
      assert.match(await actHere(specialist, 'yeu-cau-bo-sung', { reason: '' }), /Nhập lý do/);
      const reason = 'Bản sao căn cước bị mờ số, đề nghị nộp bản rõ hơn.';
      assert.match(await actHere(specialist, 'yeu-cau-bo-sung', { reason }), /Thời hạn tạm dừng/);
      assert.match(await said(specialist), /Tạm dừng tính thời hạn từ/);
      await openDossier(counter, platform, code);
      const paper = await paperOf(counter, 'Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ');
      for (const wanted of ['PHIẾU YÊU CẦU BỔ SUNG, HOÀN THIỆN HỒ SƠ', '02', reason, code]) assert.ok(paper.text.includes(wanted), `${wanted} in ${paper.text}`);
      assert.equal(paper.qr, lookupUrl);
      const text = await toCitizen(lookupUrl);
      assert.match(text, /Hồ sơ của ông\/bà cần bổ sung/);
      assert.ok(text.includes(reason));
      assert.match(text, /Mang giấy tờ bổ sung và giấy tiếp nhận đến nơi tiếp nhận/);
    });

    test('the supplement comes, the clock goes on; proposed, sent back once, proposed again, approved', async () => {
      assert.match(await act(counter, platform, code, 'da-bo-sung'), /Thời hạn tính tiếp/);
      assert.match(await act(specialist, platform, code, 'trinh', { reason: 'Đủ điều kiện cấp' }), /Đã trình hồ sơ/);
      assert.match(await act(decider, platform, code, 'tra-lai', { reason: 'Ghi rõ nơi sinh' }), /Đã trả lại hồ sơ/);
      const rows = await workList(specialist, platform, 'tra-lai');
      assert.ok(rows.some((row) => row.includes(code)), rows.join('\n'));
      assert.match(await act(specialist, platform, code, 'trinh', { reason: 'Đã ghi rõ nơi sinh' }), /Đã trình hồ sơ/);
      assert.match(await act(decider, platform, code, 'duyet'), /Đã duyệt hồ sơ/);
    });

    test('the certificate: who issued it, for whom, clean', async () => {
      await openDossier(counter, platform, code);
      assert.match(await line(counter, 'Số kết quả'), era.number);
      const paper = await paperOf(counter, 'Kết quả giải quyết');
      for (const wanted of [era.office, 'PHIẾU LÝ LỊCH TƯ PHÁP', 'Số 1', 'TRẦN THỊ NGỌC LAN', 'Không có án tích', 'Phan Quốc Hưng', 'BẢN TRÌNH DIỄN']) assert.ok(paper.text.includes(wanted), `${wanted} in ${paper.text}`);
      assert.deepEqual(paper.families, ['Tinos']);
      assert.equal(paper.pages, 1);
    });

    test('the national database has the certificate once', async () => {
      await national.goto(`${platform.url('national')}/ly-lich/ket-qua`);
      await waitFor(national, code);
      const rows = (await national.locator('tbody tr').allInnerTexts()).filter((row) => row.includes(code));
      assert.equal(rows.length, 1);
      assert.match(rows[0], /Không có án tích/);
    });

    test('the citizen asks by code and phone, is told to come with the papers of a proxy', async () => {
      const text = await toCitizen(`${platform.url()}/tra-cuu`);
      assert.match(text, /4 số cuối/);
      await type(citizen, { code, phone: '0000' });
      await Promise.all([citizen.waitForNavigation(), citizen.click('main button')]);
      assert.match(await said(citizen), /Mã hồ sơ hoặc số điện thoại không đúng/);
      assert.equal(await citizen.inputValue('[name=code]'), code);
      await type(citizen, { code, phone: '4321' });
      await Promise.all([citizen.waitForNavigation(), citizen.click('main button')]);
      const found = await said(citizen);
      assert.match(found, /Đã có kết quả, mời ông\/bà đến nhận/);
      assert.match(found, /giấy ủy quyền hoặc giấy tờ chứng minh quan hệ/);
      assert.ok(!found.includes(lan.full_name) && !found.includes('Trần Văn Tám'), found);
    });

    test('the counter returns it to the submitter: the authority is checked again; the history tells everything', async () => {
      await act(counter, platform, code, 'tra-ket-qua');
      assert.match(await said(counter), /kiểm tra lại căn cứ nhận thay/);
      assert.match(await actHere(counter, 'tra-ket-qua', { authority_checked: true }), /Đã trả kết quả hồ sơ/);
      const history = (await counter.locator('.app-timeline').innerText()).replace(/\s+/g, ' ');
      for (const wanted of ['Tiếp nhận hồ sơ', 'Chuyển xử lý', 'Nhận việc', 'Yêu cầu bổ sung', 'Nhận bổ sung', 'Trình duyệt', 'Trả lại chuyên viên', 'Duyệt', 'Trả kết quả', 'Trần Thị Mỹ Duyên', 'Đỗ Thị Kim Thoa', 'Phan Quốc Hưng', 'Ghi rõ nơi sinh'])
        assert.ok(history.includes(wanted), `${wanted} in ${history}`);
      assert.deepEqual(await offered(counter), []);
      assert.match(await toCitizen(lookupUrl), /Đã trả kết quả cho ông\/bà/);
      assert.ok((await workList(counter, platform, 'xong')).some((row) => row.includes(code)));
    });

    test('a possible match waits for the national officer, who finds that it is somebody else', async () => {
      const other = await quick(hong);
      await act(counter, platform, other, 'chuyen');
      await openDossier(specialist, platform, other);
      await waitFor(specialist, 'Cán bộ bên kia đang xem xét');
      assert.ok(!(await offered(specialist)).includes('trinh') || /đang chờ cơ quan khác/.test(await (async () => { await actHere(specialist, 'trinh', { reason: 'x' }); return said(specialist); })()), 'not proposed before the answer');
      assert.ok((await workList(specialist, platform, 'khac')).some((row) => row.includes(other)));
      await national.goto(`${platform.url('national')}/ly-lich`);
      await Promise.all([national.waitForNavigation(), national.locator('tr', { hasText: other }).getByRole('link').click()]);
      assert.match(await said(national), /Đánh bạc/);
      await type(national, { outcome: 'clean', note: 'Khác số căn cước, khác quê quán theo hồ sơ gốc' });
      await Promise.all([national.waitForNavigation(), national.locator('form[action^="/ly-lich/"] button').last().click()]);
      await openDossier(specialist, platform, other);
      await waitFor(specialist, /Không có án tích/);
      await act(specialist, platform, other, 'trinh', { reason: 'Đủ điều kiện cấp' });
      assert.match(await act(decider, platform, other, 'duyet'), /Đã duyệt hồ sơ/);
      assert.match(await act(counter, platform, other, 'tra-ket-qua', { receiver_name: hong.full_name }), /Đã trả kết quả hồ sơ/);
    });

    test('a conviction that is his: certificate No. 1 shows what is not expunged, and nobody at the counter reads it on a page', async () => {
      const other = await quick(binh);
      await act(counter, platform, other, 'chuyen');
      await national.goto(`${platform.url('national')}/ly-lich`);
      await waitFor(national, other);
      await Promise.all([national.waitForNavigation(), national.locator('tr', { hasText: other }).getByRole('link').click()]);
      assert.match(await said(national), /Trùng số căn cước/);
      for (const box of await national.locator('[name=chosen]').all()) await box.check();
      await type(national, { outcome: 'found', note: 'Trùng số căn cước, họ tên, ngày sinh' });
      await Promise.all([national.waitForNavigation(), national.locator('form[action^="/ly-lich/"] button').last().click()]);
      await openDossier(specialist, platform, other);
      assert.match(await waitFor(specialist, /Có thông tin án tích/), /Cố ý gây thương tích/);
      assert.doesNotMatch(await said(specialist), /Trộm cắp tài sản/, 'what is expunged is not told for certificate No. 1');
      await openDossier(counter, platform, other);
      assert.doesNotMatch(await said(counter), /thương tích|án tích(?! quốc)/i);
      await act(specialist, platform, other, 'trinh', { reason: 'Cấp phiếu có án tích' });
      await act(decider, platform, other, 'duyet');
      const paper = await paperOf(decider, 'Kết quả giải quyết');
      assert.match(paper.text, /Có án tích/);
      assert.match(paper.text, /thương tích/);
      assert.doesNotMatch(paper.text, /Trộm cắp/);
    });

    test('refused at the counter: form 03 with the reason; withdrawn: it ends', async () => {
      const refused = await quick({ ...lan, full_name: 'Võ Hoàng Nam', identity: '000088000003', sex: 'male', birth_date: '11/12/1988' });
      const reason = 'Người yêu cầu không thuộc thẩm quyền giải quyết của tỉnh.';
      assert.match(await act(counter, platform, refused, 'tu-choi', { reason }), /Đã từ chối hồ sơ/);
      const paper = await paperOf(counter, 'Phiếu từ chối tiếp nhận giải quyết hồ sơ');
      for (const wanted of ['PHIẾU TỪ CHỐI TIẾP NHẬN GIẢI QUYẾT HỒ SƠ', '03', reason, refused, 'VÕ HOÀNG NAM']) assert.ok(paper.text.includes(wanted), `${wanted} in ${paper.text}`);
      if (era.name === 'today') assert.doesNotMatch(paper.text, districts);
      assert.match(await toCitizen(paper.qr, ['Võ Hoàng Nam']), /không được tiếp nhận giải quyết/);
      const withdrawn = await quick({ ...lan, full_name: 'Đặng Thị Út', identity: '000188000004', birth_date: '01/02/1988' });
      assert.match(await act(counter, platform, withdrawn, 'rut', { reason: 'Không còn nhu cầu' }), /Đã ghi nhận việc rút hồ sơ/);
      assert.match(await said(counter), /Người dân rút hồ sơ/);
    });

    test('the same pages in English', async () => {
      const reader = await logIn(browser, platform, 'canbo.tiepnhan2');
      await reader.goto(`${platform.url()}/mot-cua/ho-so/${code}`);
      await Promise.all([reader.waitForNavigation(), reader.locator('header a[hreflang=en]').click()]);
      await reader.goto(`${platform.url()}/mot-cua/ho-so/${code}`);
      const text = await said(reader);
      assert.match(text, /Returned/i);
      assert.doesNotMatch(text, /onestop\.|ui\.|error\./, 'no word without its text');
      await citizen.goto(lookupUrl);
      await Promise.all([citizen.waitForNavigation(), citizen.locator('header a[hreflang=en]').click()]);
      await citizen.goto(lookupUrl);
      assert.match(await said(citizen), /has been returned|returned to you|result/i);
    });
  });
}
