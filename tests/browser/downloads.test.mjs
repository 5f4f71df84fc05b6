// Downloads in a real browser: fetch, IndexedDB and the page's messages. What a network, a server or a
// store can do to a download is tested natively, in tests/downloads.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';

import { launch } from './support/browser.mjs';
import { digests, keeps, keptChunks, keptFiles } from './support/kept.mjs';
import { QUICK, UNET, WEIGHTS, unet, weights } from './support/model.mjs';
import { isPicture } from './support/pixels.mjs';
import { DIST, serve } from './support/server.mjs';

/** Bytes of a chunk. */
const CHUNK = 16 << 20;

const contents = ({ path }) => readFileSync(join(DIST, 'models', 'emoji', path));

let server, browser;

before(async () => {
  server = await serve();
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await server?.close();
});

afterEach(() => {
  server.heal();
  server.forget();
});

async function visit(address = server.another()) {
  const studio = await browser.open(`${address}?device=cpu`);
  studio.expectError(/^Failed to load resource|404.*fetching the script/);
  studio.address = address;
  return studio;
}

/** The requests for weights, without those for a length or an index. */
const downloads = () => server.asked(WEIGHTS).filter(({ range, status }) => {
  const [, from, last] = /^bytes=(\d+)-(\d*)$/.exec(range);
  return status < 300 && Number(last) - Number(from) > 1 << 20;
});

async function assertKept(studio) {
  await studio.ready();
  for (const file of weights) {
    const url = new RegExp(`^${studio.address}.*${file.path}`);
    const expected = digests(contents(file), CHUNK);
    const chunks = await keptChunks(studio.page, url);
    assert.deepEqual(chunks.map(({ sha256, sum, size }) => [sha256, sum, size]), expected.map((sum) => [sum, sum, CHUNK]));
    const [record, ...more] = await keptFiles(studio.page, url);
    assert.deepEqual([record.len, record.chunk, record.sums, more], [file.size, CHUNK, expected, []]);
  }
}

test('weights are kept in chunks with their checksums', async () => {
  const studio = await visit();
  await assertKept(studio);
  assert.deepEqual(downloads().map(({ path }) => path).sort(), weights.map(({ path }) => `/models/emoji/${path}`).sort());
  await studio.close();
});

test('a broken connection, a refusal and an ignored range cost time and nothing else', async () => {
  server.spoil(UNET, { cut: 5 << 20, times: 1 });
  server.spoil(/text_encoder\/.*\.safetensors$/, { unranged: true });
  server.spoil(/vae\/.*\.safetensors$/, { status: 503, retryAfter: 2, when: ({ to }) => to > 1 << 20, times: 1 });
  const studio = await visit();
  await assertKept(studio);
  const [refused, again] = server.asked(/vae\/.*\.safetensors$/).filter(({ range }) => range.length > 'bytes=0-999999'.length);
  assert.equal(refused.status, 503);
  assert.ok(again.at - refused.at >= 2000, `it came again after ${again.at - refused.at} ms`);
  const resumed = downloads().filter(({ path, range }) => UNET.test(path) && !range.startsWith('bytes=0-'));
  assert.equal(resumed.length, 1, 'the rest was asked for, and not the whole');
  await studio.close();
});

test('a wrong byte under a known digest is an error, and the next visit gets the file', async () => {
  const digest = createHash('sha256').update(contents(unet)).digest('hex');
  server.spoil(UNET, { etag: `"${digest}"` });
  server.spoil(UNET, { flip: 9_000_077, when: ({ from, to }) => to - from > 1 << 20 });
  const studio = await visit();
  assert.equal(await studio.waitForState('failed', 'ready'), 'failed');
  await studio.message(/unet\/.* is damaged: its SHA-256/);
  await studio.close();
  server.heal();
  server.spoil(UNET, { etag: `"${digest}"` });
  const next = await visit(studio.address);
  await assertKept(next);
  await next.close();
});

test('a tab that is closed in the middle leaves its chunks to the next', async () => {
  server.spoil(UNET, { hold: new Promise(() => {}), when: ({ from, to }) => to - from > 1 << 20 });
  const first = await visit();
  await keeps(first.page, new RegExp(`^${first.address}`), weights.length - 1);
  await first.close();
  server.heal();
  server.forget();
  const second = await visit(first.address);
  await assertKept(second);
  assert.deepEqual(downloads().map(({ range }) => range), [`bytes=0-${unet.size - 1}`]);
  await second.close();
});

test('a database of a newer version of the page stays as it is, and the page works', async () => {
  await browser.close();
  browser = await launch();
  const { page } = await browser.open(`${server.url}favicon.svg`);
  await page.evaluate(() => new Promise((done, failed) => {
    const request = indexedDB.open('hearth', 99);
    request.onupgradeneeded = () => request.result.createObjectStore('future').put('treasure', 'key');
    request.onsuccess = () => { request.result.close(); done(); };
    request.onerror = () => failed(request.error);
  }));
  const studio = await visit(server.url);
  await studio.ready();
  await studio.message(/newer version of this page/);
  assert.ok(isPicture(await studio.generate(QUICK)));
  const left = await studio.page.evaluate(() => new Promise((done) => {
    const request = indexedDB.open('hearth');
    request.onsuccess = () => {
      const get = request.result.transaction('future').objectStore('future').get('key');
      get.onsuccess = () => done([request.result.version, get.result]);
    };
  }));
  assert.deepEqual(left, [99, 'treasure']);
  await studio.close();
});
