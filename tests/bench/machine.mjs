// What every figure needs: processes that end with the run, CPU time and memory from /proc, loads, a browser without a screen.
import { spawn, execFile } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { mkdir, writeFile, chmod } from 'node:fs/promises';
import { request as httpRequest, Agent } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Platform, freePorts, totp } from '../lib/platform.mjs';

export const run = promisify(execFile);
export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
export const here = new URL('.', import.meta.url).pathname;
export const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

/** A fault of a measurement: the figure is not made up, the run goes on and ends with an error. */
export class NotMeasured extends Error {}

export function say(text) {
  process.stderr.write(`bench: ${text}\n`);
}

/** What must end with the run, in reverse order. */
const endings = [];
export const atEnd = (what) => endings.push(what);
export async function endAll() {
  while (endings.length) await Promise.resolve(endings.pop()()).catch((fault) => say(`while ending: ${fault.message}`));
}

// ---- Processes ----

/** The process and its children, theirs too. */
export function family(pid) {
  const parents = new Map();
  for (const name of readdirSync('/proc').filter((n) => /^\d+$/.test(n))) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch { /* it has ended */ }
  }
  const found = [pid];
  for (let i = 0; i < found.length; i++) for (const [child, parent] of parents) if (parent === found[i]) found.push(child);
  return found;
}

/** utime + stime of these processes, in seconds. */
export function cpuSeconds(pids) {
  const ticks = pids.reduce((sum, pid) => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return sum + Number(fields[11]) + Number(fields[12]);
  }, 0);
  return ticks / 100; /* USER_HZ */
}

/** Resident memory of these processes, in MB. */
export function residentMb(pids) {
  return pids.reduce((sum, pid) => sum + Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]), 0) / 1024;
}

/** Starts a process that ends with the run; it must still run after a moment. */
export async function start(command, args, options = {}) {
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'], ...options });
  let ended = false;
  const end = new Promise((resolve) => child.on('exit', () => { ended = true; resolve(); }));
  atEnd(async () => {
    if (!ended) child.kill('SIGTERM');
    await Promise.race([end, sleep(5000)]);
    if (!ended) child.kill('SIGKILL');
  });
  await sleep(300);
  if (ended) throw new NotMeasured(`${command} ended at once`);
  return child;
}

// ---- Loads ----

/** wrk: as many requests as get through, over `connections` connections. {rate, requests, seconds, p50_ms, p99_ms} */
export async function wrk(url, { connections, seconds, script, env = {} }) {
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '-s', join(here, script), url];
  const { stdout } = await run('wrk', args, { env: { ...process.env, ...env }, maxBuffer: 1 << 20 });
  const told = JSON.parse(stdout.slice(stdout.indexOf('{"requests"')));
  if (told.wrong > 0 || told.errors > 0) throw new NotMeasured(`${url}: ${told.wrong} wrong answers, ${told.errors} errors of ${told.requests} (first: ${told.first})`);
  return { ...told, rate: told.requests / told.seconds };
}

/** A fixed rate, whatever the answers do: see pace.c. */
export async function pace(tools, address, file, rate, seconds, connections) {
  const { stdout } = await run(join(tools, 'pace'), [address, file, String(rate), String(seconds), String(connections)]);
  const told = JSON.parse(stdout);
  if (told.failed > 0) throw new NotMeasured(`${address}: ${told.failed} of ${told.sent} requests failed`);
  return told;
}

// ---- A browser without a screen ----

const agent = new Agent({ keepAlive: true, maxSockets: 8 });

export class Browser {
  constructor(base) {
    this.base = base;
    this.cookies = new Map();
  }

  get cookie() {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  send(method, path, body) {
    return new Promise((resolve, reject) => {
      const headers = { Cookie: this.cookie };
      if (body !== undefined) Object.assign(headers, { 'Content-Type': 'application/x-www-form-urlencoded', 'Content-Length': Buffer.byteLength(body) });
      const request = httpRequest(this.base + path, { method, headers, agent }, (answer) => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (part) => (text += part));
        answer.on('end', () => {
          for (const cookie of answer.headers['set-cookie'] ?? []) {
            const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie);
            if (/max-age=0/i.test(cookie)) this.cookies.delete(name);
            else this.cookies.set(name, value);
          }
          resolve({ status: answer.statusCode, location: answer.headers.location, text });
        });
      });
      request.on('error', reject);
      request.end(body);
    });
  }

  async get(path) {
    const got = await this.send('GET', path);
    if (got.status !== 200) throw new NotMeasured(`GET ${path}: ${got.status} ${got.location ?? ''}`);
    this.csrf = /name="csrf" value="([^"]+)"/.exec(got.text)?.[1] ?? this.csrf;
    return got.text;
  }

  /** Sends a form of the page at `page`; it must lead to another page. */
  async post(page, path, values) {
    await this.get(page);
    const got = await this.send('POST', path, new URLSearchParams({ csrf: this.csrf, ...values }).toString());
    if (got.status !== 303) throw new NotMeasured(`POST ${path}: ${got.status} ${(got.text.match(/error-message[^>]*>[^<]*(<[^>]*>[^<]*)*/) ?? [''])[0]}`);
    return got.location;
  }
}

export async function logIn(platform, name, node = 'province') {
  const account = platform.account(name, node);
  const browser = new Browser(platform.url(node));
  const code = account.otpauth ? totp(account.otpauth, await platform.now(node)) : '';
  const to = await browser.post('/dang-nhap', '/dang-nhap', { name, password: account.password, code });
  if (to.includes('dang-nhap')) throw new NotMeasured(`log-in of ${name} was refused`);
  await browser.get('/tai-khoan');
  return browser;
}

// ---- The platform ----

/** Both nodes in a folder below `folder`; ended with the run. */
export async function platformStart(folder, name) {
  const platform = new Platform();
  platform.var = join(folder, name);
  await mkdir(platform.var, { recursive: true });
  await chmod(platform.var, 0o755);
  platform.port = await freePorts(16);
  platform.options = {};
  atEnd(() => platform.down());
  await platform.up();
  platform.demo = JSON.parse(readFileSync(join(platform.var, 'demo-accounts.json'), 'utf8'));
  platform.endpoints = JSON.parse(readFileSync(join(platform.var, 'endpoints.json'), 'utf8'));
  return platform;
}

export async function writeText(path, text) {
  await writeFile(path, text);
  await chmod(path, 0o644);
  return path;
}
