// Several pictures one after another, and variations of one.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { difference } from './support/pixels.mjs';
import { form, strip } from './support/results.mjs';
import { browser, server, useBrowser } from './support/session.mjs';
import { QUICK, serve } from './support/tiny.mjs';

let studio, page;

await useBrowser({ serve });

before(async () => {
  studio = await browser.open(`${server.url}?device=cpu`);
  page = studio.page;
  await studio.ready();
});

const status = () => page.textContent('#status');
const seeds = async () => (await strip(page)).map((name) => /\(seed (\d+)\)$/.exec(name)[1]);

test('a batch takes the next seeds and goes round at the last', async () => {
  const last = await studio.generate({ ...QUICK, seed: '18446744073709551614', pictures: 3 });
  assert.deepEqual(await seeds(), ['0', '18446744073709551615', '18446744073709551614']);
  assert.match(await status(), /^3 pictures done in (\d+ min )?[\d.]+ s\.$/);
  const said = await studio.said();
  assert.ok(said.some((line) => /^Picture 1 of 3 · Step 1 of 3/.test(line)), said.join('\n'));
  assert.ok(said.some((line) => /^Picture 2 of 3 · Step 2 of 3 · .* left$/.test(line)), said.join('\n'));
  assert.ok(said.some((line) => /^Picture 3 of 3 · Decoding/.test(line)), said.join('\n'));
  // Each is the picture of its seed.
  const alone = await studio.generate({ seed: '0', pictures: 1 });
  assert.deepEqual(difference(alone, last), { mean: 0, max: 0 });
  assert.match(await status(), /^Done in/);
});

test('the bar goes once from end to end', async () => {
  await page.evaluate(() => { window.hearthTest.bars.length = 0; });
  await studio.generate({ ...QUICK, pictures: 2 });
  const bars = (await page.evaluate(() => window.hearthTest.bars)).map(Number);
  assert.deepEqual(bars, bars.toSorted((a, b) => a - b));
  assert.ok(bars.length >= 6 && bars.at(-1) === 1, bars.join());
});

test('Cancel ends the batch and keeps what is done', async () => {
  const before = (await strip(page)).length;
  await studio.fill({ ...QUICK, steps: 20, seed: 100, pictures: 4 });
  await page.click('#generate');
  await page.waitForFunction(() => /^Picture 2 of 4 · Step/.test(document.querySelector('#status').textContent)
    && (document.querySelector('#cancel').click(), true), null, { polling: 50 });
  await studio.waitForState('ready');
  assert.equal(await status(), 'Stopped; 1 of 4 pictures are done.');
  assert.equal((await strip(page)).length, before + 1);
  assert.equal(await page.getAttribute('#history [aria-current]', 'data-id'), await studio.doneId());
  assert.deepEqual(await studio.messages(), []);
});

test('a number that cannot be is told beside its field', async () => {
  await studio.fill({ ...QUICK, pictures: 17 });
  await page.click('#generate');
  assert.match(await studio.message(/from 1 to 16/), /^Pictures is 17/);
  assert.equal(await studio.state(), 'ready');
  assert.equal(await status(), 'Please correct the marked field.');
  await studio.fill({ pictures: 1 });
  await page.locator('#history button').first().click();
  await page.click('#use-settings');
  await page.waitForFunction(() => document.querySelector('#status').textContent === 'Settings loaded from this picture.');
});

test('Variations makes four of the shown picture, with new seeds', async () => {
  await studio.generate({ ...QUICK, seed: 77 });
  await studio.fill({ prompt: 'something else', steps: 9 });
  const [count, before] = [(await strip(page)).length, await studio.doneId()];
  await page.click('#vary');
  await page.waitForFunction((count) => document.querySelectorAll('#history button').length === count, count + 4, { polling: 100 });
  await studio.picture(before);
  const names = await strip(page);
  assert.ok(names.slice(0, 4).every((name) => name.startsWith(QUICK.prompt)), names.join('\n'));
  const found = (await seeds()).slice(0, 4).map(BigInt);
  assert.ok(found.every((seed) => seed !== 77n));
  assert.deepEqual(found.map((seed) => seed - found[3]), [3n, 2n, 1n, 0n]);
  // What was typed stays.
  const { prompt, steps, pictures } = await form(page);
  assert.deepEqual({ prompt, steps, pictures }, { prompt: 'something else', steps: '9', pictures: '1' });
  // It was for this once.
  await studio.generate({ seed: 5 });
  assert.equal((await strip(page)).length, count + 5);
});

test('there were no errors', () => studio.close());
