// A GPU that goes away, or has no memory left, in the middle of a picture.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { afterEach, before, beforeEach, test } from 'node:test';

import { exhaust, hookEngines, loseDevice } from './support/gpu-hooks.mjs';
import { isPicture } from './support/pixels.mjs';
import { browser, server, useBrowser } from './support/session.mjs';
import { SMALL, serve } from './support/tiny.mjs';

let studio, expected;

await useBrowser({ serve });

before(async () => {
  hookEngines(server);
});

beforeEach(async () => {
  studio = await browser.open(server.url);
  studio.expectError(/device|GPU|lost|destroyed|service-worker|404/i);
  await studio.ready();
});

afterEach(() => studio.close());

/** Begins a picture that takes a while, and waits for its first step. */
async function begin(values = {}) {
  await studio.fill({ ...SMALL, steps: 12, ...values });
  await studio.page.click('#generate');
  await studio.page.waitForFunction(() => /^Step ([2-9]|1\d) /.test(document.querySelector('#status').textContent), null, { polling: 50 });
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

test('a run without a failure, for comparison', async () => {
  expected = await studio.generate({ ...SMALL, steps: 12 });
  assert.ok(isPicture(expected));
});

test('a lost device: the engine comes back from the cache, and the same picture is made at a press', async () => {
  await begin();
  await loseDevice(studio.page);
  const picture = await goOn();
  assert.ok(picture.rgba.equals(expected.rgba), 'the picture is the one that was begun');
});

test('lost in the second of three: it and the third follow at a press, whatever the form says by then', async () => {
  const { page } = studio;
  await studio.fill({ ...SMALL, steps: 12, seed: 5, pictures: 3 });
  await page.click('#generate');
  await page.waitForFunction(() => /^Picture 2 of 3 /.test(document.querySelector('#status').textContent), null, { polling: 50 });
  await studio.fill({ prompt: 'something else', pictures: 1 });
  await loseDevice(page);
  await studio.message(/The GPU was lost/);
  await page.click('#notes [data-action=go-on]');
  const seeds = () => page.$$eval('#history button', (buttons) => buttons.map((button) => button.getAttribute('aria-label')));
  await page.waitForFunction(() => document.querySelectorAll('#history button').length >= 3
    && document.body.dataset.state === 'ready');
  assert.deepEqual((await seeds()).slice(0, 3), [7, 6, 5].map((seed) => `${SMALL.prompt} (seed ${seed})`));
  await page.click('#remove-pictures');
  await page.click('#remove-pictures-yes');
});

test('a GPU process that dies', async () => {
  await begin();
  execFileSync('pkill', ['-KILL', '-f', `type=gpu-process.*${browser.profile}`]);
  assert.ok(isPicture(await goOn()));
});

test('no memory left: a smaller size that fits is named, and one press chooses it', async () => {
  await begin({ width: 128, height: 128 });
  await exhaust(studio.page);
  const said = await studio.message(/memory is full/);
  assert.match(said, /for instance (\d+) × \1\b/);
  const [, side] = /for instance (\d+)/.exec(said);
  assert.ok(Number(side) < 128);
  const before = await studio.doneId();
  await studio.page.click('#notes [data-action=smaller]');
  const picture = await studio.picture(before);
  assert.deepEqual([picture.width, picture.height], [Number(side), Number(side)]);
});
