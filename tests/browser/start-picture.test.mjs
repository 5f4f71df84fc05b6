// A picture to start from: chosen, dropped or pasted, fitted to the size of the form, and given to the
// engine exactly as it is seen.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { boast, bring, choose, marked, png, taken } from './support/files.mjs';
import { browser, server, useBrowser } from './support/session.mjs';
import { answerWith, openWithStandIn, requested } from './support/stand-in.mjs';

const WIDE = png(96, 64, marked);
const RED = png(20, 20, () => [200, 30, 20]);
// One grey pixel.
const JPEG = Buffer.from('/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAFA3PEY8MlBGQUZaVVBfeMiCeG5uePWvuZHI////////////////////////////////////////////////////wAALCAABAAEBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAAAP/EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8AP//Z', 'base64');
const UNREADABLE = /is no picture that this browser can read/;

let studio, page;

await useBrowser({ gpu: false });

before(async () => {
  studio = await openWithStandIn(browser, server);
  page = studio.page;
});

/** The pixel [r, g, b, a] of what the engine got. */
function pixel({ width, rgba }, x, y) {
  return [...rgba.subarray((y * width + x) * 4, (y * width + x) * 4 + 4)];
}

/** Asserts that every pixel is the one that `wanted(x, y)` says. */
function equals(image, wanted) {
  for (let y = 0; y < image.height; y += 1) {
    for (let x = 0; x < image.width; x += 1) {
      assert.deepEqual(pixel(image, x, y), [...wanted(x, y), 255], `pixel ${x}, ${y}`);
    }
  }
}

/** What the section shows of the picture. */
async function seen() {
  const { width, height, data } = await page.evaluate(() => {
    const canvas = document.querySelector('#start-canvas');
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    return { width: canvas.width, height: canvas.height, data: [...data] };
  });
  return { width, height, rgba: Buffer.from(data) };
}

const size = (width, height) => studio.fill({ width, height });
const image = async () => (await requested(studio)).init_image.image;

test('without a picture the engine gets none', async () => {
  assert.equal((await requested(studio)).init_image, null);
  assert.ok(!await page.isVisible('#start-work'));
});

test('a chosen picture is cropped to the middle, pixel by pixel', async () => {
  await size(64, 64);
  await choose(page, 'wide.png', 'image/png', WIDE);
  await taken(page);
  const { init_image: initImage, strength, padding_mask_crop: padding } = await requested(studio);
  assert.deepEqual([initImage.image.width, initImage.image.height], [64, 64]);
  equals(initImage.image, (x, y) => marked(x + 16, y));
  assert.equal(initImage.mask, null);
  assert.equal(padding ?? null, null);
  assert.equal(strength, 0.8);
});

test('what is seen is what the engine gets', async () => {
  const shown = await seen();
  const got = await image();
  assert.deepEqual([shown.width, shown.height], [got.width, got.height]);
  assert.ok(shown.rgba.equals(got.rgba));
  assert.ok(await page.isVisible('#start-canvas'));
  assert.ok(await page.isVisible('#start-in-use'));
});

test('at another size it is fitted again, from the original', async () => {
  await size(16, 16);
  assert.deepEqual([(await image()).width, (await seen()).width], [16, 16]);
  await size(96, 64);
  equals(await image(), marked);
  await size(64, 64);
  equals(await image(), (x, y) => marked(x + 16, y));
});

test('padded, all of it is there, and what is beside it is not black', async () => {
  await size(96, 96);
  await page.selectOption('#start-fit', 'pad');
  const got = await image();
  for (let y = 16; y < 80; y += 1) assert.deepEqual(pixel(got, 40, y).slice(0, 3), marked(40, y - 16));
  // Pillow continues the edges out of two rows (fitting.test.mjs has the numbers); each is one colour.
  for (const [from, to] of [[0, 15], [80, 95]]) {
    assert.deepEqual(pixel(got, 40, from), pixel(got, 40, to));
    assert.notDeepEqual(pixel(got, 40, from), [0, 0, 0, 255]);
  }
  await page.selectOption('#start-fit', 'crop');
});

test('a size that no engine takes is refused beside its field, and the picture stays', async () => {
  await size(60_000, 60_000);
  await page.click('#generate');
  await studio.message(/^Width is 60000: it must be a whole number from 8 to 4096/);
  await size(64, 64);
  equals(await image(), (x, y) => marked(x + 16, y));
});

