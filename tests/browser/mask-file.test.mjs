// A mask that another program made, opened from its file: fitted as the picture is; white changes.

import assert from 'node:assert/strict';
import { before, beforeEach, test } from 'node:test';

import { boast, choose, marked, openMask, png, taken } from './support/files.mjs';
import { Mask } from './support/mask.mjs';
import { browser, server, useBrowser } from './support/session.mjs';
import { hold, openWithStandIn } from './support/stand-in.mjs';

const SIDE = 64;
const [WHITE, BLACK] = [[255, 255, 255], [0, 0, 0]];
const where = (isWhite) => (x, y) => (isWhite(x, y) ? WHITE : BLACK);
const row = (...parts) => parts.map(([sign, count]) => sign.repeat(count)).join('');

let studio, page, mask;

await useBrowser({ gpu: false });

before(async () => {
  studio = await openWithStandIn(browser, server);
  page = studio.page;
  mask = new Mask(studio, SIDE);
  await studio.fill({ width: SIDE, height: SIDE });
});

beforeEach(async () => {
  if (page.isClosed()) return;
  await mask.begin();
});

/** Opens a mask and waits until the section says what it covers. */
async function opened(width, height, pixel) {
  await page.evaluate(() => { document.querySelector('#start-said').textContent = ''; });
  await openMask(page, 'mask.png', png(width, height, pixel));
  await page.waitForFunction(() => document.querySelector('#start-said').textContent !== '');
  return page.textContent('#start-said');
}

test('one of another size is reduced or enlarged with its parts in their places', async () => {
  assert.equal(await opened(256, 256, where((x, y) => x >= 64 && x < 128 && y < 64)), '6 % of the picture is masked.');
  assert.deepEqual(await mask.rows(), Array.from({ length: SIDE }, (_, y) => row(['.', 16], [y < 16 ? '#' : '.', 16], ['.', 32])));
  assert.equal(await opened(16, 16, where((x) => x >= 4 && x < 8)), '25 % of the picture is masked.');
  assert.deepEqual(await mask.rows(), Array(SIDE).fill(row(['.', 16], ['#', 16], ['.', 32])));
});

test('one of another shape is cropped or padded, as the picture is', async () => {
  await opened(128, 64, where((x, y) => x >= 80 && y < 16));
  assert.deepEqual(await mask.rows(), Array.from({ length: SIDE }, (_, y) => row(['.', 48], [y < 16 ? '#' : '.', 16])));
  await page.selectOption('#start-fit', 'pad');
  // 64 × 32 in the middle; its first row goes on to the edge.
  await opened(128, 64, where((x, y) => x >= 80 && y < 16));
  assert.deepEqual(await mask.rows(), Array.from({ length: SIDE }, (_, y) => row(['.', 40], [y < 24 ? '#' : '.', 24])));
  await page.selectOption('#start-fit', 'crop');
});

test('what is at least half bright changes, transparent pixels are black', async () => {
  // By Pillow's convert("L"): 127, 128, 76, 150, 29, then white on transparent, half opaque (128 and 127 of 255).
  const colours = [[127, 127, 127], [128, 128, 128], [255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255, 0], [255, 255, 255, 128], [255, 255, 255, 127]];
  await opened(SIDE, SIDE, (x) => colours[x >> 3]);
  const [first] = await mask.rows();
  assert.equal(first, row(['.', 8], ['#', 8], ['.', 8], ['#', 8], ['.', 16], ['#', 8], ['.', 8]));
});

test('it takes the place of what was painted, and that can be undone', async () => {
  await mask.brush(4);
  await mask.stroke([10, 10]);
  const painted = await mask.rows();
  await opened(SIDE, SIDE, where((x) => x >= 32));
  const other = await mask.rows();
  assert.deepEqual(other, Array(SIDE).fill(row(['.', 32], ['#', 32])));
  await page.click('#mask-undo');
  assert.deepEqual(await mask.rows(), painted);
  await page.click('#mask-redo');
  assert.deepEqual(await mask.rows(), other);
  await mask.stroke([10, 10]);
  assert.equal(await mask.painted(), SIDE * 32 + 12);
});

test('what is no mask is refused by name, beside the tools, and changes nothing', async () => {
  await opened(SIDE, SIDE, where((x) => x >= 32));
  for (const [name, file, complaint] of [
    ['notes.png', Buffer.from('this is no picture'), /^notes\.png is no picture that this browser can read/],
    ['huge.png', boast(60_000, 60_000), /^huge\.png is no picture that this browser can read/],
    ['black.png', png(8, 8, () => BLACK), /^black\.png has no white where the picture is\. In a mask, white is/],
  ]) {
    await openMask(page, name, file);
    await studio.message(complaint);
    assert.ok(await page.isVisible('#mask-file-problem'));
    assert.equal(await mask.painted(), SIDE * 32);
  }
  await page.click('#languages [lang=zh-Hans]');
  await studio.message(/^black\.png 在图片范围内没有白色/);
  assert.equal(await page.textContent('#mask-open'), '打开蒙版……');
  await page.click('#languages [lang=en]');
  await opened(SIDE, SIDE, where((x) => x >= 16));
  assert.deepEqual(await studio.messages(), [], 'a good one ends the complaint');
  assert.equal(await mask.painted(), SIDE * 48);
});

test('its button opens the browser’s dialogue, by key too', async () => {
  const dialogue = page.waitForEvent('filechooser');
  await page.focus('#mask-open');
  await page.keyboard.press('Enter');
  await (await dialogue).setFiles({ name: 'mask.png', mimeType: 'image/png', buffer: png(8, 8, where((x) => x < 4)) });
  await page.waitForFunction(() => document.querySelector('#start-said').textContent === '50 % of the picture is masked.');
});

test('a mask of an earlier picture comes too late for the next one', async () => {
  // The mask is read only when the next picture has been taken.
  const { release } = await hold(studio, 'fit-mask');
  await openMask(page, 'mask.png', png(8, 8, () => WHITE));
  await choose(page, 'other.png', 'image/png', png(SIDE, SIDE, marked));
  await taken(page);
  await release();
  await new Promise((done) => { setTimeout(done, 500); });
  await mask.brush(4);
  await mask.stroke([32, 32]);
  assert.equal(await mask.painted(), 12);
});

test('there were no errors', () => studio.close());
