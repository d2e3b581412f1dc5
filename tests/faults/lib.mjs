// What the fault tests share: chance that can be repeated, a client without a screen, what is counted afterwards in the stores,
// and the journal's checkpoints with the proofs that join them (RFC 6962, checked here by other code than the platform's own).
import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sleep, totp } from '../lib/platform.mjs';

/** Numbers below 1 that are the same for the same seed (mulberry32). */
export function chance(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

// ---- HTTP ----

/** One request; {status, headers, text}. Rejects when no whole answer came: then nobody knows what happened. */
export function ask(url, { method = 'GET', headers = {}, body, agent, timeoutMs = 30000, socketPath, send = httpRequest, tls = {} } = {}) {
  return new Promise((resolve, reject) => {
    const all = body === undefined ? headers : { ...headers, 'Content-Length': Buffer.byteLength(body) };
    const call = send(url, { method, headers: all, agent, socketPath, ...tls }, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (part) => (text += part));
      answer.on('error', reject);
      answer.on('aborted', () => reject(new Error('broken off')));
      answer.on('end', () => (answer.complete ? resolve({ status: answer.statusCode, headers: answer.headers, text }) : reject(new Error('broken off'))));
    });
    call.setTimeout(timeoutMs, () => call.destroy(new Error(`no answer in ${timeoutMs} ms`)));
    call.on('error', reject);
    call.end(body);
  });
}

const entities = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
export const plain = (html) => html.replace(/<[^>]*>/g, ' ').replace(/&(amp|lt|gt|quot|#39);/g, (_, name) => entities[name]).replace(/\s+/g, ' ').trim();

/** A person's browser without a screen: cookies, and forms with their hidden inputs. */
export class Client {
  constructor(base, cookies = new Map()) {
    this.base = base;
    this.cookies = cookies;
    this.agent = new Agent({ keepAlive: true, maxSockets: 4 });
  }

  /** Another window of the same person. */
  again() {
    return new Client(this.base, this.cookies);
  }

  async send(method, path, values) {
    const headers = { Cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ') };
    if (values) headers['Content-Type'] = 'application/x-www-form-urlencoded';
    const got = await ask(this.base + path, { method, headers, body: values && new URLSearchParams(values).toString(), agent: this.agent });
    for (const cookie of got.headers['set-cookie'] ?? []) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie);
      if (/max-age=0/i.test(cookie)) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return got;
  }

  get(path) {
    return this.send('GET', path);
  }

  post(path, values) {
    return this.send('POST', path, values);
  }

  close() {
    this.agent.destroy();
  }
}

/** The hidden inputs of the form that leads to `action`, or undefined when the page has no such form. */
export function formOf(html, action) {
  const form = html.split('<form').find((part) => new RegExp(`^[^>]*action="${action.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}"`).test(part))?.split('</form>')[0];
  if (!form) return undefined;
  const values = {};
  for (const [input] of form.matchAll(/<input[^>]*type="hidden"[^>]*>/g)) {
    const name = /name="([^"]*)"/.exec(input)?.[1];
    if (name) values[name] = /value="([^"]*)"/.exec(input)?.[1] ?? '';
  }
  return values;
}

export async function logIn(platform, name, node = 'province') {
  const account = platform.account(name, node), client = new Client(platform.url(node));
  const form = formOf((await client.get('/dang-nhap')).text, '/dang-nhap');
  const code = account.otpauth ? totp(account.otpauth, await platform.now(node)) : '';
  const got = await client.post('/dang-nhap', { ...form, name, password: account.password, code });
  if (got.status !== 303 || got.headers.location.includes('dang-nhap')) throw new Error(`log-in of ${name}: ${got.status} ${plain(got.text).slice(0, 300)}`);
  return client;
}

// ---- The main job ----

