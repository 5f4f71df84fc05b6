// Weights that are missing or damaged: a sentence that says what to do, and as soon as the cause is
// gone the same page works.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isPicture } from './support/pixels.mjs';
import { browser, server, useBrowser } from './support/session.mjs';
import { QUICK, UNET, serve, sheetWithDigest, unet } from './support/tiny.mjs';

const CASES = [
  ['a missing file', { status: 404 }, /unet\/.* is missing in .*Check/i],
  ['a page instead of a missing file', { html: true }, /web page instead of unet\/.*Check/i],
  ['a file with a damaged index', { flip: 10 }, /unet\/.* is damaged.*try again/i],
  ['a file that ends too early', { truncate: unet.size - 1000 }, /unet\/.* is damaged.*try again/i],
  ['a file behind a sign-in', { status: 401 }, /asks for a sign-in \(401.*open it from your disk/i],
  ['a refused file', { status: 403 }, /does not permit it \(403.*open it from your disk/i],
];

await useBrowser({ serve });

for (const [name, rule, sentence] of CASES) {
  test(`${name} is said, and when it is healed the page works`, async () => {
    server.spoil(UNET, rule);
    await failsThenWorks(sentence);
  });
}

test('a wrong byte anywhere is found if the model gives its digest', async () => {
  server.spoil(/\/hearth\.json$/, { instead: sheetWithDigest() });
  server.spoil(UNET, { flip: unet.size - 1000 });
  await failsThenWorks(/unet\/.* is damaged: its SHA-256/i);
});

async function failsThenWorks(sentence) {
  const studio = await browser.open(`${server.another()}?device=cpu`);
  studio.expectError(/^Failed to load resource/);
  assert.equal(await studio.waitForState('failed', 'ready'), 'failed');
  await studio.message(sentence);
  server.heal();
  assert.ok(isPicture(await studio.generate(QUICK)));
  assert.deepEqual(await studio.messages(), [], 'the message is gone');
  await studio.close();
}

test('a server that knows no ranges will do', async () => {
  server.ranges = false;
  const studio = await browser.open(`${server.another()}?device=cpu`);
  await studio.ready();
  assert.ok(isPicture(await studio.generate(QUICK)));
  server.ranges = true;
  await studio.close();
});
