// The page on the CPU in three browsers that share no code: a first visit, a picture, and a second visit
// that asks for no weights.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { PATIENCE } from './support/browser.mjs';
import { chromium, firefox, webkit } from './support/engines.mjs';
import { isPicture } from './support/pixels.mjs';
import { QUICK, WEIGHTS, serve, weights } from './support/tiny.mjs';

const { HEARTH_FIREFOX, HEARTH_MINIBROWSER } = process.env;
const ENGINES = [
  ['Chromium', chromium, false],
  ['Firefox', firefox, !HEARTH_FIREFOX && 'Firefox is not installed'],
  ['WebKitGTK', webkit, !HEARTH_MINIBROWSER && 'WebKitGTK’s WebDriver, MiniBrowser or Xvfb is not installed'],
];

let server, expected;

before(async () => { server = await serve(); });
after(() => server?.close());

for (const [name, start, skip] of ENGINES) {
  test(`${name}: a first visit, a picture, and a second visit that asks for no weights`, { skip }, async () => {
    const browser = await start();
    try {
      // Each of them downloads the model by itself.
      const address = `${server.another()}?device=cpu`;
      server.heal();
      server.forget();
      await browser.open(address);
      await ready(browser);
      for (const { path } of weights) assert.ok(server.asked(WEIGHTS).some((request) => request.path.endsWith(path)), path);
      const first = await generate(browser);
      assert.ok(isPicture(first));
      assert.deepEqual([first.width, first.height], [64, 64]);

      server.forget();
      server.spoil(WEIGHTS, { status: 403 });
      await browser.open(address);
      await ready(browser);
      assert.deepEqual(server.asked(WEIGHTS), []);
      const again = await generate(browser);
      assert.ok(again.rgba.equals(first.rgba), 'the same picture as at the first visit');
      // WebAssembly's numbers are the same everywhere.
      expected ??= first;
      assert.ok(first.rgba.equals(expected.rgba), `another picture than ${ENGINES[0][0]}’s`);
    } finally {
      await browser.close();
    }
  });
}

/** Waits until `script` returns something true, and returns it. */
async function until(browser, script) {
  for (const end = Date.now() + PATIENCE; ; await sleep(200)) {
    const found = await browser.read(script);
    if (found) return found;
    if (Date.now() > end) throw new Error(`it stayed at ${await browser.read(`return document.body.dataset.state + ': ' + document.body.innerText`)}`);
  }
}

async function ready(browser) {
  const state = await until(browser, `
    const { state } = document.body?.dataset ?? {};
    return ['ready', 'failed'].includes(state) && state;`);
  assert.equal(state, 'ready', await browser.read('return document.querySelector("#notes").innerText'));
}

/** Makes a picture and returns it. */
async function generate(browser) {
  await browser.read(`
    for (const [id, value] of Object.entries(${JSON.stringify(QUICK)})) {
      const field = document.getElementById(id);
      field.value = value;
      field.dispatchEvent(new Event('input', { bubbles: true }));
      field.dispatchEvent(new Event('change', { bubbles: true }));
    }
    document.querySelector('#generate').click();`);
  await until(browser, `return document.body.dataset.state === 'ready' && document.querySelector('#picture').dataset.doneId !== undefined`);
  const { width, height, data } = await browser.read(`
    const { width, height } = document.querySelector('#picture');
    const { data } = document.querySelector('#picture').getContext('2d').getImageData(0, 0, width, height);
    return { width, height, data: [...data] };`);
  return { width, height, rgba: Buffer.from(data) };
}
