// Nodes that are not started by ./start alone: with a configuration of the test's own, or in a network namespace.
import { execFileSync, spawn } from 'node:child_process';
import { openSync, closeSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../lib/platform.mjs';
import { ask, insist } from './lib.mjs';
import { configure } from './provider.mjs';

const asRoot = process.getuid() === 0;

/** Runs `truc serve` in the node's folder as its user, in a namespace when one is named, and waits until it is healthy. */
export async function serve(platform, node, { namespace, folder = join(platform.var, node), health = platform.url(node, 'health'), pidFile = join(platform.var, `${node}.pid`) } = {}) {
  const words = [];
  if (namespace) words.push('ip', 'netns', 'exec', namespace);
  if (asRoot) words.push('setpriv', `--reuid=truc-${node}`, `--regid=truc-${node}`, '--clear-groups', '--inh-caps=-all');
  words.push(join(platform.var, 'share/truc'), 'serve', folder, '--data', join(platform.var, 'share/data'));
  const log = openSync(join(platform.var, `${node}.log`), 'a', 0o600);
  const child = spawn(words[0], words.slice(1), { stdio: ['ignore', log, log], detached: true });
  closeSync(log);
  child.unref();
  writeFileSync(pidFile, String(child.pid));
  const ended = () => child.exitCode !== null || child.signalCode !== null;
  await insist(`${node} is healthy`, async () => ended() || (await ask(health, { timeoutMs: 2000 })).status === 200, 20000);
  if (ended()) throw new Error(`${node} does not start`);
  return child;
}

const ip = (...words) => execFileSync('ip', words, { stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8' });

/** A second network joined to this one by a wire; undefined with the reason in `why` where that is not permitted. */
export function wire(why = {}) {
  const name = `truc${process.pid}`, here = `tv${process.pid}`, there = `tw${process.pid}`, net = 1 + (process.pid % 250);
  const end = () => { for (const words of [['link', 'del', here], ['netns', 'del', name]]) try { ip(...words); } catch { /* it was not made */ } };
  try {
    ip('netns', 'add', name);
    ip('link', 'add', here, 'type', 'veth', 'peer', 'name', there, 'netns', name);
    ip('addr', 'add', `10.213.${net}.1/30`, 'dev', here);
    ip('link', 'set', here, 'up');
    ip('-n', name, 'addr', 'add', `10.213.${net}.2/30`, 'dev', there);
    ip('-n', name, 'link', 'set', there, 'up');
    ip('-n', name, 'link', 'set', 'lo', 'up');
  } catch (fault) {
    why.not = String(fault.stderr || fault.message).trim();
    end();
    return undefined;
  }
  // The far end goes down: this end keeps its address, and packets get lost as with a cut cable.
  return { name, here: `10.213.${net}.1`, there: `10.213.${net}.2`, cut: () => ip('-n', name, 'link', 'set', there, 'down'), mend: () => ip('-n', name, 'link', 'set', there, 'up'), end };
}

/** Both nodes trust each other at these addresses of their gateways. */
export async function introduce(platform, gateways) {
  const key = async (node) => (await platform.command('axis', 'key', '--node', join(platform.var, node))).stdout.trim();
  const keys = { province: await key('province'), national: await key('national') };
  await platform.command('axis', 'trust', '--node', join(platform.var, 'province'), '--instance', 'VN', '--key', keys.national, '--gateway', gateways.national);
  await platform.command('axis', 'trust', '--node', join(platform.var, 'national'), '--instance', 'H01', '--key', keys.province, '--gateway', gateways.province);
}

/** The national node behind the wire, the province's gateway at this end of it. */
export async function moveApart(platform, cable) {
  const base = platform.port;
  await platform.down();
  await configure(platform, 'province', (config) => { config.gateway_address = config.gateway_public = `${cable.here}:${base + 2}`; });
  await configure(platform, 'national', (config) => {
    for (const [name, port] of [['pages', 10], ['axis', 11], ['gateway', 12], ['operations', 13]]) config[`${name}_address`] = `${cable.there}:${base + port}`;
    config.gateway_public = config.gateway_address;
  });
  platform.endpoints.province.gateway = `https://${cable.here}:${base + 2}`;
  for (const what of Object.keys(platform.endpoints.national)) platform.endpoints.national[what] = platform.endpoints.national[what].replace('127.0.0.1', cable.there);
  await serve(platform, 'province');
  await serve(platform, 'national', { namespace: cable.name });
  await introduce(platform, { province: `${cable.here}:${base + 2}`, national: `${cable.there}:${base + 12}` });
}

/** One more process of the province's node, on the ports that lie free between the two nodes' (BASE+4 …): its addresses and its folder. */
export async function startTwin(platform) {
  const folder = join(platform.var, 'province-2'), base = platform.port + 4, pidFile = join(platform.var, 'province-2.pid');
  await platform.command('twin', folder, '--of', join(platform.var, 'province'), '--port', String(base));
  const at = (offset) => `http://127.0.0.1:${base + offset}`;
  const twin = { folder, pages: at(0), axis: at(1), health: `${at(3)}/health`, pid: () => Number(readFileSync(pidFile, 'utf8')) };
  twin.signal = (name) => process.kill(twin.pid(), name);
  twin.serve = () => serve(platform, 'province', { folder, health: twin.health, pidFile });
  twin.end = async () => {
    try { twin.signal('SIGCONT'); twin.signal('SIGTERM'); } catch { return; }
    await until('the twin ends', async () => { try { twin.signal(0); return false; } catch { return true; } });
  };
  await twin.serve();
  return twin;
}
