// README and docs/ are true: every command in them is run, in order, in a folder that looks like a checkout.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, readdir, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts, root, run } from '../lib/platform.mjs';

let folder, port;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'truc-docs-'));
  port = await freePorts(16);
  for (const name of await readdir(root)) if (!['var', '.git'].includes(name)) await symlink(join(root, name), join(folder, name));
});

after(async () => {
  await shell('./start --stop').catch(() => {});
  await rm(await realpath(join(folder, 'var')).catch(() => folder), { recursive: true, force: true });
  await rm(folder, { recursive: true, force: true });
});

function shell(script, seconds = 120) {
  return new Promise((resolve, reject) => {
    const { TRUC, TRUC_VAR, ...environment } = process.env;
    const child = spawn('bash', ['-euo', 'pipefail', '-c', script], { cwd: folder, env: environment, stdio: ['ignore', 'pipe', 'pipe'], timeout: seconds * 1000 });
    let said = '';
    child.stdout.on('data', (d) => (said += d));
    child.stderr.on('data', (d) => (said += d));
    child.on('exit', (code, signal) => (code === 0 ? resolve(said) : reject(new Error(`${script}\nended with ${code ?? signal}:\n${said.slice(-3000)}`))));
  });
}

/** The lines of a document's sh blocks, with this test's ports in place of the usual ones. */
async function commands(file) {
  const text = await readFile(join(root, file), 'utf8');
  const blocks = [...text.matchAll(/^```sh\n(.*?)^```/gms)].map((m) => m[1]);
  return blocks.join('').split('\n').filter(Boolean)
    .map((line) => line.replace(/\b80([89])(\d)\b/g, (_, ten, one) => String(port + (Number(ten) - 8) * 10 + Number(one))))
    .map((line) => line.replace(/^\.\/start --detach/, `./start --detach --port ${port}`));
}

const documents = ['README.md', ...(await readdir(join(root, 'docs'))).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`)];

for (const file of documents) {
  test(`the commands of ${file}`, { timeout: 300000 }, async () => {
    const lines = await commands(file);
    // This run is ./check itself, which runs tests/faults/ too; ./start alone runs until Ctrl-C and has a test of its own.
    const ran = lines.filter((line) => !['./check', './start'].includes(line) && !/^\.\/bench|node --test tests\/faults\//.test(line));
    await shell('./start --stop');
    if (ran.length) await shell(ran.join('\n'));
    await shell('./start --stop');
  });
}

test('./start runs until Ctrl-C and ends cleanly', { timeout: 120000 }, async () => {
  await shell("./start --stop");
  const said = await shell(`timeout --preserve-status -s INT 20 ./start --port ${port}; ! curl -s http://127.0.0.1:${port + 3}/health`);
  assert.match(said, /Ctrl-C ends both nodes/);
});

test('--help of each command says how it is used', async () => {
  const help = (await run(join(root, 'build/truc'), ['--help'])).stdout;
  const names = [...help.matchAll(/^ {2}([a-z]+(?: [a-z]+)?) {2,}/gm)].map((m) => m[1]);
  assert.ok(names.length > 8, help);
  for (const name of names) assert.match((await run(join(root, 'build/truc'), [...name.split(' '), '--help'])).stdout, new RegExp(`^usage: truc ${name} `));
});
