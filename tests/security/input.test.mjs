// What people type and send: markup in every text field, SQL through every parameter, files that are not what they say.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { deflateSync, gzipSync } from 'node:zlib';
import { join } from 'node:path';
import { Platform, root, run } from '../lib/platform.mjs';
import { open } from '../lib/browser.mjs';
import { enter, filled, formBody, formType, formsOf, intakePairs, receive, routes, send, Visitor } from './lib.mjs';

let platform, tables, browser, scan, dossier;
const by = {};

before(async () => {
  platform = await Platform.start();
  tables = await routes();
  browser = await open();
  scan = await readFile(join(root, 'tests/story/scan.pdf'));
  await platform.command('household', 'seed', '--node', join(platform.var, 'province'), '--count', '300');
  for (const [i, name] of ['canbo.tiepnhan', 'chuyenvien', 'lanhdao', 'dangky', 'vanhanh', 'quantri', 'truongphong'].entries()) by[name] = await enter(platform, name, 'province', `127.0.7.${i + 1}`);
  by['canbo.quocgia'] = await enter(platform, 'canbo.quocgia', 'national', '127.0.7.20');
  dossier = await receive(by['canbo.tiepnhan'], 'household');
}, { timeout: 120000 });

after(async () => {
  await browser?.close();
  await platform?.end();
});

const officerOf = { onestop: 'canbo.tiepnhan', household: 'dangky', operator: 'vanhanh', account: 'quantri', web: 'quantri', justice: 'canbo.quocgia' };
const isFault = (answer) => answer.status >= 500;

