// The matrix: values for up to three parameters, one picture for each combination, and all of them in one with labels.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { before, test } from 'node:test';

import { isAccessibleOnPhones } from './support/axe.mjs';
import { readPng } from './support/pixels.mjs';
import { strip, stripHas } from './support/results.mjs';
import { browser, server, useBrowser } from './support/session.mjs';
import { QUICK, serve } from './support/tiny.mjs';

const SIDE = 64;
const GAP = 8;
const LABEL = 24;

let studio, page;

await useBrowser({ serve });

before(async () => {
  studio = await browser.open(`${server.url}?device=cpu`);
  page = studio.page;
  await studio.ready();
  await studio.fill({ ...QUICK, prompt: 'a cat', seed: 9, width: SIDE, height: SIDE });
  await page.evaluate(() => { document.querySelector('#matrix').open = true; });
});

const outlook = () => page.textContent('#matrix-outlook');
const make = () => page.locator('#make-matrix');

async function axis(number, field, values) {
  await page.selectOption(`#matrix-field-${number}`, field);
  if (field) await page.fill(`#matrix-values-${number}`, values);
}

/** The grid as { width, height, rgb, channels }, once it is shown and is not `before`. */
async function grid(before = '') {
  await page.waitForFunction((before) => {
    const image = document.querySelector('#grid');
    return !image.hidden && image.complete && image.src !== before;
  }, before, { polling: 50 });
  await studio.waitForState('ready');
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('#save-grid')]);
  const picture = readPng(await readFile(await download.path()));
  return { ...picture, name: download.suggestedFilename(), src: await page.getAttribute('#grid', 'src') };
}

/** Whether all pixels of the square at (left, top) are white. */
function isWhite({ width, rgb, channels }, left, top, side = SIDE) {
  for (let y = top; y < top + side; y += 1) {
    for (let x = left; x < left + side; x += 1) {
      if (rgb.readUIntBE((y * width + x) * channels, 3) !== 0xffffff) return false;
    }
  }
  return true;
}

test('the button says how many pictures there will be, and an unfit value is named', async () => {
  assert.ok(await make().isDisabled());
  const top = () => page.evaluate(() => Math.round(document.querySelector('#make-matrix').getBoundingClientRect().top + scrollY));
  const before = await top();
  await axis(1, 'num_inference_steps', '1, 2,');
  assert.equal(await make().innerText(), 'Make 2 pictures');
  await axis(2, 'guidance_scale', '1, 2, x');
  assert.ok(await make().isDisabled());
  assert.match(await outlook(), /is x: /);
  await page.fill('#matrix-values-2', '1, 4, 7');
  assert.equal(await make().innerText(), 'Make 6 pictures');
  await axis(3, 'num_inference_steps', '3');
  assert.equal(await outlook(), 'Steps is 1, 2,; 1, 4, 7; 3: it has two axes; name its values in one.');
  await axis(3, '');
  assert.equal(await top(), before);
});

test('numbers may be ranges, and one seed is promised only where the seeds are no axis', async () => {
  assert.equal(await outlook(), 'All pictures have one seed.');
  await axis(3, 'seed', '7-10 (+2)');
  assert.equal(await make().innerText(), 'Make 12 pictures');
  assert.equal(await outlook(), '');
  await axis(3, 'strength', '0.2-1.0 (+0.2)');
  assert.equal(await make().innerText(), 'Make 30 pictures');
  await axis(3, 'width', '64-68');
  assert.equal(await outlook(), 'Width in pixels is 65: it must be a multiple of 8, for instance 64.');
  await axis(3, '');
});

test('an axis has the name that its field has in the form', async () => {
  const names = Object.fromEntries(await page.$$eval('#matrix-field-1 option', (options) => options.map(({ value, text }) => [value, text])));
  const label = (id) => page.textContent(`label[for=${id}]`);
  for (const [name, id] of [['scheduler', 'sampler'], ['schedule', 'schedule'], ['clip_skip', 'clip-skip'], ['strength', 'strength'], ['seed', 'seed']]) {
    assert.equal(names[name], await label(id));
  }
  assert.equal(new Set(Object.values(names)).size, Object.keys(names).length, Object.values(names).join());
});

test('all pictures are made with one seed, and the grid has them with their labels', async () => {
  await page.press('#matrix-values-2', 'Enter');
  await studio.waitForState('busy');
  const picture = await grid();
  assert.equal((await strip(page)).length, 6);
  assert.ok((await strip(page)).every((name) => name === 'a cat (seed 9)'), (await strip(page)).join());
  assert.equal(picture.name, 'matrix-a-cat-9.png');
  // Two columns, three rows, a line of labels above; the labels of the columns may be wider than a picture.
  assert.equal(picture.height, GAP + LABEL + 3 * (SIDE + GAP));
  const column = Math.max(SIDE, 10 * 'Steps 1'.length) + GAP;
  for (const row of [0, 1, 2]) {
    const top = GAP + LABEL + row * (SIDE + GAP);
    for (const left of [1, 2]) assert.ok(!isWhite(picture, picture.width - left * column, top), `no picture in row ${row}`);
    assert.ok(!isWhite(picture, GAP, top), `no label before row ${row}`);
  }
  assert.ok(!isWhite(picture, picture.width - column, GAP, 16), 'no label above the second column');
  assert.equal(await page.isHidden('#batch'), true);
  assert.match(await page.textContent('#status'), /^6 pictures done in/);
});

