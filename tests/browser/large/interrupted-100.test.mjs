// A model of some 200 MB is downloaded a hundred times, and each time something goes wrong. Each ends
// complete and correct, and nothing that was kept is fetched twice.
//
// HEARTH_LARGE_MODEL    a folder in diffusers layout (else what scripts/lib/large.sh makes)
// HEARTH_INTERRUPTIONS  how many downloads (100)
// HEARTH_SEED           which ones (1)

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { launch } from '../support/browser.mjs';
import { digests, keptChunks, keptFiles, keptKeys } from '../support/kept.mjs';
import { CHUNK } from '../support/long-file.mjs';
import { serve } from '../support/server.mjs';

const MODEL = process.env.HEARTH_LARGE_MODEL ?? join(process.env.HEARTH_LARGE ?? '', 'medium');
const COUNT = Number(process.env.HEARTH_INTERRUPTIONS ?? 100);
const SEED = Number(process.env.HEARTH_SEED ?? 1);
const WEIGHTS = /\.safetensors$/;

let server, browser, files;
const rows = [];

before(async () => {
  server = await serve();
  files = readdirSync(MODEL, { recursive: true })
    .filter((path) => statSync(join(MODEL, path)).isFile())
    .map((path) => ({ path, size: statSync(join(MODEL, path)).size }));
  for (const { path } of files) {
    server.replace(new RegExp(`/models/large/${path.replaceAll('.', '\\.')}$`), join(MODEL, path));
  }
  files = files.filter(({ path }) => WEIGHTS.test(path)).map((file) => {
    const bytes = readFileSync(join(MODEL, file.path));
    return { ...file, sums: digests(bytes, CHUNK), sha256: createHash('sha256').update(bytes).digest('hex') };
  });
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await server?.close();
  report();
});

/** Numbers in 0..1 that are the same in every run. */
function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const isLarge = ({ from, to }) => to - from > 1 << 20;

/** What goes wrong: each gives a rule for the answers, and whether page or browser end meanwhile. */
const KINDS = {
  cut: (dice) => ({ rule: ({ from, to }) => ({ cut: from + Math.floor(dice() * (to - from)) }), times: 1 + dice() * 8 }),
  stall: (dice) => ({ rule: ({ from, to }) => ({ stall: from + Math.floor(dice() * (to - from)) }), times: 1 }),
  'status 500': (dice) => ({ rule: () => ({ status: 500 }), times: 1 + dice() * 6 }),
  'status 503': (dice) => ({ rule: () => ({ status: 503, retryAfter: 1 }), times: 1 + dice() * 3 }),
  'range ignored': (dice) => ({ rule: () => ({ unranged: true }), times: 1 + dice() * 3 }),
  'wrong length': (dice) => ({ rule: () => ({ length: dice() < 0.5 ? -9000 : 9000 }), times: 1 + dice() * 3 }),
  'wrong total': (dice) => ({ rule: () => ({ total: dice() < 0.5 ? -9000 : 9000 }), times: 1 + dice() * 2 }),
  'tab closed': (dice) => ({ rule: () => ({ pause: 5 }), times: Infinity, closes: 1 + Math.floor(dice() * 2) }),
  'browser ended': () => ({ rule: () => ({ pause: 5 }), times: Infinity, ends: 1 }),
  'byte flipped': (dice) => ({
    rule: ({ from, to }) => ({ flip: from + Math.floor(dice() * (to - from)) }), times: 1, digest: true,
  }),
};

for (let run = 0; run < COUNT; run += 1) {
  const dice = random(SEED * 1000 + run);
  // Every kind comes in turn; ending the whole browser takes time, and comes half as often.
  const names = Object.keys(KINDS).filter((name) => name !== 'browser ended' || run % 20 >= 10);
  const kind = names[run % names.length];
  test(`download ${run + 1}: ${kind}`, () => download(run, kind, dice));
}