test('a shape button fits it too', async () => {
  await page.click('[data-shape=portrait]');
  const got = await image();
  assert.deepEqual([got.width, got.height], [96, 128]);
  await page.click('[data-shape=square]');
});

test('a large picture is reduced evenly, not by leaving pixels out', async () => {
  await size(64, 64);
  // One white line in eight: reduced to an eighth it is an even grey of 255 / 8.
  await choose(page, 'lines.png', 'image/png', png(512, 512, (x) => (x % 8 === 0 ? [255, 255, 255] : [0, 0, 0])));
  await taken(page);
  const got = await image();
  // But for the edges, beyond which there are no lines.
  for (let i = 3; i < 61; i += 1) {
    const [grey] = pixel(got, i, 32);
    assert.ok(Math.abs(grey - 255 / 8) <= 3, `${grey} at ${i}`);
  }
});

test('a WebP is turned upright by its EXIF data in every browser', async () => {
  // 8 × 4: the left half is red, the right half blue. Chromium ignores the orientation of a WebP.
  const plain = Buffer.from(await page.evaluate(async () => {
    const canvas = new OffscreenCanvas(64, 32);
    const pen = canvas.getContext('2d');
    pen.fillStyle = '#f00';
    pen.fillRect(0, 0, 32, 32);
    pen.fillStyle = '#00f';
    pen.fillRect(32, 0, 32, 32);
    const blob = await canvas.convertToBlob({ type: 'image/webp', quality: 1 });
    return [...new Uint8Array(await blob.arrayBuffer())];
  }));
  const chunk = (kind, data) => {
    const head = Buffer.alloc(8);
    head.write(kind, 'latin1');
    head.writeUInt32LE(data.length, 4);
    return Buffer.concat([head, data, Buffer.alloc(data.length % 2)]);
  };
  const tiff = Buffer.from('49492a00080000000100120103000100000006000000' + '00000000', 'hex');
  const size = Buffer.from([8, 0, 0, 0, 63, 0, 0, 31, 0, 0]);
  // The canvas writes no extended header, or one of its own.
  const at = plain.toString('latin1', 12, 16) === 'VP8X' ? 30 : 12;
  const body = Buffer.concat([Buffer.from('WEBP'), chunk('VP8X', size), plain.subarray(at), chunk('EXIF', tiff)]);
  const head = Buffer.alloc(8);
  head.write('RIFF', 'latin1');
  head.writeUInt32LE(body.length, 4);
  await choose(page, 'phone.webp', 'image/webp', Buffer.concat([head, body]));
  await taken(page);
  // Turned by 90°, red is above blue.
  const found = await image();
  const [top, bottom] = [pixel(found, 32, 5), pixel(found, 32, 58)];
  assert.ok(top[0] > 200 && top[2] < 60 && bottom[2] > 200 && bottom[0] < 60, `${top} ${bottom}`);
});

test('transparency is dropped as by Pillow: the colours below it count', async () => {
  await choose(page, 'glass.png', 'image/png', png(64, 64, (x) => (x < 32 ? [10, 20, 30, 0] : [255, 0, 0, 128])));
  await taken(page);
  equals(await image(), (x) => (x < 32 ? [10, 20, 30] : [255, 0, 0]));
});

test('a picture of another lossless format has its own colours, in parts of any size', async () => {
  // WebP without loss, larger than what is read from a canvas at once.
  const [wide, high] = [2100, 70];
  const file = await page.evaluate(async ([wide, high]) => {
    const canvas = new OffscreenCanvas(wide, high);
    const pen = canvas.getContext('2d');
    const data = pen.createImageData(wide, high);
    for (let i = 0; i < wide * high; i += 1) data.data.set([(i * 7) % 256, i % wide % 251, Math.floor(i / wide), 255], i * 4);
    pen.putImageData(data, 0, 0);
    const blob = await canvas.convertToBlob({ type: 'image/webp', quality: 1 });
    return { type: blob.type, bytes: [...new Uint8Array(await blob.arrayBuffer())] };
  }, [wide, high]);
  assert.equal(file.type, 'image/webp');
  await size(wide, high);
  await choose(page, 'wide.webp', 'image/webp', Buffer.from(file.bytes));
  await taken(page);
  const got = await image();
  for (const [x, y] of [[0, 0], [2047, 3], [2048, 3], [2099, 69], [1000, 40]]) {
    assert.deepEqual(pixel(got, x, y), [((y * wide + x) * 7) % 256, x % 251, y, 255], `${x}, ${y}`);
  }
  await size(64, 64);
});

