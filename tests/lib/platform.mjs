// Starts the real platform in a folder of its own on free ports, and knows its demo people.
import { execFile, spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export const run = promisify(execFile);
export const root = new URL('../..', import.meta.url).pathname;
export const truc = process.env.TRUC ? join(root, process.env.TRUC) : join(root, 'build/truc');

const free = (port) => new Promise((resolve) => {
  const server = createServer().once('error', () => resolve(false)).once('listening', () => server.close(() => resolve(true)));
  server.listen(port, '127.0.0.1');
});

/** A port from which `count` ports in a row are free. */
export async function freePorts(count) {
  for (let tries = 0; tries < 200; tries++) {
    const base = 20000 + Math.floor(Math.random() * 30000);
    const all = await Promise.all(Array.from({ length: count }, (_, i) => free(base + i)));
    if (all.every(Boolean)) return base;
  }
  throw new Error('no free ports');
}

/** The six digits of RFC 6238 for an otpauth URI at a time. */
export function totp(otpauth, time = Date.now()) {
  const secret = new URL(otpauth).searchParams.get('secret').replace(/=+$/, '');
  let bits = '';
  for (const c of secret) bits += 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0');
  const key = Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(time / 30000)));
  const mac = createHmac('sha1', key).update(counter).digest();
  const at = mac[19] & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1000000).padStart(6, '0');
}

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until `probe` gives something true; throws with `what` after the limit. */
export async function until(what, probe, limitMs = 20000) {
  const end = Date.now() + limitMs;
  for (;;) {
    const got = await probe().catch(() => undefined);
    if (got) return got;
    if (Date.now() > end) throw new Error(`not within ${limitMs} ms: ${what}`);
    await sleep(150);
  }
}

export class Platform {
  /** options: now (RFC 3339: the clock of its first start), stores ({province, national}: URLs), publicUrl. */
  static async start(options = {}) {
    const platform = new Platform();
    platform.var = await mkdtemp(join(tmpdir(), 'truc-'));
    await chmod(platform.var, 0o711); // each node runs as a user of its own and reads its own folder alone
    platform.port = await freePorts(16);
    platform.options = options;
    await platform.up(options.now);
    platform.demo = JSON.parse(await readFile(join(platform.var, 'demo-accounts.json'), 'utf8'));
    platform.endpoints = JSON.parse(await readFile(join(platform.var, 'endpoints.json'), 'utf8'));
    return platform;
  }

  environment() {
    const { province = '', national = '' } = this.options.stores ?? {};
    return { ...process.env, TRUC_VAR: this.var, TRUC: truc, TRUC_STORE_PROVINCE: province, TRUC_STORE_NATIONAL: national };
  }

  async up(now) {
    const { publicUrl } = this.options;
    const args = ['--detach', '--port', String(this.port)];
    if (now) args.push('--now', now);
    if (publicUrl) args.push('--public-url', publicUrl);
    await this.start(args);
  }

  /** Runs ./start with these arguments. */
  async start(args) {
    // The nodes keep the streams of whoever starts them, so the end of the script itself is what is waited for.
    await new Promise((resolve, reject) => {
      const child = spawn(join(root, 'start'), args, { cwd: root, env: this.environment(), stdio: ['ignore', 'pipe', 'pipe'] });
      let said = '';
      child.stdout.on('data', (d) => (said += d));
      child.stderr.on('data', (d) => (said += d));
      child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`./start ${args.join(' ')} ended with ${code}: ${said}`))));
    });
  }

  async down() {
    await this.start(['--stop']);
  }

  /** One node ends as it should, or by SIGKILL without warning; and goes on again. */
  async nodeDown(node) {
    await this.start(['--stop', '--node', node]);
  }

  async nodeKill(node) {
    const pid = await this.pid(node);
    process.kill(pid, 'SIGKILL');
    await until(`${node} is gone`, async () => { try { process.kill(pid, 0); return false; } catch { return true; } });
  }

  async nodeUp(node) {
    await this.start(['--detach', '--port', String(this.port), '--node', node]);
  }

  async end() {
    await this.down().catch(() => {});
    if (!process.env.TRUC_KEEP) await rm(this.var, { recursive: true, force: true });
  }

  /** One node's process. */
  async pid(node) {
    return Number(await readFile(join(this.var, `${node}.pid`), 'utf8'));
  }

  account(name, node = 'province') {
    const found = this.demo.accounts.find((a) => a.name === name && a.node === node);
    if (!found) throw new Error(`no demo account ${name} on ${node}`);
    return found;
  }

  token(id) {
    return this.demo.systems.find((s) => s.id === id).token;
  }

  url(node = 'province', what = 'pages') {
    return this.endpoints[node][what];
  }

  /** The node's own time: the machine's, moved by what its configuration says. */
  async now(node = 'province') {
    const config = JSON.parse(await readFile(join(this.var, node, 'truc.json'), 'utf8'));
    return Date.now() + (config.clock_offset_s ?? 0) * 1000;
  }

  /** A command of the running node: `truc axis receipt --node … --index 3`. */
  async command(...args) {
    return run(truc, args, { cwd: root, env: this.environment(), maxBuffer: 64 << 20 });
  }
}
