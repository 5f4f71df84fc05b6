// What an older version of the page has kept is of use; what a newer one has kept is left alone.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { launch } from './support/browser.mjs';
import { keptChunks, keptFiles } from './support/kept.mjs';
import { QUICK, UNET, WEIGHTS, unet, weights } from './support/model.mjs';
import { isPicture } from './support/pixels.mjs';
import { DIST, serve } from './support/server.mjs';

/** Chunks of the first version. */
const OLD_CHUNK = 4 << 20;

let server, browser;

before(async () => {
  server = await serve();
});

after(async () => {
  await browser?.close();
  await server?.close();
});

/** A browser that has met the page's origin, but not the page. */
async function fresh() {
  await browser?.close();
  browser = await launch();
  server.heal();
  const studio = await browser.open(`${server.url}favicon.svg`);
  return studio.page;
}

/** Writes the model as version 1 did: whole files, but of those in `parts` only so many chunks. */
async function keepAsVersion1(page, parts = {}) {
  const files = weights.map(({ path, size }) => {
    const bytes = readFileSync(join(DIST, 'models', 'emoji', path));
    const sums = [];
    for (let from = 0; from < size; from += OLD_CHUNK) {
      sums.push(createHash('sha256').update(bytes.subarray(from, from + OLD_CHUNK)).digest('hex'));
    }
    return { path, size, sums, chunks: parts[path] ?? sums.length };
  });
  const sheet = JSON.parse(readFileSync(join(DIST, 'models', 'emoji', 'hearth.json'), 'utf8'));
  await page.evaluate(writeVersion1, { files, OLD_CHUNK, digests: sheet.sha256 ?? {} });
}

test('whole files of version 1 are loaded without a request', async () => {
  const page = await fresh();
  await keepAsVersion1(page);
  server.forget();
  server.spoil(WEIGHTS, { status: 403 });
  const studio = await browser.open(`${server.url}?device=cpu`);
  await studio.ready();
  assert.deepEqual(server.asked(WEIGHTS), []);
  assert.ok((await studio.said()).some((text) => /kept by this browser/.test(text)));
  assert.ok(isPicture(await studio.generate(QUICK)));
  const models = await studio.page.evaluate(readModels);
  assert.equal(models.length, 1);
  assert.deepEqual(models[0].files.sort(), weights.map(({ path }) => path).sort());
  await studio.close();
});

test('of a file that version 1 did not finish, the rest is fetched', async () => {
  const page = await fresh();
  await keepAsVersion1(page, { [unet.path]: 2 });
  server.forget();
  const studio = await browser.open(`${server.url}?device=cpu`);
  await studio.ready();
  const asked = server.asked(WEIGHTS).filter(({ range }) => !/^bytes=0-\d{1,6}$|^bytes=8-\d{1,6}$/.test(range));
  assert.deepEqual(asked.map(({ range }) => range), [`bytes=${2 * OLD_CHUNK}-${unet.size - 1}`]);
  const [file] = await keptFiles(studio.page, UNET);
  assert.deepEqual([file.len, file.chunk], [unet.size, OLD_CHUNK]);
  const chunks = await keptChunks(studio.page, UNET);
  assert.equal(chunks.length, Math.ceil(unet.size / OLD_CHUNK));
  assert.ok(chunks.every(({ sum, sha256 }) => sum === sha256));
  await studio.close();
});

test('what a newer version has kept stays as it is, and the page works', async () => {
  const page = await fresh();
  await page.evaluate(() => new Promise((done, failed) => {
    const request = indexedDB.open('hearth', 99);
    request.onupgradeneeded = () => request.result.createObjectStore('future').put('treasure', 'key');
    request.onsuccess = () => { request.result.close(); done(); };
    request.onerror = () => failed(request.error);
  }));
  const studio = await browser.open(`${server.url}?device=cpu`);
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

// Runs in a page of the origin.
async function writeVersion1({ files, OLD_CHUNK, digests }) {
  const done = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const request = indexedDB.open('hearth', 1);
  request.onupgradeneeded = () => ['files', 'chunks', 'small'].map((name) => request.result.createObjectStore(name));
  const database = await done(request);
  for (const { path, size, sums, chunks } of files) {
    const { href } = new URL(`/models/emoji/${path}`, location.href);
    const response = await fetch(href);
    const version = response.headers.get('etag');
    const bytes = new Uint8Array(await response.arrayBuffer());
    const key = [href, digests[path] ?? ''];
    for (let index = 0; index < chunks; index += 1) {
      const value = {
        sum: sums[index],
        origin: { total: size, version },
        bytes: bytes.slice(index * OLD_CHUNK, (index + 1) * OLD_CHUNK),
      };
      await done(database.transaction('chunks', 'readwrite').objectStore('chunks').put(value, [...key, `${index}`]));
    }
    if (chunks === sums.length) {
      await done(database.transaction('files', 'readwrite').objectStore('files').put({ len: size, sums }, key));
    }
  }
  database.close();
}

// Runs in a page of the origin.
async function readModels() {
  const request = indexedDB.open('hearth');
  const database = await new Promise((done) => { request.onsuccess = () => done(request.result); });
  const all = database.transaction('models').objectStore('models').getAll();
  const models = await new Promise((done) => { all.onsuccess = () => done(all.result); });
  database.close();
  return models;
}
