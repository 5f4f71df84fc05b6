// Pictures are looked at, settings are used, and requests queue up, without a loss of what was typed.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { before, test } from 'node:test';

import { choose, marked, png } from './support/files.mjs';
import { readPng } from './support/pixels.mjs';
import { form, keptPictures, strip, stripHas } from './support/results.mjs';
import { browser, server, useBrowser } from './support/session.mjs';
import { QUICK, serve } from './support/tiny.mjs';

// Node takes a `.js` file of this folder for no module.
const source = await readFile(new URL('../../www/pictures.js', import.meta.url), 'utf8');
const { distinct, fitScale, settled, zip, zoomed } = await import(`data:text/javascript,${encodeURIComponent(source)}`);

let studio, page;

await useBrowser({ serve, gpu: false });

before(async () => {
  studio = await browser.open(`${server.url}?device=cpu`);
  page = studio.page;
  await studio.ready();
});

const note = (action) => `#notes [data-action=${action}]:not([hidden])`;
const select = async (index) => {
  const button = page.locator('#history button').nth(index);
  const key = await button.getAttribute('data-id');
  await button.click();
  await page.waitForFunction((key) => document.querySelector('#picture').dataset.doneId === key, key);
};

test('an earlier picture is looked at without touching the form', async () => {
  await studio.generate({ ...QUICK, seed: 1 });
  await studio.generate({ ...QUICK, prompt: 'a boat', seed: 2 });
  await studio.fill({ prompt: 'ten minutes of work', steps: 9, seed: 3 });
  await page.uncheck('#keep-seed');
  const typed = await form(page);
  await select(1);
  assert.deepEqual(await form(page), typed);
  assert.equal(await page.isChecked('#keep-seed'), false);
  assert.deepEqual(await studio.messages(), []);
});

test('its settings are used at a press, and that is undone at another', async () => {
  const typed = await form(page);
  await page.click('#use-settings');
  await studio.message(/^The settings of this picture are in the form/);
  const { prompt, steps, seed } = await form(page);
  assert.deepEqual({ prompt, steps, seed }, { prompt: QUICK.prompt, steps: '3', seed: '1' });
  assert.equal(await page.isChecked('#keep-seed'), true);
  // What was not replaced stays as it was changed since.
  await studio.fill({ pictures: 2 });
  await page.click(note('put-back'));
  assert.deepEqual(await form(page), { ...typed, pictures: '2' });
  assert.equal(await page.isChecked('#keep-seed'), false);
  assert.deepEqual(await studio.messages(), []);
  await studio.fill({ pictures: 1 });
});

test('an example replaces a typed prompt undoably, by button and by key', async () => {
  await studio.fill({ prompt: 'ten minutes of work' });
  await page.locator('#examples [data-prompt]').nth(1).click();
  await page.locator('#examples [data-prompt]').nth(2).click();
  await page.click(note('put-back'));
  assert.equal((await form(page)).prompt, 'ten minutes of work');
  await page.locator('#examples [data-prompt]').nth(1).click();
  await page.keyboard.press('Control+z');
  assert.equal((await form(page)).prompt, 'ten minutes of work');
  assert.deepEqual(await studio.messages(), []);
});

test('the same picture made twice is kept once', async () => {
  await studio.generate({ ...QUICK, seed: 41 });
  const count = (await strip(page)).length;
  await keptPictures(page, count);
  await page.click('#generate');
  await studio.message(/kept once/);
  await keptPictures(page, count);
  assert.equal((await strip(page)).length, count);
  // The shown one is that which is kept.
  await page.click('#remove-picture');
  await stripHas(page, count - 1);
  await page.waitForSelector('#earlier-undo:not([hidden])');
  await page.click('#undo-remove');
});

