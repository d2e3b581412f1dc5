// Who may not, cannot: every page and service of the program's own tables, tried by everybody and by nobody.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Platform, root } from '../lib/platform.mjs';
import { Visitor, callAxis, demoOf, enter, filled, formsOf, newAccount, receive, routes, toLogIn } from './lib.mjs';

const nodes = ['province', 'national'];
const tax = 'H01/GOV/H01.20/tax', guest = 'H01/GOV/H01.20/guest';
let platform, tables;
const demo = {}, people = {}, objects = {};

const holds = (role, today) => (role.valid_from ?? '0') <= today && today <= (role.valid_to ?? '9');

before(async () => {
  platform = await Platform.start();
  tables = await routes();
  const today = new Date().toISOString().slice(0, 10);
  for (const node of nodes) {
    demo[node] = await demoOf(node);
    people[node] = [];
    for (const [i, account] of demo[node].accounts.entries()) {
      const visitor = await enter(platform, account.name, node, `127.0.1.${i + 1}`);
      await visitor.token();
      visitor.roles = demo[node].roles.filter((r) => r.account === account.name && holds(r, today)).map((r) => r.role);
      people[node].push(visitor);
    }
  }
  // Roles that the demonstration has nobody in: the matrix needs each, and third units of every kind.
  for (const [i, [name, role, unit, node]] of [['quan.tri', 'admin', 'G15', 'national'], ['ngoai.chuyenvien', 'specialist', '30682', 'province'], ['ngoai.lanhdao', 'decider', '30682', 'province']].entries()) {
    await newAccount(platform, name, role, unit, node);
    const visitor = await enter(platform, name, node, `127.0.1.${i + 100}`);
    await visitor.token();
    people[node].push(Object.assign(visitor, { roles: [role] }));
  }
  await platform.command('household', 'seed', '--node', join(platform.var, 'province'), '--count', '300');
  const counter = who('canbo.tiepnhan');
  objects.scan = await readFile(join(root, 'tests/story/scan.pdf'));
  objects.household = await receive(counter, 'household');
  objects.justice = await receive(counter, 'justice', {}, { file: 'giay.pdf', type: 'application/pdf', content: objects.scan });
  objects.hash = (await counter.get(`/mot-cua/ho-so/${objects.justice}`)).text.match(/tep\/([0-9a-f]+)/)[1];
  objects.number = (await who('dangky').get('/ho-kinh-doanh')).text.match(/\/ho-kinh-doanh\/([A-Z0-9-]+)"/)?.[1];
  assert.ok(objects.number, 'a demo business');
}, { timeout: 120000 });

after(() => platform?.end());

const who = (name, node = 'province') => people[node].find((v) => v.name === name);
const pagesOf = (node) => tables.pages.filter((p) => p.system === 'web' || demo[node].node.systems.some((s) => s.name === p.system));
const rolesOf = (permission) => tables.permissions.find((p) => p.name === permission).roles.split(' ');
const may = (visitor, page) => page.permission === null || page.permission === '' || visitor.roles.some((r) => rolesOf(page.permission).includes(r));

/** The row's address; real: of things that are there, otherwise of things that are not. */
function address(page, real) {
  const values = { code: real ? objects.justice : 'H01.103-200101-9999', paper: 'tiep-nhan', hash: real ? objects.hash : '0'.repeat(64), name: real ? 'chuyenvien' : 'khong.co',
    subject: 'chuyenvien', number: real ? objects.number : '91Z9999999', reference: 'KHONG-CO', index: '0', block: '9999' };
  return page.path.replace(/\{(\w+)\}/g, (_, name) => {
    assert.ok(values[name], `the matrix knows no value of {${name}}: add one`);
    return values[name];
  });
}

const isFault = (answer) => answer.status >= 500;
const isRefusal = (answer) => answer.status === 403 || answer.status === 401 || toLogIn(answer);

test('the tables are whole: each permission that a page names has roles, each change needs a token', () => {
  for (const page of tables.pages) {
    if (page.permission) assert.ok(rolesOf(page.permission).length, page.path);
    if (page.method === 'POST' && !page.csrf) assert.ok(['/dang-nhap', '/tra-cuu'].includes(page.path), `${page.path} takes forms without a token`);
  }
});

for (const node of nodes) {
  test(`${node}: every page as nobody: the public ones, else the log-in page`, async () => {
    const wrong = [];
    for (const page of pagesOf(node)) {
      if (page.path === '/dang-nhap' && page.method === 'POST') continue;
      const nobody = new Visitor(platform, node, '127.0.2.1');
      const answer = page.method === 'GET' ? await nobody.get(address(page, true)) : await nobody.post(address(page, true), {});
      const right = page.permission === null ? !isRefusal(answer) && !isFault(answer) : toLogIn(answer);
      if (!right) wrong.push(`${page.method} ${page.path}: ${answer.status} ${answer.headers.location ?? ''}`);
    }
    assert.deepEqual(wrong, []);
  });

  test(`${node}: every GET page as every account: opened exactly by those whose role it names`, async () => {
    const wrong = [];
    let tried = 0;
    for (const page of pagesOf(node).filter((p) => p.method === 'GET')) {
      for (const visitor of people[node]) {
        const answer = await visitor.get(address(page, true));
        tried++;
        const right = may(visitor, page) ? !isRefusal(answer) && !isFault(answer) : answer.status === 403;
        if (!right) wrong.push(`${visitor.name} (${visitor.roles}) ${page.path}: ${answer.status} ${answer.headers.location ?? ''}`);
      }
    }
    assert.deepEqual(wrong, []);
    assert.ok(tried > (node === 'province' ? 400 : 30), `${tried} tried`);
  });

  test(`${node}: every POST page as every account whose role it does not name: 403 with the best of tokens`, async () => {
    const wrong = [];
    for (const page of pagesOf(node).filter((p) => p.method === 'POST' && p.permission)) {
      for (const visitor of people[node].filter((v) => !may(v, page))) {
        const answer = page.upload ? await visitor.upload(address(page, true), [['button', 'receive']]) : await visitor.submit(address(page, true), { revision: '1' });
        if (answer.status !== 403) wrong.push(`${visitor.name} ${page.path}: ${answer.status} ${answer.headers.location ?? ''}`);
      }
    }
    assert.deepEqual(wrong, []);
  });

  test(`${node}: every POST page as an account whose role it names, on what is not there: not refused, no fault`, async () => {
    const wrong = [];
    for (const page of pagesOf(node).filter((p) => p.method === 'POST' && p.permission)) {
      const visitor = people[node].find((v) => may(v, page));
      if (!visitor) { wrong.push(`nobody may ${page.path}`); continue; }
      const answer = page.upload ? await visitor.upload(address(page, false), []) : await visitor.submit(address(page, false), {});
      if (isRefusal(answer) || isFault(answer)) wrong.push(`${visitor.name} ${page.path}: ${answer.status}`);
    }
    assert.deepEqual(wrong, []);
  });
}

/** What the pages show of everything a form could change: tokens, times and ids of forms aside. */
async function picture(node) {
  const pages = { province: [['canbo.tiepnhan', `/mot-cua/ho-so/${objects.justice}`], ['canbo.tiepnhan', `/mot-cua/ho-so/${objects.household}`], ['dangky', `/ho-kinh-doanh/${objects.number}`],
    ['quantri', '/quan-tri/tai-khoan'], ['quantri', '/quan-tri/tai-khoan/chuyenvien'], ['quantri', '/quan-tri/lich'], ['quantri', '/quan-tri/nhat-ky/chuyenvien'],
    ['vanhanh', '/van-hanh/thanh-vien'], ['vanhanh', '/van-hanh/he-thong'], ['vanhanh', '/van-hanh/dich-vu'], ['vanhanh', '/van-hanh/quyen'], ['vanhanh', '/van-hanh/lien-thong'], ['chuyenvien', '/tai-khoan']],
  national: [['canbo.quocgia', '/ly-lich'], ['vanhanh', '/van-hanh/thanh-vien'], ['vanhanh', '/van-hanh/quyen'], ['vanhanh', '/van-hanh/he-thong']] }[node];
  const all = [];
  for (const [name, path] of pages) {
    const answer = await who(name, node).get(path);
    assert.equal(answer.status, 200, path);
    all.push(answer.text.replace(/value="[0-9a-f-]{36,64}"/g, '').replace(/\d\d:\d\d(:\d\d)?/g, ''));
  }
  return all;
}

for (const node of nodes) {
  test(`${node}: a form without a token, with another's, or from another site's page: refused, and nothing is changed`, async () => {
    const before = await picture(node), wrong = [];
    const stranger = people[node].find((v) => ['chuyenvien.llt', 'vanhanh'].includes(v.name));
    for (const page of pagesOf(node).filter((p) => p.method === 'POST' && p.permission !== null && p.csrf)) {
      for (const visitor of people[node].filter((v) => may(v, page) && v !== stranger).slice(0, 2)) {
        const fields = { revision: '1', reason: 'x', role: 'counter', unit: '91', id: tax, key: 'x', name: 'x', day: '01/01/2027' };
        const attempts = { none: {}, empty: { csrf: '' }, another: { csrf: await stranger.token() }, cut: { csrf: (await visitor.token()).slice(0, -1) } };
        for (const [kind, token] of Object.entries(attempts)) {
          for (const headers of [{}, { Origin: 'https://example.org', 'Sec-Fetch-Site': 'cross-site' }]) {
            const answer = await visitor.post(address(page, true), { ...fields, ...token }, { headers });
            if (![403, 415].includes(answer.status)) wrong.push(`${visitor.name} ${page.path} token ${kind}: ${answer.status} ${answer.headers.location ?? ''}`);
          }
        }
      }
    }
    assert.deepEqual(wrong, []);
    assert.deepEqual(await picture(node), before);
  });
}

test('an upload without its token: refused before any file is kept', async () => {
  const counter = who('canbo.tiepnhan');
  const real = await counter.token();
  counter.known = '';
  const answer = await counter.upload('/mot-cua/tiep-nhan', [['button', 'receive'], ['scan_0', { file: 'a.pdf', type: 'application/pdf', content: objects.scan }]]);
  counter.known = real;
  assert.equal(answer.status, 403);
});

test('a third unit\'s officer: another\'s dossier, its papers, scans and actions are not there', async () => {
  const wrong = [];
  const outsiders = { justice: ['canbo.noikhac', 'ngoai.chuyenvien', 'ngoai.lanhdao'], household: ['canbo.noikhac', 'chuyenvien.llt', 'lanhdao.llt', 'ngoai.chuyenvien', 'ngoai.lanhdao'] };
  for (const [kind, names] of Object.entries(outsiders)) {
    for (const visitor of names.map((n) => who(n))) {
      for (const page of tables.pages.filter((p) => /^\/mot-cua\/.*\{code\}/.test(p.path) && may(visitor, p))) {
        const papers = page.path.includes('{paper}') ? ['tiep-nhan', 'bo-sung', 'tu-choi', 'ket-qua'] : ['tiep-nhan'];
        for (const paper of papers) {
          const path = page.path.replace('{code}', objects[kind]).replace('{hash}', objects.hash).replace('{paper}', paper);
          const answer = page.method === 'GET' ? await visitor.get(path) : await visitor.submit(path, { revision: '1', reason: 'Thử', receiver_name: 'x', receiver_identity: '000090000001', means: 'cash', to_name: 'chuyenvien' });
          if (answer.status !== 404) wrong.push(`${visitor.name} ${page.method} ${path}: ${answer.status}`);
          if (/Ngọc Lan|Bích Thủy|0912345678/.test(answer.text)) wrong.push(`${visitor.name} ${path} shows whose it is`);
        }
      }
      const list = await visitor.get(`/mot-cua?loc=viec&q=${encodeURIComponent(objects[kind])}`);
      if (list.text.includes(`/ho-so/${objects[kind]}`)) wrong.push(`${visitor.name}'s list shows ${objects[kind]}`);
    }
  }
  assert.deepEqual(wrong, []);
});

test('a scan is given out with its own dossier alone', async () => {
  const counter = who('canbo.tiepnhan');
  const own = await counter.get(`/mot-cua/ho-so/${objects.justice}/tep/${objects.hash}`);
  assert.equal(own.status, 200);
  assert.match(own.headers['content-type'], /^application\/pdf/);
  assert.equal((await counter.get(`/mot-cua/ho-so/${objects.household}/tep/${objects.hash}`)).status, 404);
});

test('a list of another unit: only for who oversees, and only below', async () => {
  for (const name of ['canbo.noikhac', 'chuyenvien', 'lanhdao.llt']) {
    const answer = await who(name).get('/mot-cua?don-vi=30307&loc=tat-ca');
    if (name !== 'chuyenvien') assert.ok(!answer.text.includes(objects.household), `${name} sees the list of 30307`);
  }
  const head = await who('truongphong').get('/mot-cua/don-vi');
  assert.equal(head.status, 200);
});

test('receiving and deciding unit: each does its own steps and not the other\'s', async () => {
  const code = objects.justice, at = (segment) => `/mot-cua/ho-so/${code}/${segment}`;
  const revision = async (name) => (await who(name).get(`/mot-cua/ho-so/${code}`)).text.match(/name="revision" value="(\d+)"/)?.[1] ?? '1';
  const state = async () => (await who('canbo.tiepnhan').get(`/mot-cua/ho-so/${code}`)).text.match(/class="[^"]*govuk-tag[^"]*"[^>]*>([\s\S]*?)<\//)?.[1];
  const tries = async (attempts) => {
    const before = await state();
    for (const [name, segment] of attempts) {
      const answer = await who(name).submit(at(segment), { revision: await revision(name), reason: 'Thử', means: 'cash', to_name: name, receiver_name: 'x', receiver_identity: '000090000001' });
      assert.ok([403, 404, 409, 422].includes(answer.status), `${name} ${segment}: ${answer.status} ${answer.headers.location ?? ''}`);
      assert.equal(await state(), before, `${name} ${segment} changed the dossier`);
    }
  };
  // At the counter: the deciding unit's people, and the specialist and decider of the receiving unit, have no turn.
  await tries([['chuyenvien.llt', 'nhan-viec'], ['chuyenvien.llt', 'trinh'], ['lanhdao.llt', 'duyet'], ['chuyenvien', 'nhan-viec'], ['chuyenvien', 'trinh'], ['chuyenvien', 'ban-giao'], ['lanhdao', 'duyet'], ['lanhdao', 'tu-choi'], ['canbo.tiepnhan', 'tra-ket-qua']]);
  const forward = formsOf((await who('canbo.tiepnhan').get(`/mot-cua/ho-so/${code}`)).text).find((f) => f.action === at('chuyen'));
  assert.equal((await who('canbo.tiepnhan').submit(at('chuyen'), filled(forward))).status, 303);
  // With the deciding unit: the counter gives nothing back, withdraws no more than its citizen may, and the receiving unit decides nothing.
  await tries([['chuyenvien', 'nhan-viec'], ['chuyenvien', 'trinh'], ['chuyenvien', 'yeu-cau-bo-sung'], ['lanhdao', 'duyet'], ['lanhdao', 'tra-lai'], ['lanhdao', 'tu-choi'], ['lanhdao.llt', 'duyet'], ['canbo.tiepnhan', 'tra-ket-qua'], ['canbo.tiepnhan', 'chuyen']]);
});

test('an application of the register: who only reads household businesses elsewhere cannot decide it', async () => {
  for (const name of ['canbo.tiepnhan', 'chuyenvien', 'lanhdao', 'quantri', 'vanhanh']) {
    for (const segment of ['thay-doi', 'tam-ngung', 'tiep-tuc', 'cham-dut'])
      assert.equal((await who(name).submit(`/ho-kinh-doanh/${objects.number}/${segment}`, { revision: '1', reason: 'x' })).status, 403);
  }
});

// ---- Services ----

const idOf = (system) => [...demo.province.node.systems, ...demo.national.node.systems].find((s) => s.name === system)?.axis_id;
const granted = (consumer, service, code, method) => nodes.some((node) => demo[node].rights.some((r) => r.consumer === consumer && r.service === `${service}/${code}` && ['*', method].includes(r.method)));
const servicePath = (service) => `/r1/${idOf(service.system)}/${service.code}${service.path.replace(/\{\w+\}/g, 'H01.103-200101-9999')}`;

test('every service as every information system: answered exactly where a right stands', async () => {
  const wrong = [];
  for (const service of tables.services) {
    for (const consumer of [tax, guest]) {
      const answer = await callAxis(platform, consumer, servicePath(service), { method: service.method, body: service.method === 'GET' ? undefined : '{}' });
      const denied = answer.headers['x-road-error'] === 'Server.ServerProxy.AccessDenied';
      if (denied === granted(consumer, idOf(service.system), service.code, service.method)) wrong.push(`${consumer} ${service.method} ${servicePath(service)}: ${answer.status} ${answer.headers['x-road-error']}`);
    }
    for (const [what, headers] of Object.entries({
      nobody: {}, 'a name without a token': { 'X-Road-Client': idOf('onestop') }, 'another\'s token': { 'X-Road-Client': idOf('onestop'), 'Axis-Token': platform.token(tax) },
      'a made-up token': { 'X-Road-Client': tax, 'Axis-Token': 'A'.repeat(43) } })) {
      const answer = await callAxis(platform, null, servicePath(service), { method: service.method, body: service.method === 'GET' ? undefined : '{}', headers });
      if (answer.status < 400 || !answer.headers['x-road-error']) wrong.push(`${what}: ${servicePath(service)}: ${answer.status}`);
    }
  }
  assert.deepEqual(wrong, []);
});

test('a right for one service, method or path is no right for a neighbour', async () => {
  const read = `/r1/${idOf('household')}/read`;
  for (const [method, path] of [['POST', `${read}/91A0000001`], ['DELETE', `${read}/91A0000001`], ['GET', `/r1/${idOf('household')}/search?tim=a`], ['POST', `/r1/${idOf('household')}/read/../register`], ['POST', `/r1/${idOf('household')}/read/%2e%2e/register`], ['POST', `/r1/${idOf('household')}//register`]]) {
    const answer = await callAxis(platform, tax, path, { method, body: method === 'POST' ? '{}' : undefined });
    assert.ok(answer.status >= 400, `${method} ${path}: ${answer.status} ${answer.text.slice(0, 100)}`);
    assert.ok(answer.headers['x-road-error'], path);
  }
});

test('onestop/answer from a system that was granted it and was not asked: refused, the dossier stands as it was', async () => {
  const operator = who('vanhanh');
  const right = { consumer: tax, service: `${idOf('onestop')}/answer`, method: 'any', path: '*', purpose: 'Thử', legal_basis: 'Thử', valid_from: '', valid_to: '', quota_per_minute: '' };
  const put = await operator.submit('/van-hanh/quyen', right);
  assert.equal(put.status, 303, 'the right is granted');
  const before = (await who('canbo.tiepnhan').get(`/mot-cua/ho-so/${objects.household}`)).text.match(/name="revision" value="(\d+)"/)?.[1];
  for (const [dossier, purpose, state] of [[objects.household, 'household.register', 'registered'], [objects.justice, 'justice.lookup', 'clean'], [objects.justice, 'justice.lookup', 'found'], ['H01.103-200101-9999', 'justice.lookup', 'clean']]) {
    const answer = await callAxis(platform, tax, `/r1/${idOf('onestop')}/answer`, { method: 'POST', body: JSON.stringify({ dossier, purpose, reference: 'GIA-MAO', state, number: '91A0000001', registered_on: '2026-11-24' }) });
    assert.ok([403, 404].includes(answer.status), `${dossier} ${purpose}: ${answer.status} ${answer.text.slice(0, 200)}`);
  }
  const after = (await who('canbo.tiepnhan').get(`/mot-cua/ho-so/${objects.household}`)).text.match(/name="revision" value="(\d+)"/)?.[1];
  assert.equal(after, before);
  const shown = (await who('chuyenvien.llt').get(`/mot-cua/ho-so/${objects.justice}`)).text;
  assert.ok(!shown.includes('GIA-MAO'));
});

test('health, metrics and gateway: no page and no service behind them', async () => {
  for (const path of ['/mot-cua', '/van-hanh', '/r1/H01/GOV/H01.07/household/check', '/../truc.json', '/health/..']) {
    const answer = await callAxis(platform, null, '', {}).catch(() => null);
    const other = await fetch(platform.url('province', 'health').replace('/health', path));
    assert.ok(other.status === 404 || path.endsWith('..'), `${path}: ${other.status}`);
    if (answer) assert.ok(answer.status >= 400);
  }
});
