// The mask, painted by mouse, by touch and by key: what the engine gets of it, byte by byte.

import assert from 'node:assert/strict';
import { before, beforeEach, test } from 'node:test';

import { fitted, marked, png } from './support/files.mjs';
import { Mask } from './support/mask.mjs';
import { browser, server, useBrowser } from './support/session.mjs';
import { answerWith, openWithStandIn, requested } from './support/stand-in.mjs';

const SIDE = 64;

let studio, page, mask;

await useBrowser({ gpu: false });

before(async () => {
  studio = await openWithStandIn(browser, server);
  page = studio.page;
  mask = new Mask(studio, SIDE);
  await studio.fill({ width: SIDE, height: SIDE });
});

// Each test begins with an empty mask, the brush, and nothing to undo.
beforeEach(async () => {
  if (page.isClosed()) return;
  await mask.begin();
  await mask.brush(4);
});

const said = () => page.textContent('#start-said');

test('a dab of the mouse is round, and where the mouse is', async () => {
  await mask.stroke([32, 32]);
  assert.deepEqual(await mask.part(29, 29, 6, 6), ['......', '..##..', '.####.', '.####.', '..##..', '......']);
  assert.equal(await mask.painted(), 12);
});

test('a stroke is one line with round ends', async () => {
  await mask.stroke([20, 32], [30, 32]);
  const row = (count) => '.'.repeat((16 - count) / 2) + '#'.repeat(count) + '.'.repeat((16 - count) / 2);
  assert.deepEqual(await mask.part(17, 29, 16, 6), [row(0), row(12), row(14), row(14), row(12), row(0)]);
});

