// Every kernel on the browser's GPU against the plain operation on its CPU: the page of bench.html?check.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { launch } from '../support/browser.mjs';
import { browser, server, useBrowser } from '../support/session.mjs';

await useBrowser();

test('kernels equal plain operations', async () => {
  const { page } = await browser.open(`${server.url}bench.html?check`);
  const all = await page.evaluate(() => window.benchResult);
  const wrong = all.filter(({ error, limit }) => !(error <= limit));
  assert.deepEqual(wrong, []);
  // The browser here has no GPU: of the kernels for GPUs it compiles a few, of the others all.
  for (const [family, least] of [['direct', 80], ['tiled', 10]]) {
    const own = all.filter((one) => one.family === family);
    assert.ok(own.length >= least, `only ${own.length} ${family} operations were compared`);
    const worst = own.reduce((a, b) => (b.error > a.error ? b : a));
    console.log(`${family}: ${own.length} compared, worst error ${worst.error.toExponential(1)} (${worst.name}, ${worst.dtype})`);
  }
  await page.waitForFunction(() => /^All \d+ are equal\.$/.test(document.getElementById('state').textContent));
});

test('a network is measured, and what it takes is shown', async () => {
  const { page } = await browser.open(`${server.url}bench.html?case=sd15-text-512&device=cpu&runs=2`);
  await page.waitForFunction(() => document.getElementById('state').textContent.endsWith('done.'));
  const { cases: [figures] } = await page.evaluate(() => window.benchResult);
  assert.equal(figures.runs_s.length, 2);
  assert.ok(figures.median_s > 0);
  assert.match(await page.textContent('#figures'), /A run/);
});

test('a case that there is not is said', async () => {
  const { page } = await browser.open(`${server.url}bench.html?case=sd99-unet-64&device=cpu`);
  await page.waitForFunction(() => /sd15, sd21 or sdxl, then/.test(document.getElementById('state').textContent));
});

test('a browser without WebGPU says so', async () => {
  const without = await launch({ gpu: false });
  try {
    for (const query of ['?case=sd15-text-512', '?check']) {
      const { page } = await without.open(`${server.url}bench.html${query}`);
      await page.waitForFunction(() => /cannot run the model on the GPU/.test(document.getElementById('state').textContent));
    }
  } finally {
    await without.close();
  }
});
