// A download whose connection breaks goes on where it stopped.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launch } from './support/browser.mjs';
import { QUICK, UNET, unet } from './support/model.mjs';
import { isPicture } from './support/pixels.mjs';
import { serve } from './support/server.mjs';

/** What is kept of a download is kept in chunks of this size. */
const CHUNK = 4 << 20;
const CUT = Math.floor(unet.size * 0.7);

let server, browser;

before(async () => {
  server = await serve();
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await server?.close();
});

const firstByte = ({ range }) => Number(/^bytes=(\d+)-/.exec(range)[1]);
/** The one byte that is asked for to learn a file's length does not count. */
const downloads = () => server.asked(UNET).filter(({ range, status }) => status === 206 && range !== 'bytes=0-0');

test('a broken connection is taken up where it broke', async () => {
  server.spoil(UNET, { cut: CUT, times: 1 });
  const studio = await browser.open(`${server.url}?device=cpu`);
  studio.expectError(/^Failed to load resource/);
  await studio.ready();
  const [first, second, ...more] = downloads();
  assert.deepEqual(more, []);
  assert.equal(firstByte(first), 0);
  assert.ok(firstByte(second) > 0 && firstByte(second) <= CUT, second.range);
  // What the browser had not yet handed over when the connection broke is sent again; how much that is
  // depends on its buffers, but what had become a kept chunk is not.
  assert.ok(firstByte(second) >= CHUNK, `of ${first.sent} bytes, it went on at ${second.range}`);
  assert.ok(isPicture(await studio.generate(QUICK)));
  await studio.close();
});

test('after a visit that ended in the middle, the next goes on at the first missing chunk', async () => {
  server.heal();
  server.forget();
  server.spoil(UNET, { cut: CUT });
  const address = `${server.another()}?device=cpu`;
  const first = await browser.open(address);
  first.expectError(/^Failed to load resource/);
  assert.equal(await first.waitForState('failed', 'ready'), 'failed');
  await first.message(/could not be fetched.*try again/);
  await first.close();

  server.heal();
  server.forget();
  const second = await browser.open(address);
  await second.ready();
  const [download, ...more] = downloads();
  assert.deepEqual(more, []);
  const start = firstByte(download);
  assert.ok(start > 0 && start % CHUNK === 0, `it went on at byte ${start}`);
  assert.ok(CUT - start < 2 * CHUNK, `it went on at byte ${start} of ${CUT}`);
  assert.ok(isPicture(await second.generate(QUICK)));
  await second.close();
});
