// Foreign systems in a test: joined by the operator's pages, or put in the place of one of ours by the node's configuration.
import { readFile, writeFile } from 'node:fs/promises';
import { connect, createServer as createConnectionServer } from 'node:net';
import { join } from 'node:path';
import { formOf, plain } from './lib.mjs';

async function fill(operator, path, values) {
  const page = await operator.get(path);
  const got = await operator.post(path, { ...formOf(page.text, path), ...values });
  if (got.status !== 303) throw new Error(`${path}: ${got.status} ${plain(got.text).slice(0, 400)}`);
}

/** A system behind a URL with one service, and the right of a consumer to call it. */
export async function joinProvider(operator, { system, url, consumer, service }) {
  await fill(operator, '/van-hanh/he-thong', { id: system, name: 'Thử nghiệm', url });
  await fill(operator, '/van-hanh/dich-vu', { system, code: service, name: 'Thử nghiệm', endpoints: 'POST *\nGET *' });
  await fill(operator, '/van-hanh/quyen', { consumer, service: `${system}/${service}`, method: 'any', path: '*', purpose: 'Kiểm thử', legal_basis: 'Thử nghiệm' });
}

/** A node's configuration changed by a function of its text as an object; the node must not run. */
export async function configure(platform, node, change) {
  const path = join(platform.var, node, 'truc.json'), config = JSON.parse(await readFile(path, 'utf8'));
  change(config);
  await writeFile(path, JSON.stringify(config));
}

/** From the next start on, which is at once, the node asks another system for a part of the job. */
export async function turnPart(platform, node, part, axisId) {
  await platform.nodeDown(node);
  await configure(platform, node, (config) => { config.parts.find((one) => one.part === part).axis_id = axisId; });
  await platform.nodeUp(node);
}

/** A TCP proxy that a test spoils: `how` may hold delay_ms (each way), cut (this part of what the other side sends back is
 * not passed on, and the connection breaks), refuse. It counts what passed. */
export async function spoiler(port, target) {
  const how = { delay_ms: 0, cut: 0, refuse: false }, counts = { connections: 0, cut: 0 }, open = new Set();
  const server = createConnectionServer((client) => {
    counts.connections++;
    if (how.refuse) return client.destroy();
    const other = connect(target.port, target.host);
    for (const one of [client, other]) { open.add(one); one.on('close', () => open.delete(one)); one.on('error', () => {}); one.setNoDelay(true); }
    client.on('close', () => other.destroy());
    other.on('close', () => client.destroy());
    const later = (to) => (part) => setTimeout(() => !to.destroyed && to.write(part), how.delay_ms);
    client.on('data', later(other));
    let passed = 0;
    other.on('data', (part) => {
      // The handshake is let through: what is broken off is the answer to something that was done.
      if ((passed += part.length) > 1800 && Math.random() < how.cut) { counts.cut++; other.destroy(); client.destroy(); return; }
      later(client)(part);
    });
  });
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  return { how, counts, breakAll: () => open.forEach((one) => one.destroy()), close: () => { open.forEach((one) => one.destroy()); server.close(); } };
}
