// How near the limit the platform runs: each figure beside a reference that was measured in the same run. ./bench starts it.
//
//   bench.mjs TOOLS VAR [--dossiers N] [--quick] [NAME…]
import { mkdir, rm, writeFile, chmod } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { endAll, NotMeasured, platformStart, say } from './machine.mjs';
import { exchangeOpen, measureExchange, measureLatency } from './exchange.mjs';
import { counterOpen, measureIntake, measurePage } from './pages.mjs';
import { measureGrowth, measureMemory, measureStart, seed } from './growth.mjs';

// judged: the ratio to the reference, or the value itself where the aim is an absolute one.
const figures = [
  { name: 'exchange', unit: 'exchanges/s', reference: 'nginx pair with mutual TLS, same bytes', aim: 0.25, judged: 'ratio', better: 'more' },
  { name: 'exchange_p99', unit: 'ms added', reference: 'bare provider at the same rate, ms', aim: 10, judged: 'value', better: 'less' },
  { name: 'intake', unit: 'intakes/s', reference: 'bare SQLite group-committed inserts, same bytes', aim: 0.2, judged: 'ratio', better: 'more' },
  { name: 'page', unit: 'µs CPU', reference: 'nginx serving the same bytes from a file', aim: 12, judged: 'ratio', better: 'less' },
  { name: 'growth', unit: 'ms', reference: 'the same with 10,000 dossiers', aim: 1.3, judged: 'ratio', better: 'less' },
  { name: 'memory', unit: 'MB', reference: 'the same with 10,000 dossiers', aim: 100, judged: 'value', better: 'less' },
  { name: 'start', unit: 's', reference: 'the same with 10,000 dossiers', aim: 1, judged: 'value', better: 'less' },
];

const few = 10000;

function optionsRead(args) {
  const options = { dossiers: 1000000, names: [], rounds: 5, seconds: 6 };
  const [tools, folder, ...rest] = args;
  for (let i = 0; i < rest.length; i++) {
    if (rest[i] === '--dossiers') options.dossiers = Number(rest[++i]);
    else if (rest[i] === '--quick') Object.assign(options, { rounds: 3, seconds: 3 });
    else if (figures.some((figure) => figure.name === rest[i])) options.names.push(rest[i]);
    else throw new Error(`unknown ${rest[i]}: names are ${figures.map((figure) => figure.name).join(', ')}`);
  }
  if (!Number.isInteger(options.dossiers) || options.dossiers <= few || options.dossiers > 10000000) throw new Error(`--dossiers takes a number over ${few}`);
  if (!options.names.length) options.names = figures.map((figure) => figure.name);
  return { ...options, tools, folder };
}

// ---- The measurements, in an order in which none disturbs the next ----

async function measureExchanges(options, wanted, put) {
  if (!wanted('exchange') && !wanted('exchange_p99')) return;
  const platform = await platformStart(options.run, 'axis');
  const setting = await exchangeOpen({ platform, folder: options.run });
  const reached = await measureExchange({ ...options, setting });
  put('exchange', reached);
  if (wanted('exchange_p99')) put('exchange_p99', await measureLatency({ ...options, setting, rate: reached.value / 2 }));
  await endAll();
}

async function measurePages(options, wanted, put) {
  if (!wanted('intake') && !wanted('page')) return;
  const platform = await platformStart(options.run, 'pages');
  const counter = await counterOpen(platform);
  // The work list first: a counter's unit with some two hundred open dossiers, the same ones in every run.
  if (wanted('page')) {
    await seed(platform, few / 2, counter.unit);
    put('page', await measurePage({ ...options, counter, folder: options.run }));
  }
  if (wanted('intake')) put('intake', await measureIntake({ ...options, counter, folder: options.run }));
  await endAll();
}

