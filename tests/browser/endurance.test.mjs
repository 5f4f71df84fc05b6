// Many runs in one visit: nothing grows, whatever is cancelled and whenever.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { launch } from './support/browser.mjs';
import { engine, hookEngines, memory } from './support/gpu-hooks.mjs';
import { QUICK, SMALL } from './support/model.mjs';
import { isPicture } from './support/pixels.mjs';
import { serve } from './support/server.mjs';

let server, browser, studio;

before(async () => {
  server = await serve();
  hookEngines(server);
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await server?.close();
});

afterEach(() => studio.close());

async function open(query = '') {
  studio = await browser.open(server.url + query);
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

test('fifty pictures take no more memory than five', async () => {
  await open();
  await studio.fill({ ...SMALL, steps: 1, guidance: 0 });
  let early;
  for (let run = 1; run <= 50; run += 1) {
    assert.ok(await studio.generate({ seed: run }), `picture ${run}`);
    if (run === 5) early = await memory(studio.page);
  }
  const late = await memory(studio.page);
  assert.ok(early.heap > 1e6 && early.gpu > 1e6, 'the hooks count');
  assert.equal(late.heap, early.heap, 'WebAssembly’s memory');
  assert.ok(late.gpu <= early.gpu, `GPU: ${early.gpu} bytes after 5 pictures, ${late.gpu} after 50`);
  assert.ok(late.buffers <= early.buffers + 2, `${early.buffers} buffers, then ${late.buffers}`);
});

test('twenty runs cancelled at any moment leave a page that works', async () => {
  await open();
  await studio.fill({ ...SMALL, steps: 3 });
  const moments = random();
  for (let run = 1; run <= 20; run += 1) {
    await studio.page.click('#generate');
    await sleep(moments.next().value * 2_500);
    if (await studio.page.isVisible('#cancel')) await studio.page.click('#cancel').catch(() => {});
    await studio.waitForState('ready');
  }
  assert.ok(isPicture(await studio.generate(SMALL)));
  assert.deepEqual(await studio.messages(), []);
});

test('a worker that dies without a word is noticed, and the next press starts it again', async () => {
  await open('?device=cpu');
  const first = await studio.generate(QUICK);
  await studio.fill({ ...QUICK, steps: 60 });
  await studio.page.click('#generate');
  await studio.waitForState('busy');
  await engine(studio.page).evaluate(() => { self.close(); });
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
  await studio.waitForState('busy');
  await protocol.send('Page.setWebLifecycleState', { state: 'frozen' });
  await sleep(5_000);
  await protocol.send('Page.setWebLifecycleState', { state: 'active' });
  assert.ok(isPicture(await studio.picture(before)));
});

test('a prompt of 20,000 characters makes a picture, and says what was left out', async () => {
  await open('?device=cpu');
  const picture = await studio.generate({ ...QUICK, prompt: 'an apple and a pear and '.repeat(850).slice(0, 20_000) });
  assert.ok(isPicture(picture));
  await studio.message(/longer than the model reads/);
});
