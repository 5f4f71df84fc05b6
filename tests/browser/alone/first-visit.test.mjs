// A stranger opens the page: it is usable at once, says what it loads, and paints on WebGPU.

import assert from 'node:assert/strict';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { after, before, test } from 'node:test';

import { launch } from '../support/browser.mjs';
import { SMALL, WEIGHTS } from '../support/model.mjs';
import { isPicture } from '../support/pixels.mjs';
import { serve } from '../support/server.mjs';

let server, browser, studio, release;

before(async () => {
  server = await serve();
  browser = await launch({ serviceWorker: true });
  server.spoil(/worker_bg\.wasm$/, { pause: 30 });
  server.spoil(WEIGHTS, { hold: new Promise((done) => { release = done; }), pause: 5 });
  studio = await browser.open(server.url);
});

after(async () => {
  release?.();
  await browser?.close();
  await server?.close();
});

test('the form is usable while the engine is still on its way', async () => {
  await studio.page.waitForFunction(() => document.querySelector('#seed').value !== '');
  await studio.fill({ prompt: 'an owl on a yellow background' });
  const seed = await studio.page.inputValue('#seed');
  await studio.page.click('#dice');
  assert.notEqual(await studio.page.inputValue('#seed'), seed);
  assert.equal(await studio.page.inputValue('#prompt'), 'an owl on a yellow background');
  assert.equal(await studio.state(), 'loading');
});

test('the engine says how much of it has come, and how long the rest takes', async () => {
  const texts = () => studio.said().then((said) => said.filter((text) => text.startsWith('Starting the engine… ')));
  await studio.page.waitForFunction(() => /^Looking at|^Reading|^Preparing|^Downloading/.test(document.querySelector('#status').textContent));
  const percents = (await texts()).map((text) => Number(/(\d+) %/.exec(text)[1]));
  assert.ok(percents.length > 5, `${percents}`);
  assert.deepEqual(percents, [...percents].sort((a, b) => a - b));
  assert.equal(percents.at(-1), 100);
  assert.ok((await texts()).some((text) => /^Starting the engine… \d+ % · \d+ s left$/.test(text)), (await texts()).join(' | '));
});

test('the download is shown until the model is ready', async () => {
  release();
  await studio.ready();
  const said = await studio.said();
  assert.ok(said.some((text) => /^Downloading \d+\.\d of \d+\.\d MB/.test(text)), said.join('\n'));
  const bars = (await studio.page.evaluate(() => window.hearthTest.bars)).map(Number);
  assert.ok(bars.filter((value) => value > 0 && value < 1).length > 3, `the bar stood at ${bars}`);
  assert.deepEqual(bars, [...bars].sort((a, b) => a - b), 'the bar never goes back');
  assert.match(await studio.page.textContent('#device'), /WebGPU/);
  assert.equal(await studio.page.inputValue('#prompt'), 'an owl on a yellow background', 'what was typed stays');
});

test('a run ends in a picture, with reports and a preview on the way', async () => {
  const machine = monitorEventLoopDelay({ resolution: 10 });
  machine.enable();
  const start = await studio.now();
  const picture = await studio.generate(SMALL);
  machine.disable();
  assert.ok(isPicture(picture));
  assert.deepEqual([picture.width, picture.height], [64, 64]);
  const said = await studio.said();
  for (const step of ['Step 1 of 2', 'Step 2 of 2']) {
    assert.ok(said.some((text) => text.startsWith(step)), `${step} is missing in ${said.join(' | ')}`);
  }
  const shown = await studio.page.evaluate(() => window.hearthTest.shown);
  assert.deepEqual(shown.slice(-2), ['preview', 'picture']);
  // What takes 100 ms is felt. A software GPU shares the cores with the page, so this program, which only
  // waits, is late too: that is the machine's.
  const late = machine.max / 1e6;
  const felt = (await studio.longTasks(start)).filter((duration) => duration >= 100 + late);
  assert.deepEqual(felt, [], 'the page never hung');
});

test('there were only GET requests, and no errors', async () => {
  assert.deepEqual([...new Set(server.requests.map(({ method }) => method))], ['GET']);
  await studio.close();
});
