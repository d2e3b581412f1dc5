// What people do at the counter and behind it, as moves on the pages: a story says who does what, not which input has which name.
import assert from 'node:assert/strict';

/** The QR text of an identity card of 2021: number|old number|name|birth|sex|address|issued. */
export const cardText = (p) => [p.identity, '', p.full_name, p.birth_date.replaceAll('/', ''), p.sex === 'female' ? 'Nữ' : 'Nam', p.residence, '10052021'].join('|');

/** Types values into the inputs of those names, whatever kind they are; a closed part of the page is opened first. */
export async function type(scope, values) {
  for (const [name, value] of Object.entries(values)) {
    const all = scope.locator(`[name="${name}"]:not([type=hidden])`), first = all.first();
    const kind = await first.evaluate((e) => {
      const closed = e.closest('details:not([open])');
      if (closed) closed.open = true;
      return e.tagName === 'SELECT' ? 'select' : e.type;
    });
    if (kind === 'select') await first.selectOption(value);
    else if (kind === 'radio' || kind === 'checkbox') {
      // By keyboard, as many at a counter do it.
      const box = kind === 'radio' ? scope.locator(`[name="${name}"][value="${value}"]`) : first;
      if ((await box.isChecked()) !== Boolean(value)) await box.press('Space');
    }
    else if (kind === 'file') await first.setInputFiles(value);
    else await first.fill(String(value));
  }
}

export const said = async (page) => (await page.locator('main').innerText()).replace(/\s+/g, ' ');

/** What the page tells after a change: its success message. */
export const flash = async (page) => {
  const banner = page.locator('.app-flash');
  return (await banner.count()) ? (await banner.first().innerText()).trim() : `no message; the page says: ${(await said(page)).slice(0, 600)}`;
};

/** By keyboard: a button that can't be reached so fails here, and nothing waits for frames that a page without scripts may not draw. */
async function press(page, button) {
  await Promise.all([page.waitForNavigation(), button.press('Enter')]);
}

/** Opens the intake of a procedure from the work list, by its name. */
export async function openIntake(page, platform, procedure) {
  await page.goto(`${platform.url()}/mot-cua`);
  await page.getByRole('button', { name: 'Tiếp nhận hồ sơ' }).press('Enter');
  await press(page, page.getByRole('link', { name: procedure }));
}

/** A card is read: the scanner types its text and Enter. */
export async function readCard(page, text) {
  await page.fill('[name=card]', text);
  await Promise.all([page.waitForNavigation(), page.press('[name=card]', 'Enter')]);
}

/** Ticks a component that was handed over: mark is original, certified, copy, scanned or fetched; scan a file. */
export async function tick(page, code, mark, scan) {
  const hidden = page.locator(`input[type=hidden][value="${code}"][name$="].code"]`);
  const name = (await hidden.getAttribute('name')).replace('.code', '');
  const n = name.match(/\d+/)[0];
  await type(page, { [`${name}.given`]: true, [`${name}.mark`]: mark });
  if (scan) await type(page, { [`scan_${n}`]: scan, [`${name}.confirmed`]: true, [`${name}.paper_number`]: '000090123456', [`${name}.issuer`]: 'Cục Cảnh sát QLHC' });
}

/** Presses "Tiếp nhận" and gives the dossier's code in large type. */
export async function receive(page) {
  await press(page, page.locator('button[name=button][value=receive]'));
  const code = page.locator('.app-code');
  assert.equal(await code.count(), 1, `not received: ${(await page.locator('.govuk-error-summary, .app-problems').allInnerTexts()).join(' ')} ${(await said(page)).slice(0, 300)}`);
  return (await code.innerText()).trim();
}

export const openDossier = (page, platform, code) => page.goto(`${platform.url()}/mot-cua/ho-so/${code}`);

/** Does what a form of the dossier's page offers, by the last part of its address, and gives the message. */
export async function act(page, platform, code, segment, values = {}) {
  await openDossier(page, platform, code);
  return actHere(page, segment, values);
}

export async function actHere(page, segment, values = {}) {
  const form = page.locator(`form[action$="/${segment}"]`);
  assert.equal(await form.count(), 1, `no form "${segment}": ${(await said(page)).slice(-800)}`);
  await form.evaluate((e) => { const closed = e.closest('details:not([open])'); if (closed) closed.open = true; });
  await type(form, values);
  await press(page, form.locator('button[type=submit], button:not([type])').last());
  return flash(page);
}

/** The actions that the dossier's page offers, as the last parts of their addresses. */
export const offered = (page) => page.locator('form[action*="/mot-cua/ho-so/"]').evaluateAll((all) => all.map((f) => f.action.split('/').pop()));

/** A line of a summary list: what stands beside its label. */
export const line = async (page, label) => {
  const row = page.locator('.govuk-summary-list__row', { has: page.locator('dt', { hasText: new RegExp(`^\\s*${label}\\s*$`) }) });
  return (await row.count()) ? (await row.first().locator('dd').innerText()).trim() : undefined;
};

/** The page, loaded again until it says what is waited for: an answer of another system comes by itself. */
export async function waitFor(page, wanted, limitMs = 20000) {
  const end = Date.now() + limitMs;
  for (;;) {
    await page.reload();
    const text = await said(page);
    if (wanted instanceof RegExp ? wanted.test(text) : text.includes(wanted)) return text;
    if (Date.now() > end) throw new Error(`not within ${limitMs} ms: ${wanted}; the page says: ${text.slice(0, 1500)}`);
    await page.waitForTimeout(200);
  }
}

/** The work list's rows under one of its filters. */
export async function workList(page, platform, filter = 'viec', query = '') {
  await page.goto(`${platform.url()}/mot-cua?loc=${filter}${query ? `&q=${encodeURIComponent(query)}` : ''}`);
  return page.locator('tbody tr').allInnerTexts();
}

/** An intake of a judicial record with nothing special; gives the dossier's code. */
export async function receiveRecord(page, platform, full_name, identity, values = {}) {
  await openIntake(page, platform, /Phiếu lý lịch tư pháp/);
  await readCard(page, cardText({ full_name, identity, birth_date: '12/05/1992', sex: 'male', residence: 'Số 5, khóm 3, phường Long Xuyên' }));
  await type(page, { phone: '0912345678', birth_place: 'An Giang', father_name: 'Lâm Văn Cha', mother_name: 'Ngô Thị Mẹ', purpose: 'Xin việc làm', certificate_kind: '1', means: 'cash', series: 'LT', number: identity.slice(-6), ...values });
  await tick(page, 'request', 'original');
  await tick(page, 'identity', 'copy');
  return receive(page);
}

/** An intake of a household business with nothing special; gives the dossier's code. */
export async function receiveBusiness(page, platform, full_name, identity, business_name, commune = '30307') {
  await openIntake(page, platform, /hộ kinh doanh/i);
  await readCard(page, cardText({ full_name, identity, birth_date: '14/02/1989', sex: 'female', residence: 'Số 21, khóm 4, phường Long Xuyên' }));
  await type(page, { phone: '0913579246', business_name, business_address: 'Số 45, đường Lê Lợi, khóm 3', business_commune: commune, capital_vnd: '120.000.000',
    'sectors[0].code': '4711', 'sectors[0].name': 'Bán lẻ lương thực', 'sectors[0].main': true, founded_by: 'person', means: 'cash', series: 'HK', number: identity.slice(-6) });
  await tick(page, 'request', 'original');
  await tick(page, 'identity', 'copy');
  return receive(page);
}