test('the page scrolls to where the pictures are made', async () => {
  await make().scrollIntoViewIfNeeded();
  await page.evaluate(() => scrollBy(0, document.querySelector('#make-matrix').getBoundingClientRect().top - 100));
  const seen = () => page.evaluate(() => {
    const { top, bottom } = document.querySelector('#frame').getBoundingClientRect();
    return Math.min(bottom, innerHeight) - Math.max(top, 0) >= Math.min(bottom - top, innerHeight) - 2;
  });
  assert.ok(!await seen());
  await page.fill('#matrix-values-1', '3, 4');
  await make().click();
  await studio.waitForState('busy');
  await page.waitForTimeout(300);
  assert.ok(await seen());
  await studio.waitForState('ready');
});

test('sizes are an axis: every picture has its own in the grid', async () => {
  const before = await page.getAttribute('#grid', 'src');
  await axis(1, 'width', '64, 96');
  await axis(2, 'height', '64-128 (+64)');
  await make().click();
  const picture = await grid(before);
  const label = 10 * 'Width in pixels 64'.length + GAP;
  const row = 10 * 'Height in pixels 128'.length + GAP;
  assert.deepEqual([picture.width, picture.height], [GAP + row + 2 * label, GAP + LABEL + 2 * (128 + GAP)]);
  const [first, second] = [GAP + row, GAP + row + label];
  assert.ok(!isWhite(picture, first, GAP + LABEL) && isWhite(picture, first + 64, GAP + LABEL, 32), 'the first is 64 wide');
  assert.ok(!isWhite(picture, second + 64, GAP + LABEL, 32), 'the second is 96 wide');
  const below = GAP + LABEL + 128 + GAP + 64;
  assert.ok(!isWhite(picture, first, below), 'those below are 128 high');
  assert.match(await page.textContent('#recipe'), /Size96 × 128/);
});

test('words of the prompts are an axis, and noise schedules apart from samplers', async () => {
  await axis(1, 'replacement', 'cat | red dog');
  await axis(2, 'schedule', 'Karras, beta');
  await studio.fill({ scheduler: 'euler' });
  const count = (await strip(page)).length;
  await make().click();
  await stripHas(page, count + 4);
  await studio.waitForState('ready');
  assert.deepEqual((await strip(page)).slice(0, 4), ['a red dog (seed 9)', 'a cat (seed 9)', 'a red dog (seed 9)', 'a cat (seed 9)']);
  assert.match(await page.textContent('#recipe'), /SamplerEuler Beta/);
  await page.fill('#matrix-values-1', 'bird | dog');
  await make().click();
  assert.match(await outlook(), /is bird: the prompts do not contain it/);
  assert.equal((await strip(page)).length, count + 4);
});

test('values have the names of their menus, and what does not fit is said at once', async () => {
  await axis(1, 'scheduler', 'Euler, DPM fast');
  await axis(2, 'schedule', 'Automatic, Karras');
  assert.match(await outlook(), /^Noise schedule is Karras: DPM fast has noise levels of its own/);
  await page.fill('#matrix-values-1', 'Euler, PLMS');
  assert.match(await outlook(), /^Noise schedule is Karras: PNDM \(PLMS\) has these: .*; or Automatic\.$/);
  await axis(1, 'scheduler', 'Euler, HeunPP2');
  assert.match(await outlook(), /^Sampler is HeunPP2: .*Euler a \| DPM\+\+ 2M/);
  await axis(1, 'replacement', 'cat, dog');
  await axis(2, '');
  await studio.fill({ prompt: 'a cat' });
  await page.fill('#matrix-values-1', 'cat, bird');
  assert.match(await outlook(), /separate texts with \|/);
  await page.fill('#matrix-values-1', 'cat |');
  assert.equal(await make().innerText(), 'Make 1 picture');
});