/** What the counter types for a judicial record; `n` makes the person and the receipt. */
export const judicial = (n, series) => ({
  procedure: '2.000488', full_name: 'Nguyễn Thị Ánh Tuyết', identity: `000190${String(n).padStart(6, '0')}`, birth_date: '27/12/1989', sex: 'female',
  nationality: 'Việt Nam', residence: 'Khóm Bình Thới, phường Bình Đức', phone: '0000123456', certificate_kind: '1', birth_place: 'An Giang',
  sets: '1', copies: '1', 'components[0].code': 'request', 'components[0].given': '1', 'components[0].mark': 'original', 'components[0].pieces': '1',
  'components[1].code': 'identity', 'components[1].given': '1', 'components[1].mark': 'copy', 'components[1].pieces': '1', means: 'cash', series, number: String(n),
  button: 'receive' });

const syllables = ['An', 'Bích', 'Cúc', 'Đào', 'Gấm', 'Hương', 'Kim', 'Lan', 'Mai', 'Ngọc', 'Oanh', 'Phượng', 'Quế', 'Sen', 'Thảo', 'Uyên', 'Vân', 'Xuân', 'Yến', 'Sao'];
const ways = ['Ghe', 'Chợ', 'Thuyền', 'Đồng', 'Gốm', 'Lúa', 'Tràm', 'Bưởi', 'Dừa', 'Mía', 'Lụa', 'Trúc', 'Cau', 'Sóng', 'Suối', 'Rừng', 'Mây', 'Nắng', 'Gió', 'Trăng'];
/** Names of businesses that no register finds alike. */
export const businessName = (n) => [ways[n % 20], syllables[Math.floor(n / 20) % 20], ways[(n * 7 + 3) % 20], `${String.fromCharCode(65 + (n % 26))}${n}`].join(' ');

/** What the counter types for a household business. */
export const household = (n, series) => ({
  procedure: '1.001612', full_name: 'Phạm Văn Thuận', identity: `000080${String(n).padStart(6, '0')}`, birth_date: '02/03/1980', sex: 'male',
  nationality: 'Việt Nam', residence: 'Số 8, khóm 1, phường Mỹ Bình', phone: '0000123456', business_name: businessName(n), business_address: 'Số 45, đường Lê Lợi',
  business_commune: '30307', capital_vnd: '120.000.000', 'sectors[0].code': '4711', 'sectors[0].name': 'Bán lẻ', 'sectors[0].main': '1', founded_by: 'person',
  sets: '1', copies: '1', 'components[0].code': 'request', 'components[0].given': '1', 'components[0].mark': 'original', 'components[0].pieces': '1',
  'components[1].code': 'identity', 'components[1].given': '1', 'components[1].mark': 'copy', 'components[1].pieces': '1', means: 'cash', series, number: String(n), button: 'receive' });

/** The same with the fee to be paid later: nothing but the form itself tells two of them apart. */
export const unpaid = (n) => ({ ...household(n), means: 'later', series: '', number: '' });

/** A fresh form of intake filled in: what is sent, and may be sent again as it is. */
export async function intakeForm(client, values) {
  const page = await client.get(`/mot-cua/tiep-nhan?thu-tuc=${values.procedure}`);
  const hidden = page.status === 200 && formOf(page.text, '/mot-cua/tiep-nhan');
  if (!hidden) throw new Error(`no form of intake: ${page.status}`);
  return { ...values, csrf: hidden.csrf, form_id: hidden.form_id };
}

export const codeOf = (got) => /\/mot-cua\/da-tiep-nhan\/([^/?]+)/.exec(got.headers.location ?? '')?.[1];
export const errorsOf = (got) => plain(/govuk-error-summary[\s\S]*?<\/ul>/.exec(got.text)?.[0] ?? got.text).slice(0, 300);

/** A dossier's action as its page offers it now: undefined while it does not. */
export async function actForm(client, code, segment, values = {}) {
  const page = await client.get(`/mot-cua/ho-so/${code}`);
  if (page.status !== 200) throw new Error(`dossier ${code}: ${page.status}`);
  const path = `/mot-cua/ho-so/${code}/${segment}`, hidden = formOf(page.text, path);
  return { path, page: page.text, form: hidden && { ...hidden, ...values } };
}

export const historyOf = (html) => plain(/app-timeline">([\s\S]*?)<\/ol>/.exec(html)?.[1] ?? '');

// ---- Processes ----

/** The children of a process that run `truc keys`. */
export function keysProcess(pid) {
  for (const name of readdirSync('/proc').filter((n) => /^\d+$/.test(n))) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      if (Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === pid && readFileSync(`/proc/${name}/cmdline`, 'utf8').includes('keys')) return Number(name);
    } catch { /* it has ended */ }
  }
  return undefined;
}

