// kill -9 of either node, and of its keys process alone, at random moments of the main job under load: every step that was answered
// is there, nothing took effect twice, and the journals' trees hold every checkpoint that anybody has seen.
// KILLS=500 for the long run, SEED for the same moments again.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { Platform, sleep } from '../lib/platform.mjs';
import { actForm, ask, chance, checkpointOf, codeOf, consistent, errorsOf, historyOf, household, insist, intakeForm, judicial, keysProcess, logIn, recordOf, rowsOf,
  strangerTls, unpaid } from './lib.mjs';

const kills = Number(process.env.KILLS ?? 20), seed = Number(process.env.SEED ?? 20261124), random = chance(seed);
const tax = 'H01/GOV/H01.20/tax';
const steps = [['counter', 'chuyen', {}, 'Chuyển xử lý'], ['specialist', 'nhan-viec', {}, 'Nhận việc'], ['specialist', 'trinh', { reason: 'Đủ điều kiện' }, 'Trình duyệt'],
  ['decider', 'duyet', {}, 'Duyệt'], ['counter', 'tra-ket-qua', {}, 'Trả kết quả']];
let platform, tls, people, going = true, number = 0;
const dossiers = [], exchanges = [], killed = {};
const checkpoints = { province: [], national: [] };
const unexpected = new Map();

before(async () => {
  platform = await Platform.start();
  tls = await strangerTls();
  people = {};
  for (const name of ['canbo.tiepnhan', 'chuyenvien', 'lanhdao', 'chuyenvien.llt', 'lanhdao.llt']) people[name] = await logIn(platform, name);
}, { timeout: 60000 });

after(async () => {
  going = false;
  await platform?.end();
});

function wonder(what) {
  unexpected.set(what, (unexpected.get(what) ?? 0) + 1);
}

/** Received by a counter that sends the same form again until it is answered. */
async function intake(counter, values) {
  const form = await insist('a form of intake', () => intakeForm(counter, values));
  const dossier = { identity: values.identity, form, done: [], sent: 0 };
  dossier.code = await insist(`intake of ${values.identity}`, async () => {
    dossier.sent++;
    const got = await counter.post('/mot-cua/tiep-nhan', form);
    if (got.status === 422) wonder(`intake: ${errorsOf(got)}`);
    return codeOf(got);
  }, 150000);
  dossiers.push(dossier);
  return dossier;
}

async function step(client, dossier, [, segment, values, word]) {
  await insist(`${segment} of ${dossier.code}`, async () => {
    const { path, form, page } = await actForm(client, dossier.code, segment, values);
    if (!form) return historyOf(page).includes(word) && (dossier.unknown = true);
    const got = await client.post(path, form);
    if (got.status === 303) dossier.done.push(word);
    else if (![409, 422, 503].includes(got.status)) wonder(`${segment}: ${got.status}`);
    if (got.status === 422) await sleep(300);
    return got.status === 303;
  }, 150000);
}

async function desk(index) {
  const windows = Object.fromEntries(Object.entries(people).map(([name, client]) => [name, client.again()]));
  for (let turn = index; going; turn++) {
    const n = ++number, at = turn % 2 === 0 ? '.llt' : '';
    const values = at ? judicial(n, 'K') : household(n, 'K');
    const dossier = await intake(windows['canbo.tiepnhan'], values);
    dossier.kind = at ? 'judicial' : 'household';
    const who = { counter: windows['canbo.tiepnhan'], specialist: windows[`chuyenvien${at}`], decider: windows[`lanhdao${at}`] };
    for (const one of steps) {
      const told = one[1] === 'tra-ket-qua' ? [one[0], one[1], { receiver_name: values.full_name }, one[3]] : one;
      await step(who[one[0]], dossier, told);
    }
    dossier.finished = true;
  }
  Object.values(windows).forEach((client) => client.close());
}

/** Nothing but the form tells these dossiers apart: no receipt's number stands against a second one. */
async function unpaidDesk() {
  const counter = people['canbo.tiepnhan'].again();
  while (going) {
    await intake(counter, unpaid(500000 + ++number));
    await sleep(50);
  }
  counter.close();
}

async function exchanger(path, body) {
  for (let i = 0; going; i++) {
    const id = `kill-${path.length}-${i}`;
    try {
      const got = await ask(platform.url('province', 'axis') + path, { method: body ? 'POST' : 'GET', body, timeoutMs: 20000,
        headers: { 'X-Road-Client': tax, 'Axis-Token': platform.token(tax), 'X-Road-Id': id, 'Content-Type': 'application/json' } });
      if (got.status === 200) exchanges.push({ id, receipt: got.headers['axis-receipt'] });
    } catch { /* nobody promised it */ }
    await sleep(20);
  }
}

async function watcher(node) {
  while (going) {
    await checkpointOf(platform, node, tls).then((seen) => checkpoints[node].push(seen), () => {});
    await sleep(150);
  }
}