test('what would change no picture, or is more than the model has, is refused before a picture is made', async () => {
  const count = (await strip(page)).length;
  await studio.fill({ scheduler: 'euler', guidance: 1 });
  await axis(1, 'eta', '0, 1');
  assert.match(await outlook(), /^Fresh noise \(eta\) is 0, 1: the sampler does not use it; these do: DDIM, TCD\.$/);
  await axis(2, 'scheduler', 'Euler, DDIM');
  assert.equal(await outlook(), 'All pictures have one seed.');
  await axis(1, 'negative_prompt', 'fog | rain');
  await axis(2, '');
  assert.match(await outlook(), /only with guidance above 1/);
  await axis(1, 'clip_skip', '1, 13');
  assert.match(await outlook(), /^Clip skip is 12 skipped layers: the text encoder has only 2 that can be skipped/);
  await make().click();
  assert.equal(await page.getAttribute('body', 'data-state'), 'ready');
  assert.equal((await strip(page)).length, count);
});

test('it is said that Pictures does not count', async () => {
  await studio.fill({ pictures: 3 });
  await axis(1, 'num_inference_steps', '1, 2');
  await page.press('#matrix-values-1', 'Tab');
  assert.match(await outlook(), /^All pictures have one seed\. The matrix makes one picture per combination, whatever “Pictures” says\.$/);
  await studio.fill({ pictures: 1 });
});

test('why one of its pictures could not be made is said at the matrix', async () => {
  await studio.fill({ scheduler: 'lcm' });
  await axis(1, 'num_inference_steps', '1, 60');
  await make().click();
  await page.waitForFunction(() => document.querySelector('#matrix-outlook').textContent.startsWith('Steps is 60: '));
  await studio.waitForState('ready');
  assert.ok(await page.isHidden('#steps-problem'));
  await studio.fill({ scheduler: 'ddim', guidance: 4 });
});

test('values of a picture to start from are refused without one', async () => {
  await axis(1, 'strength', '0.5, 1');
  await axis(2, '');
  await make().click();
  assert.match(await outlook(), /^Strength is 0\.5, 1: .* only with a picture to start from/);
});

test('an earlier picture takes the place of the grid, which can be seen again and at full size', async () => {
  await page.locator('#history button').first().click();
  await page.waitForSelector('#grid', { state: 'hidden' });
  assert.equal(await page.isHidden('#save-grid'), true);
  await page.click('#show-grid');
  assert.equal(await page.isVisible('#grid'), true);
  await page.click('#grid');
  await page.waitForSelector('#viewer[open]');
  assert.equal(await page.getAttribute('#viewer-picture', 'src'), await page.getAttribute('#grid', 'src'));
  await page.keyboard.press('Escape');
});

test('Cancel keeps what is done, and shows the grid of it', async () => {
  const before = await page.getAttribute('#grid', 'src');
  const count = (await strip(page)).length;
  await axis(1, 'prompt', 'a cat | a dog | a hat');
  await axis(2, '');
  await studio.fill({ steps: 20 });
  await make().click();
  await page.waitForFunction(() => /^Picture 2 of 3 · Step/.test(document.querySelector('#status').textContent)
    && (document.querySelector('#cancel').click(), true), null, { polling: 50 });
  await studio.waitForState('ready');
  assert.equal(await page.textContent('#status'), 'Stopped; 1 of 3 pictures are done.');
  assert.equal((await strip(page)).length, count + 1);
  const partial = await grid(before);
  const step = (partial.width - GAP) / 3;
  const places = [0, 1, 2].map((column) => isWhite(partial, GAP + column * step, GAP + LABEL));
  assert.deepEqual(places, [false, true, true]);
});

test('a matrix during a run waits its turn; the axes are there after a reload', async () => {
  await studio.fill({ steps: 21 }); // Another picture than those before.
  await page.click('#generate');
  await studio.waitForState('busy');
  await studio.fill({ steps: 1 });
  await axis(1, 'scheduler', 'euler, DPM++ 2M Karras');
  const count = (await strip(page)).length;
  await make().click();
  assert.equal(await page.textContent('#queue-count'), '1 waiting');
  await stripHas(page, count + 3);
  await studio.waitForState('ready');
  await page.reload();
  await studio.ready();
  assert.equal(await page.inputValue('#matrix-field-1'), 'scheduler');
  assert.equal(await page.inputValue('#matrix-values-1'), 'euler, DPM++ 2M Karras');
  assert.equal(await make().innerText(), 'Make 2 pictures');
  await page.click('#languages [lang=zh-Hans]');
  assert.equal(await make().innerText(), '生成 2 张图片');
  await page.click('#languages [lang=en]');
});

test('lines that are prompts of their own and a matrix exclude each other, and that is said', async () => {
  await page.evaluate(() => { document.querySelector('#prompts').open = true; });
  await page.check('#each-line');
  await studio.fill({ prompt: 'one\ntwo' });
  await make().click();
  assert.match(await outlook(), /a matrix has one prompt.*each line is a prompt/);
  await page.uncheck('#each-line');
});

test('the section has no violations of accessibility, and fits a phone', async () => {
  await isAccessibleOnPhones(page, '#matrix');
});

test('there were no errors', () => studio.close());
