// Many runs in one visit: nothing grows, whatever is cancelled and whenever.

import assert from 'node:assert/strict';
import { afterEach, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { choose, marked, png, taken } from './support/files.mjs';
import { countPage, engine, hookEngines, memory } from './support/gpu-hooks.mjs';
import { isLong } from './support/long.mjs';
import { isPicture } from './support/pixels.mjs';
import { browser, server, useBrowser } from './support/session.mjs';
import { QUICK, SMALL, serve } from './support/tiny.mjs';

/** By so much WebAssembly's memory grows at the least. */
const WASM_PAGE = 65_536;

let studio;

await useBrowser({ serve });

before(async () => {
  hookEngines(server);
});

afterEach(() => studio.close());

async function open(query = '') {
  studio = await browser.open(server.url + query, { script: countPage });
  studio.expectError(/service-worker|404/);
  await studio.ready();
}

/** The same numbers at every run, from 0 on and below 1. */
function* random(state = 1) {
  for (;;) {
    state = (state * 48271) % 2147483647;
    yield state / 2147483647;
  }
}

/** A stroke across the middle of the picture to start from. */
async function paint(page) {
  await page.click('[data-scope=part]');
  const mask = page.locator('#start-mask');
  await mask.scrollIntoViewIfNeeded();
  const { x, y, width, height } = await mask.boundingBox();
  await page.mouse.move(x + width * 0.3, y + height / 2);
  await page.mouse.down();
  await page.mouse.move(x + width * 0.7, y + height / 2, { steps: 4 });
  await page.mouse.up();
}

/** Five pictures: into a masked part of one, over all of one, and three from words alone. */
async function round(seed) {
  const { page } = studio;
  const started = { ...SMALL, guidance: 0, steps: 2 };
  await choose(page, 'picture.png', 'image/png', png(64, 64, marked));
  await taken(page);
  await paint(page);
  assert.ok(await studio.generate({ ...started, seed }), `picture ${seed}`);
  await page.click('[data-scope=all]');
  assert.ok(await studio.generate({ ...started, seed: seed + 1 }), `picture ${seed + 1}`);
  await page.click('#start-remove');
  for (let more = 2; more < 5; more += 1) {
    assert.ok(await studio.generate({ ...started, steps: 1, seed: seed + more }), `picture ${seed + more}`);
  }
}

/** What a pool of the GPU's memory may take once; 50 kB or one buffer left by every run would be more. */
const SPARE = { gpu: 1e6, buffers: 10 };

/** The device: in the short run the CPU, where the engine's own memory is all that could grow. */
const DEVICE = isLong ? '' : '?device=cpu';

/** Nothing of what `memory` says may go on growing. The strip of earlier pictures is the page's own, and small. */
function assertNoMore(late, early) {
  const isCounted = early.heap > 1e6 && early.page > 1e6 && (!isLong || early.gpu > 1e6);
  assert.ok(isCounted, `the hooks do not count: ${JSON.stringify(early)}`);
  assert.ok(late.heap <= early.heap + 16 * WASM_PAGE, `the engine: ${early.heap} bytes at first, ${late.heap} at last`);
  assert.ok(late.page <= early.page + 4 * WASM_PAGE, `the page: ${early.page} bytes at first, ${late.page} at last`);
  assert.ok(late.gpu <= early.gpu + SPARE.gpu, `GPU: ${early.gpu} bytes at first, ${late.gpu} at last`);
  assert.ok(late.buffers <= early.buffers + SPARE.buffers, `${early.buffers} buffers, then ${late.buffers}`);
}

const PICTURES = isLong ? 50 : 20;
const CANCELLED = isLong ? 20 : 5;

test(`${PICTURES} pictures, from words, pictures and masks, take no more memory than ten`, async () => {
  await open(DEVICE);
  await round(1);
  await round(6);
  const early = await memory(studio.page);
  for (let seed = 11; seed <= PICTURES; seed += 5) await round(seed);
  assertNoMore(await memory(studio.page), early);
});

test(`${CANCELLED} runs cancelled at any moment leave a page that works, and no memory behind`, async () => {
  await open(DEVICE);
  const picture = async () => assert.ok(isPicture(await studio.generate({ ...SMALL, steps: 3 })));
  const began = Date.now();
  await picture();
  const length = Date.now() - began;
  const moments = random();
  const cancelled = async () => {
    await studio.page.click('#generate');
    await sleep(moments.next().value * length);
    await studio.page.evaluate(() => {
      const cancel = document.querySelector('#cancel'); // It is not there when the run was quicker.
      if (cancel.checkVisibility()) cancel.click();
    });
    await studio.waitForState('ready');
  };
  // A picture after runs that were cancelled lies otherwise in the GPU's memory: it is compared with its like.
  const memoryAfter = async (runs) => {
    for (let run = 1; run <= runs; run += 1) await cancelled();
    await picture();
    return memory(studio.page);
  };
  const early = await memoryAfter(2);
  const late = await memoryAfter(CANCELLED);
  // All runs have one seed, so that their pictures are one.
  const messages = await studio.messages();
  assert.deepEqual(messages.filter((text) => !/is kept once/.test(text)), []);
  assertNoMore(late, early);
});

test('a worker that dies without a word is noticed, and the next press starts it again', async () => {
  await open('?device=cpu');
  const first = await studio.generate(QUICK);
  await studio.fill({ ...QUICK, steps: 60 });
  await studio.page.click('#generate');
  engine(studio.page).evaluate(() => { self.close(); }).catch(() => {}); // It may be gone before it answers.
  await studio.waitForState('failed');
  await studio.message(/The engine stopped unexpectedly/);
  const again = await studio.generate(QUICK);
  assert.ok(again.rgba.equals(first.rgba));
});

test('two tabs make pictures at once', async () => {
  await open('?device=cpu');
  const other = await browser.open(`${server.url}?device=cpu`);
  other.expectError(/service-worker|404/);
  await other.ready();
  const [here, there] = await Promise.all([studio.generate(QUICK), other.generate(QUICK)]);
  assert.ok(isPicture(here));
  assert.ok(here.rgba.equals(there.rgba));
  await other.close();
});

test('a page that is hidden and frozen by the browser goes on when it is seen again', async () => {
  await open('?device=cpu');
  const protocol = await browser.context.newCDPSession(studio.page);
  await studio.fill({ ...QUICK, steps: 20 });
  const before = await studio.doneId();
  await studio.page.click('#generate');
  await protocol.send('Page.setWebLifecycleState', { state: 'frozen' });
  await sleep(5_000);
  await protocol.send('Page.setWebLifecycleState', { state: 'active' });
  assert.ok(isPicture(await studio.picture(before)));
});

test('a prompt of 20,000 characters is refused with the limit, and a shorter one makes a picture', async () => {
  await open('?device=cpu');
  await studio.fill({ ...QUICK, prompt: 'an apple and a pear and '.repeat(850).slice(0, 20_000) });
  await studio.page.click('#generate');
  await studio.message(/at most 16 are possible; shorten it/);
  await studio.waitForState('ready');
  assert.ok(isPicture(await studio.generate({ prompt: 'an apple and a pear and '.repeat(30) })));
});
