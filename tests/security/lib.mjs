// A visitor who speaks HTTP by hand: sends what no browser would, keeps cookies, and knows every row of the program's tables.
import { request as httpRequest } from 'node:http';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import assert from 'node:assert/strict';
import { root, run, sleep, totp, truc } from '../lib/platform.mjs';

/** Every page, service and permission, as the program prints them. */
export const routes = async () => JSON.parse((await run(truc, ['routes'])).stdout);

/** What the files of the demonstration say: accounts, roles, rights, and the systems that a node hosts. */
export async function demoOf(node) {
  const read = async (path) => JSON.parse(await readFile(join(root, path), 'utf8'));
  return { ...(await read(`data/demo/${node}.json`)), node: await read(`data/nodes/${node}.json`) };
}

/** One request, sent as given; nothing is followed. from: the loopback address it comes from, as limits count by address. */
export function send(url, { method = 'GET', headers = {}, body, from, timeout = 20000 } = {}) {
  const at = new URL(url);
  const path = url.slice(url.indexOf('/', url.indexOf('://') + 3)); // as written: URL would tidy it
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: at.hostname, port: at.port, path, method, headers, localAddress: from, agent: false, timeout }, (response) => {
      const parts = [];
      response.on('data', (d) => parts.push(d));
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, bytes: Buffer.concat(parts), get text() { return this.bytes.toString('utf8'); } }));
      response.on('error', reject);
    });
    request.on('timeout', () => request.destroy(new Error(`no answer: ${method} ${url}`)));
    request.on('error', reject);
    if (body !== undefined) request.write(body);
    request.end();
  });
}

export const formBody = (fields) => Object.entries(fields).map(([k, v]) => `${encodeURIComponent(k)}=${encodeURIComponent(v)}`).join('&');
export const formType = 'application/x-www-form-urlencoded';