async function killOne() {
  const node = random() < 0.6 ? 'province' : 'national', keys = random() < 0.3;
  await sleep(100 + random() * 1700);
  killed[`${node}${keys ? ' keys' : ''}`] = (killed[`${node}${keys ? ' keys' : ''}`] ?? 0) + 1;
  if (keys) {
    const pid = keysProcess(await platform.pid(node));
    if (pid) process.kill(pid, 'SIGKILL');
    return;
  }
  await platform.nodeKill(node);
  await sleep(random() * 500);
  await platform.nodeUp(node);
}

test(`${kills} kills at random moments (seed ${seed}) while people work`, { timeout: 60000 + kills * 6000 + 200000 }, async (t) => {
  const load = [desk(0), desk(1), desk(2), unpaidDesk(), watcher('province'), watcher('national'),
    exchanger('/r1/H01/GOV/H01.07/household/check', JSON.stringify({ name: 'Hoa Sen Xanh', commune: '30307', head_identity: '000090000001' })),
    exchanger('/r1/VN/GOV/G15/justice/listMethods')];
  const failed = [];
  for (const one of load) one.catch((fault) => failed.push(fault));
  for (let i = 0; i < kills && failed.length === 0; i++) await killOne();
  await sleep(1000);
  going = false;
  await Promise.allSettled(load);
  for (const fault of failed) throw fault;
  t.diagnostic(`killed ${JSON.stringify(killed)}; ${dossiers.length} dossiers, ${dossiers.filter((d) => d.finished).length} to their end, ${dossiers.filter((d) => d.sent > 1).length} sent again, ` +
    `${dossiers.filter((d) => d.unknown).length} with a step that was done though nobody heard; ${exchanges.length} exchanges; ` +
    `${checkpoints.province.length} and ${checkpoints.national.length} checkpoints seen; ${JSON.stringify([...unexpected])}`);
  assert.ok(dossiers.length >= kills / 2 && exchanges.length >= kills, 'there was load');
});

test('every step that was answered stands in its dossier, once', { timeout: 120000 }, async () => {
  for (const dossier of dossiers) {
    const got = await people['canbo.tiepnhan'].get(`/mot-cua/ho-so/${dossier.code}`);
    assert.equal(got.status, 200, dossier.code);
    assert.ok(got.text.includes(dossier.identity), `${dossier.code} is the dossier of ${dossier.identity}`);
    const history = historyOf(got.text);
    for (const word of dossier.done) assert.equal(history.split(` ${word} ·`).length, 2, `${word} of ${dossier.code}: ${history}`);
  }
});

test('every exchange that was answered stands in the journal where its receipt says', { timeout: 120000 }, async () => {
  for (const { id, receipt } of exchanges) {
    const record = await recordOf(platform, 'province', Number(receipt.split(':').pop()));
    assert.equal(record.request_id, id, receipt);
  }
});

test('nothing took effect twice', { timeout: 90000 }, async () => {
  const done = dossiers.filter((d) => d.finished);
  const received = rowsOf(platform, 'province', 'onestop', 'select identity, count(*) from dossier group by identity having count(*) > 1');
  assert.deepEqual(received, [], 'an intake sent again made a second dossier');
  assert.equal(new Set(dossiers.map((d) => d.code)).size, dossiers.length);
  const once = (rows, kind, what) => {
    const counts = new Map(rows);
    for (const dossier of done.filter((d) => d.kind === kind)) assert.equal(counts.get(dossier.code), 1, `${what} of ${dossier.code}`);
    assert.ok([...counts.values()].every((count) => count === 1), `${what}: ${JSON.stringify([...counts])}`);
  };
  await insist('the national side has every result', async () => rowsOf(platform, 'national', 'justice', 'select count(distinct dossier) from result')[0][0] >= done.filter((d) => d.kind === 'judicial').length);
  once(rowsOf(platform, 'national', 'justice', 'select dossier, count(*) from lookup group by dossier'), 'judicial', 'look-ups');
  once(rowsOf(platform, 'national', 'justice', 'select dossier, count(*) from result group by dossier'), 'judicial', 'certificates');
  once(rowsOf(platform, 'province', 'household', 'select dossier, count(distinct number) from business_state where dossier is not null group by dossier'), 'household', 'businesses');
});

test('the journals hold every checkpoint that was seen', { timeout: 60000 }, async () => {
  for (const node of ['province', 'national']) {
    const seen = [...new Map(checkpoints[node].map((one) => [`${one.size} ${one.root}`, one])).values()];
    assert.ok(seen.length > 2, `${node}: checkpoints were seen`);
    for (const old of seen) {
      const now = await checkpointOf(platform, node, tls, old.size);
      assert.equal(now.origin, old.origin);
      assert.ok(consistent(old, now), `${node}: ${old.size} ${old.root} is not the beginning of ${now.size} ${now.root}`);
      assert.ok(!consistent({ ...old, root: Buffer.alloc(32, 7).toString('base64') }, now), 'the check can fail');
    }
  }
});

test('read whole after the end, both journals fit their checkpoints', { timeout: 60000 }, async () => {
  await platform.down();
  for (const node of ['province', 'national']) {
    const { stdout } = await platform.command('journal', 'verify', `${platform.var}/${node}`);
    assert.match(stdout, /^whole: \d+ entries/);
  }
});