async function download(run, kind, dice) {
  const { rule, times, closes = 0, ends = 0, digest = false } = KINDS[kind](dice);
  const began = Date.now();
  server.heal();
  server.forget();
  if (digest) {
    for (const { path, sha256 } of files) server.spoil(new RegExp(`${path}$`), { etag: `"${sha256}"` });
  }
  // Not from the first request on: it may happen at any point of the download.
  let left = Math.floor(times);
  server.spoil(WEIGHTS, (bytes) => {
    if (!isLarge(bytes) || left <= 0 || (left < Infinity && dice() < 0.5)) return {};
    left -= 1;
    return rule(bytes);
  });

  const address = server.another();
  const url = `${address}?device=cpu&model=models/large/`;
  const weights = new RegExp(`^${address}models/large/.*safetensors$`);
  const row = { run: run + 1, kind, visits: 0, kept: 0, twice: 0, restarts: 0, gaveUp: 0 };
  rows.push(row);
  let chunks = new Set();
  for (;;) {
    row.visits += 1;
    assert.ok(row.visits < 8, 'it does not come to an end');
    const studio = await visit(url);
    const isLast = closes + ends === 0 || row.visits > closes + ends;
    if (isLast && closes + ends > 0) left = 0;
    const asked = server.requests.length;
    if (!isLast) {
      // In the middle, wherever that is, and later at each visit.
      const some = chunks.size + 1 + Math.floor((dice() * (total() - chunks.size)) / 3);
      while ((await kept(studio.page, weights)).size < Math.min(some, total() - 1)) await sleep(20);
      if (ends > 0) await kill();
      else await studio.page.close();
    } else {
      const state = await studio.waitForState('ready', 'failed');
      if (state === 'failed') {
        row.twice += askedAgain(chunks, server.requests.slice(asked));
        if (/SHA-256/.test((await studio.messages()).join())) {
          // What arrived was not the file: all of it is fetched anew, which is right.
          assert.equal(kind, 'byte flipped', await studio.summary());
          row.restarts += 1;
        } else {
          row.gaveUp += 1;
          assert.match((await studio.messages()).join(), /try again/);
        }
        chunks = await kept(studio.page, weights);
        await studio.page.close();
        continue;
      }
    }
    row.twice += askedAgain(chunks, server.requests.slice(asked));
    const page = isLast ? studio : await open(`${server.url}models/large/model_index.json`);
    chunks = await kept(page.page, weights);
    if (!isLast) row.kept += chunks.size;
    if (isLast) await isRight(studio, weights);
    await page.page.close();
    if (isLast) break;
  }
  row.seconds = Math.round((Date.now() - began) / 100) / 10;
  row.mb = Math.round(server.asked(WEIGHTS).reduce((sum, { sent }) => sum + sent, 0) / 1e6);
  assert.equal(row.twice, 0, 'chunks that were kept were asked for again');
  // The disk shall not fill up.
  const tidy = await open(`${server.url}models/large/model_index.json`);
  await tidy.page.evaluate(() => new Promise((done) => {
    const request = indexedDB.deleteDatabase('hearth');
    request.onsuccess = done;
    request.onblocked = done;
    request.onerror = done;
  }));
  await tidy.page.close();

  function total() {
    return files.reduce((sum, { sums }) => sum + sums.length, 0);
  }
}

/** A large download is not begun without being asked for; what is left of one may be small. */
async function visit(url) {
  const studio = await open(url);
  const next = await studio.page.waitForFunction(() => {
    if (document.querySelector('#use-model')?.offsetParent) return 'asks';
    return /^(Downloading|Loading|Ready)/.test(document.querySelector('#status').textContent) && 'begins';
  }, null, { polling: 50 });
  if (await next.jsonValue() === 'asks') {
    await studio.page.click('#use-model');
    await studio.waitForState('loading', 'ready');
  }
  return studio;
}

async function open(url) {
  const studio = await browser.open(url);
  studio.expectError(/./); // Whatever the console says of broken connections.
  return studio;
}

/** As if the machine lost power. */
async function kill() {
  await browser.kill();
  await browser.start();
}

/** How many requests were for the bytes of chunks that were kept before. */
function askedAgain(chunks, requests) {
  let again = 0;
  for (const { path, range, status } of requests) {
    const bounds = /^bytes=(\d+)-(\d+)$/.exec(range ?? '');
    if (!bounds || status !== 206 || !WEIGHTS.test(path)) continue;
    const [from, to] = [Number(bounds[1]), Number(bounds[2]) + 1];
    // An index is asked for before it is known which chunks are good.
    if (to - from <= 1 << 20) continue;
    for (let index = Math.floor(from / CHUNK); index * CHUNK < to; index += 1) {
      const key = [...chunks].find((chunk) => chunk.endsWith(`${path} ${index}`));
      if (key) again += 1;
    }
  }
  return again;
}

/** The chunks that are kept, as `path index`. */
async function kept(page, weights) {
  const keys = await keptKeys(page, weights);
  return new Set(keys.map(({ url, index }) => `${new URL(url).pathname} ${index}`));
}

async function isRight(studio, weights) {
  const chunks = await keptChunks(studio.page, weights);
  const records = await keptFiles(studio.page, weights);
  for (const { path, size, sums } of files) {
    const own = chunks.filter(({ url }) => url.endsWith(`/${path}`));
    assert.deepEqual(own.map(({ sha256 }) => sha256), sums, path);
    const record = records.find(({ url }) => url.endsWith(`/${path}`));
    assert.deepEqual([record?.len, record?.chunk, record?.sums], [size, CHUNK, sums], path);
  }
}

function report() {
  console.table(rows);
  const sum = (name) => rows.reduce((sum, row) => sum + (row[name] ?? 0), 0);
  const model = files.reduce((total, { size }) => total + size, 0);
  console.log(`${rows.length} downloads of ${Math.round(model / 1e6)} MB, all interrupted; `
    + `${sum('visits')} visits, ${sum('kept')} chunks kept at an interruption, ${sum('twice')} fetched twice, `
    + `${sum('restarts')} files with a wrong byte found; `
    + `${sum('mb')} MB sent for ${Math.round((model * rows.length) / 1e6)} MB; ${Math.round(sum('seconds'))} s`);
}