test('a stroke goes on outside of the picture and comes back', async () => {
  await mask.stroke([60, 10], [80, 10], [80, 20], [60, 20]);
  const column = (await mask.rows()).map((row) => row[62]).join('');
  assert.match(column, /^\.{8}#{4}\.{6}#{4}\.+$/);
});

test('the eraser takes away', async () => {
  await mask.stroke([20, 32], [40, 32]);
  await page.click('#mask-eraser');
  await mask.stroke([30, 32]);
  const [row] = await mask.part(16, 32, 28, 1);
  assert.equal(row, `..${'#'.repeat(10)}....${'#'.repeat(10)}..`);
});

test('undo and redo, by button and by key', async () => {
  assert.ok(await mask.isIdle('#mask-undo'));
  await mask.stroke([20, 20]);
  const one = await mask.rows();
  await mask.stroke([40, 40], [50, 50]);
  const two = await mask.rows();
  await page.click('#mask-undo');
  assert.deepEqual(await mask.rows(), one);
  await page.click('#mask-redo');
  assert.deepEqual(await mask.rows(), two);
  await page.focus('#start-mask');
  await page.keyboard.press('Control+z');
  assert.deepEqual(await mask.rows(), one);
  await page.focus('#start-mask');
  await page.keyboard.press('Control+Shift+Z');
  assert.deepEqual(await mask.rows(), two);
  assert.ok(await mask.isIdle('#mask-redo'));
});

test('in the prompt, Ctrl+Z is the prompt’s own', async () => {
  await mask.stroke([20, 20]);
  await page.fill('#prompt', 'one');
  await page.focus('#prompt');
  await page.keyboard.press('Control+z');
  assert.equal(await mask.painted(), 12);
});

test('invert, fill and clear, and each can be undone', async () => {
  await mask.stroke([32, 32]);
  await page.click('[data-tool=invert]');
  assert.equal(await mask.painted(), SIDE * SIDE - 12);
  assert.equal(await said(), '100 % of the picture is masked.');
  await page.click('[data-tool=fill]');
  assert.equal(await mask.painted(), SIDE * SIDE);
  await page.click('[data-tool=clear]');
  await page.click('#generate');
  await studio.message(/^The mask is empty: paint over the part to change/);
  await page.click('#mask-undo');
  assert.deepEqual(await studio.messages(), []);
  assert.equal(await mask.painted(), SIDE * SIDE);
  await page.click('#mask-undo');
  await page.click('#mask-undo');
  assert.equal(await mask.painted(), 12);
});

test('painted by key: a dab, a stroke, the eraser, the size', async () => {
  await page.focus('#start-mask');
  const keys = page.keyboard;
  await keys.press('Space'); // The brush begins in the middle.
  assert.deepEqual(await mask.part(29, 29, 6, 6), ['......', '..##..', '.####.', '.####.', '..##..', '......']);
  assert.match(await said(), /^0 % of the picture/);
  await page.focus('#start-mask');
  for (let i = 0; i < 2; i += 1) await keys.press('Shift+ArrowRight');
  assert.equal(await said(), '66 % across, 50 % down');
  await keys.down('Space');
  for (let i = 0; i < 6; i += 1) await keys.press('ArrowDown');
  await keys.up('Space');
  await keys.press('ArrowLeft'); // Space is not held: this paints nothing.
  assert.deepEqual(await mask.part(39, 28, 6, 14), [
    '......', '......', '..##..', ...Array(8).fill('.####.'), '..##..', '......', '......',
  ]);
  await page.focus('#start-mask');
  await keys.press('e');
  assert.equal(await page.getAttribute('#mask-eraser', 'aria-pressed'), 'true');
  assert.equal(await said(), 'Eraser');
  await keys.press('e');
  assert.equal(await page.getAttribute('#mask-brush', 'aria-pressed'), 'true');
  await keys.press(']');
  assert.equal(await page.inputValue('#brush-size'), '5');
  for (let i = 0; i < 9; i += 1) await keys.press('[');
  assert.equal(await page.inputValue('#brush-size'), '1');
});

test('the brush’s outline follows mouse and keys', async () => {
  const ring = () => page.evaluate(() => {
    const [ring, canvas] = ['#start-ring', '#start-mask'].map((id) => document.querySelector(id).getBoundingClientRect());
    if (ring.width === 0) return null;
    return [ring.x + ring.width / 2 - canvas.x, ring.y + ring.height / 2 - canvas.y, ring.width]
      .map((value) => Math.round((value / canvas.width) * 64));
  });
  await mask.brush(8);
  await page.locator('#start-mask').scrollIntoViewIfNeeded();
  await page.mouse.move(...await mask.place(16, 48));
  assert.deepEqual(await ring(), [16, 48, 8]);
  await page.mouse.move(...await mask.place(16, -20));
  await page.evaluate(() => document.activeElement.blur());
  assert.equal(await ring(), null);
  await page.focus('#brush-size');
  await page.keyboard.press('Shift+Tab');
  for (let i = 0; i < 12; i += 1) {
    if (await page.evaluate(() => document.activeElement.id) === 'start-mask') break;
    await page.keyboard.press('Shift+Tab');
  }
  await page.keyboard.press('ArrowUp');
  assert.notEqual(await ring(), null);
});

test('painted by touch, and the page does not scroll; a second finger paints nothing', async () => {
  await page.locator('#start-mask').scrollIntoViewIfNeeded();
  const protocol = await browser.context.newCDPSession(page);
  const [a, b, c] = [await mask.place(16, 32), await mask.place(48, 32), await mask.place(32, 56)];
  const point = ([x, y], id) => ({ x, y, id });
  const touch = (type, ...touchPoints) => protocol.send('Input.dispatchTouchEvent', { type, touchPoints });
  const scrolled = await page.evaluate(() => scrollY);
  await touch('touchStart', point(a, 1));
  for (let part = 1; part <= 8; part += 1) {
    await touch('touchMove', point([a[0] + ((b[0] - a[0]) * part) / 8, a[1]], 1));
  }
  await touch('touchStart', point(b, 1), point(c, 2));
  await touch('touchEnd', point(b, 1));
  await touch('touchEnd');
  assert.equal(await page.evaluate(() => scrollY), scrolled);
  const got = await mask.rows();
  assert.match(got[32], /^\.{14}#{36}\.{14}$/);
  assert.equal(got[56].replaceAll('.', ''), '');
  await protocol.detach();
});

test('the whole picture is sent without a mask, with the strength for it', async () => {
  await mask.stroke([32, 32]);
  assert.equal((await requested(studio)).strength, 1);
  await page.click('[data-scope=all]');
  const whole = await requested(studio);
  assert.deepEqual([whole.init_image.mask, whole.strength], [null, 0.8]);
  assert.ok(!await page.isVisible('#start-mask'));
  await page.click('[data-scope=part]');
  assert.equal(await mask.painted(), 12);
});

test('the surroundings of the mask, if they are wanted', async () => {
  await mask.stroke([32, 32]);
  assert.equal((await requested(studio)).padding_mask_crop ?? null, null);
  await page.check('#mask-only');
  assert.equal((await requested(studio)).padding_mask_crop, 32);
  await page.fill('#mask-padding', '-1');
  await page.click('#generate');
  await studio.message(/^The width around the mask is -1/);
  await page.fill('#mask-padding', '8');
  assert.equal((await requested(studio)).padding_mask_crop, 8);
  await page.uncheck('#mask-only');
});

test('the edge of the mask is as soft as it is wanted, and hard as a rule', async () => {
  await mask.stroke([32, 32]);
  assert.equal((await requested(studio)).mask_blur, 0);
  await page.fill('#mask-blur', '6');
  const { mask_blur: blur, init_image: initImage } = await requested(studio);
  assert.equal(blur, 6);
  assert.deepEqual([...new Set(initImage.mask)].sort(), [0, 255], 'the engine blurs it');
  await page.fill('#mask-blur', '-1');
  await page.click('#generate');
  await studio.message(/^The soft edge is -1/);
  await page.fill('#mask-blur', '9');
  await page.click('[data-scope=all]');
  assert.equal((await requested(studio)).mask_blur, 0, 'without a mask there is no edge');
  await page.click('[data-scope=part]');
  await page.fill('#mask-blur', '0');
});

test('the mask stays on its part of the picture when the size changes, and comes back whole', async () => {
  await mask.stroke([10, 10], [50, 40]);
  const before = await mask.rows();
  await studio.fill({ width: 32, height: 32 });
  await fitted(page);
  const smaller = (await requested(studio)).init_image.mask;
  assert.equal(smaller.length, 32 * 32);
  // Every other pixel of the line is on the smaller one.
  assert.equal(smaller[12 * 32 + 15], 255);
  assert.equal(smaller[28 * 32 + 4], 0);
  await studio.fill({ width: SIDE, height: SIDE });
  await fitted(page);
  assert.deepEqual(await mask.rows(), before);
  await page.click('#mask-undo');
  assert.ok(await mask.isIdle('#mask-undo'));
});

test('a completed picture is compared with the original, and brings its mask back', async () => {
  const score = { pixel_accuracy: 0.5, psnr: 12.34, ssim: 0.25 };
  await mask.stroke([32, 32]);
  const file = [...png(SIDE, SIDE, () => [200, 200, 200])];
  await page.evaluate(([side, score, png]) => {
    window.standIn.answer = {
      type: 'generated', picture: { width: side, height: side, rgba: Array(side * side * 4).fill(200) }, png, seconds: 1, adapters: [], embeddings: [],
    };
    window.standIn.scores = { inside: score, overall: { pixel_accuracy: 1, psnr: Infinity, ssim: 1 } };
  }, [SIDE, score, file]);
  assert.ok(!await page.isVisible('#comparison'));
  const before = await mask.rows();
  await answerWith(studio, null);
  assert.ok(!await page.isVisible('#comparison'), 'it was not asked for');
  const comparisons = () => page.evaluate(() => window.standIn.comparisons.length);
  assert.equal(await comparisons(), 0, 'nor computed');
  await page.click('#compare-original');
  assert.ok(await page.isVisible('#comparison'));
  const cells = () => page.locator('#comparison-figures td').allTextContents();
  await page.waitForFunction(() => !document.querySelector('#comparison-figures').textContent.includes('…'));
  assert.deepEqual(await cells(), ['50.0 %', '100.0 %', '12.3 dB', '∞', '0.250', '1.000']);
  const compared = await page.evaluate(() => {
    const [{ picture, init_image: initImage }] = window.standIn.comparisons;
    return [picture.rgba.length, picture.rgba[0], initImage.image.rgba.length, initImage.mask.length];
  });
  assert.deepEqual(compared, [SIDE * SIDE * 4, 200, SIDE * SIDE * 4, SIDE * SIDE]);
  await page.click('#compare-original');
  await page.click('#compare-original');
  assert.equal(await comparisons(), 1, 'once is enough');

  const pixel = (id, x, y) => page.evaluate(([id, x, y]) => {
    const canvas = document.querySelector(id);
    return [...canvas.getContext('2d').getImageData(x, y, 1, 1).data.subarray(0, 3)];
  }, [id, x, y]);
  assert.deepEqual(await pixel('#comparison-before', 10, 10), marked(10, 10));
  const [r, g, b] = await pixel('#comparison-before', 32, 32);
  assert.ok(r === g && g === b, 'the masked part is blank');
  assert.deepEqual(await pixel('#comparison-after', 32, 32), [200, 200, 200]);
  assert.deepEqual(await pixel('#comparison-truth', 32, 32), marked(32, 32));

  await page.setViewportSize({ width: 390, height: 844 });
  assert.ok(await page.isVisible('#comparison-after') && !await page.isVisible('#comparison-truth'));
  await page.click('[data-view=before]');
  assert.ok(await page.isVisible('#comparison-before') && !await page.isVisible('#comparison-after'));
  await page.setViewportSize({ width: 1280, height: 900 });

  await page.click('#start-remove');
  await page.locator('#history button').first().click();
  await page.click('#use-settings');
  await page.waitForSelector('#start-mask', { state: 'visible' });
  assert.deepEqual(await mask.rows(), before);
});

test('there were no errors', () => studio.close());
