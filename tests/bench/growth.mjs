// What a hundred times as many dossiers cost: two platforms side by side, one with few and one with many, asked in turn.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { get } from 'node:http';
import { atEnd, family, median, NotMeasured, residentMb, run, say, sleep } from './machine.mjs';
import { root, truc } from '../lib/platform.mjs';
import { intakes, pagesLoad } from './pages.mjs';

const width = 4, sample = 2000;

/** Spread over all communes, or of one unit. */
export async function seed(platform, count, unit) {
  const began = Date.now();
  await platform.command('dossier', 'seed', '--node', join(platform.var, 'province'), '--count', String(count), ...(unit ? ['--unit', unit] : []));
  say(`${count} dossiers made in ${((Date.now() - began) / 1000).toFixed(0)} s`);
}

/** Dossiers of the officer's own unit, drawn at random from all: {paths of their pages, paths of searches for their people}. */
async function draw(counter) {
  const file = join(counter.platform.var, 'province', 'onestop', 'onestop.sqlite');
  const unit = counter.unit;
  const sql = `select d.code || '|' || d.full_name from dossier d where d.receiving_unit = '${unit}' order by random() limit ${sample}`;
  const { stdout } = await run('sqlite3', ['-readonly', file, sql], { maxBuffer: 16 << 20 });
  const rows = stdout.trim().split('\n').map((line) => line.split('|'));
  if (rows.length < 20) throw new NotMeasured(`only ${rows.length} dossiers in unit ${unit}`);
  return { open: rows.map(([code]) => `/mot-cua/ho-so/${code}`), search: rows.map(([, name]) => `/mot-cua?q=${encodeURIComponent(name)}`) };
}

/** Milliseconds of wall time that one takes, with `width` at a time. */
const costOf = (told) => (1000 / told.rate);

export async function measureGrowth({ small, large, folder, rounds, seconds }) {
  const kinds = ['intake', 'open', 'search'];
  const costs = { intake: [[], []], open: [[], []], search: [[], []] };
  const drawn = [await draw(small), await draw(large)];
  const load = {
    intake: (counter) => intakes(counter, { seconds, connections: width }),
    open: (counter, i) => pagesLoad(counter.browser, counter.base, drawn[i].open, { folder, seconds, connections: width }),
    search: (counter, i) => pagesLoad(counter.browser, counter.base, drawn[i].search, { folder, seconds, connections: width }),
  };
  for (const kind of kinds) {
    await load[kind](small, 0);
    await load[kind](large, 1);
    for (let round = 0; round < rounds; round++)
      for (const [i, counter] of [small, large].entries()) costs[kind][i].push(costOf(await load[kind](counter, i)));
    say(`growth of ${kind}: ${median(costs[kind][1]).toFixed(3)} ms with many, ${median(costs[kind][0]).toFixed(3)} ms with few`);
  }
  return kinds.map((kind) => ({ kind, value: median(costs[kind][1]), reference_value: median(costs[kind][0]) }));
}

const processOf = (platform, node) => Number(readFileSync(join(platform.var, `${node}.pid`), 'utf8'));

export function measureMemory({ small, large }) {
  return { value: residentMb(family(processOf(large, 'province'))), reference_value: residentMb(family(processOf(small, 'province'))) };
}

function healthy(url) {
  return new Promise((resolve) => {
    const call = get(url, { agent: false, timeout: 1000 }, (got) => { got.resume(); resolve(got.statusCode === 200); });
    call.on('error', () => resolve(false));
  });
}

/** Ends the province node in order, and measures from the start of its process to the first healthy answer. */
async function startSeconds(platform) {
  const pid = processOf(platform, 'province'), folder = join(platform.var, 'province');
  const user = /^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1];
  const group = /^Gid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1];
  process.kill(pid, 'SIGTERM');
  for (const end = Date.now() + 60000; Date.now() < end; await sleep(50)) {
    try { process.kill(pid, 0); } catch { break; }
  }
  const share = join(platform.var, 'share');
  const serve = [join(share, 'truc'), 'serve', folder, '--data', join(share, 'data')];
  const other = process.getuid() === 0 && user !== '0';
  const [command, ...args] = other ? ['setpriv', `--reuid=${user}`, `--regid=${group}`, '--clear-groups', '--inh-caps=-all', ...serve] : serve;
  const began = process.hrtime.bigint();
  const child = spawn(command, args, { stdio: 'ignore', detached: true });
  child.unref();
  const url = platform.url('province', 'health');
  for (const end = Date.now() + 120000; !(await healthy(url)); await sleep(5)) {
    if (Date.now() > end || child.exitCode !== null) throw new NotMeasured('the node does not become healthy');
  }
  const seconds = Number(process.hrtime.bigint() - began) / 1e9;
  await writeFile(join(platform.var, 'province.pid'), `${child.pid}\n`);
  return seconds;
}

export async function measureStart({ small, large, rounds }) {
  const ours = [], theirs = [];
  for (let i = 0; i < rounds; i++) {
    theirs.push(await startSeconds(small));
    ours.push(await startSeconds(large));
    say(`start: ${ours.at(-1).toFixed(2)} s with many, ${theirs.at(-1).toFixed(2)} s with few`);
  }
  return { value: median(ours), reference_value: median(theirs) };
}