test('pasted settings are offered, and undone', async () => {
  await page.fill('#prompt', 'what stood here');
  const text = 'a castle\nNegative prompt: fog\nSteps: 4, Sampler: Euler, CFG scale: 6.5, Seed: 77, Size: 64x96, Clip skip: 2';
  await page.fill('#prompt', text);
  await studio.message(/^This text has the settings of a picture/);
  await page.click(note('use-pasted'));
  await page.waitForFunction(() => document.querySelector('#prompt').value === 'a castle');
  const { 'negative-prompt': negative, steps, seed, width, height, scheduler, 'clip-skip': clipSkip } = await form(page);
  assert.deepEqual({ negative, steps, seed, width, height, scheduler, clipSkip },
    { negative: 'fog', steps: '4', seed: '77', width: '64', height: '96', scheduler: 'euler', clipSkip: '2' });
  assert.equal(await page.textContent('#status'), 'Settings loaded from this text.');
  await page.click('#languages [lang=zh-Hans]');
  assert.equal(await page.textContent('label[for=clip-skip]'), 'CLIP 跳过层（Clip skip）');
  assert.match(await page.textContent('#clip-skip-hint'), /与 AUTOMATIC1111 相同：1 使用.*全部层/);
  await page.click('#languages [lang=en]');
  await page.click(note('put-back'));
  assert.equal(await page.inputValue('#prompt'), 'what stood here');
  assert.equal(await page.inputValue('#clip-skip'), '1');
  assert.equal(await page.textContent('#status'), 'Undone: the settings are as they were before.');
  // An edit that leaves no settings withdraws the offer.
  await page.fill('#prompt', `${text} `);
  await studio.message(/^This text has the settings/);
  await page.fill('#prompt', 'a castle');
  assert.equal(await page.locator(note('use-pasted')).count(), 0);
});

test('a part of such a text is understood, and one that has lost its line breaks', async () => {
  await page.fill('#negative-prompt', 'rain');
  await page.fill('#prompt', 'a barn');
  await page.fill('#prompt', 'Steps: 3, Sampler: Euler, CFG scale: 2, Seed: 7, Size: 64x64');
  await page.click(note('use-pasted'));
  const read = async () => { const { prompt, steps, 'negative-prompt': negative } = await form(page); return [prompt, negative, steps]; };
  assert.deepEqual(await read(), ['a barn', 'rain', '3']);
  // Prompts alone leave the rest as it is.
  await choose(page, 'small.png', 'image/png', png(64, 64, marked));
  await page.waitForSelector('#start-in-use:not([hidden])');
  await page.fill('#prompt', 'a mill\nNegative prompt: fog');
  await page.click(note('use-pasted'));
  assert.ok(await page.isVisible('#start-in-use'));
  await page.click('#start-remove');
  assert.deepEqual(await read(), ['a mill', 'fog', '3']);
  await page.fill('#prompt', 'a boat Negative prompt: snow Steps: 2, Sampler: Euler, CFG scale: 2, Seed: 7, Size: 64x64');
  await page.click(note('use-pasted'));
  assert.deepEqual(await read(), ['a boat', 'snow', '2']);
  await page.fill('#negative-prompt', '');
});

test('the offer to undo goes with the second picture that is made after it', async () => {
  await studio.fill({ ...QUICK, prompt: 'my own words' });
  await page.locator('#examples [data-prompt]').nth(1).click();
  await studio.generate();
  assert.equal(await page.locator(note('put-back')).count(), 1);
  await studio.generate();
  assert.equal(await page.locator(note('put-back')).count(), 0);
});

test('Generate right after a paste makes the picture of the settings, not of their text', async () => {
  const count = (await strip(page)).length;
  await page.fill('#prompt', 'before');
  await page.fill('#prompt', 'a tower\nSteps: 2, Sampler: Euler, CFG scale: 1, Seed: 78, Size: 64x64');
  await page.press('#prompt', 'Control+Enter');
  await stripHas(page, count + 1);
  assert.equal((await strip(page))[0], 'a tower (seed 78)');
  assert.equal(await page.inputValue('#steps'), '2');
  await page.click('#prompt');
  for (const _ of [1, 2, 3]) await page.keyboard.press('Control+z');
  assert.equal(await page.inputValue('#prompt'), 'before');
});

