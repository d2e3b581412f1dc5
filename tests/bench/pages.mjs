// Intakes through HTTP, and the CPU time of a drawn work list.
import { readFileSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cpuSeconds, family, here, logIn, median, NotMeasured, run, say, wrk, writeText } from './machine.mjs';
import { filesStart } from './nginx.mjs';

const connections = 64;
const encode = (values) => new URLSearchParams(values).toString();

/** The counter's form of a judicial record, with places for what differs: form number, identity, receipt series and number. */
function formOf(csrf) {
  const fixed = encode({ csrf, procedure: '2.000488', full_name: 'Nguyễn Thị Ánh Tuyết', birth_date: '27/12/1989', sex: 'female', nationality: 'Việt Nam',
    residence: 'Khóm Bình Thới, phường Bình Đức, tỉnh An Giang', phone: '0000123456', certificate_kind: '1', birth_place: 'An Giang', sets: '1', copies: '1',
    'components[0].code': 'request', 'components[0].given': '1', 'components[0].mark': 'original', 'components[0].pieces': '1',
    'components[1].code': 'identity', 'components[1].given': '1', 'components[1].mark': 'copy', 'components[1].pieces': '1', means: 'cash', button: 'receive' });
  return `${fixed.replaceAll('%', '%%')}&form_id=%s&identity=%s&series=%s&number=%d`;
}

let runs = 0;
const series = () => `B${Date.now().toString(36).toUpperCase()}${runs++}`;

export async function counterOpen(platform) {
  const browser = await logIn(platform, 'canbo.tiepnhan');
  await browser.get('/mot-cua/tiep-nhan?thu-tuc=2.000488');
  return { platform, browser, form: formOf(browser.csrf), base: platform.url(), unit: '30307' };
}

/** One load of intakes; each answered 303 after it is on the disk. */
export function intakes(counter, { seconds, connections: width = connections }) {
  const env = { BENCH_LUA: here, BENCH_FORM: counter.form, BENCH_SERIES: series(), BENCH_COOKIE: counter.browser.cookie };
  return wrk(counter.base, { connections: width, seconds, script: 'intake.lua', env });
}

export async function measureIntake({ counter, tools, folder, rounds, seconds }) {
  const bytes = await writeText(join(folder, 'intake.body'), counter.form.replaceAll('%%', '%').replace('form_id=%s', 'form_id=BXXXXXXXXX-10000')
    .replace('identity=%s', 'identity=000190010000').replace('series=%s', 'series=BXXXXXXXXX').replace('number=%d', 'number=10000'));
  const bare = join(folder, 'bare');
  const ours = [], theirs = [];
  await intakes(counter, { seconds: 2 });
  for (let i = 0; i < rounds; i++) {
    await mkdir(bare, { recursive: true });
    theirs.push(JSON.parse((await run(join(tools, 'insert'), [bare, bytes, String(connections), String(seconds)])).stdout).rate);
    await rm(bare, { recursive: true });
    ours.push((await intakes(counter, { seconds })).rate);
    say(`intake: ${ours.at(-1).toFixed(0)}/s, bare inserts ${theirs.at(-1).toFixed(0)}/s`);
  }
  return { value: median(ours), reference_value: median(theirs) };
}

/** Paths in a file for pages.lua; a load of them. */
export async function pagesLoad(browser, base, paths, { folder, seconds, connections: width }) {
  const file = await writeText(join(folder, 'paths'), `${paths.join('\n')}\n`);
  return wrk(base, { connections: width, seconds, script: 'pages.lua', env: { BENCH_LUA: here, BENCH_PATHS: file, BENCH_COOKIE: browser.cookie } });
}

async function cpuPerRequest(pids, load) {
  const before = cpuSeconds(pids), told = await load();
  return ((cpuSeconds(pids) - before) / told.requests) * 1e6;
}

export async function measurePage({ counter, folder, rounds, seconds }) {
  const path = '/mot-cua?loc=viec';
  const page = await counter.browser.get(path);
  const lines = (page.match(/href="\/mot-cua\/ho-so\/[^"/]+"/g) ?? []).length;
  if (lines < 50) throw new NotMeasured(`the work list shows ${lines} dossiers, not 50`);
  const node = Number(readFileSync(join(counter.platform.var, 'province.pid'), 'utf8'));
  const files = await filesStart(folder, page);
  const ours = [], theirs = [], width = 16;
  const load = (base, at) => () => pagesLoad(counter.browser, base, [at], { folder, seconds, connections: width });
  await load(counter.base, path)();
  for (let i = 0; i < rounds; i++) {
    theirs.push(await cpuPerRequest(family(files.pid), load(`http://127.0.0.1:${files.port}`, '/page.html')));
    ours.push(await cpuPerRequest(family(node), load(counter.base, path)));
    say(`page of ${Buffer.byteLength(page)} bytes: ${ours.at(-1).toFixed(0)} µs, file from nginx ${theirs.at(-1).toFixed(0)} µs`);
  }
  return { value: median(ours), reference_value: median(theirs) };
}