/** Every page with a form, for somebody who may fill it in: [visitor, address]. */
async function pagesWithForms() {
  const counter = by['canbo.tiepnhan'];
  const number = (await by.dangky.get('/ho-kinh-doanh')).text.match(/\/ho-kinh-doanh\/([A-Z0-9-]+)"/)[1];
  const links = [...(await counter.get('/mot-cua/tiep-nhan')).text.matchAll(/href="(\/mot-cua\/tiep-nhan\?thu-tuc=[^"]+)"/g)].map((m) => [counter, m[1].replaceAll('&amp;', '&')]);
  return [...links, [counter, `/mot-cua/ho-so/${dossier}`], [counter, '/mot-cua'], [counter, '/tra-cuu'], [by.chuyenvien, `/mot-cua/ho-so/${dossier}`], [by.lanhdao, `/mot-cua/ho-so/${dossier}`],
    ...['', '/thay-doi', '/tam-ngung', '/cham-dut'].map((end) => [by.dangky, `/ho-kinh-doanh/${number}${end}`]), [by.dangky, '/ho-kinh-doanh'],
    ...['thanh-vien', 'he-thong', 'dich-vu', 'quyen', 'trao-doi', 'hang-doi', 'lien-thong'].map((end) => [by.vanhanh, `/van-hanh/${end}`]),
    ...['tai-khoan-moi', 'tai-khoan/truongphong', 'lich', 'don-vi'].map((end) => [by.quantri, `/quan-tri/${end}`]), [by.truongphong, '/tai-khoan/mat-khau'], [by['canbo.quocgia'], '/ly-lich/ket-qua']];
}

const texts = ['text', 'textarea', 'search', 'tel', 'email', 'url', 'number'];
const isText = (field) => texts.includes(field.kind) || field.kind === 'password';

/** Sends a form with changes as a browser would. */
async function sendForm(visitor, form, page, values) {
  const pairs = filled(form, values), action = (form.action ?? page).split('#')[0];
  if (form.method === 'get') return visitor.get(`${action.split('?')[0]}?${formBody(pairs)}`);
  visitor.known = pairs.csrf;
  delete pairs.csrf;
  return form.multipart ? visitor.upload(action, Object.entries(pairs)) : visitor.submit(action, pairs);
}

const harmless = (form) => form.fields.some(isText) && !/dang-xuat|\/phien$/.test(form.action ?? '');
const markup = '"><img src=x onerror=alert(1)>\'<script>alert(2)</script>{{title}}';
const raw = /<img src=x|<script>alert/i;

test('markup typed into every text field of every form comes back as text, or not at all', async () => {
  const wrong = [];
  let tried = 0, shown = 0;
  for (const [visitor, page] of await pagesWithForms()) {
    for (const form of formsOf((await visitor.get(page)).text).filter(harmless)) {
      const everything = Object.fromEntries(form.fields.filter(isText).map((f) => [f.name, markup]));
      const attempts = [everything, ...form.fields.filter(isText).map((f) => ({ [f.name]: markup })), ...form.fields.filter((f) => f.kind === 'hidden' && f.name !== 'csrf').map((f) => ({ [f.name]: markup }))];
      for (const values of attempts) {
        const answer = await sendForm(visitor, form, page, values);
        tried++;
        if (isFault(answer)) wrong.push(`${form.action} ${Object.keys(values).slice(0, 2)}: ${answer.status}`);
        if (raw.test(answer.text)) wrong.push(`${form.action} ${Object.keys(values).slice(0, 2)}: markup stands in the page`);
        if (answer.text.includes('&lt;img src=x onerror=alert(1)&gt;')) shown++;
      }
    }
  }
  assert.deepEqual(wrong, []);
  assert.ok(tried > 60 && shown > 20, `${tried} tried, ${shown} shown as typed`);
});

test('markup in every parameter of every page', async () => {
  const wrong = [];
  for (const page of tables.pages.filter((p) => p.method === 'GET')) {
    const visitor = by[officerOf[page.system]];
    for (const param of [...page.params, { name: 'lang' }, { name: 'la' }]) {
      const text = encodeURIComponent(markup);
      const path = page.path.includes(`{${param.name}}`) ? page.path.replace(`{${param.name}}`, text) : `${page.path}?${param.name}=${text}`;
      const answer = await visitor.get(path.replace(/\{\w+\}/g, 'A1'));
      if (isFault(answer)) wrong.push(`${path}: ${answer.status}`);
      if (raw.test(answer.text)) wrong.push(`${path}: markup stands in the page`);
    }
  }
  assert.deepEqual(wrong, []);
});

/** Looks at a page with a real browser: what ran, what was refused, what it says. */
async function look(visitor, path) {
  const context = await browser.newContext({ locale: 'vi-VN' });
  const base = platform.url(visitor.node);
  await context.addCookies(Object.entries(visitor.cookies).map(([name, value]) => ({ name, value, url: base })));
  const page = await context.newPage(), ran = [];
  page.on('dialog', (d) => { ran.push(`dialog ${d.message()}`); d.dismiss().catch(() => {}); });
  page.on('console', (m) => { if (/Content Security Policy|Refused to/.test(m.text())) ran.push(m.text()); });
  page.on('pageerror', (e) => ran.push(String(e)));
  page.on('request', (r) => { if (!r.url().startsWith(base) && !r.url().startsWith('data:')) ran.push(`asked ${r.url()}`); });
  await page.goto(`${base}${path}`);
  const text = await page.evaluate(() => document.body.innerText + [...document.querySelectorAll('input, textarea')].map((e) => e.value).join('\n'));
  const strange = await page.evaluate(() => document.querySelectorAll('img[src="x"], svg[onload], [onerror], [onload], iframe[srcdoc]').length);
  await context.close();
  return { ran, text: text.replace(/\s+/g, ' '), strange };
}

test('markup that is stored is shown as typed and never runs, in a real browser', async () => {
  const counter = by['canbo.tiepnhan'], m = '<img src=x onerror=alert(1)>', script = '</title><script>alert(2)</script>';
  const household = await receive(counter, 'household', { full_name: `Lê ${m}`, residence: script, business_name: `Quán <svg onload=alert(3)>`, business_address: `${m}`, 'sectors[0].name': script,
    'members[0].full_name': `An ${m}`, 'members[0].identity': '000085000001' }).catch((error) => error);
  const plain = household instanceof Error ? await receive(counter, 'household', { residence: script, business_address: m, 'sectors[0].name': script }) : household;
  const justice = await receive(counter, 'justice', { residence: m, purpose: script, father_name: `Trần ${m}`, birth_place: `${m}` });
  const revision = (await counter.get(`/mot-cua/ho-so/${plain}`)).text.match(/name="revision" value="(\d+)"/)[1];
  await counter.submit(`/mot-cua/ho-so/${plain}/yeu-cau-bo-sung`, { revision, reason: `Thiếu ${m}` });
  assert.equal((await by.vanhanh.submit('/van-hanh/thanh-vien', { id: 'H01/GOV/H01.66', name: `Thành viên ${m}` })).status, 303);
  await by.vanhanh.submit('/van-hanh/he-thong', { id: 'H01/GOV/H01.66/la', name: `Hệ thống ${script}`, url: '' });
  await by.vanhanh.submit('/van-hanh/quyen', { consumer: 'H01/GOV/H01.20/tax', service: 'H01/GOV/H01.07/household/search', method: 'any', path: '*', purpose: m, legal_basis: script, valid_from: '', valid_to: '', quota_per_minute: '' });
  const made = await by.quantri.submit('/quan-tri/tai-khoan-moi', { full_name: `Người ${m}`, name: 'nguoi.la', email: '', phone: '', role: 'counter', unit: '30307' });
  assert.ok(made.status < 500);
  const pages = [[counter, `/mot-cua/ho-so/${plain}`, m], [counter, `/mot-cua/ho-so/${justice}`, m], [counter, '/mot-cua', 'Trần'], [by.chuyenvien, `/mot-cua/ho-so/${plain}`, script], [counter, `/mot-cua?loc=tat-ca&q=${encodeURIComponent('<img')}`, '<img'],
    [by.vanhanh, '/van-hanh/thanh-vien', m], [by.vanhanh, '/van-hanh/he-thong', script], [by.vanhanh, '/van-hanh/quyen', script], [by.quantri, '/quan-tri/tai-khoan', m], [by.quantri, '/quan-tri/tai-khoan/nguoi.la', m],
    [by.quantri, '/quan-tri/nhat-ky/nguoi.la', 'nguoi.la'], [new Visitor(platform), `/tra-cuu/${plain}`, ''], [by['canbo.quocgia'], `/ly-lich/ket-qua?ten=${encodeURIComponent(m)}`, m]];
  for (const [visitor, path, wanted] of pages) {
    const seen = await look(visitor, path);
    assert.deepEqual(seen.ran, [], path);
    assert.equal(seen.strange, 0, path);
    if (wanted === m || wanted === script) assert.ok(seen.text.includes(wanted), `${path} shows it as typed: ${seen.text.slice(0, 400)}`);
  }
});

test('a message or a form that somebody planted in a cookie is text too', async () => {
  const visitor = new Visitor(platform, 'province', '127.0.7.30');
  for (const word of ['ui.session.ended', 'onestop.flash.received', '<script>alert(1)</script>', markup]) {
    visitor.cookies.flash = Buffer.from(`${word}\n${markup}`).toString('base64url');
    const answer = await visitor.get('/dang-nhap');
    assert.equal(answer.status, 200);
    assert.doesNotMatch(answer.text, raw);
  }
});

// ---- SQL and odd characters ----

const odd = ["' or '1'='1", '"; drop table dossier;--', '%', '_', '\\', "\\'", '?1', '$1', '{{x}}', ';--', '\u202Eabc', '\u200b', '\uFFFF', "a'||(select 1)||'", '٣', '-9223372036854775809', '9'.repeat(400), 'x'.repeat(5000), '*', "N'x", '1e999', '../../etc/passwd', '\u0000'];
const oddBytes = ['%00', '%FF', '%C0%AF', '%ED%A0%80', '%F4%90%80%80', '%', '%zz', '%u0041', 'a%00b'];

test('SQL signs, NUL, bad UTF-8, overlong and reversed text through every parameter: an answer, never a fault', async () => {
  const wrong = [];
  let tried = 0;
  for (const page of tables.pages.filter((p) => p.method === 'GET' && p.params.length)) {
    const visitor = by[officerOf[page.system]];
    for (const param of page.params) {
      for (const text of [...odd.map(encodeURIComponent), ...oddBytes]) {
        const path = page.path.includes(`{${param.name}}`) ? page.path.replace(`{${param.name}}`, text) : `${page.path}?${param.name}=${text}`;
        const answer = await visitor.get(path.replace(/\{\w+\}/g, 'A1'), { from: page.rate ? `127.0.8.${1 + (tried % 250)}` : undefined });
        tried++;
        if (isFault(answer)) wrong.push(`${path.slice(0, 120)}: ${answer.status}`);
      }
    }
  }
  assert.deepEqual(wrong, []);
  assert.ok(tried > 700, `${tried}`);
});

test('the same through every field of every form', async () => {
  const wrong = [];
  let tried = 0;
  for (const [visitor, page] of await pagesWithForms()) {
    for (const form of formsOf((await visitor.get(page)).text).filter(harmless)) {
      if (/mat-khau$/.test(form.action ?? '')) continue; // argon2id each time: tried below
      const fields = form.fields.filter((f) => f.name !== 'csrf' && f.kind !== 'file');
      for (const [i, text] of odd.entries()) {
        const some = i < 3 ? fields.map((f) => ({ [f.name]: text })) : [Object.fromEntries(fields.filter(isText).map((f) => [f.name, text])), Object.fromEntries(fields.map((f) => [f.name, text]))];
        for (const values of some) {
          const answer = await sendForm(visitor, form, page, values);
          tried++;
          if (isFault(answer)) wrong.push(`${form.action} ${JSON.stringify(values).slice(0, 120)}: ${answer.status}`);
        }
      }
      if (form.method === 'get') continue;
      for (const bytes of oddBytes) {
        const body = fields.map((f) => `${encodeURIComponent(f.name)}=${bytes}`).join('&') + `&csrf=${visitor.known}`;
        const answer = await visitor.send((form.action ?? page).split('#')[0], { method: 'POST', headers: { 'Content-Type': formType }, body });
        tried++;
        if (isFault(answer)) wrong.push(`${form.action} ${bytes}: ${answer.status}`);
      }
    }
  }
  for (const text of odd) {
    const answer = await by.truongphong.submit('/tai-khoan/mat-khau', { old_password: text, password: text, again: text });
    if (isFault(answer)) wrong.push(`password ${text}: ${answer.status}`);
  }
  assert.deepEqual(wrong, []);
  assert.ok(tried > 500, `${tried}`);
});

test('a search for SQL\'s own signs finds no more than what has them', async () => {
  const rows = async (q) => ((await by.dangky.get(`/ho-kinh-doanh?tim=${encodeURIComponent(q)}`)).text.match(/<tr\b/g) ?? []).length;
  const none = await rows('khongcotennaynhuthe');
  for (const q of ['%', '_', "' or 1=1 --", '%%%%', '\\']) {
    const found = await rows(q), all = await rows('');
    assert.ok(found <= Math.max(none, all), `${q}: ${found}`);
  }
  assert.equal(await rows("xyz' or '1'='1"), none);
  const counter = by['canbo.tiepnhan'];
  const list = async (q) => (await counter.get(`/mot-cua?loc=tat-ca&q=${encodeURIComponent(q)}`)).text.match(/\/mot-cua\/ho-so\//g)?.length ?? 0;
  assert.equal(await list("zzz' or '1'='1"), 0);
  assert.equal(await list('zz%'), 0);
});

// ---- What does not exist ----

test('parameters that are not declared do not exist', async () => {
  const counter = by['canbo.tiepnhan'];
  const clean = (answer) => answer.text.replace(/value="[0-9a-f-]{36,64}"/g, '').replace(/\?[^"]*lang=/g, '?lang=');
  for (const path of ['/mot-cua', `/mot-cua/ho-so/${dossier}`]) {
    const one = clean(await counter.get(path)), two = clean(await counter.get(`${path}?role=admin&admin=1&unit=91&debug=true&account=1&permission=onestop.decide`));
    assert.equal(two, one, path);
  }
  assert.equal((await counter.get('/quan-tri/tai-khoan?role=admin')).status, 403);
});

test('fields that a form does not have change nothing: status, units, fee and numbers are not the sender\'s to set', async () => {
  const counter = by['canbo.tiepnhan'];
  const code = await receive(counter, 'household', { status: 'done', deciding_unit: '30682', receiving_unit: '30682', code: 'H01.103-990101-0001', fee_state: 'exempt', holder: '1', due_us: '1', result_number: '91A9', account: '1', revision: '99', turn: 'citizen', amount_vnd: '0' });
  assert.notEqual(code, 'H01.103-990101-0001');
  const page = (await counter.get(`/mot-cua/ho-so/${code}`)).text;
  assert.match(page, /\/chuyen"/, 'it stands at the counter like any new one');
  assert.doesNotMatch(page, /91A9\b/);
  const before = (await by.quantri.get('/quan-tri/tai-khoan/truongphong')).text;
  await by.truongphong.submit('/tai-khoan/don-vi', { unit: '91', role: 'admin', account: '1', roles: 'admin' });
  assert.equal((await by.truongphong.get('/quan-tri/tai-khoan')).status, 403);
  assert.ok(before.length);
});

test('units that are not one\'s own cannot be chosen', async () => {
  const answer = await by.chuyenvien.submit('/tai-khoan/don-vi', { unit: 'AG-CA' });
  assert.equal(answer.status, 422);
  assert.equal((await by.chuyenvien.submit('/tai-khoan/don-vi', { unit: '' })).status, 422);
});

// ---- Bodies and files ----

test('bodies: too long 413, another type 415, thousands of fields and parts refused, broken multipart refused; the server goes on', async () => {
  const counter = by['canbo.tiepnhan'], csrf = await counter.token(), to = `/mot-cua/ho-so/${dossier}/chuyen`;
  const post = (type, body, path = to) => counter.send(path, { method: 'POST', headers: { 'Content-Type': type }, body });
  assert.equal((await post(formType, `csrf=${csrf}&reason=${'a'.repeat(70000)}`)).status, 413);
  assert.equal((await post('application/json', JSON.stringify({ csrf }))).status, 415);
  assert.equal((await post('text/plain', `csrf=${csrf}`)).status, 415);
  assert.equal((await post('multipart/form-data; boundary=x', '--x--\r\n')).status, 415);
  const many = await post(formType, `csrf=${csrf}&${'a=1&'.repeat(5000)}`);
  assert.ok(many.status >= 400 && many.status < 500, `5,000 fields: ${many.status}`);
  const parts = [`--x\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n${csrf}\r\n`, ...Array.from({ length: 5000 }, (_, i) => `--x\r\nContent-Disposition: form-data; name="f${i}"; filename="a"\r\n\r\nb\r\n`), '--x--\r\n'].join('');
  const bodies = { 'many parts': ['multipart/form-data; boundary=x', parts], 'no boundary': ['multipart/form-data', 'x'], 'no end': ['multipart/form-data; boundary=x', '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb'],
    'nested': ['multipart/form-data; boundary=x', '--x\r\nContent-Disposition: form-data; name="a"\r\nContent-Type: multipart/mixed; boundary=y\r\n\r\n--y\r\n\r\nb\r\n--y--\r\n--x--\r\n'],
    'long header': ['multipart/form-data; boundary=x', `--x\r\nContent-Disposition: form-data; name="${'a'.repeat(100000)}"\r\n\r\nb\r\n--x--\r\n`], 'odd boundary': [`multipart/form-data; boundary="${'x'.repeat(500)}"`, 'x'] };
  for (const [what, [type, body]] of Object.entries(bodies)) {
    const answer = await post(type, body, '/mot-cua/tiep-nhan');
    assert.ok(answer.status >= 400 && answer.status < 500, `${what}: ${answer.status}`);
  }
  assert.equal((await counter.get('/mot-cua')).status, 200);
});

const png = (width, height) => {
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type), data]), out = Buffer.alloc(8);
    out.writeUInt32BE(data.length);
    let crc = -1;
    for (const byte of body) { crc ^= byte; for (let k = 0; k < 8; k++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0); }
    out.writeInt32BE(~crc, 4);
    return Buffer.concat([out.subarray(0, 4), body, out.subarray(4)]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width);
  head.writeUInt32BE(height, 4);
  head.set([8, 0, 0, 0, 0], 8);
  return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), chunk('IHDR', head), chunk('IDAT', deflateSync(Buffer.alloc(1 << 20))), chunk('IEND', Buffer.alloc(0))]);
};

