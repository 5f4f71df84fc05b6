// A browser without WebGPU is offered the CPU, and one click later it paints.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { isPicture } from './support/pixels.mjs';
import { browser, server, useBrowser } from './support/session.mjs';
import { QUICK, serve } from './support/tiny.mjs';

let studio;

await useBrowser({ serve, gpu: false });

before(async () => {
  studio = await browser.open(server.url);
});

test('the page says so and offers the CPU', async () => {
  assert.equal(await studio.waitForState('failed', 'ready'), 'failed');
  assert.match(await studio.message(/GPU/), /Use the CPU/);
});

test('one click on the offer is enough for a picture', async () => {
  await studio.page.click('#notes [data-action=use-cpu]');
  await studio.ready();
  assert.match(await studio.page.textContent('#device'), /CPU/);
  assert.ok(isPicture(await studio.generate(QUICK)));
  assert.deepEqual(await studio.messages(), []);
  await studio.close();
});
