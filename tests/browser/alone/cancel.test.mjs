// A run can be stopped, by button and by key, and the next one works.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { isPicture } from '../support/pixels.mjs';
import { browser, server, useBrowser } from '../support/session.mjs';
import { QUICK, serve } from '../support/tiny.mjs';

/** Milliseconds; a run stops at the next block of the network, not at the next step. */
const SOON = 15_000;

let studio;

await useBrowser({ serve });

before(async () => {
  studio = await browser.open(`${server.url}?device=cpu`);
  await studio.ready();
});

async function startLongRun() {
  await studio.fill({ ...QUICK, steps: 200 });
  await studio.page.click('#generate');
  await studio.page.waitForFunction(() => /^Step \d/.test(document.querySelector('#status').textContent));
  assert.equal(await studio.state(), 'busy');
}

async function endsSoon() {
  const start = Date.now();
  await studio.waitForState('ready');
  assert.ok(Date.now() - start < SOON, `it took ${Date.now() - start} ms to stop`);
  assert.match(await studio.page.textContent('#status'), /^Stopped/);
  assert.deepEqual(await studio.messages(), []);
}

test('Cancel stops a run', async () => {
  await startLongRun();
  await studio.page.click('#cancel');
  await endsSoon();
  assert.equal(await studio.doneId(), null);
});

test('the next run works', async () => {
  assert.ok(isPicture(await studio.generate(QUICK)));
});

test('Escape stops a run, and the earlier picture is back', async () => {
  const before = await studio.doneId();
  await startLongRun();
  assert.equal(await studio.doneId(), null);
  await studio.page.keyboard.press('Escape');
  await endsSoon();
  assert.equal(await studio.doneId(), before);
});

test('Ctrl+Enter starts a run', async () => {
  const before = await studio.doneId();
  await studio.fill({ ...QUICK, seed: 5 });
  await studio.page.focus('#prompt');
  await studio.page.keyboard.press('Control+Enter');
  assert.ok(isPicture(await studio.picture(before)));
});

test('there were no errors', () => studio.close());
