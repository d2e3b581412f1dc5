// A household business from the counter through the register of another office and back, in both eras of the law: at once when
// nothing stands against it, by the register officer when a name is almost taken, and refused when it is.
import { test, before, after, describe } from 'node:test';
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { Platform, root } from '../lib/platform.mjs';
import { open, logIn, phone } from '../lib/browser.mjs';
import { act, actHere, cardText, flash, line, offered, openDossier, openIntake, readCard, receive, said, tick, type, waitFor, workList } from '../lib/office.mjs';
import { paperOf } from '../lib/paper.mjs';

const eras = [
  { name: '2021', now: '2021-03-15T02:00:00Z', code: /^000\.00\.31\.H01-210315-\d{4}$/, commune: '30280', place: 'phường Mỹ Bình, thành phố Long Xuyên, tỉnh An Giang', number: /^89A8\d{6}$/,
    issuer: ['ỦY BAN NHÂN DÂN THÀNH PHỐ LONG XUYÊN', 'PHÒNG TÀI CHÍNH – KẾ HOẠCH', 'TRƯỞNG PHÒNG'], decider: 'Phòng Tài chính – Kế hoạch thành phố Long Xuyên',
    law: 'Nghị định 01/2021/NĐ-CP', form: 'Thông tư 01/2018/TT-VPCP', due: '18/03/2021' },
  { name: 'today', code: /^H01\.103-\d{6}-\d{4}$/, commune: '30307', place: 'phường Long Xuyên, tỉnh An Giang', number: /^\d{10}$/,
    issuer: ['ỦY BAN NHÂN DÂN PHƯỜNG LONG XUYÊN', 'CHỦ TỊCH'], decider: 'Ủy ban nhân dân phường Long Xuyên', law: 'Nghị định 168/2025/NĐ-CP', form: 'Thông tư 03/2025/TT-VPCP' },
];
const districts = /(^|[^\p{L}])(huyện|thị xã|thành phố)([^\p{L}]|$)/iu;

const thuy = { full_name: 'Nguyễn Thị Bích Thủy', identity: '000189005566', birth_date: '14/02/1989', sex: 'female', residence: 'Số 21, khóm 4, phường Mỹ Bình' };
const phat = { full_name: 'Huỳnh Tấn Phát', identity: '000079007788', birth_date: '30/04/1979', sex: 'male', residence: 'Số 8, khóm 1, phường Mỹ Bình' };
const duong = { full_name: 'Neáng Sóc Đương', identity: '000083009900', birth_date: '01/01/1983', sex: 'male', residence: 'Số 2, khóm 5, phường Mỹ Bình' };

