// Init image and mask on the page have the numbers of diffusers: as the file is read, as it is fitted, and as
// the run goes on from it.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';

import { launch } from './support/browser.mjs';
import { choose, openMask, png, taken } from './support/files.mjs';
import { asPicture, equalPictures, goldens } from './support/golden.mjs';
import { difference, readPng } from './support/pixels.mjs';
import { saved } from './support/results.mjs';
import { serve } from './support/server.mjs';
import { openWithStandIn, requested } from './support/stand-in.mjs';

const images = goldens('images');
const of = (kind) => images.filter(({ component }) => component === kind);

let server, browser, studio, page;

before(async () => {
  server = await serve();
  browser = await launch({ gpu: false });
  studio = await openWithStandIn(browser, server);
  page = studio.page;
});

after(async () => {
  await browser?.close();
  await server?.close();
});

/** A PNG file of a tensor [h, w, 3]. */
function file({ shape: [height, width], bytes }) {
  return png(width, height, (x, y) => bytes.subarray((y * width + x) * 3, (y * width + x) * 3 + 3));
}

async function chosen(bytes) {
  await choose(page, 'picture.png', 'image/png', Buffer.from(bytes));
  await taken(page);
}

const fit = (mode) => page.selectOption('#start-fit', mode === 'crop' ? 'crop' : 'pad');

test('a PNG of any kind is read as by load_image', async () => {
  // Other formats are decoded by the browser, which has rounding of its own.
  const cases = of('load').filter((one) => one.input('file').bytes[0] === 0x89);
  assert.ok(cases.length > 15);
  for (const one of cases) {
    const expected = asPicture(one.output('picture'));
    await studio.fill({ width: expected.width, height: expected.height });
    await chosen(one.input('file').bytes);
    equalPictures((await requested(studio)).init_image.image, expected, one.name);
  }
});

test('a picture of another size is cropped and padded as by VaeImageProcessor', async () => {
  const cases = of('resize').filter(({ mode }) => mode !== 'default');
  assert.ok(cases.length > 10);
  for (const one of cases) {
    const expected = asPicture(one.output('picture'));
    await studio.fill({ width: expected.width, height: expected.height });
    await chosen(file(one.input('picture')));
    await fit(one.mode);
    equalPictures((await requested(studio)).init_image.image, expected, one.name);
  }
});

test('a mask of another size becomes black and white as by VaeImageProcessor', async () => {
  const cases = of('fitted mask');
  assert.ok(cases.length > 2);
  for (const one of cases) {
    const { shape: [height, width], bytes } = one.output('mask');
    await studio.fill({ width, height });
    await chosen(png(width, height, () => [9, 9, 9]));
    await fit(one.mode);
    await page.click('[data-scope=part]');
    await page.evaluate(() => { document.querySelector('#start-said').textContent = ''; });
    await openMask(page, 'mask.png', file(one.input('picture')));
    await page.waitForFunction(() => document.querySelector('#start-said').textContent !== '');
    assert.ok((await requested(studio)).init_image.mask.equals(bytes), one.name);
  }
});

test('the model that ships makes of a file what diffusers makes of it', async () => {
  const own = await browser.open(`${server.url}?device=cpu`);
  await own.ready();
  for (const one of goldens('page')) {
    const { prompt, num_inference_steps: steps, guidance_scale: guidance, seed, strength } = one.request;
    const expected = asPicture(one.output('picture'));
    await own.fill({ width: expected.width, height: expected.height });
    await choose(own.page, 'picture.png', 'image/png', one.input('file').bytes);
    await taken(own.page);
    await own.page.selectOption('#start-fit', one.mode === 'crop' ? 'crop' : 'pad');
    await own.page.fill('#strength', String(strength));
    const made = await own.generate({ prompt, steps, guidance, seed });
    // The engine tells which pixels it began with.
    const { texts } = readPng((await saved(own.page)).bytes);
    const sum = createHash('sha256').update(one.output('fitted').bytes).digest('hex');
    assert.equal(JSON.parse(texts.hearth).start.image_sha256, sum, `${one.mode}: the pixels of the init image`);
    const { mean, max } = difference(made, expected);
    assert.ok(mean < 0.05 && max <= 2, `${one.mode}: off by ${mean} on the mean, by up to ${max}`);
  }
  await own.close();
});

test('there were no errors', () => studio.close());
