// What a network and its servers do to a download: it ends complete and correct all the same, and
// what is kept is not asked for again.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, afterEach, before, test } from 'node:test';

import { launch } from './support/browser.mjs';
import { hurryEngines } from './support/gpu-hooks.mjs';
import { digests, keeps, keptChunks, keptFiles } from './support/kept.mjs';
import { isLong } from './support/long.mjs';
import { CHUNK, LONG, longFile } from './support/long-file.mjs';
import { serve } from './support/tiny.mjs';

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
  server.ranges = true;
});

/** The bytes asked for, in order, without the requests for a length or an index. */
const asked = () => server.asked(LONG)
  .filter(({ status }) => status < 300)
  .map((request) => ({ ...request, ...bytesOf(request) }))
  .filter(({ from, to }) => to - from > 1 << 20);

function bytesOf({ range }) {
  const [, from, last] = /^bytes=(\d+)-(\d*)$/.exec(range);
  return { from: Number(from), to: last ? Number(last) + 1 : long.size };
}

/** Rules that leave the requests for a length or an index alone. */
const large = ({ from, to }) => to - from > 1 << 20;
const of = (chunk) => (bytes) => large(bytes) && bytes.from === chunk * CHUNK;

async function visit(address = server.another()) {
  const studio = await browser.open(`${address}?device=cpu`);
  studio.expectError(/^Failed to load resource|404.*fetching the script/);
  studio.address = address;
  return studio;
}

const modelOf = ({ address }) => new RegExp(`^${address}.*text_encoder`);

async function isWhole(studio) {
  await studio.ready();
  const url = modelOf(studio);
  const chunks = await keptChunks(studio.page, url);
  assert.deepEqual(chunks.map(({ sha256 }) => sha256), digests(long.bytes, CHUNK));
  assert.deepEqual(chunks.map(({ sum }) => sum), digests(long.bytes, CHUNK));
  const [file, ...more] = await keptFiles(studio.page, url);
  assert.deepEqual([file.len, file.chunk, more], [long.size, CHUNK, []]);
}

/** Every byte was asked for once, in whole chunks. */
function askedOnce() {
  const starts = asked().map(({ from }) => from).sort((a, b) => a - b);
  assert.deepEqual(starts, Array.from({ length: long.chunks - 1 }, (_, index) => index * CHUNK));
}

test('chunks are asked for one by one, four at once', async () => {
  let most = 0;
  let now = 0;
  server.spoil(LONG, (bytes) => {
    if (!large(bytes)) return {};
    now += 1;
    most = Math.max(most, now);
    return { hold: new Promise((done) => { setTimeout(() => { now -= 1; done(); }, 300); }) };
  });
  const studio = await visit();
  await isWhole(studio);
  askedOnce();
  assert.ok(most > 1 && most <= 4, `${most} at once`);
  await studio.close();
});

/** One of each kind, and in the long run more of them. */
const PASSING = [
  ['connections that break everywhere', { make: cuts(7), times: 12 }],
  ['a server that has a bad moment', { status: 500, when: large, times: 5 }],
  ['a server that ignores the range of one request', { unranged: true, when: of(2), times: 1 }],
  ['a length that is too small', { length: -5000, when: of(1), times: 1 }],
  ['a total that is too large', { total: 5000, when: of(1), times: 1 }],
];
const MORE = [
  ['a connection that breaks', { cut: 2.5 * CHUNK, times: 1 }],
  ['a server that ignores the range of some requests', { unranged: true, when: large, times: 3 }],
  ['a length that is too large', { length: 5000, when: of(1), times: 1 }],
  ['a total that is too small', { total: -5000, when: of(1), times: 1 }],
];

for (const [name, rule] of [...PASSING, ...(isLong ? MORE : [])]) {
  test(`${name} costs time and nothing else`, async () => {
    if (rule.make) {
      let left = rule.times;
      server.spoil(LONG, (bytes) => (large(bytes) && left-- > 0 ? rule.make(bytes) : {}));
    } else server.spoil(LONG, rule);
    const studio = await visit();
    await isWhole(studio);
    await studio.close();
  });
}

/** Offsets that are the same in every run. */
function cuts(seed) {
  let state = seed;
  return ({ from, to }) => {
    state = (state * 1103515245 + 12345) % 2 ** 31;
    return { cut: from + Math.floor((to - from) * (state / 2 ** 31)) };
  };
}

test('a connection that falls silent is given up and taken up again', async () => {
  if (!isLong) hurryEngines(server, 5); // It waits for 20 seconds.
  server.spoil(LONG, { stall: CHUNK + 1000, when: large, times: 1 });
  const studio = await visit();
  await isWhole(studio);
  await studio.close();
});

test('a server that knows no ranges sends the file once', async () => {
  server.ranges = false;
  const studio = await visit();
  await isWhole(studio);
  const whole = server.asked(LONG).filter(({ sent }) => sent > CHUNK);
  assert.equal(whole.length, 1);
  await studio.close();
});

test('a server that asks for time is given it', async () => {
  server.spoil(LONG, { status: 503, retryAfter: 3, when: of(1), times: 1 });
  const studio = await visit();
  await isWhole(studio);
  const [refused] = server.asked(LONG).filter(({ status }) => status === 503);
  const next = asked().find(({ from }) => from === CHUNK);
  assert.ok(next.at - refused.at >= 3000, `it came again after ${next.at - refused.at} ms`);
  await studio.close();
});

test('a server that asks for an hour is not waited for', async () => {
  server.spoil(LONG, { status: 429, retryAfter: 3600, when: large });
  const studio = await visit();
  assert.equal(await studio.waitForState('failed', 'ready'), 'failed');
  await studio.message(/429.*asks to try again in 60 minutes/);
  await studio.close();
});

test('a file that becomes another one in the middle is fetched anew', async () => {
  // The first chunks are of a version that the server then no longer has.
  let answers = 0;
  server.spoil(LONG, (bytes) => {
    answers += large(bytes) ? 1 : 0;
    if (answers > 2) return {};
    return large(bytes) ? { etag: '"old"', flip: bytes.from + 100 } : { etag: '"old"' };
  });
  const studio = await visit();
  await isWhole(studio);
  await studio.close();
});

test('a wrong byte is found where the server gives the digest of the file', async () => {
  const digest = createHash('sha256').update(long.bytes).digest('hex');
  server.spoil(LONG, { etag: `"${digest}"` });
  server.spoil(LONG, { flip: 3 * CHUNK + 77, when: large, times: 5 });
  const studio = await visit();
  assert.equal(await studio.waitForState('failed', 'ready'), 'failed');
  await studio.message(/text_encoder\/.* is damaged: its SHA-256/);
  await studio.close();
  server.heal();
  server.spoil(LONG, { etag: `"${digest}"` });
  const next = await visit(studio.address);
  await isWhole(next);
  await next.close();
});

test('a tab that is closed in the middle leaves its chunks to the next', async () => {
  server.spoil(LONG, { hold: new Promise(() => {}), when: of(3) });
  const first = await visit();
  await keeps(first.page, modelOf(first), long.chunks - 1);
  await first.close();
  server.heal();
  server.forget();
  const second = await visit(first.address);
  await isWhole(second);
  assert.deepEqual(asked().map(({ from }) => from), [3 * CHUNK]);
  await second.close();
});
