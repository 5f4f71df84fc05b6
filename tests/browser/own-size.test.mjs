// A picture to start from keeps its shape; where only a masked part is painted, it keeps its size and all
// of its other pixels.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { choose, fitted, png, taken } from './support/files.mjs';
import { form, saved } from './support/results.mjs';
import { readPng } from './support/pixels.mjs';
import { browser, server, useBrowser } from './support/session.mjs';
import { QUICK, serve } from './support/tiny.mjs';

const [WIDE, HIGH] = [201, 150];
const pixel = (x, y) => [(x * 7) % 256, (y * 5) % 256, (x + y * 3) % 256];
const PHOTO = png(WIDE, HIGH, pixel);

let studio, page;

await useBrowser({ serve, gpu: false });

before(async () => {
  studio = await browser.open(`${server.url}?device=cpu`);
  page = studio.page;
  await studio.ready();
});

const line = () => page.textContent('#start-size');
const size = async () => {
  const { width, height } = await form(page);
  return [Number(width), Number(height)];
};

test('the size follows the picture’s shape, and can be undone', async () => {
  const own = await size();
  await choose(page, 'photo.png', 'image/png', PHOTO);
  await taken(page);
  await page.waitForSelector('#undo-size:not([hidden])');
  await fitted(page);
  const [width, height] = await size();
  assert.equal(await line(), `The picture is ${WIDE} × ${HIGH}, the result will be ${width} × ${height}.`);
  const [canvas, note] = await Promise.all(['#start-easel', '#start-size'].map((part) => page.locator(part).boundingBox()));
  assert.ok(note.y - canvas.y - canvas.height < 40, 'the line is beside the picture');
  assert.ok(width % 8 === 0 && height % 8 === 0 && width * height <= own[0] * own[1], `${width} × ${height}`);
  assert.ok(Math.abs(width / height - WIDE / HIGH) < 0.06, `${width} × ${height}`);
  await page.click('#undo-size');
  assert.deepEqual(await size(), own);
  assert.equal(await page.textContent('#status'), 'Undone: the settings are as they were before.');
  assert.equal(await page.isVisible('#undo-size'), false);
  await page.waitForFunction((own) => document.querySelector('#start-size').textContent.endsWith(`${own[0]} × ${own[1]}.`), own);
  await page.click('#start-remove');
});

test('it follows again for the next picture, and goes back with its removal', async () => {
  const own = await size();
  await choose(page, 'photo.png', 'image/png', png(HIGH, WIDE, pixel));
  await taken(page);
  await page.waitForSelector('#undo-size:not([hidden])');
  const [width, height] = await size();
  assert.ok(height > width);
  await page.click('#start-remove');
  await page.waitForFunction((own) => document.querySelector('#width').value === own, String(own[0]));
  assert.deepEqual(await size(), own);
});

test('only the masked part is painted: the picture comes back at its own size, the rest bit for bit', async () => {
  await choose(page, 'photo.png', 'image/png', PHOTO);
  await taken(page);
  await fitted(page);
  await page.click('[data-scope=part]');
  await page.check('#mask-only');
  await page.fill('#mask-padding', '16');
  await page.waitForFunction((wide) => document.querySelector('#start-mask').width === wide, WIDE);
  assert.equal(await line(), `The result will have the picture’s own size, ${WIDE} × ${HIGH}.`);
  await page.click('#start-mask'); // A dab in the middle.
  const mask = await page.$eval('#start-mask', (canvas) => [...canvas.getContext('2d')
    .getImageData(0, 0, canvas.width, canvas.height).data].filter((_, at) => at % 4 === 3).map((alpha) => alpha > 0));
  const painted = mask.filter((value) => value).length;
  assert.ok(painted > 100 && painted < WIDE * HIGH / 3, `${painted}`);

  const picture = await studio.generate({ ...QUICK, seed: 5 });
  assert.deepEqual([picture.width, picture.height], [WIDE, HIGH]);
  const { width, height, texts } = readPng((await saved(page)).bytes);
  assert.deepEqual([width, height], [WIDE, HIGH]);
  assert.equal(JSON.parse(texts.hearth).start.padding, 16);
  let changed = 0;
  for (let at = 0; at < WIDE * HIGH; at += 1) {
    const got = [...picture.rgba.subarray(at * 4, at * 4 + 3)];
    const wanted = pixel(at % WIDE, Math.floor(at / WIDE));
    const isEqual = got.every((value, channel) => value === wanted[channel]);
    if (!mask[at]) assert.ok(isEqual, `pixel ${at} is outside of the mask`);
    else if (!isEqual) changed += 1;
  }
  assert.ok(changed > painted / 2, `${changed} of ${painted}`);
});

test('likeness to the original is shown when it is asked for, and begins with the result', async () => {
  assert.ok(!await page.isVisible('#comparison'));
  await page.setViewportSize({ width: 390, height: 844 });
  assert.ok(await page.isVisible('#to-mask'));
  await page.click('#compare-original');
  assert.equal(await page.getAttribute('#compare-original', 'aria-expanded'), 'true');
  assert.ok(await page.isVisible('#comparison-after') && !await page.isVisible('#comparison-truth'));
  await page.click('#compare-original');
  assert.ok(!await page.isVisible('#comparison'));
  await page.setViewportSize({ width: 1280, height: 900 });
});

test('its settings bring picture and mask back at their own size', async () => {
  await page.click('#start-remove');
  await page.click('#use-settings');
  await page.waitForFunction((wide) => document.querySelector('#start-mask').width === wide, WIDE);
  assert.ok(await page.isChecked('#mask-only'));
  await page.click('#generate');
  await studio.message(/kept once/);
});

test('a size that the user has set stays', async () => {
  await page.click('#start-remove');
  await studio.fill({ width: 64, height: 64 });
  await choose(page, 'photo.png', 'image/png', PHOTO);
  await taken(page);
  assert.deepEqual(await size(), [64, 64]);
  await page.click('[data-scope=all]');
  await fitted(page);
  assert.equal(await page.$eval('#start-canvas', (canvas) => canvas.width), 64);
});

test('there were no errors', () => studio.close());
