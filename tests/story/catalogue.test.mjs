// A province loads its own file of procedures: the procedure is there at intake with its papers and its fee; a file that is wrong
// is refused with line and field, and nothing of it stays.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Platform } from '../lib/platform.mjs';
import { open, logIn } from '../lib/browser.mjs';
import { cardText, openIntake, readCard, receive, said, tick, type } from '../lib/office.mjs';
import { paperOf } from '../lib/paper.mjs';

let platform, browser, counter;

before(async () => {
  platform = await Platform.start();
  browser = await open();
  counter = await logIn(browser, platform, 'canbo.tiepnhan');
}, { timeout: 120000 });

after(async () => {
  await browser?.close();
  await platform?.end();
});

const procedure = { code: '9.000001', version: 1, kind: 'justice', name: 'Cấp Phiếu lý lịch tư pháp lưu động tại xã', short_name: 'Lý lịch tư pháp lưu động', field: 'Lý lịch tư pháp',
  valid_from: '2025-07-01', legal_basis: 'Quyết định 77/2025/QĐ-UBND', verified: false, decider_level: 'province', decider_office: 'CA', decider_place: 'receiving', term_amount: 4,
  term_unit: 'working_days', result_name: 'Phiếu lý lịch tư pháp', result_number: '{sequence}/{yyyy}/LD-LLTP', issuer_above: 'BỘ CÔNG AN', issuer: 'CÔNG AN {province}', signer: 'GIÁM ĐỐC', proxy: 'none' };
const component = { procedure: '9.000001', version: 1, ordinal: 1, code: 'request', title: 'Phiếu đăng ký lưu động', originals: 1, copies: 0, required: true };
const fee = { procedure: '9.000001', version: 1, code: 'base', title: 'Phí lưu động', amount_vnd: 35000, from_copy: 0, legal_basis: 'Nghị quyết 9/2025/NQ-HĐND', verified: false };

/** One row a line, so that a fault has a line. */
const file = (lists) => `{\n${Object.entries(lists).map(([name, rows]) => `  "${name}": [\n${rows.map((row) => `    ${JSON.stringify(row)}`).join(',\n')}\n  ]`).join(',\n')}\n}\n`;

async function load(text) {
  const path = join(platform.var, 'procedures.json');
  await writeFile(path, text);
  await chmod(path, 0o644);
  return platform.command('catalogue', 'import', path, '--node', join(platform.var, 'province')).then((got) => ({ ok: true, said: got.stdout }), (error) => ({ ok: false, said: error.stderr }));
}

async function choices() {
  await counter.goto(`${platform.url()}/mot-cua/tiep-nhan`);
  return said(counter);
}

test('a wrong file is refused with line and field, and nothing of it stays', async () => {
  const wrong = [
    [file({ procedures: [procedure, { ...procedure, version: 2, term_amount: 'bốn' }], components: [component] }), /4:\S*term_amount/],
    [file({ procedures: [procedure], components: [component, { ...component, ordinal: 2, code: 'x', procedure: '9.999999' }] }), /^truc: 7\b/m],
    [file({ procedures: [procedure], fees: [{ ...fee, amount_vnd: -1 }] }), /6:\S*amount_vnd/],
    [file({ procedures: [{ ...procedure, valid_to: '2025-06-01' }] }), /3:\S*valid_(to|from)/],
    [file({ procedures: [procedure] }).slice(0, -4), /truc: \d+/],
    [file({ procedures: [{ ...procedure, surprise: 1 }] }), /3:\S*surprise/],
  ];
  for (const [text, place] of wrong) {
    const got = await load(text);
    assert.equal(got.ok, false, text);
    assert.match(got.said, place, `${got.said}\n${text}`);
    assert.doesNotMatch(await choices(), /lưu động/);
  }
});

test('a right file: the procedure is offered, with its papers, its fee and its legal basis', async () => {
  const got = await load(file({ procedures: [procedure], components: [component], fees: [fee] }));
  assert.ok(got.ok, got.said);
  assert.match(await choices(), /Cấp Phiếu lý lịch tư pháp lưu động tại xã.*9\.000001.*Quyết định 77\/2025\/QĐ-UBND/);
  await openIntake(counter, platform, /lưu động/);
  const text = await said(counter);
  assert.match(text, /Phiếu đăng ký lưu động/);
  assert.match(text, /35\.000 đồng/);
  assert.match(text, /4 ngày làm việc/);
});

test('a dossier is received under it; from then on that version stays as it is', async () => {
  await readCard(counter, cardText({ full_name: 'Dương Thị Ngà', identity: '000195000777', birth_date: '03/03/1995', sex: 'female', residence: 'Ấp Bình Phú, xã Mỹ Thới' }));
  await type(counter, { phone: '0912345678', birth_place: 'An Giang', father_name: 'Cha', mother_name: 'Mẹ', purpose: 'Xin việc', certificate_kind: '1', means: 'cash', series: 'LD', number: '1' });
  await tick(counter, 'request', 'original');
  await receive(counter);
  const paper = await paperOf(counter, 'In giấy tiếp nhận và hẹn trả kết quả');
  assert.ok(paper.text.includes('Phiếu đăng ký lưu động') && paper.text.includes('35.000 đồng') && paper.text.includes('9.000001'), paper.text);
  const changed = await load(file({ procedures: [{ ...procedure, term_amount: 9 }], components: [component], fees: [fee] }));
  assert.equal(changed.ok, false);
  assert.match(changed.said, /3\b.*(đã có hồ sơ|dossier)/i);
});

test('starting again keeps what was loaded', async () => {
  await platform.down();
  await platform.up();
  assert.match(await choices(), /lưu động/);
});
