// A real Chromium, driven as people use it: an officer at a desk, a citizen with a phone.
import { chromium } from 'playwright-core';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import assert from 'node:assert/strict';
import { totp, sleep } from './platform.mjs';

const require = createRequire(import.meta.url);
const quiet = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

export const open = () => chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: quiet });

export const desk = { viewport: { width: 1280, height: 900 }, locale: 'vi-VN' };
export const phone = { viewport: { width: 360, height: 740 }, locale: 'vi-VN', isMobile: true, hasTouch: true, deviceScaleFactor: 2 };

const usedCodes = new Map();

/** A code counts once, so the same account waits for the next one. */
async function freshCode(platform, account, node) {
  for (;;) {
    const now = await platform.now(node);
    const step = Math.floor(now / 30000);
    const last = usedCodes.get(account.otpauth) ?? -1;
    // A code of the next step is taken as well, one step ahead of the clock.
    for (const candidate of [step, step + 1]) {
      if (candidate <= last) continue;
      usedCodes.set(account.otpauth, candidate);
      return totp(account.otpauth, candidate * 30000);
    }
    await sleep(1000);
  }
}

/** Logs in and gives the page. */
export async function logIn(browser, platform, name, node = 'province', device = desk) {
  const account = platform.account(name, node);
  const context = await browser.newContext(device);
  const page = await context.newPage();
  await page.goto(`${platform.url(node)}/dang-nhap`);
  await page.fill('input[name=name]', account.name);
  await page.fill('input[name=password]', account.password);
  if (account.otpauth) await page.fill('input[name=code]', await freshCode(platform, account, node));
  await Promise.all([page.waitForNavigation(), page.click('main button[type=submit], main button:not([type])')]);
  assert.ok(!page.url().endsWith('/dang-nhap'), `log-in of ${name}: ${await page.textContent('main')}`);
  return page;
}

/** axe-core on a page: a list of what is wrong, empty when nothing is. */
export async function axe(page) {
  await page.evaluate(await readFile(require.resolve('axe-core/axe.min.js'), 'utf8'));
  const result = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }));
  return result.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).slice(0, 3).join(' | ')}`);
}