for (const era of eras) {
  describe(`household business, law of ${era.name}`, () => {
    let platform, browser, counter, specialist, decider, register, citizen, code, number, lookupUrl;
    let receipt = 500;

    before(async () => {
      platform = await Platform.start({ now: era.now });
      browser = await open();
      counter = await logIn(browser, platform, 'canbo.tiepnhan');
      specialist = await logIn(browser, platform, 'chuyenvien');
      decider = await logIn(browser, platform, 'lanhdao');
      register = await logIn(browser, platform, 'dangky');
      citizen = await (await browser.newContext(phone)).newPage();
    }, { timeout: 120000 });

    after(async () => {
      await browser?.close();
      await platform?.end();
    });

    async function begin(person, name) {
      await openIntake(counter, platform, /hộ kinh doanh/i);
      await readCard(counter, cardText(person));
      await type(counter, { phone: '0913579246', business_name: name, business_address: 'Số 45, đường Lê Lợi, khóm 3', business_commune: era.commune, capital_vnd: '120.000.000',
        'sectors[0].code': '4711', 'sectors[0].name': 'Bán lẻ lương thực, thực phẩm', 'sectors[0].main': true, founded_by: 'person' });
      await tick(counter, 'request', 'original');
      await tick(counter, 'identity', 'copy');
      await type(counter, { means: 'cash', series: 'HK/26E', number: String(receipt++) });
    }

    async function checkRegister() {
      await Promise.all([counter.waitForNavigation(), counter.locator('button[value=check]').click()]);
      return (await counter.locator('[role=status]', { hasText: 'Cơ sở dữ liệu hộ kinh doanh trả lời' }).innerText()).replace(/\s+/g, ' ');
    }

    /** From the counter to the decision. */
    async function decide(dossier, decision = ['duyet', {}]) {
      await act(counter, platform, dossier, 'chuyen');
      await act(specialist, platform, dossier, 'trinh', { reason: 'Hồ sơ hợp lệ' });
      return act(decider, platform, dossier, ...decision);
    }

    test('intake: the register is asked over the axis while the citizen waits', async () => {
      await begin(thuy, 'Công ty Hương Quê');
      assert.match(await checkRegister(), /Tên không đúng quy định/);
      await type(counter, { business_name: 'Hương Quê' });
      const told = await checkRegister();
      assert.match(told, /Tên dùng được/);
      assert.match(told, /Chủ hộ chưa đứng tên hộ kinh doanh nào/);
      assert.match(told, /Biên nhận trên trục \S+/);
      assert.equal(await counter.inputValue('[name=full_name]'), thuy.full_name, 'what was typed is kept');
      if (era.name === 'today') assert.doesNotMatch(await said(counter), districts);
      await tick(counter, 'identity', 'copy', join(root, 'tests/story/scan.pdf'));
      code = await receive(counter);
      assert.match(code, era.code);
      const text = await said(counter);
      assert.match(text, /100\.000 đồng/);
      if (era.due) assert.ok(text.includes(era.due), text);
    });

    test('form 01 says under which law, who decides, and leads the phone to the look-up', async () => {
      const paper = await paperOf(counter, 'In giấy tiếp nhận và hẹn trả kết quả');
      for (const wanted of ['GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ', era.form, code, 'NGUYỄN THỊ BÍCH THỦY', thuy.identity, '100.000 đồng', '1.001612', era.decider, 'Đăng ký thành lập hộ kinh doanh'])
        assert.ok(paper.text.includes(wanted), `${wanted} in ${paper.text}`);
      if (era.name === 'today') assert.doesNotMatch(paper.text, districts);
      assert.deepEqual(paper.families, ['Tinos']);
      lookupUrl = paper.qr;
      assert.ok(lookupUrl?.startsWith(`${platform.url()}/tra-cuu/${code}?k=`), `QR: ${lookupUrl}`);
      await citizen.goto(lookupUrl);
      const text = await said(citizen);
      assert.match(text, /Hồ sơ của ông\/bà đã được tiếp nhận/);
      assert.ok(!text.includes(thuy.full_name) && !text.includes('Hương Quê'), text);
      assert.equal(paper.pages, 1);
    });

    test('the specialist asks the register again, wants a supplement, gets it; the clock stood meanwhile', async () => {
      await act(counter, platform, code, 'chuyen');
      await act(specialist, platform, code, 'nhan-viec');
      await openDossier(specialist, platform, code);
      await Promise.all([specialist.waitForNavigation(), specialist.locator('form[action$="/tra-cuu"] button').click()]);
      assert.match(await said(specialist), /Tên dùng được/);
      const legal = await line(specialist, 'Căn cứ pháp lý');
      assert.ok(legal.includes(era.law), legal);
      if (era.name === 'today') assert.doesNotMatch(await said(specialist), districts);
      assert.match(await actHere(specialist, 'yeu-cau-bo-sung', { reason: 'Bổ sung bản sao căn cước rõ hơn' }), /Thời hạn tạm dừng/);
      await openDossier(counter, platform, code);
      const paper = await paperOf(counter, 'Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ');
      assert.ok(paper.text.includes('Bổ sung bản sao căn cước rõ hơn') && paper.text.includes('(Mẫu số 02'), paper.text);
      await citizen.goto(lookupUrl);
      assert.match(await said(citizen), /cần bổ sung.*Bổ sung bản sao căn cước rõ hơn/);
      assert.match(await actHere(counter, 'da-bo-sung'), /Thời hạn tính tiếp/);
    });

    test('proposed, sent back once, proposed again, approved: the register enters it at once and answers with its number', async () => {
      await act(specialist, platform, code, 'trinh', { reason: 'Đủ điều kiện' });
      await act(decider, platform, code, 'tra-lai', { reason: 'Kiểm tra lại mã ngành' });
      await act(specialist, platform, code, 'trinh', { reason: 'Đã kiểm tra mã ngành 4711' });
      assert.match(await act(decider, platform, code, 'duyet'), /Đã duyệt hồ sơ/);
      await openDossier(decider, platform, code);
      await waitFor(decider, /Đã có kết quả/);
      number = await line(decider, 'Số kết quả');
      assert.match(number, era.number);
    });

    test('the certificate: issuer, name, head, sectors, capital, number', async () => {
      await openDossier(counter, platform, code);
      const paper = await paperOf(counter, 'Kết quả giải quyết');
      for (const wanted of ['GIẤY CHỨNG NHẬN ĐĂNG KÝ HỘ KINH DOANH', 'HỘ KINH DOANH HƯƠNG QUÊ', number, 'NGUYỄN THỊ BÍCH THỦY', '4711', '120.000.000 đồng', era.place, 'Lê Hoàng Minh', 'BẢN TRÌNH DIỄN', ...era.issuer])
        assert.ok(paper.text.includes(wanted), `${wanted} in ${paper.text}`);
      if (era.name === 'today') assert.doesNotMatch(paper.text, districts);
      assert.deepEqual(paper.families, ['Tinos']);
      assert.equal(paper.pages, 1);
    });

    test('the citizen asks by code and phone; the counter returns the result', async () => {
      await citizen.goto(`${platform.url()}/tra-cuu`);
      await type(citizen, { code, phone: '9246' });
      await Promise.all([citizen.waitForNavigation(), citizen.click('main button')]);
      assert.match(await said(citizen), /Đã có kết quả, mời ông\/bà đến nhận/);
      assert.match(await act(counter, platform, code, 'tra-ket-qua'), /Đã trả kết quả hồ sơ/);
      await citizen.goto(lookupUrl);
      assert.match(await said(citizen), /Đã trả kết quả cho ông\/bà/);
      assert.deepEqual((await openDossier(counter, platform, code), await offered(counter)).filter((segment) => segment !== 'tra-cuu'), []);
    });

    test('a name that is almost taken, founded by a household, submitted by a proxy: the register officer decides', async () => {
      await begin(phat, 'Hướng Quê');
      assert.match(await checkRegister(), /Tên gần giống, cán bộ đăng ký sẽ xem xét.*Hương Quê/);
      await type(counter, { founded_by: 'members', by_other: true, submitter_name: 'Võ Thị Lành', submitter_identity: '000165001122', submitter_phone: '0900111222', authority: 'authorised', authority_note: 'Số 12 ngày 01/03, UBND phường' });
      await Promise.all([counter.waitForNavigation(), counter.locator('button[value=member]').click()]);
      await type(counter, { 'members[0].full_name': 'Huỳnh Thị Mai', 'members[0].identity': '000181003344', 'members[0].birth_date': '09/09/1981', 'members[0].sex': 'female', 'members[0].nationality': 'Việt Nam', 'members[0].residence': phat.residence });
      await tick(counter, 'minutes', 'copy');
      await tick(counter, 'proxy', 'original');
      const other = await receive(counter);
      await decide(other);
      await openDossier(decider, platform, other);
      await waitFor(decider, 'Cán bộ bên kia đang xem xét');
      await register.goto(`${platform.url()}/ho-kinh-doanh/cho-xem-xet`);
      await Promise.all([register.waitForNavigation(), register.locator('tr', { hasText: other }).getByRole('link').first().click()]);
      const asked = await said(register);
      assert.ok(asked.includes('Hướng Quê') && asked.includes('Hương Quê') && asked.includes('Huỳnh Tấn Phát'), asked);
      await type(register, { outcome: 'accept', reason: 'Khác dấu thanh, khác ngành, khác địa chỉ: không gây nhầm lẫn' });
      await Promise.all([register.waitForNavigation(), register.locator('form[action^="/ho-kinh-doanh/cho-xem-xet/"] button').last().click()]);
      assert.match(await flash(register), /Đã đăng ký hồ sơ/);
      await openDossier(counter, platform, other);
      await waitFor(counter, /Đã có kết quả/);
      assert.match(await line(counter, 'Số kết quả'), era.number);
      const paper = await paperOf(counter, 'Kết quả giải quyết');
      for (const wanted of ['HỘ KINH DOANH HƯỚNG QUÊ', 'Các thành viên hộ gia đình', 'Huỳnh Thị Mai']) assert.ok(paper.text.includes(wanted), `${wanted} in ${paper.text}`);
      assert.match(await act(counter, platform, other, 'tra-ket-qua', { authority_checked: true }), /Đã trả kết quả hồ sơ/);
    });

    test('a name that is taken and a head who has a business already: told at intake, refused by the register, refused with form 03', async () => {
      await begin(thuy, 'hương quê');
      const told = await checkRegister();
      assert.match(told, /Tên đã có người đăng ký/);
      assert.match(told, /Chủ hộ đã đứng tên một hộ kinh doanh/);
      assert.ok(told.includes(number), told);
      const other = await receive(counter);
      await decide(other);
      await openDossier(specialist, platform, other);
      const text = await waitFor(specialist, /Từ chối/);
      assert.match(text, /Cơ sở dữ liệu hộ kinh doanh không đăng ký/);
      assert.ok((await workList(specialist, platform, 'tra-lai')).some((row) => row.includes(other)));
      await act(specialist, platform, other, 'trinh', { reason: 'Đề nghị từ chối' });
      const reason = 'Mỗi cá nhân chỉ đăng ký một hộ kinh doanh.';
      assert.match(await act(decider, platform, other, 'tu-choi', { reason }), /Đã từ chối hồ sơ/);
      await openDossier(counter, platform, other);
      const paper = await paperOf(counter, 'Phiếu từ chối tiếp nhận giải quyết hồ sơ');
      assert.ok(paper.text.includes(reason) && paper.text.includes('(Mẫu số 03'), paper.text);
    });

    test('the register officer refuses a name that misleads: the dossier comes back with the reason; the citizen withdraws it', async () => {
      await begin(duong, 'Hường Quê');
      const other = await receive(counter);
      await decide(other);
      await register.goto(`${platform.url()}/ho-kinh-doanh/cho-xem-xet`);
      await waitFor(register, other);
      await Promise.all([register.waitForNavigation(), register.locator('tr', { hasText: other }).getByRole('link').first().click()]);
      await type(register, { outcome: 'refuse', reason: 'Dễ nhầm với hộ kinh doanh cùng phường' });
      await Promise.all([register.waitForNavigation(), register.locator('form[action^="/ho-kinh-doanh/cho-xem-xet/"] button').last().click()]);
      await openDossier(counter, platform, other);
      assert.match(await waitFor(counter, /Từ chối/), /Dễ nhầm với hộ kinh doanh cùng phường/);
      assert.match(await act(counter, platform, other, 'rut', { reason: 'Người dân đổi ý' }), /Đã ghi nhận việc rút hồ sơ/);
    });

    /** A day so many days from the platform's today, as people write it. */
    const day = async (days) => new Date(await platform.now() + 7 * 3600000 + days * 86400000).toISOString().slice(0, 10).split('-').reverse().join('/');

    /** An act of the register officer on the business's page; gives its message. */
    async function record(link, values, page = register) {
      if (!page.url().endsWith(link)) await page.goto(`${platform.url()}/ho-kinh-doanh/${number}/${link}`);
      await type(page, values);
      await Promise.all([page.waitForNavigation(), page.locator('main form button').last().press('Enter')]);
      return flash(page);
    }

    async function asOf(text) {
      await register.goto(`${platform.url()}/ho-kinh-doanh/${number}`);
      await type(register, { ngay: text });
      await Promise.all([register.waitForNavigation(), register.press('[name=ngay]', 'Enter')]);
      return said(register);
    }

    test('the register: found without diacritics, suspended only after its notice, resumed', async () => {
      await register.goto(`${platform.url()}/ho-kinh-doanh?tim=${encodeURIComponent('huong que')}`);
      const rows = await register.locator('tbody tr').allInnerTexts();
      assert.equal(rows.length, 2, rows.join('\n'));
      await Promise.all([register.waitForNavigation(), register.getByRole('link', { name: number }).click()]);
      assert.match(await said(register), /Đang hoạt động.*Hương Quê/);
      const today = await day(0);
      await record('tam-ngung', { notice_on: today, suspended_from: today, suspended_to: await day(30), reason: 'Sửa chữa cửa hàng' });
      assert.match(await said(register), /Thông báo phải trước ngày tạm ngừng 3 ngày làm việc/);
      assert.equal(await register.inputValue('[name=reason]'), 'Sửa chữa cửa hàng');
      assert.match(await record('tam-ngung', { notice_on: await day(-20) }), /Đã ghi tạm ngừng/);
      assert.match(await said(register), /Tạm ngừng kinh doanh.*Tạm ngừng từ ngày/);
      assert.deepEqual([await register.getByRole('link', { name: 'Ghi thay đổi' }).count(), await register.locator('a[href$="/tiep-tuc"]').count()], [0, 1]);
      assert.match(await record('tiep-tuc', { effective_on: today, reason: 'Đã sửa xong' }), /tiếp tục kinh doanh/);
      assert.match(await said(register), /Đang hoạt động/);
    });

    test('a registered business changes its name, capital and sectors; who had an older page is told', async () => {
      const late = await register.context().newPage();
      await late.goto(`${platform.url()}/ho-kinh-doanh/${number}/thay-doi`);
      await register.goto(`${platform.url()}/ho-kinh-doanh/${number}/thay-doi`);
      await record('thay-doi', { name: 'Hướng Quê', reason: 'Chủ hộ thông báo thay đổi' });
      assert.ok((await said(register)).includes('Tên “Hướng Quê” đã được hộ kinh doanh'));
      assert.match(await record('thay-doi', { name: 'Bếp Nhà Thủy', capital_vnd: '250.000.000', 'sectors[0].code': '5610' }), /Đã ghi thay đổi/);
      const text = await said(register);
      assert.ok(text.includes('Bếp Nhà Thủy') && text.includes('250.000.000') && text.includes('5610'), text);
      await record('thay-doi', { name: 'Quê Hương Mới', reason: 'Ghi sau' }, late);
      assert.match(await said(late), /vừa được người khác ghi thay đổi/);
      await late.close();
      await register.goto(`${platform.url()}/ho-kinh-doanh?tim=${encodeURIComponent('bep nha thuy')}`);
      assert.ok((await register.locator('tbody tr').allInnerTexts()).some((row) => row.includes(number)));
    });

    test('as of any day; closed, though a suspension was to come; name and head are free again', async () => {
      assert.match(await record('tam-ngung', { notice_on: await day(0), suspended_from: await day(30), suspended_to: await day(60), reason: 'Về quê' }), /Đã ghi tạm ngừng/);
      const times = [[29, 'Đang hoạt động'], [30, 'Tạm ngừng kinh doanh'], [60, 'Tạm ngừng kinh doanh'], [61, 'Đang hoạt động']];
      for (const [days, state] of times) {
        const text = await asOf(await day(days));
        assert.ok(text.startsWith(state) || new RegExp(`^\\S.{0,40}?${state}`).test(text), `${days}: ${text.slice(0, 200)}`);
        assert.ok(text.includes(`Đang xem nội dung tại ngày ${await day(days)}`), text.slice(0, 400));
      }
      // Another system with the right is told the same over the axis.
      const tax = 'H01/GOV/H01.20/tax';
      for (const [days, state] of [[0, 'active'], [45, 'suspended']]) {
        const on = (await day(days)).split('/').reverse().join('-');
        const answer = await fetch(`${platform.url('province', 'axis')}/r1/H01/GOV/H01.07/household/read/${number}?on=${on}`, { headers: { 'X-Road-Client': tax, 'Axis-Token': platform.token(tax) } });
        assert.equal(answer.status, 200);
        const told = await answer.json();
        assert.deepEqual([told.number, told.state], [number, state]);
      }
      assert.match(await record('cham-dut', { effective_on: await day(0), reason: 'Chủ hộ thông báo chấm dứt' }), /Đã ghi chấm dứt/);
      assert.match(await said(register), /Đã chấm dứt/);
      assert.match(await asOf(await day(45)), /^\S?.{0,40}?Đã chấm dứt/, 'the suspension never takes place');
      await begin(thuy, 'Bếp Nhà Thủy');
      const told = await checkRegister();
      assert.match(told, /Tên dùng được/);
      assert.match(told, /Chủ hộ chưa đứng tên hộ kinh doanh nào/);
    });

    if (era.name === '2021') {
      test('the districts end: an open dossier goes to the commune that follows and is decided there', async () => {
        await begin(duong, 'Bến Đò Chiều');
        const other = await receive(counter);
        await act(counter, platform, other, 'chuyen');
        await act(specialist, platform, other, 'nhan-viec');
        await platform.down();
        await platform.up('2025-07-02T02:00:00Z');
        [counter, specialist, decider, register] = await Promise.all(['canbo.tiepnhan', 'chuyenvien', 'lanhdao', 'dangky'].map((name) => logIn(browser, platform, name)));
        assert.deepEqual((await workList(specialist, platform)).filter((row) => row.includes(other)), []);
        const file = join(root, 'data/units/successors-2025-07-01.csv');
        const succeed = async () => (await platform.command('dossier', 'succeed', file, '--node', join(platform.var, 'province'))).stdout;
        assert.match(await succeed(), /^[1-9]\d* dossiers handed over, 0 left/);
        assert.match(await succeed(), /^0 dossiers handed over, 0 left/);
        assert.ok((await workList(specialist, platform)).some((row) => row.includes(other)));
        await openDossier(specialist, platform, other);
        assert.match(await said(specialist), /Chuyển giao cho đơn vị kế tiếp/);
        assert.match(await actHere(specialist, 'trinh', { reason: 'Hợp lệ' }), /Đã trình hồ sơ/);
        assert.match(await act(decider, platform, other, 'duyet'), /Đã duyệt hồ sơ/);
        await openDossier(counter, platform, other);
        await waitFor(counter, /Đã có kết quả/);
        assert.match(await line(counter, 'Số kết quả'), /^\d{10}$/);
        const paper = await paperOf(counter, 'Kết quả giải quyết');
        for (const wanted of ['ỦY BAN NHÂN DÂN PHƯỜNG LONG XUYÊN', 'phường Long Xuyên, tỉnh An Giang']) assert.ok(paper.text.includes(wanted), `${wanted} in ${paper.text}`);
      });
    }

    if (era.name === 'today') {
      test('the administrator makes a second specialist; the first hands a dossier over', async () => {
        const admin = await logIn(browser, platform, 'quantri');
        await admin.goto(`${platform.url()}/quan-tri/tai-khoan/canbo.tiepnhan2`);
        await type(admin.locator('form[action$="/vai-tro"]'), { role: 'specialist', unit: '30307' });
        await Promise.all([admin.waitForNavigation(), admin.locator('form[action$="/vai-tro"] button').last().click()]);
        assert.match(await said(admin), /Chuyên viên/);
        await begin({ ...duong, full_name: 'Tô Văn Đệ', identity: '000080001234' }, 'Bến Đò Chiều');
        const other = await receive(counter);
        await act(counter, platform, other, 'chuyen');
        await act(specialist, platform, other, 'nhan-viec');
        await actHere(specialist, 'ban-giao', { to_name: 'khong.co' });
        assert.match(await said(specialist), /Đơn vị không có chuyên viên nào dùng tên đăng nhập này/);
        assert.match(await actHere(specialist, 'ban-giao', { to_name: 'canbo.tiepnhan2' }), /Đã bàn giao hồ sơ/);
        const second = await logIn(browser, platform, 'canbo.tiepnhan2');
        const rows = await workList(second, platform);
        assert.ok(rows.some((row) => row.includes(other) && row.includes('Lê Thị Cẩm Tú')), rows.join('\n'));
        assert.match(await act(second, platform, other, 'trinh', { reason: 'Hợp lệ' }), /Đã trình hồ sơ/);
      });
    }
  });
}
