// Pictures of the page itself, to be looked at: they are left in target/screenshots.

import assert from 'node:assert/strict';
import { mkdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { launch } from './support/browser.mjs';
import { serve } from './support/server.mjs';

const FOLDER = resolve(process.env.HEARTH_SCREENSHOTS
  ?? fileURLToPath(new URL('../../target/screenshots', import.meta.url)));
const VIEWS = [
  ['desktop-light', { colorScheme: 'light' }, { width: 1280, height: 900 }],
  ['desktop-dark', { colorScheme: 'dark' }, { width: 1280, height: 900 }],
  ['phone', { colorScheme: 'light' }, { width: 390, height: 844 }],
];

let server, browser, studio;

before(async () => {
  await mkdir(FOLDER, { recursive: true });
  server = await serve();
  browser = await launch();
  studio = await browser.open(`${server.url}?device=cpu`);
  await studio.ready();
  await studio.generate({ prompt: 'a red apple on a blue background', seed: 7 });
  await studio.page.evaluate(() => { document.querySelector('#advanced')?.removeAttribute('open'); });
});

after(async () => {
  await browser?.close();
  await server?.close();
});

for (const [name, media, size] of VIEWS) {
  test(`${name} fits its window`, async () => {
    await studio.page.emulateMedia(media);
    await studio.page.setViewportSize(size);
    const path = join(FOLDER, `${name}.png`);
    await studio.page.screenshot({ path, fullPage: true, animations: 'disabled' });
    assert.ok((await stat(path)).size > 0);
    const tooWide = await studio.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(tooWide <= 0, `the page is ${tooWide} pixels too wide`);
  });
}

test('there were no errors', () => studio.close());