test('files: empty ones, programs, pages, archives, bombs, polyglots and names with paths', async () => {
  const counter = by['canbo.tiepnhan'];
  const files = {
    empty: { file: 'a.pdf', type: 'application/pdf', content: '' },
    program: { file: 'a.pdf', type: 'application/pdf', content: Buffer.concat([Buffer.from('7f454c4602010100', 'hex'), Buffer.alloc(200)]) },
    windows: { file: 'a.pdf', type: 'application/pdf', content: Buffer.concat([Buffer.from('MZ'), Buffer.alloc(500)]) },
    html: { file: 'a.pdf', type: 'application/pdf', content: '<!doctype html><html><script>alert(1)</script></html>' },
    svg: { file: 'a.svg', type: 'image/svg+xml', content: '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>' },
    script: { file: 'a.jpg', type: 'image/jpeg', content: '#!/bin/sh\nrm -rf /\n' },
    archive: { file: 'a.pdf', type: 'application/pdf', content: gzipSync(Buffer.alloc(20 << 20)) },
    zip: { file: 'a.pdf', type: 'application/pdf', content: Buffer.concat([Buffer.from('504b0304140000000800', 'hex'), Buffer.alloc(300)]) },
    text: { file: 'a.pdf', type: 'application/pdf', content: 'chỉ là chữ' },
    gif: { file: 'a.gif', type: 'image/gif', content: 'GIF89a/*<script>*/=1;alert(1)' },
  };
  const kept = { pixels: { file: 'a.png', type: 'image/png', content: png(60000, 60000) },
    polyglot: { file: 'a.html', type: 'text/html', content: Buffer.concat([scan, Buffer.from('\n<html><script>alert(1)</script></html>')]) },
    upwards: { file: '../../../../etc/passwd', type: 'application/pdf', content: scan }, windowsPath: { file: 'C:\\\\Windows\\\\..\\\\x.pdf', type: 'application/pdf', content: Buffer.concat([scan, Buffer.from('%1')]) },
    reversed: { file: 'giay\u202Efdp.exe', type: 'application/pdf', content: Buffer.concat([scan, Buffer.from('%2')]) }, markup: { file: '<img src=x onerror=alert(1)>.pdf', type: 'application/pdf', content: Buffer.concat([scan, Buffer.from('%3')]) },
    long: { file: `${'a'.repeat(3000)}.pdf`, type: 'application/pdf', content: Buffer.concat([scan, Buffer.from('%4')]) } };
  for (const [what, file] of Object.entries(files)) {
    const answer = await counter.upload('/mot-cua/tiep-nhan', await intakePairs(counter, 'justice', {}, file));
    assert.ok(answer.status >= 400 && answer.status < 500, `${what}: ${answer.status}`);
  }
  for (const [what, file] of Object.entries(kept)) {
    const answer = await counter.upload('/mot-cua/tiep-nhan', await intakePairs(counter, 'justice', {}, file));
    assert.ok(answer.status < 500, `${what}: ${answer.status}`);
    if (answer.status !== 303) continue;
    const page = (await counter.get(`/mot-cua/ho-so/${decodeURIComponent(answer.headers.location.split('/').pop())}`)).text;
    assert.doesNotMatch(page, raw, what);
    assert.ok(!page.includes('\u202E'), `${what}: a reversed name is not shown reversed`);
    const given = await counter.get(page.match(/\/mot-cua\/ho-so\/[^"]+\/tep\/[0-9a-f]+/)[0]);
    assert.equal(given.status, 200, what);
    assert.match(given.headers['content-type'], /^(application\/pdf|image\/(png|jpeg))/, what);
    assert.equal(given.headers['x-content-type-options'], 'nosniff');
    assert.match(given.headers['content-security-policy'], /default-src 'none'/);
    assert.doesNotMatch(given.headers['content-security-policy'], /script-src/);
  }
  const { stdout: everything } = await run('find', [platform.var]);
  assert.match(everything, /province/);
  assert.doesNotMatch(everything, /passwd|\.exe|Windows|onerror/, 'no file is named by its sender');
});
