// What a browser keeps, read past the page's own programs.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { PATIENCE } from './browser.mjs';

/**
 * Every kept chunk of the files whose address matches: { url, index, size, length, sum, sha256 }, of
 * which `sum` is what was written down and `sha256` what the bytes are. `page` is any page of the origin.
 */
export function keptChunks(page, pattern) {
  return page.evaluate(readChunks, [pattern.source, true]);
}

/** The same without reading the bytes: { url, index }. */
export function keptKeys(page, pattern) {
  return page.evaluate(readChunks, [pattern.source, false]);
}

/** Waits until so many chunks are kept. */
export async function keeps(page, pattern, count) {
  const deadline = Date.now() + PATIENCE;
  for (;;) {
    const kept = await keptKeys(page, pattern);
    if (kept.length >= count) return kept;
    assert.ok(Date.now() < deadline, `${kept.length} of ${count} chunks were kept`);
    await sleep(50);
  }
}

/** Every record of a complete file: { url, len, chunk, sums }. */
export function keptFiles(page, pattern) {
  return page.evaluate(readFiles, pattern.source);
}

/**
 * Flips the byte `at` in the first kept chunk of every file whose address matches; returns how many. What is written is
 * an array, as by earlier releases.
 */
export function damageChunks(page, pattern, at) {
  return page.evaluate(flipBytes, [pattern.source, at]);
}

/** What `keptChunks` should find of a file with these bytes: [sha256]. */
export function digests(bytes, chunk) {
  const parts = [];
  for (let from = 0; from < bytes.length; from += chunk) {
    parts.push(createHash('sha256').update(bytes.subarray(from, from + chunk)).digest('hex'));
  }
  return parts;
}

async function readChunks([pattern, withBytes]) {
  const done = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const exists = (await indexedDB.databases()).some(({ name }) => name === 'hearth');
  if (!exists) return [];
  const database = await done(indexedDB.open('hearth'));
  if (!database.objectStoreNames.contains('chunks')) {
    database.close();
    return [];
  }
  const chunks = () => database.transaction('chunks').objectStore('chunks');
  const found = [];
  for (const key of await done(chunks().getAllKeys())) {
    const [url, , index] = key;
    if (!new RegExp(pattern).test(url)) continue;
    const entry = { url, index: Number(index) };
    if (withBytes) {
      const { bytes: stored, sum, size } = await done(chunks().get(key));
      const bytes = stored instanceof Blob ? new Uint8Array(await stored.arrayBuffer()) : stored;
      const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
      const sha256 = [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
      Object.assign(entry, { size, length: bytes.length, sum, sha256 });
    }
    found.push(entry);
  }
  database.close();
  return found.sort((a, b) => a.url.localeCompare(b.url) || a.index - b.index);
}

async function readFiles(pattern) {
  const done = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const exists = (await indexedDB.databases()).some(({ name }) => name === 'hearth');
  if (!exists) return [];
  const database = await done(indexedDB.open('hearth'));
  const files = () => database.transaction('files').objectStore('files');
  const found = [];
  for (const key of await done(files().getAllKeys())) {
    if (new RegExp(pattern).test(key[0])) found.push({ url: key[0], ...(await done(files().get(key))) });
  }
  database.close();
  return found;
}

async function flipBytes([pattern, at]) {
  const done = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const database = await done(indexedDB.open('hearth'));
  const chunks = (mode) => database.transaction('chunks', mode).objectStore('chunks');
  const keys = (await done(chunks('readonly').getAllKeys())).filter(([url,, index]) => new RegExp(pattern).test(url) && index === '0');
  for (const key of keys) {
    const { bytes: stored, ...rest } = await done(chunks('readonly').get(key));
    const bytes = stored instanceof Blob ? new Uint8Array(await stored.arrayBuffer()) : stored;
    bytes[at] ^= 0xff;
    const write = chunks('readwrite');
    write.put({ ...rest, bytes }, key);
    // The page may be closed next, and a write that is not committed by then is lost.
    await new Promise((committed) => { write.transaction.oncomplete = committed; });
  }
  database.close();
  return keys.length;
}
