// A browser without WebGPU paints on the CPU by itself, and says so.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isPicture } from './support/pixels.mjs';
import { browser, server, useBrowser } from './support/session.mjs';
import { QUICK, serve } from './support/tiny.mjs';

await useBrowser({ serve, gpu: false });

test('the CPU is used by itself, and a note says why', async () => {
  const studio = await browser.open(server.url);
  await studio.ready();
  assert.match(await studio.page.textContent('#device'), /CPU/);
  assert.match(await studio.message(/CPU/), /The CPU is used, which takes longer: [^.]+\./);
  assert.equal(await studio.page.locator('#notes .wrong').count(), 0, 'it is no error');
  assert.ok(isPicture(await studio.generate(QUICK)));
  assert.deepEqual(await studio.messages(), []);
  // The page has chosen it, not the user.
  assert.equal(new URL(studio.page.url()).search, '');
  assert.equal(await studio.page.evaluate(() => localStorage.getItem('hearth-choice')), null);
  await studio.close();
});

test('the note leads back to the GPU, which fails aloud and leaves the CPU in use', async () => {
  const studio = await browser.open(server.url);
  await studio.ready();
  await studio.page.click('#notes [data-action=use-gpu]');
  await studio.page.waitForSelector('#notes .wrong');
  await studio.ready();
  assert.match(await studio.page.textContent('#device'), /CPU/);
  await studio.close();
});
