// Fifty thousand dossiers: what an officer looks at all day still answers at once, and pages follow each other by key.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { Platform } from '../lib/platform.mjs';
import { open, logIn } from '../lib/browser.mjs';

const elsewhere = 37500, own = 12500, limitMs = 100;
let platform, browser, counter, cookie, line;

before(async () => {
  platform = await Platform.start();
  const seed = (...args) => platform.command('dossier', 'seed', '--node', join(platform.var, 'province'), ...args);
  await seed('--count', String(elsewhere));
  await seed('--count', String(own), '--unit', '30307');
  browser = await open();
  counter = await logIn(browser, platform, 'canbo.tiepnhan');
  cookie = (await counter.context().cookies()).map((c) => `${c.name}=${c.value}`).join('; ');
}, { timeout: 240000 });

after(async () => {
  await browser?.close();
  await platform?.end();
});

/** The page as the node answers it: {html, ms}. */
async function get(path) {
  const begin = performance.now();
  const response = await fetch(platform.url() + path, { headers: { cookie }, redirect: 'manual' });
  const html = await response.text();
  const ms = performance.now() - begin;
  assert.equal(response.status, 200, path);
  return { html, ms };
}

/** The median of several, after one that warms up. */
async function median(path) {
  await get(path);
  const times = [];
  for (let i = 0; i < 9; i++) times.push((await get(path)).ms);
  return times.sort((a, b) => a - b)[4];
}

const codes = (html) => [...html.matchAll(/<th scope="row"[^>]*><a class="govuk-link" href="\/mot-cua\/ho-so\/([^"]+)"/g)].map((m) => m[1]);

async function quick(t, name, path) {
  const ms = await median(path);
  t.diagnostic(`${name}: ${ms.toFixed(1)} ms`);
  assert.ok(ms < limitMs, `${name} took ${ms.toFixed(1)} ms`);
}

test('every list of the work page', async (t) => {
  for (const filter of ['viec', 'dan', 'khac', 'tra-lai', 'tre', 'tat-ca', 'xong']) await quick(t, filter, `/mot-cua?loc=${filter}`);
});

test('search by a name without diacritics, by part of a name, by code; what is not there', async (t) => {
  const { html } = await get('/mot-cua?loc=tat-ca');
  line = codes(html)[0];
  for (const query of ['nguyen van', 'nguyen thi lan', 'hung', line, 'khong co ai ten nay']) {
    const path = `/mot-cua?loc=tat-ca&q=${encodeURIComponent(query)}`;
    await quick(t, query, path);
    const found = codes((await get(path)).html);
    if (query === line) assert.deepEqual(found, [line]);
    if (query === 'nguyen van') assert.ok(found.length > 10, `${found.length} found`);
  }
});

test('a dossier with its history', async (t) => {
  await quick(t, 'dossier', `/mot-cua/ho-so/${line}`);
});

test('pages follow each other by key: no dossier twice, none left out, the last as quick as the first', async (t) => {
  const seen = new Set();
  let path = '/mot-cua?loc=tat-ca', pages = 0, slowest = 0, last = path;
  while (path && pages < 40) {
    const { html, ms } = await get(path);
    for (const code of codes(html)) {
      assert.ok(!seen.has(code), `${code} twice`);
      seen.add(code);
    }
    pages++;
    if (pages > 1) slowest = Math.max(slowest, ms);
    last = path;
    path = [...html.matchAll(/href="(\/mot-cua\?[^"]*sau=[^"]*)"/g)].map((m) => m[1]).find((href) => !href.includes('lang='))?.replaceAll('&amp;', '&');
  }
  t.diagnostic(`${pages} pages, ${seen.size} dossiers, slowest ${slowest.toFixed(1)} ms`);
  assert.ok(pages > 1, 'more than one page');
  await quick(t, 'last page', last);
});
