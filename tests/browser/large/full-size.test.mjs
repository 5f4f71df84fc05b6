// Full-size SD 1.5 in f16, 2.1 GB of random weights: downloaded into the browser, loaded, and one step
// run on WebGPU, equal to diffusers. Prints what it costs in memory.
//
// HEARTH_LARGE  the folder that scripts/lib/large.sh fills

import assert from 'node:assert/strict';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { launch } from '../support/browser.mjs';
import { serve } from '../support/server.mjs';

const HOME = process.env.HEARTH_LARGE ?? '';
const MODEL = join(HOME, 'sd15');
const MB = 1 << 20;
/** A software GPU takes its time. */
const LONG = 30 * 60_000;

let server, browser, studio;

before(async () => {
  server = await serve();
  for (const path of readdirSync(MODEL, { recursive: true })) {
    const file = join(MODEL, path);
    if (statSync(file).isFile()) server.replace(new RegExp(`/models/large/${path.replaceAll('.', '\\.')}$`), file);
  }
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await server?.close();
});

/** A tensor of a safetensors file, as numbers. */
function tensor(path, key) {
  const file = readFileSync(path);
  const header = Number(file.readBigUInt64LE(0));
  const { data_offsets: [from, to] } = JSON.parse(file.subarray(8, 8 + header))[key];
  const bytes = file.subarray(8 + header + from, 8 + header + to);
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

test('what it takes is said before it is downloaded', async () => {
  studio = await browser.open(`${server.url}?model=models/large/`);
  studio.page.setDefaultTimeout(LONG);
  await studio.page.waitForSelector('#card:not([hidden])[aria-busy=false]');
  const card = await studio.page.innerText('#card');
  assert.match(card, /859\.5 M parameters/);
  assert.match(card, /2\.13 GB/);
  const sent = server.asked(/\.safetensors$/).reduce((sum, request) => sum + request.sent, 0);
  assert.ok(sent < 8 * MB, `${sent} bytes of weights were sent`);
});

test('it downloads and loads within its memory', { timeout: LONG }, async () => {
  const started = Date.now();
  await studio.page.click('#use-model');
  await studio.page.waitForFunction(() => ['ready', 'failed'].includes(document.body.dataset.state), null, { polling: 500 });
  assert.equal(await studio.state(), 'ready', await studio.summary());
  const { heap, gpu, weights } = await studio.page.evaluate(() => ({ ...document.querySelector('#model-now').dataset }));
  const size = (bytes) => `${(bytes / MB).toFixed(0)} MiB`;
  console.log(`loaded in ${((Date.now() - started) / 1000).toFixed(0)} s: WebAssembly's memory at its largest ${size(heap)}, `
    + `GPU ${size(gpu)} for ${size(weights)} of weights in f32 (${(gpu / weights).toFixed(3)})`);
  assert.ok(heap <= 256 * MB, `${size(heap)} of WebAssembly's memory`);
  assert.ok(gpu <= 1.1 * weights, `${size(gpu)} for ${size(weights)}`);
});

test('one step equals diffusers', { timeout: LONG }, async () => {
  const { rgba, width, height } = await studio.generate({
    prompt: 'a red apple on a blue background', width: 64, height: 64, steps: 1, guidance: 1, seed: 1,
  });
  assert.deepEqual([width, height], [64, 64]);
  const golden = tensor(join(HOME, 'sd15.safetensors'), 'picture');
  let worst = 0;
  golden.forEach((value, index) => {
    const ours = rgba[Math.floor(index / 3) * 4 + (index % 3)];
    worst = Math.max(worst, Math.abs(ours - value * 255));
  });
  console.log(`the picture differs by at most ${worst.toFixed(3)} of 255`);
  assert.ok(worst < 1.5, `${worst}`);
  const heap = await studio.page.evaluate(() => document.querySelector('#model-now').dataset.heap);
  console.log(`WebAssembly's memory after the run: ${(heap / MB).toFixed(0)} MiB`);
  await studio.close();
});
