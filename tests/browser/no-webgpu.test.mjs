// A browser without WebGPU is offered the CPU, and one click later it paints.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launch } from './support/browser.mjs';
import { isPicture } from './support/pixels.mjs';
import { QUICK, serve } from './support/tiny.mjs';

let server, browser, studio;

before(async () => {
  server = await serve();
  browser = await launch({ gpu: false });
  studio = await browser.open(server.url);
});

after(async () => {
  await browser?.close();
  await server?.close();
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