test('a photograph is upright, as its EXIF says', async () => {
  const photo = await page.evaluate(async () => {
    const canvas = new OffscreenCanvas(64, 32);
    const pen = canvas.getContext('2d');
    pen.fillStyle = '#d00';
    pen.fillRect(0, 0, 32, 32);
    pen.fillStyle = '#00d';
    pen.fillRect(32, 0, 32, 32);
    const blob = await canvas.convertToBlob({ type: 'image/jpeg', quality: 1 });
    return [...new Uint8Array(await blob.arrayBuffer())];
  });
  // Orientation 6: what is stored is to be turned a quarter clockwise, so that its left comes on top.
  const exif = Buffer.from('ffe1002245786966000049492a00080000000100120103000100000006000000' + '00000000', 'hex');
  await choose(page, 'photo.jpg', 'image/jpeg', Buffer.concat([Buffer.from(photo.slice(0, 2)), exif, Buffer.from(photo.slice(2))]));
  await taken(page);
  await size(32, 64);
  const got = await image();
  const [top, bottom] = [pixel(got, 16, 10), pixel(got, 16, 54)];
  assert.ok(top[0] > 180 && top[2] < 40, `red on top: ${top}`);
  assert.ok(bottom[2] > 180 && bottom[0] < 40, `blue below: ${bottom}`);
  await size(64, 64);
});

test('a dropped picture is taken, wherever it is dropped', async () => {
  await bring(page, 'drop', '.foot', 'red.png', 'image/png', RED);
  await taken(page);
  equals(await image(), () => [200, 30, 20]);
  assert.ok(!await page.evaluate(() => document.querySelector('#model-panel').open));
});

test('a dropped checkpoint still goes to the model panel', async () => {
  await bring(page, 'drop', '.foot', 'model.safetensors', '', Buffer.from('x'));
  await page.waitForFunction(() => document.querySelector('#model-panel').open);
  await page.click('#close-panel');
  equals(await image(), () => [200, 30, 20]);
});

test('a dropped document is refused by name and opens no panel', async () => {
  await bring(page, 'drop', '.foot', 'note.md', 'text/markdown', Buffer.from('a note'));
  assert.equal(await studio.message(/neither/), 'note.md is neither a picture nor a model.');
  assert.ok(!await page.evaluate(() => document.querySelector('#model-panel').open));
  await page.click('#notes [data-action=dismiss]');
  equals(await image(), () => [200, 30, 20]);
});

test('a pasted picture is taken', async () => {
  await bring(page, 'paste', '#prompt', 'wide.png', 'image/png', WIDE);
  await taken(page);
  equals(await image(), (x, y) => marked(x + 16, y));
});

test('a bad file is refused by name and changes nothing', async () => {
  for (const way of ['choose', 'drop', 'paste']) {
    const bad = ['notes.png', 'image/png', Buffer.from('this is no picture')];
    if (way === 'choose') await choose(page, ...bad);
    else await bring(page, way, '#prompt', ...bad);
    assert.match(await studio.message(UNREADABLE), /^notes\.png/);
    equals(await image(), (x, y) => marked(x + 16, y));
    await choose(page, 'wide.png', 'image/png', WIDE);
    await taken(page);
    assert.deepEqual(await studio.messages(), [], 'a good one ends the complaint');
  }
});

test('a few bytes that promise 60,000 × 60,000 pixels are refused like any bad file', async () => {
  await bring(page, 'drop', '.foot', 'huge.png', 'image/png', boast(60_000, 60_000));
  assert.match(await studio.message(UNREADABLE), /^huge\.png is no picture .* far too large/);
  equals(await image(), (x, y) => marked(x + 16, y));
  await choose(page, 'wide.png', 'image/png', WIDE);
  await taken(page);
  assert.deepEqual(await studio.messages(), []);
});