async function measureSizes(options, wanted, put) {
  if (!['growth', 'memory', 'start'].some(wanted)) return;
  const platforms = { small: await platformStart(options.run, 'few'), large: await platformStart(options.run, 'many') };
  await seed(platforms.small, few);
  await seed(platforms.large, options.dossiers);
  const counters = { small: await counterOpen(platforms.small), large: await counterOpen(platforms.large) };
  const costs = await measureGrowth({ ...options, ...counters, folder: options.run });
  const worst = costs.reduce((a, b) => (b.value / b.reference_value > a.value / a.reference_value ? b : a));
  put('growth', worst, costs.map((cost) => `${cost.kind} ${(cost.value / cost.reference_value).toFixed(2)}`).join(', '));
  put('memory', measureMemory(platforms));
  if (wanted('start')) put('start', await measureStart({ ...options, ...platforms }));
  await endAll();
}

// ---- What is told ----

const round = (number) => Number(number.toPrecision(4));

function verdict(figure, result) {
  const judged = figure.judged === 'ratio' ? result.ratio : result.value;
  return (figure.better === 'more' ? judged >= figure.aim : judged <= figure.aim) ? 'met' : 'missed';
}

function tableWrite(results) {
  const head = ['name', 'value', 'unit', 'reference', 'reference_value', 'ratio', 'aim', 'verdict'];
  const rows = results.map((result) => {
    const figure = figures.find((f) => f.name === result.name);
    const aim = `${figure.judged === 'ratio' ? 'ratio ' : ''}${figure.better === 'more' ? '≥' : '≤'} ${figure.aim}`;
    return [result.name, String(result.value), result.unit, result.reference, String(result.reference_value), String(result.ratio), aim, verdict(figure, result)];
  });
  const widths = head.map((title, i) => Math.max(...[head, ...rows].map((row) => row[i].length)));
  for (const row of [head, widths.map((width) => '-'.repeat(width)), ...rows]) console.log(`| ${row.map((cell, i) => cell.padEnd(widths[i])).join(' | ')} |`);
}

async function main() {
  const options = optionsRead(process.argv.slice(2));
  options.run = join(options.folder, 'bench-run');
  await rm(options.run, { recursive: true, force: true });
  await mkdir(options.run, { recursive: true });
  for (const folder of [options.folder, options.run]) await chmod(folder, 0o755);
  const wanted = (name) => options.names.includes(name), results = [], notes = [], faults = [];
  const put = (name, measured, note) => {
    const { unit, reference, aim } = figures.find((figure) => figure.name === name);
    if (!wanted(name)) return;
    results.push({ name, value: round(measured.value), unit, reference, reference_value: round(measured.reference_value),
      ratio: round(measured.ratio ?? measured.value / measured.reference_value), aim });
    if (note) notes.push(`${name}: ${note}`);
  };
  for (const part of [measureExchanges, measurePages, measureSizes]) {
    await part(options, wanted, put).catch(async (fault) => {
      faults.push(fault instanceof NotMeasured ? fault.message : fault.stack);
      await endAll();
    });
  }
  await rm(options.run, { recursive: true, force: true });
  results.sort((a, b) => figures.findIndex((f) => f.name === a.name) - figures.findIndex((f) => f.name === b.name));
  console.log(`${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GB of memory; ${options.dossiers.toLocaleString('en')} dossiers`);
  tableWrite(results);
  for (const note of notes) console.log(note);
  await writeFile(join(options.folder, 'bench.json'), `${JSON.stringify(results, null, 2)}\n`);
  for (const fault of faults) console.error(`bench: not measured: ${fault}`);
  const missing = options.names.filter((name) => !results.some((result) => result.name === name));
  if (missing.length) console.error(`bench: without a figure: ${missing.join(', ')}`);
  return missing.length || faults.length ? 1 : 0;
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => endAll().finally(() => process.exit(130)));
process.exitCode = await main().catch(async (fault) => {
  console.error(`bench: ${fault.message}`);
  await endAll();
  return 2;
});