test('the pictures of a batch stand side by side; one is selected, and seen at full size', async () => {
  await studio.generate({ ...QUICK, seed: 51, pictures: 4 });
  assert.equal(await page.locator('#batch img').count(), 4);
  assert.ok(await page.isVisible('#batch') && !await page.isVisible('#recipe'));
  const key = await page.locator('#batch button').nth(1).getAttribute('data-id');
  await page.locator('#batch button').nth(1).click();
  await page.waitForFunction((key) => document.querySelector('#picture').dataset.doneId === key, key);
  assert.ok(!await page.isVisible('#batch') && await page.isVisible('#recipe'));

  await page.click('#view-large');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'viewer-stage');
  const zoom = () => page.textContent('#viewer-zoom');
  const fit = await zoom();
  await page.keyboard.press('1');
  assert.equal(await zoom(), '100 %');
  await page.keyboard.press('+');
  assert.equal(await zoom(), '125 %');
  await page.keyboard.press('0');
  assert.equal(await zoom(), fit);
  const shown = await page.getAttribute('#viewer-picture', 'src');
  await page.keyboard.press('PageUp');
  await page.waitForFunction((shown) => document.querySelector('#viewer-picture').getAttribute('src') !== shown, shown);
  assert.match(await page.getAttribute('#viewer-picture', 'alt'), new RegExp(QUICK.prompt));
  // Beside another picture, with a boundary that moves.
  await page.selectOption('#viewer-with', { index: 2 });
  assert.ok(await page.isVisible('#viewer-other') && await page.isVisible('#viewer-split'));
  await page.fill('#viewer-split', '25');
  assert.match(await page.getAttribute('#viewer-other', 'style'), /inset\(0(px)? 75% 0(px)? 0(px)?\)/);
  await page.keyboard.press('Escape');
  assert.ok(!await page.isVisible('#viewer'));
  assert.equal(await page.evaluate(() => document.activeElement.id), 'view-large');
  await page.click('#show-batch');
  assert.ok(await page.isVisible('#batch'));
});

test('a batch is saved in one file, where the browser has no folders', async () => {
  await page.evaluate(() => { window.showDirectoryPicker = undefined; });
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('#save-batch')]);
  assert.equal(download.suggestedFilename(), 'hearth-pictures.zip');
  const names = entries(await readFile(await download.path()));
  assert.deepEqual(names.map(({ name }) => /-(\d+)\.png$/.exec(name)[1]), ['51', '52', '53', '54']);
  for (const { bytes } of names) assert.equal(readPng(bytes).texts.prompt, QUICK.prompt);
});

test('all earlier pictures are saved into a folder, and nothing there is overwritten', async () => {
  await page.evaluate(() => {
    const files = new Map([['a-boat-2.png', 'mine']]);
    window.folder = files;
    window.showDirectoryPicker = async () => ({
      async* keys() { yield* files.keys(); },
      getFileHandle: async (name) => ({ createWritable: async () => ({ write: async (bytes) => files.set(name, bytes.length), close: async () => {} }) }),
    });
  });
  const count = (await strip(page)).length;
  await page.click('#save-pictures');
  await page.waitForFunction((count) => window.folder.size === count + 1, count);
  const files = await page.evaluate(() => [...window.folder]);
  assert.equal(files.find(([name]) => name === 'a-boat-2.png')[1], 'mine');
  assert.ok(files.find(([name]) => name === 'a-boat-2 (2).png')[1] > 100);
});

test('a request during a run waits its turn, and each can be cancelled', async () => {
  await studio.fill({ ...QUICK, prompt: 'first', steps: 30, seed: 61, pictures: 1 });
  await page.click('#generate');
  await studio.waitForState('busy');
  await studio.fill({ prompt: 'second', steps: 3, seed: 62 });
  await page.focus('#prompt');
  await page.keyboard.press('Control+Enter');
  await studio.fill({ prompt: 'third', seed: 63 });
  await page.click('#enqueue');
  await studio.fill({ prompt: 'fourth', seed: 64 });
  await page.click('#enqueue');
  assert.equal(await page.textContent('#queue-count'), '3 waiting');
  await page.click('#queue-list button[aria-label="Cancel: third"]');
  assert.equal(await page.textContent('#queue-count'), '2 waiting');
  assert.deepEqual(await page.locator('#queue-list span').allTextContents(), ['second', 'fourth']);
  assert.equal(await page.evaluate(() => document.activeElement.id), 'cancel');

  // Meanwhile an earlier picture can be looked at.
  await select(0);
  assert.ok(await page.isVisible('#watch') && await page.isVisible('#recipe'));
  assert.equal(await studio.state(), 'busy');
  await page.click('#watch');
  assert.ok(!await page.isVisible('#watch'));

  await page.waitForFunction(() => document.body.dataset.state === 'ready' && document.querySelector('#queue').hidden);
  const names = (await strip(page)).slice(0, 3);
  assert.deepEqual(names, ['fourth (seed 64)', 'second (seed 62)', 'first (seed 61)']);
});

