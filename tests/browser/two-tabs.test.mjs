// Two tabs that want the same model fetch it once.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { launch } from './support/browser.mjs';
import { digests, keeps, keptChunks } from './support/kept.mjs';
import { CHUNK, LONG, longFile } from './support/long-file.mjs';
import { WEIGHTS, serve } from './support/tiny.mjs';

let server, browser, long;

before(async () => {
  server = await serve();
  long = longFile(server, 4);
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await server?.close();
  long?.remove();
});

afterEach(() => {
  server.heal();
  server.forget();
});

const chunk = (index) => ({ from, to }) => to - from > 1 << 20 && from === index * CHUNK;
// One that got nothing was given up: a held answer is asked for again after a while.
const downloads = () => server.asked(WEIGHTS).filter(({ range, sent }) => {
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(range);
  return sent > 0 && Number(to) - Number(from) > 1 << 20;
});

/** The rest of a download waits for `go()`. */
function holdChunk(index) {
  let go;
  const hold = new Promise((done) => { go = done; });
  server.spoil(LONG, { hold, when: chunk(index) });
  return go;
}

test('the second tab follows the first, and goes on from what it has kept', async () => {
  const go = holdChunk(3);
  const address = `${server.another()}?device=cpu`;
  const first = await browser.open(address);
  await keeps(first.page, LONG, 4);
  const second = await browser.open(address);
  // It sees what is there before the first is done.
  await second.page.waitForFunction(() => Number(document.querySelector('#progress')?.value) > 0.3, null, { polling: 100 })
    .catch(async (error) => { throw new Error(await second.summary(), { cause: error }); });
  assert.notEqual(await first.state(), 'ready');
  go();
  await Promise.all([first.ready(), second.ready()]);
  const ranges = downloads().map(({ path, range }) => `${path} ${range}`);
  assert.deepEqual(ranges, [...new Set(ranges)], 'nothing was asked for twice');
  await first.close();
  await second.close();
});

test('the second tab continues what the first did not finish', async () => {
  holdChunk(3);
  const place = server.another();
  const first = await browser.open(`${place}?device=cpu`);
  const own = new RegExp(`^${place}.*text_encoder`);
  await keeps(first.page, own, 4);
  const second = await browser.open(`${place}?device=cpu`);
  await second.page.waitForFunction(() => /Another tab|another tab/.test(document.querySelector('#status').textContent), null, { polling: 50 });
  await first.close();
  server.heal();
  server.forget();
  await second.ready();
  const again = server.asked(LONG).filter(({ range }) => range === `bytes=${3 * CHUNK}-${4 * CHUNK - 1}`);
  assert.equal(again.length, 1);
  assert.deepEqual(downloads().filter(({ path }) => LONG.test(path)).length, 1, 'no kept chunk was asked for again');
  const kept = await keptChunks(second.page, own);
  assert.deepEqual(kept.map(({ sha256 }) => sha256), digests(long.bytes, CHUNK));
  await second.close();
});

test('without Web Locks every tab is as if alone', async () => {
  const studio = await browser.open('about:blank');
  // The worker has a navigator of its own, so its script is asked to do without.
  await studio.page.route(/worker_loader\.js/, async (route) => {
    const response = await route.fetch();
    const body = `Object.defineProperty(navigator, 'locks', { value: undefined });\n${await response.text()}`;
    await route.fulfill({ response, body });
  });
  await studio.page.goto(`${server.another()}?device=cpu`);
  await studio.ready();
  await studio.close();
});
