// A GPU that goes away, or has no memory left, in the middle of a picture. One visit: an engine on a GPU is dear
// to start here, and each loss starts another.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { before, beforeEach, test } from 'node:test';

import { exhaust, hookEngines, loseDevice } from './support/gpu-hooks.mjs';
import { isPicture } from './support/pixels.mjs';
import { strip, stripHas } from './support/results.mjs';
import { browser, server, useBrowser } from './support/session.mjs';
import { SMALL, serve } from './support/tiny.mjs';

/** So many steps that a device is lost between two of them. */
const RUN = { ...SMALL, steps: 8 };

let studio;

await useBrowser({ serve });

before(async () => {
  hookEngines(server);
  studio = await browser.open(server.url);
  studio.expectError(/device|GPU|lost|destroyed|service-worker|404/i);
  await studio.ready();
});

// Each test has the notes to itself.
beforeEach(() => studio.page.evaluate(() => document.querySelectorAll('#notes .note').forEach((note) => note.remove())));

/** Begins a picture that takes a while, and waits for its second step. */
async function begin(values = {}) {
  await studio.fill({ ...RUN, ...values });
  await studio.page.click('#generate');
  await studio.page.waitForFunction(() => /^Step [2-7] /.test(document.querySelector('#status').textContent), null, { polling: 50 });
}

/** Presses what the message offers, and waits for the picture. */
async function goOn() {
  server.forget();
  await studio.message(/The GPU was lost/);
  const before = await studio.doneId();
  await studio.page.click('#notes [data-action=go-on]');
  const picture = await studio.picture(before);
  assert.deepEqual(server.asked(/\.safetensors$/), [], 'the model came from this browser');
  return picture;
}

test('a lost device: the engine comes back from the cache, and the same picture is made at a press', async () => {
  const expected = await studio.generate(RUN);
  assert.ok(isPicture(expected));
  await begin();
  await loseDevice(studio.page);
  const picture = await goOn();
  assert.ok(picture.rgba.equals(expected.rgba), 'the picture is the one that was begun');
});

test('lost in the second of three: it and the third follow at a press, whatever the form says by then', async () => {
  const { page } = studio;
  const earlier = (await strip(page)).length;
  await studio.fill({ ...SMALL, seed: 5, pictures: 3 });
  await page.click('#generate');
  await page.waitForFunction(() => /^Picture 2 of 3 /.test(document.querySelector('#status').textContent), null, { polling: 50 });
  await studio.fill({ prompt: 'something else', pictures: 1 });
  await loseDevice(page);
  await studio.message(/The GPU was lost/);
  await page.click('#notes [data-action=go-on]');
  await stripHas(page, earlier + 3);
  await studio.waitForState('ready');
  assert.deepEqual((await strip(page)).slice(0, 3), [7, 6, 5].map((seed) => `${SMALL.prompt} (seed ${seed})`));
});

test('a GPU process that dies', async () => {
  await begin({ seed: 2 });
  execFileSync('pkill', ['-KILL', '-f', `type=gpu-process.*${browser.profile}`]);
  assert.ok(isPicture(await goOn()));
});

test('no memory left: a smaller size that fits is named, and one press chooses it', async () => {
  await begin({ width: 96, height: 96 });
  await exhaust(studio.page);
  const said = await studio.message(/memory is full/);
  assert.match(said, /for instance (\d+) × \1\b/);
  const [, side] = /for instance (\d+)/.exec(said);
  assert.ok(Number(side) < 96);
  const before = await studio.doneId();
  await studio.page.click('#notes [data-action=smaller]');
  const picture = await studio.picture(before);
  assert.deepEqual([picture.width, picture.height], [Number(side), Number(side)]);
});

test('there were no other errors', () => studio.close());