test('a request that cannot be is told at once and does not wait', async () => {
  await studio.fill({ ...QUICK, prompt: 'slow', steps: 30, seed: 71 });
  await page.click('#generate');
  await studio.waitForState('busy');
  await studio.fill({ steps: 0 });
  await page.click('#enqueue');
  await studio.message(/^Steps is 0/);
  assert.ok(!await page.isVisible('#queue'));
  await page.keyboard.press('Escape');
  await studio.waitForState('ready');
  await studio.fill({ steps: 3 });
});

test('the view keeps a point in its place while it zooms, and never loses the picture', () => {
  const [size, room] = [[512, 512], [1024, 768]];
  assert.equal(fitScale(size, room), 1.5);
  const fit = settled({ scale: 1.5, x: 0, y: 0 }, size, room);
  assert.deepEqual(fit, { scale: 1.5, x: 128, y: 0 });
  // The point under (600, 300) stays there.
  const near = zoomed(fit, 6, [600, 300], size, room);
  assert.equal((600 - near.x) / 6, (600 - fit.x) / 1.5);
  assert.equal((300 - near.y) / 6, (300 - fit.y) / 1.5);
  assert.deepEqual(settled({ ...near, x: 900, y: -9_000 }, size, room), { scale: 6, x: 0, y: 768 - 3072 });
  assert.equal(zoomed(fit, 1000, [0, 0], size, room).scale, 16);
  assert.equal(zoomed(fit, 0.001, [0, 0], size, room).scale, 0.25);
  // A large picture can be seen whole.
  assert.equal(zoomed({ scale: 1, x: 0, y: 0 }, 0.001, [0, 0], [8192, 8192], room).scale, 0.09375);
});

test('files of the same name get numbers', () => {
  assert.deepEqual(distinct(['a.png', 'b.png', 'a.png', 'a.png']), ['a.png', 'b.png', 'a (2).png', 'a (3).png']);
  assert.deepEqual(distinct(['none', 'none']), ['none', 'none (2)']);
});

test('a zip file has the files, their checksums and their names', () => {
  const bytes = Buffer.from('123456789');
  const parts = zip([{ name: 'käfer.png', bytes }, { name: 'empty', bytes: Buffer.alloc(0) }]);
  const file = Buffer.concat(parts.map((part) => Buffer.from(part.buffer ?? part, part.byteOffset, part.byteLength)));
  const found = entries(file);
  assert.deepEqual(found.map(({ name }) => name), ['käfer.png', 'empty']);
  assert.equal(found[0].bytes.toString(), '123456789');
  assert.equal(found[0].crc, 0xcbf43926); // The check value of CRC-32/ISO-HDLC.
  assert.equal(found[1].bytes.length, 0);
});

test('there were no errors', () => studio.close());

/** The files of a zip file without compression: { name, bytes, crc }, found from its end as by a program. */
function entries(file) {
  const end = file.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  const found = [];
  let at = file.readUInt32LE(end + 16);
  for (let count = file.readUInt16LE(end + 10); count > 0; count -= 1) {
    assert.equal(file.readUInt32LE(at), 0x02014b50);
    const [crc, length, nameLength, offset] = [
      file.readUInt32LE(at + 16), file.readUInt32LE(at + 24), file.readUInt16LE(at + 28), file.readUInt32LE(at + 42)];
    const name = file.toString('utf8', at + 46, at + 46 + nameLength);
    assert.equal(file.readUInt32LE(offset), 0x04034b50);
    const start = offset + 30 + file.readUInt16LE(offset + 26) + file.readUInt16LE(offset + 28);
    found.push({ name, crc, bytes: file.subarray(start, start + length) });
    at += 46 + nameLength;
  }
  assert.equal(at, end);
  return found;
}
