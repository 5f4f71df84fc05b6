// A browser that has no room for the weights says so once, and paints all the same.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launch } from './support/browser.mjs';
import { QUICK, WEIGHTS, weights } from './support/model.mjs';
import { isPicture } from './support/pixels.mjs';
import { serve } from './support/server.mjs';

let server, browser, studio;

before(async () => {
  server = await serve();
  browser = await launch();
  studio = await browser.open('about:blank');
  // Before anything is stored: browsers remember for a while how much room there is.
  const protocol = await browser.context.newCDPSession(studio.page);
  await protocol.send('Storage.overrideQuotaForOrigin', { origin: new URL(server.url).origin, quotaSize: 1 << 20 });
  await studio.page.goto(`${server.url}?device=cpu`);
});

after(async () => {
  await browser?.close();
  await server?.close();
});

test('the page says that the weights are not kept, and what to do', async () => {
  await studio.ready();
  assert.match(await studio.message(/could not keep the weights/), /disk space/);
  assert.equal((await studio.messages()).length, 1, 'it says so once');
});

test('the model works for this visit, and is fetched only once in it', async () => {
  assert.ok(isPicture(await studio.generate(QUICK)));
  const whole = server.asked(WEIGHTS).filter(({ sent }) => sent > 1);
  assert.equal(whole.length, weights.length);
  await studio.close();
});
