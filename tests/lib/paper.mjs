// Official papers as who holds them reads them: the text, the fonts, and the QR as a phone's camera finds it.
import assert from 'node:assert/strict';
import { mkdtemp, mkdir, copyFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './platform.mjs';

let shown = 0;

async function keepPicture(picture, name) {
  if (!process.env.TRUC_SHOTS) return;
  await mkdir(process.env.TRUC_SHOTS, { recursive: true });
  await copyFile(picture, join(process.env.TRUC_SHOTS, `paper-${String(++shown).padStart(2, '0')}-${name}.png`));
}

/** Reads a PDF: {text, families, pages, qr}. `text` has its spaces made single; qr is undefined where there is none. */
export async function readPaper(bytes, name = 'paper') {
  assert.equal(bytes.subarray(0, 5).toString(), '%PDF-', 'a PDF');
  const folder = await mkdtemp(join(tmpdir(), 'truc-paper-'));
  try {
    const file = join(folder, 'paper.pdf');
    await writeFile(file, bytes);
    // As lines across the sheet, and again block by block: what stands in two columns reads either way.
    const text = (await run('pdftotext', ['-layout', file, '-'])).stdout + (await run('pdftotext', [file, '-'])).stdout;
    const fonts = (await run('pdffonts', [file])).stdout.split('\n').slice(2).filter(Boolean).map((l) => l.split(/\s+/)[0]);
    const pages = Number((await run('pdfinfo', [file])).stdout.match(/^Pages:\s+(\d+)/m)[1]);
    await run('pdftoppm', ['-r', '150', '-png', '-f', '1', '-l', '1', '-singlefile', file, join(folder, 'page')]);
    await keepPicture(join(folder, 'page.png'), name);
    const seen = await run('zbarimg', ['-q', '--raw', '-Sdisable', '-Sqrcode.enable', join(folder, 'page.png')]).catch(() => ({ stdout: '' }));
    const families = [...new Set(fonts.map((f) => f.replace(/^[A-Z]{6}\+/, '').replace(/[-,].*$/, '')))];
    return { text: text.replace(/\s+/g, ' '), families, pages, qr: seen.stdout.trim() || undefined };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A paper that a dossier's page links to, by the link's words. */
export async function paperOf(page, words) {
  const link = page.getByRole('link', { name: words }).or(page.getByRole('button', { name: words })).first();
  const href = await link.getAttribute('href');
  const response = await page.context().request.get(new URL(href, page.url()).href);
  assert.equal(response.status(), 200, href);
  assert.match(response.headers()['content-type'], /^application\/pdf/);
  return readPaper(await response.body(), href.split('/').pop());
}
