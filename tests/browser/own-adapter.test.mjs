// An adapter that comes with a model: on by default with the settings that it was made for, off with one press.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { violations } from './support/axe.mjs';
import { launch } from './support/browser.mjs';
import { unpack } from './support/package.mjs';
import { difference, readPng } from './support/pixels.mjs';
import { drop, saved } from './support/results.mjs';
import { browser, server, useBrowser } from './support/session.mjs';
import { UNET, serve, sheet } from './support/tiny.mjs';

const FILE = 'few-steps/pytorch_lora_weights.safetensors';
const LORA = fileURLToPath(new URL('../golden/data/adapters/kohya.safetensors', import.meta.url));
const HTML = '<!doctype html><html lang="en"><meta charset="utf-8"><title>Adapter</title><link rel="icon" href="data:,"><body></body></html>';
const REQUEST = { prompt: 'a cat', seed: '7', width: 64, height: 64 };
const SAME = { mean: 0, max: 0 };

const folder = mkdtempSync(join(tmpdir(), 'hearth-own-'));
const card = join(folder, 'hearth.json');
writeFileSync(card, JSON.stringify({ ...sheet, num_inference_steps: 6, adapter: { file: FILE, num_inference_steps: 2, guidance_scale: 1 } }));

let studio, page;

await useBrowser({ serve });

/** From now on the model of this server comes with the adapter. */
function give(server) {
  server.replace(/\/models\/emoji\/hearth\.json$/, card);
  server.replace(new RegExp(`/models/emoji/${FILE}$`), LORA);
}

before(async () => {
  give(server);
  server.replace(/\/adapters\/kohya\.safetensors$/, LORA);
  studio = await browser.open(`${server.url}?device=cpu`);
  page = studio.page;
  await studio.ready();
});

after(() => rmSync(folder, { recursive: true }));

const row = (name) => page.locator('.adapter').filter({ has: page.locator(`.adapter-name:text-is("${name}")`) });
const part = (name, what) => row(name).locator(`[data-adapter="${what}"]`);
const settings = () => page.evaluate(() => ['steps', 'guidance'].map((id) => document.querySelector(`#${id}`).value));
const openShelf = () => page.evaluate(() => { document.querySelector('#adapters').open = true; });

test('it is on, said so, and the form has its settings', async () => {
  assert.deepEqual(await settings(), ['2', '1']);
  assert.equal(await page.innerText('#adapters-in-use'), '1 on');
  await openShelf();
  assert.match(await row('few-steps').innerText(), /Comes with this model · A tiny style · LoRA/);
  assert.ok(await part('few-steps', 'on').isChecked());
  assert.ok(await part('few-steps', 'remove').isHidden(), 'it belongs to the model');
  assert.deepEqual(await violations(page, '#adapters'), []);
});

test('its picture is that of the model with the same file, and off that of the model alone, bit for bit', async () => {
  const own = await studio.generate(REQUEST);
  await part('few-steps', 'on').uncheck();
  assert.deepEqual(await settings(), ['6', '2'], 'the settings are the model’s');
  await studio.fill({ steps: 2, guidance: 1 });
  const alone = await studio.generate();
  assert.ok(difference(own, alone).max > 0);
  await page.fill('#adapter-address', `${server.url}adapters/kohya.safetensors`);
  await page.press('#adapter-address', 'Enter');
  await row('kohya').locator('.adapter-about:not(:empty)').waitFor();
  assert.deepEqual(difference(await studio.generate(), own), SAME);
  await part('kohya', 'remove').click();
  assert.deepEqual(difference(await studio.generate(), alone), SAME);
});

test('what the user has set stays, and the suggestion is taken with one press', async () => {
  await studio.fill({ steps: 3 });
  await part('few-steps', 'on').check();
  assert.deepEqual(await settings(), ['3', '1']);
  await part('few-steps', 'fast').click();
  assert.deepEqual(await settings(), ['2', '1']);
});

test('a saved picture switches it on again', async () => {
  const own = await studio.generate(REQUEST);
  const { bytes } = await saved(page);
  assert.deepEqual(JSON.parse(readPng(bytes).texts.hearth).adapters, [{ name: 'few-steps', unet: 1, text_encoder: 1 }]);
  await part('few-steps', 'on').uncheck();
  await studio.fill({ prompt: 'a dog', seed: '8' });
  await drop(page, { name: 'own.png', type: 'image/png', bytes });
  await studio.message(/^The settings of this picture are in the form/);
  assert.ok(await part('few-steps', 'on').isChecked());
  assert.deepEqual(difference(await studio.generate(), own), SAME);
});

test('switched off it stays off at the next visit, which downloads nothing', async () => {
  await openShelf();
  await part('few-steps', 'on').uncheck();
  await page.evaluate(() => sessionStorage.clear());
  server.forget();
  await page.goto('about:blank');
  await page.goto(`${server.url}?device=cpu`);
  await studio.ready();
  assert.ok(!await part('few-steps', 'on').isChecked());
  assert.deepEqual(await settings(), ['6', '2']);
  assert.deepEqual(server.asked(UNET).concat(server.asked(new RegExp(FILE))), []);
  await studio.close();
});

test('the module uses it unless a request says otherwise', async () => {
  const pack = unpack();
  const server = await serve(pack.page({ 'index.html': HTML }));
  give(server);
  const browser = await launch({ gpu: false });
  try {
    const studio = await browser.open(server.url);
    const read = await studio.page.evaluate(async () => {
      const { load } = await import('/hearth/index.js');
      const model = await load({ device: 'cpu' });
      const make = async (adapters) => {
        const { imageData, request } = await model.generate({ prompt: 'a cat', width: 64, height: 64, seed: 1, adapters });
        return { pixels: imageData.data.join(), steps: request.steps, adapters: request.adapters };
      };
      const [own, named, none] = [await make(), await make([model.adapter.name]), await make([])];
      return {
        name: model.adapter.name,
        defaults: [model.defaults.steps, model.defaults.guidanceScale],
        steps: [own.steps, named.steps, none.steps],
        adapters: own.adapters,
        same: [own.pixels === named.pixels, own.pixels === none.pixels],
      };
    });
    assert.deepEqual(read, {
      name: 'few-steps', defaults: [2, 1], steps: [2, 2, 6], adapters: undefined, same: [true, false],
    });
    await studio.close();
  } finally {
    await browser.close();
    await server.close();
    pack.remove();
  }
});
