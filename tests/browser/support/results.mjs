// The strip of earlier pictures, as tests use it.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { deflateSync } from 'node:zlib';

import { PATIENCE } from './browser.mjs';

/** The strip's names, the newest first. */
export function strip(page) {
  return page.$$eval('#history button', (buttons) => buttons.map((button) => button.getAttribute('aria-label')));
}

/** Waits until the strip has so many pictures. */
export function stripHas(page, count) {
  return page.waitForFunction(
    (count) => document.querySelectorAll('#history button').length === count, count, { polling: 50 });
}

/** Waits until the browser keeps so many, and returns their keys. */
export async function keptPictures(page, count) {
  // Not with waitForFunction: to it the promise of an asynchronous predicate counts as true.
  for (const end = Date.now() + PATIENCE; ; await sleep(50)) {
    const keys = await page.evaluate(readKeys);
    if (keys.length === count) return keys;
    assert.ok(Date.now() < end, `${keys.length} pictures are kept instead of ${count}`);
  }
}

// Runs in the page.
async function readKeys() {
  const done = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  if (!(await indexedDB.databases()).some(({ name }) => name === 'hearth-results')) return [];
  const database = await done(indexedDB.open('hearth-results'));
  const transaction = database.transaction(['entries', 'files']);
  const [entries, files] = await Promise.all(
    ['entries', 'files'].map((shelf) => done(transaction.objectStore(shelf).getAllKeys())));
  database.close();
  if (entries.join() !== files.join()) throw new Error(`entries ${entries} and files ${files}`);
  return entries;
}

/** The file behind Save. */
export async function saved(page) {
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('#save')]);
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
}

/** Drops files on the page: { name, bytes, type }. */
export async function drop(page, ...files) {
  const data = files.map(({ name, bytes, type }) => ({ name, type, data: Buffer.from(bytes).toString('base64') }));
  await page.evaluate((files) => {
    const transfer = new DataTransfer();
    for (const { name, type, data } of files) {
      const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
      transfer.items.add(new File([bytes], name, { type }));
    }
    document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
  }, data);
}

/** What stands in the form. */
export function form(page) {
  return page.evaluate(() => Object.fromEntries(
    ['prompt', 'negative-prompt', 'steps', 'guidance', 'seed', 'scheduler', 'width', 'height', 'pictures', 'clip-skip', 'eta']
      .map((id) => [id, document.getElementById(id).value])));
}

/** A PNG of one pixel with these texts. */
export function pngWith(texts) {
  const chunk = (type, body) => {
    const bytes = Buffer.concat([Buffer.from(type, 'latin1'), body]);
    const head = Buffer.alloc(4);
    head.writeUInt32BE(body.length);
    const sum = Buffer.alloc(4);
    sum.writeUInt32BE(crc32(bytes));
    return Buffer.concat([head, bytes, sum]);
  };
  const header = Buffer.from([0, 0, 0, 1, 0, 0, 0, 1, 8, 2, 0, 0, 0]);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    ...Object.entries(texts).map(([key, text]) => chunk('iTXt', Buffer.concat([
      Buffer.from(key, 'latin1'), Buffer.from([0, 0, 0, 0, 0]), Buffer.from(text, 'utf8'),
    ]))),
    chunk('IDAT', deflateSync(Buffer.from([0, 1, 2, 3]))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function crc32(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}