test('a file is read without a canvas of the page', async () => {
  await page.evaluate(() => {
    const { getContext } = HTMLCanvasElement.prototype;
    HTMLCanvasElement.prototype.getContext = () => null;
    window.mend = () => { HTMLCanvasElement.prototype.getContext = getContext; };
  });
  try {
    await choose(page, 'photo.jpg', 'image/jpeg', JPEG);
    await taken(page);
    await choose(page, 'wide.png', 'image/png', WIDE);
    await taken(page);
  } finally {
    await page.evaluate(() => window.mend());
  }
  assert.deepEqual(await studio.messages(), []);
});

test('strength goes with it, by slider or by number', async () => {
  await page.fill('#strength', '0.4');
  assert.equal((await requested(studio)).strength, 0.4);
  assert.equal(await page.inputValue('#strength-range'), '0.4');
  await page.focus('#strength-range');
  await page.keyboard.press('ArrowRight');
  assert.equal((await requested(studio)).strength, 0.41);
});

test('an impossible strength is told beside its field', async () => {
  await page.fill('#strength', '1.5');
  await page.click('#generate');
  assert.match(await studio.message(/Strength/), /above 0, and at most 1/);
  assert.equal(await page.getAttribute('#strength', 'aria-invalid'), 'true');
  await page.fill('#strength', '0.5');
  assert.deepEqual(await studio.messages(), []);
});

test('what the engine says of the picture stands beside it', async () => {
  // A message as the engine sends it: its id with arguments, and its English for other programs.
  const verbatim = (text) => ({ text: String(text) });
  const known = (id, ...given) => ({ text: id, id, arguments: given });
  const failed = (field, value, reason) => ({
    type: 'failed', offer_cpu: false, model_stays: true,
    error: { code: 'invalid-request', message: known('error_invalid_request', verbatim(field), verbatim(value), reason), details: { field, value } },
  });
  for (const [field, value, reason, pattern, chinese] of [
    ['image', '5 × 5', known('wants_requested_size', verbatim(64), verbatim(64)), /^The picture to start from is 5 × 5: it must/, '起始图片不能是“5 × 5”：须与所要的尺寸一致：64 × 64。'],
    ['strength', '0.01', known('no_steps_left', verbatim(3)), /^Strength is 0\.01: of 3 steps/, '重绘强度不能是“0.01”：3 步中一步也不剩；请提高强度或增加步数。'],
  ]) {
    await answerWith(studio, failed(field, value, reason));
    await page.click('#generate');
    await studio.message(pattern);
    assert.equal(await page.locator('#notes .note').count(), 0);
    // What is shown follows the page's language.
    await page.click('#languages [lang=zh-Hans]');
    assert.equal(await studio.message(/不能是/), chinese);
    await page.click('#languages [lang=en]');
    await studio.message(pattern);
  }
  await answerWith(studio, null);
});

test('in another language all of it is said again', async () => {
  await bring(page, 'drop', '.foot', 'notes.png', 'image/png', Buffer.from('this is no picture'));
  await studio.message(UNREADABLE);
  await page.click('#languages [lang=zh-Hans]');
  await studio.message(/^notes\.png 不是此浏览器能读取的图片/);
  assert.equal(await page.textContent('#start summary span'), '从一张图片开始');
  await page.click('#languages [lang=en]');
  await choose(page, 'wide.png', 'image/png', WIDE);
  await taken(page);
});

test('an earlier picture brings back what it was made from', async () => {
  await size(64, 64);
  const done = {
    type: 'generated', picture: { width: 64, height: 64, rgba: Array(64 * 64 * 4).fill(255) }, png: [...png(64, 64, () => [255, 255, 255])],
    seconds: 1, scores: null, adapters: [], embeddings: [],
  };
  await answerWith(studio, done);
  await requested(studio);
  await page.click('#start-remove');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'start-choose');
  await requested(studio);
  await answerWith(studio, null);
  const earlier = page.locator('#history button');
  await earlier.nth(1).click();
  await page.click('#use-settings');
  await page.waitForSelector('#start-remove', { state: 'visible' });
  const { init_image: initImage, strength } = await requested(studio);
  equals(initImage.image, (x, y) => marked(x + 16, y));
  assert.equal(strength, 0.5);
  await earlier.nth(0).click();
  await page.click('#use-settings');
  await page.waitForSelector('#start-remove', { state: 'hidden' });
  assert.equal((await requested(studio)).init_image, null);
});

test('there were no errors', () => studio.close());
