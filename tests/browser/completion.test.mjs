// Pictures made from pictures, with the real engine: how much is kept, what is painted over, and how near
// it came.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { choose, png, taken } from './support/files.mjs';
import { QUICK } from './support/model.mjs';
import { browser, server, useBrowser } from './support/session.mjs';

const SIDE = 128;
/** A soft red disc on blue: what the small model knows how to go on with. */
const disc = (x, y) => ((x - 64) ** 2 + (y - 64) ** 2 < 44 ** 2 ? [220, 40 + x / 4, 40] : [45, 90, 220]);

let studio, original;

await useBrowser({ gpu: false });

before(async () => {
  studio = await browser.open(`${server.url}?device=cpu`);
  await studio.ready();
  await choose(studio.page, 'disc.png', 'image/png', png(SIDE, SIDE, disc));
  await taken(studio.page);
  original = Buffer.alloc(SIDE * SIDE * 4);
  for (let at = 0; at < SIDE * SIDE; at += 1) original.set([...disc(at % SIDE, Math.floor(at / SIDE)), 255], at * 4);
});

/** The mean difference of two pictures' channels. */
function distance(a, b) {
  return a.reduce((sum, value, at) => sum + Math.abs(value - b[at]), 0) / a.length;
}

async function strength(value) {
  await studio.page.fill('#strength', String(value));
}

test('with little strength the picture stays what it was, with much it does not', async () => {
  await strength(0.1);
  const other = { ...QUICK, prompt: 'a banana on a white background', steps: 10 };
  const little = await studio.generate(other);
  await strength(1);
  const much = await studio.generate(other);
  const [near, far] = [little, much].map(({ rgba }) => distance(rgba, original));
  assert.ok(near > 0.5 && near < far / 2, `${near} and ${far}`);
});

test('only what is painted over changes, to the byte, and the comparison says how near it came', async () => {
  const { page } = studio;
  await page.click('text=What I paint over');
  const mask = page.locator('#start-mask');
  await mask.scrollIntoViewIfNeeded();
  const box = await mask.boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.6, box.y + box.height / 2, { steps: 4 });
  await page.mouse.up();
  const { rgba } = await studio.generate({ ...QUICK, steps: 6 });

  let changed = 0;
  for (let at = 0; at < SIDE * SIDE; at += 1) {
    const [x, y] = [at % SIDE, Math.floor(at / SIDE)];
    const same = [0, 1, 2].every((c) => rgba[at * 4 + c] === original[at * 4 + c]);
    if (!same) changed += 1;
    const isFar = Math.abs(y - SIDE / 2) > SIDE / 3 || x < SIDE / 8 || x > SIDE * 0.95;
    assert.ok(same || !isFar, `the pixel at ${x}, ${y} was not painted over`);
  }
  assert.ok(changed > 100, `${changed} pixels changed`);

  await page.click('#compare-original');
  await page.waitForFunction(() => /dB/.test(document.querySelector('#comparison').innerText));
  const table = await page.locator('#comparison').innerText();
  const [inside, overall] = /Pixel accuracy[^]*?([\d.]+) %\s+([\d.]+) %/.exec(table).slice(1).map(Number);
  assert.ok(overall > inside && overall < 100, table);
  assert.match(table, /PSNR[^]*?[\d.]+ dB\s+[\d.]+ dB/);
  assert.match(table, /SSIM[^]*?0\.\d+\s+0\.\d+/);
});

test('a result can be what the next one begins with', async () => {
  const { page } = studio;
  const shown = (id) => page.evaluate((id) => document.querySelector(id).toDataURL(), id);
  const [result, before] = [await shown('#picture'), await shown('#start-canvas')];
  await page.click('#use-as-input');
  await page.waitForFunction((before) => document.querySelector('#start-canvas').toDataURL() !== before, before);
  assert.equal(await shown('#start-canvas'), result);
  await page.click('text=All of it');
  await strength(0.34);
  const { rgba } = await studio.generate({ ...QUICK, steps: 6 });
  assert.ok(distance(rgba, original) < 40);
  assert.notEqual(await shown('#picture'), result);
});

test('there were no errors', () => studio.close());
