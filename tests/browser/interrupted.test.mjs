// A download whose connection breaks goes on where it stopped.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launch } from './support/browser.mjs';
import { CHUNK, LONG, longFile } from './support/long-file.mjs';
import { isPicture } from './support/pixels.mjs';
import { QUICK, serve } from './support/tiny.mjs';

/** In the second of three chunks. */
const CUT = Math.floor(CHUNK * 1.7);

let server, browser, long;

before(async () => {
  server = await serve();
  long = longFile(server);
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await server?.close();
  long?.remove();
});

const bounds = ({ range }) => /^bytes=(\d+)-(\d*)$/.exec(range).slice(1).map(Number);
/** The few bytes that are asked for to learn a file's length and its index do not count. */
const downloads = () => server.asked(LONG)
  .filter(({ status }) => status === 206)
  .map((request) => ({ ...request, from: bounds(request)[0], to: bounds(request)[1] + 1 }))
  .filter(({ from, to }) => to > CHUNK || to - from === CHUNK);

test('a broken connection is taken up where it broke', async () => {
  server.spoil(LONG, { cut: CUT, times: 1 });
  const studio = await browser.open(`${server.url}?device=cpu`);
  studio.expectError(/^Failed to load resource/);
  await studio.ready();
  const chunks = downloads().filter(({ from }) => from % CHUNK === 0);
  assert.deepEqual(chunks.map(({ from }) => from).sort((a, b) => a - b), [0, CHUNK, 2 * CHUNK]);
  const [second, ...more] = downloads().filter(({ from }) => from % CHUNK !== 0);
  assert.deepEqual(more, []);
  assert.ok(second.from > CHUNK && second.from <= CUT, second.range);
  assert.equal(second.to, 2 * CHUNK);
  // What the browser had not yet handed over when the connection broke is sent again; how much that is
  // depends on its buffers.
  assert.ok(second.from >= CHUNK + (4 << 20), `of the bytes up to ${CUT}, it went on at ${second.range}`);
  assert.ok(isPicture(await studio.generate(QUICK)));
  await studio.close();
});

test('after a visit that ended in the middle, the next goes on at the first missing chunk', async () => {
  server.heal();
  server.forget();
  server.spoil(LONG, { cut: CUT });
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
  assert.deepEqual(downloads().map(({ range }) => range), [`bytes=${CHUNK}-${2 * CHUNK - 1}`]);
  assert.ok(isPicture(await second.generate(QUICK)));
  await second.close();
});