/** multipart/form-data of [name, value] and [name, {file, type, content}] pairs. */
export function multipart(pairs, boundary = 'ranh-gioi-7d93') {
  const parts = [];
  for (const [name, value] of pairs) {
    parts.push(Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="${name}"`));
    if (value && typeof value === 'object') {
      parts.push(Buffer.from(`; filename="${value.file}"\r\nContent-Type: ${value.type ?? 'application/octet-stream'}\r\n\r\n`), Buffer.from(value.content));
    } else parts.push(Buffer.from(`\r\n\r\n${value}`));
    parts.push(Buffer.from('\r\n'));
  }
  parts.push(Buffer.from(`--${boundary}--\r\n`));
  return { type: `multipart/form-data; boundary=${boundary}`, body: Buffer.concat(parts) };
}

const usedSteps = new Map();

/** A code counts once: the next that was not used, this step's or the following one. */
export async function freshCode(platform, account, node) {
  for (;;) {
    const step = Math.floor((await platform.now(node)) / 30000), last = usedSteps.get(account.otpauth) ?? -1;
    for (const candidate of [step, step + 1]) {
      if (candidate <= last) continue;
      usedSteps.set(account.otpauth, candidate);
      return totp(account.otpauth, candidate * 30000);
    }
    await sleep(500);
  }
}

export class Visitor {
  constructor(platform, node = 'province', from = '127.0.0.1') {
    this.platform = platform;
    this.node = node;
    this.from = from;
    this.cookies = {};
  }

  async send(path, options = {}) {
    const cookie = Object.entries(this.cookies).map(([k, v]) => `${k}=${v}`).join('; ');
    const headers = { ...(cookie ? { Cookie: cookie } : {}), ...options.headers };
    const answer = await send(`${this.platform.url(this.node)}${path}`, { ...options, headers, from: options.from ?? this.from });
    for (const line of answer.headers['set-cookie'] ?? []) {
      const [pair] = line.split(';'), at = pair.indexOf('=');
      if (/max-age=0/i.test(line)) delete this.cookies[pair.slice(0, at)];
      else this.cookies[pair.slice(0, at)] = pair.slice(at + 1);
    }
    return answer;
  }

  get(path, options = {}) { return this.send(path, options); }

  post(path, fields = {}, options = {}) {
    return this.send(path, { method: 'POST', body: formBody(fields), ...options, headers: { 'Content-Type': formType, ...options.headers } });
  }

  /** The token of this visitor's forms, read from a page. */
  async token(path = '/') {
    this.known ??= (await this.get(path)).text.match(/name="csrf" value="([^"]+)"/)?.[1];
    return this.known;
  }

  async submit(path, fields = {}, options = {}) {
    return this.post(path, { csrf: await this.token(), ...fields }, options);
  }

  async upload(path, pairs, options = {}) {
    const { type, body } = multipart([['csrf', await this.token()], ...pairs]);
    return this.send(path, { method: 'POST', body, ...options, headers: { 'Content-Type': type, ...options.headers } });
  }

  async logIn(name, changes = {}) {
    const account = this.platform.account(name, this.node);
    const code = changes.code ?? (account.otpauth ? await freshCode(this.platform, account, this.node) : '');
    const answer = await this.post('/dang-nhap', { name: account.name, password: account.password, ...changes, code });
    this.known = undefined;
    return answer;
  }
}

/** An account of its own for a test, so that nobody waits for another code: {name, password, otpauth}. */
export async function newAccount(platform, name, role = 'counter', unit = '30307', node = 'province') {
  const { stdout } = await platform.command('user', 'add', '--node', join(platform.var, node), '--name', name, '--full-name', 'Người Thử', '--role', role, '--unit', unit);
  const account = { node, ...Object.fromEntries(stdout.trim().split('\n').map((line) => [line.slice(0, line.indexOf(': ')), line.slice(line.indexOf(': ') + 2)])) };
  platform.demo.accounts.push(account);
  return account;
}

/** Somebody who is in. */
export async function enter(platform, name, node = 'province', from = undefined) {
  const visitor = new Visitor(platform, node, from);
  const answer = await visitor.logIn(name);
  assert.equal(answer.status, 303, `log-in of ${name}: ${answer.status}`);
  visitor.name = name;
  return visitor;
}

export const toLogIn = (answer) => answer.status === 303 && answer.headers.location === '/dang-nhap';

/** An information system's call. */
export function callAxis(platform, id, path, { method = 'GET', body, headers = {}, node = 'province' } = {}) {
  return send(`${platform.url(node, 'axis')}${path}`, { method, body,
    headers: { ...(id ? { 'X-Road-Client': id, 'Axis-Token': platform.token(id) } : {}), ...(body ? { 'Content-Type': 'application/json' } : {}), ...headers } });
}

// ---- Forms as they stand on a page ----

const entities = { lt: '<', gt: '>', amp: '&', quot: '"', '#39': "'" };
export const unescape = (text) => text.replace(/&(lt|gt|amp|quot|#39);/g, (_, name) => entities[name]);
const attribute = (tag, name) => {
  const found = tag.match(new RegExp(`\\s${name}="([^"]*)"`));
  return found ? unescape(found[1]) : undefined;
};

/** The forms of a page: {action, multipart, fields: [{name, kind, value, checked, options}]}. */
export function formsOf(html) {
  return [...html.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/g)].map(([, tag, inner]) => ({
    action: attribute(tag, 'action'), method: (attribute(tag, 'method') ?? 'get').toLowerCase(), multipart: /multipart/.test(tag),
    fields: [...inner.matchAll(/<input\b[^>]*>|<textarea\b[^>]*>([\s\S]*?)<\/textarea>|<select\b[^>]*>([\s\S]*?)<\/select>/g)].map(([all, area, choices]) => {
      const tag = all.slice(0, all.indexOf('>') + 1), name = attribute(tag, 'name');
      if (choices !== undefined) {
        const options = [...choices.matchAll(/<option\b[^>]*>/g)].map(([o]) => ({ value: attribute(o, 'value') ?? '', selected: /\sselected/.test(o) }));
        return { name, kind: 'select', value: (options.find((o) => o.selected) ?? options[0])?.value ?? '', options: options.map((o) => o.value) };
      }
      if (area !== undefined) return { name, kind: 'textarea', value: unescape(area) };
      return { name, kind: attribute(tag, 'type') ?? 'text', value: attribute(tag, 'value') ?? '', checked: /\schecked/.test(tag) };
    }).filter((field) => field.name),
  }));
}

