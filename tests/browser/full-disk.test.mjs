// A browser that has no room for the weights says so once, and paints all the same.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { isPicture } from './support/pixels.mjs';
import { browser, server, useBrowser } from './support/session.mjs';
import { QUICK, WEIGHTS, serve, weights } from './support/tiny.mjs';

let studio;

await useBrowser({ serve });

before(async () => {
  studio = await browser.open('about:blank');
  // Before anything is stored: browsers remember for a while how much room there is.
  const protocol = await browser.context.newCDPSession(studio.page);
  // Far less than the weights, since browsers count what is stored only now and then.
  await protocol.send('Storage.overrideQuotaForOrigin', { origin: new URL(server.url).origin, quotaSize: 1 << 18 });
  await studio.page.goto(`${server.url}?device=cpu`);
});

test('the page says that the weights are not kept, and what to do', async () => {
  await studio.ready();
  assert.match(await studio.message(/could not keep the weights/), /disk space/);
  assert.equal((await studio.messages()).length, 1, 'it says so once');
});

test('the model works for this visit, and is fetched only once in it', async () => {
  assert.ok(isPicture(await studio.generate(QUICK)));
  for (const { path, size } of weights) {
    const sent = server.asked(WEIGHTS).filter((request) => request.path.endsWith(path) && request.status < 300);
    const bytes = sent.reduce((sum, request) => sum + request.sent, 0);
    assert.ok(bytes >= size && bytes < size * 1.1 + 1024, `${bytes} bytes of ${path} were sent, it has ${size}`);
  }
  await studio.close();
});
