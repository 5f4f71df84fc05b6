// The file of a picture that was made from a picture; and the other thing that a file may be dropped for.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { choose, marked, png, taken } from './support/files.mjs';
import { difference } from './support/pixels.mjs';
import { drop, form, keptPictures, saved, strip } from './support/results.mjs';
import { browser, server, useBrowser } from './support/session.mjs';
import { QUICK, serve } from './support/tiny.mjs';

const SETTINGS = { ...QUICK, seed: 5, steps: 4 };

let studio, page, picture, file;

await useBrowser({ serve, gpu: false });

before(async () => {
  studio = await browser.open(`${server.url}?device=cpu`);
  page = studio.page;
  await studio.ready();
  await choose(page, 'marked.png', 'image/png', png(128, 128, marked));
  await taken(page);
  await page.click('[data-scope=part]');
  await page.click('#start-mask');
  await page.check('#mask-only');
  await page.fill('#mask-padding', '24');
  await page.fill('#strength', '0.62');
  picture = await studio.generate(SETTINGS);
  file = { name: 'a.png', type: 'image/png', bytes: (await saved(page)).bytes };
  await keptPictures(page, 1);
  await page.click('#start-remove');
  await page.waitForSelector('#start-work', { state: 'hidden' });
});

const change = () => studio.fill({ prompt: 'something else', steps: 9, seed: 1 });

test('where this browser still has what it was made from, all of it is back', async () => {
  await change();
  await drop(page, file);
  await page.waitForSelector('#start-work:not([hidden])');
  assert.equal((await form(page)).prompt, SETTINGS.prompt);
  assert.equal(await page.inputValue('#strength'), '0.62');
  assert.equal(await page.inputValue('#mask-padding'), '24');
  assert.deepEqual(difference(await studio.generate(), picture), { mean: 0, max: 0 });
  await studio.message(/kept once/);
  await keptPictures(page, 1);
});

test('where it has not, strength and surroundings are back, and it is said what is missing', async () => {
  await page.click('#remove-pictures');
  await page.click('#remove-pictures-yes');
  await keptPictures(page, 0);
  await page.click('#start-remove');

  await change();
  await choose(page, 'other.png', 'image/png', png(128, 128, (x, y) => [y, x, 90]));
  await taken(page);
  await drop(page, file);
  assert.match(await studio.message(/The settings that were found/), /made from another picture/);
  await page.waitForSelector('#start-work', { state: 'hidden' }); // It was not made from that one.
  const { prompt, steps, seed } = await form(page);
  assert.deepEqual({ prompt, steps, seed }, { prompt: SETTINGS.prompt, steps: '4', seed: '5' });
  await choose(page, 'marked.png', 'image/png', png(128, 128, marked));
  await taken(page);
  assert.equal(await page.inputValue('#strength'), '0.62');
  assert.equal(await page.inputValue('#mask-padding'), '24');
});

test('what stood in the form can be put back, with the picture to start from and its mask', async () => {
  await page.click('[data-scope=part]');
  await page.click('#start-mask');
  await studio.fill({ prompt: 'a boat', seed: 3 });
  await page.uncheck('#keep-seed');
  const before = await form(page);
  const painted = () => page.$eval('#start-mask', (canvas) => canvas.getContext('2d')
    .getImageData(0, 0, canvas.width, canvas.height).data.filter((value, at) => at % 4 === 3 && value > 0).length);
  const covered = await painted();
  assert.ok(covered > 0);
  await drop(page, await fromWords());
  await studio.message(/^The settings of this picture are in the form/);
  await page.waitForSelector('#start-work', { state: 'hidden' });
  await page.click('#notes [data-action=put-back]');
  await page.waitForSelector('#start-work:not([hidden])');
  assert.deepEqual(await form(page), before);
  assert.equal(await painted(), covered);
  assert.equal(await page.isChecked('#keep-seed'), false);
  assert.deepEqual(await studio.messages(), []);
});

test('a picture with settings can be meant as a picture: one press starts from it', async () => {
  await page.click('#start-remove');
  await studio.fill({ prompt: 'a boat' });
  await drop(page, await fromWords());
  await studio.message(/^The settings of this picture are in the form/);
  await page.click('#notes [data-action=start-from-it]');
  await taken(page);
  assert.equal((await form(page)).prompt, 'a boat', 'its settings were not wanted');
  assert.deepEqual(await strip(page), []);
});

/** The file of a picture that was made from words alone, in another tab. */
let words;
async function fromWords() {
  if (!words) {
    const other = await browser.open(`${server.url}?device=cpu`);
    await other.ready();
    await other.generate(QUICK);
    words = { name: 'words.png', type: 'image/png', bytes: (await saved(other.page)).bytes };
    await keptPictures(other.page, 1);
    await other.page.click('#remove-pictures');
    await other.page.click('#remove-pictures-yes');
    await keptPictures(other.page, 0);
    await other.close();
  }
  return words;
}

test('there were no errors', () => studio.close());