/** What a browser would send of it, with some values changed. */
export function filled(form, values = {}) {
  const out = {};
  for (const field of form.fields) {
    if (field.kind === 'file' || (['radio', 'checkbox'].includes(field.kind) && !field.checked)) continue;
    out[field.name] = field.kind === 'checkbox' || field.kind === 'radio' ? field.value || '1' : field.value;
  }
  return { ...out, ...values };
}

export const scanName = (i) => `scan_${i}`;

const people = { household: { full_name: 'Nguyễn Thị Bích Thủy', identity: '000189005566' }, justice: { full_name: 'Trần Thị Ngọc Lan', identity: '000190004711' } };
const requests = {
  household: { business_name: 'Hương Quê', business_address: 'Số 45, đường Lê Lợi', business_commune: '30307', capital_vnd: '120.000.000',
    'sectors[0].code': '4711', 'sectors[0].name': 'Bán lẻ lương thực', 'sectors[0].main': '1', founded_by: 'person' },
  justice: { birth_place: 'An Giang', father_name: 'Trần Văn Tám', mother_name: 'Ngô Thị Bảy', purpose: 'Bổ túc hồ sơ xin việc', certificate_kind: '1' },
};
let receipts = 100;

/** The intake form of a kind, filled in as a counter officer would: the pairs of its multipart body. */
export async function intakePairs(counter, kind, values = {}, scan) {
  const choose = (await counter.get('/mot-cua/tiep-nhan')).text;
  const links = [...choose.matchAll(/href="(\/mot-cua\/tiep-nhan\?thu-tuc=[^"]+)"[^>]*>([^<]*)/g)];
  const link = links.find(([, , text]) => (kind === 'household' ? /hộ kinh doanh/i : /lý lịch/i).test(text));
  assert.ok(link, `no intake of ${kind}`);
  const form = formsOf((await counter.get(unescape(link[1]))).text).find((f) => f.multipart);
  const out = filled(form, { ...people[kind], birth_date: '05/09/1990', sex: 'female', residence: 'Số 12, khóm Đông Thịnh', phone: '0912345678',
    ...requests[kind], means: 'cash', series: 'AN/26E', number: String(receipts++), button: 'receive' });
  const rows = [...new Set(form.fields.map((f) => f.name.match(/^components\[(\d+)\]\.code$/)?.[1]).filter(Boolean))];
  for (const n of rows) {
    const code = out[`components[${n}].code`];
    if (['request', 'identity'].includes(code)) Object.assign(out, { [`components[${n}].given`]: '1', [`components[${n}].mark`]: code === 'request' ? 'original' : kind === 'household' ? 'copy' : 'certified' });
  }
  delete out.csrf;
  const pairs = Object.entries({ ...out, ...values });
  if (scan) {
    const n = rows.find((row) => out[`components[${row}].code`] === 'identity');
    pairs.push([scanName(n), scan]);
    for (const [name, value] of [[`components[${n}].confirmed`, '1'], [`components[${n}].paper_number`, '000090123456'], [`components[${n}].issuer`, 'Cục Cảnh sát'], [`components[${n}].mark`, 'scanned']]) {
      const at = pairs.findIndex(([key]) => key === name);
      if (at >= 0) pairs[at] = [name, value]; else pairs.push([name, value]);
    }
  }
  return pairs;
}

/** A dossier received over HTTP: its code. */
export async function receive(counter, kind, values, scan) {
  const answer = await counter.upload('/mot-cua/tiep-nhan', await intakePairs(counter, kind, values, scan));
  assert.equal(answer.status, 303, `not received: ${answer.status} ${[...answer.text.matchAll(/<li><a href="#[^>]*>([^<]*)/g)].map((m) => m[1]).join('; ')}`);
  return decodeURIComponent(answer.headers.location.split('/').pop());
}