// ---- Stores ----

/** Rows of a query over a stopped or running node's SQLite file. */
export function rowsOf(platform, node, system, sql) {
  const code = 'import json,sqlite3,sys\nc=sqlite3.connect("file:"+sys.argv[1]+"?mode=ro",uri=True)\nprint(json.dumps(c.execute(sys.argv[2]).fetchall()))';
  return JSON.parse(execFileSync('python3', ['-c', code, join(platform.var, node, system, `${system}.sqlite`), sql], { encoding: 'utf8', maxBuffer: 256 << 20 }));
}

// ---- The journal, as another gateway sees it ----

/** A certificate of nobody: enough to ask for a checkpoint. */
export async function strangerTls() {
  const folder = await mkdtemp(join(tmpdir(), 'truc-stranger-'));
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', join(folder, 'key'), '-out', join(folder, 'certificate'),
    '-subj', '/CN=stranger', '-days', '1'], { stdio: 'ignore' });
  const tls = { key: readFileSync(join(folder, 'key')), cert: readFileSync(join(folder, 'certificate')), rejectUnauthorized: false };
  await rm(folder, { recursive: true });
  return tls;
}

/** {origin, size, root, proof}: the journal's last checkpoint, and the proof that the tree of `from` entries is its beginning. */
export async function checkpointOf(platform, node, tls, from) {
  const url = `${platform.url(node, 'gateway')}/axis/checkpoint${from ? `?from=${from}` : ''}`;
  const got = await ask(url, { send: httpsRequest, tls, timeoutMs: 5000 });
  if (got.status !== 200) throw new Error(`checkpoint: ${got.status}`);
  const [origin, size, root] = got.text.split('\n');
  return { origin, size: Number(size), root, proof: (got.headers['axis-consistency'] ?? '').split(' ').filter(Boolean) };
}

const join2 = (left, right) => createHash('sha256').update(Buffer.concat([Buffer.from([1]), left, right])).digest();

/** RFC 9162, 2.1.4.2: whether the tree `old` is the beginning of the tree `now`. */
export function consistent(old, now) {
  if (old.size > now.size) return false;
  if (old.size === now.size) return old.root === now.root;
  let path = now.proof.map((hash) => Buffer.from(hash, 'base64')), fn = old.size - 1, sn = now.size - 1;
  if (Number.isInteger(Math.log2(old.size))) path = [Buffer.from(old.root, 'base64'), ...path];
  while (fn % 2 === 1) { fn = Math.floor(fn / 2); sn = Math.floor(sn / 2); }
  if (path.length === 0) return false;
  let fr = path[0], sr = path[0];
  for (const hash of path.slice(1)) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      fr = join2(hash, fr);
      sr = join2(hash, sr);
      while (fn !== 0 && fn % 2 === 0) { fn = Math.floor(fn / 2); sn = Math.floor(sn / 2); }
    } else sr = join2(sr, hash);
    fn = Math.floor(fn / 2);
    sn = Math.floor(sn / 2);
  }
  return sn === 0 && fr.toString('base64') === old.root && sr.toString('base64') === now.root;
}

/** The receipt that the running node gives for an entry: its record. */
export async function recordOf(platform, node, index) {
  const got = await ask(`http://node/axis/receipt?index=${index}`, { method: 'POST', body: '', socketPath: join(platform.var, node, 'control.sock') });
  if (got.status !== 200) throw new Error(`entry ${index}: ${got.status} ${got.text}`);
  return JSON.parse(JSON.parse(got.text).record);
}

/** Asks again until it is given: what a client of a service that may be away for a moment does. */
export async function insist(what, probe, limitMs = 60000) {
  let last = 'nothing';
  for (const end = Date.now() + limitMs; Date.now() < end; await sleep(100)) {
    try {
      const got = await probe();
      if (got) return got;
    } catch (fault) { last = fault.message; }
  }
  throw new Error(`not within ${limitMs} ms: ${what} (${last})`);
}
