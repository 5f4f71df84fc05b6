// LoRAs in the module and the element.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { launch } from './support/browser.mjs';
import { unpack } from './support/package.mjs';
import { UNET, serve } from './support/tiny.mjs';

const HTML = '<!doctype html><html lang="en"><meta charset="utf-8"><title>LoRA</title><link rel="icon" href="data:,"><body></body></html>';
const FOLDER = fileURLToPath(new URL('../golden/data/adapters/', import.meta.url));

let pack, server, browser, studio;

before(async () => {
  pack = unpack();
  server = await serve(pack.page({ 'index.html': HTML }));
  server.mount('/adapters/', FOLDER);
  server.mount('/embeddings/', join(FOLDER, '../embeddings/'));
  browser = await launch({ gpu: false });
  studio = await browser.open(server.url);
  await studio.page.evaluate(async () => {
    const { load } = await import('/hearth/index.js');
    window.model = await load({ device: 'cpu' });
    window.pixels = async (adapters) => {
      const { imageData, request } = await model.generate({ prompt: 'a cat', steps: 2, guidanceScale: 1, width: 64, height: 64, seed: 1, adapters });
      window.request = request;
      return imageData.data.join();
    };
    window.plain = await pixels();
  });
});

after(async () => {
  await browser?.close();
  await server?.close();
  pack?.remove();
});

const inPage = (work, argument) => studio.page.evaluate(work, argument);

test('an opened adapter is described', async () => {
  const adapter = await inPage(() => model.openAdapter('./adapters/kohya.safetensors'));
  assert.deepEqual([adapter.name, adapter.place, adapter.title, adapter.leftOut], ['kohya', `${server.url}adapters/kohya.safetensors`, 'A tiny style', null]);
  assert.match(adapter.description, /^LoRA, ranks? \d/);
  assert.ok(adapter.hasTextEncoder && adapter.bytes > 0);
  assert.equal(adapter.suggestion, null);
});

test('adapters change a picture, and without them it is the same bit for bit, without loading the model again', async () => {
  server.forget();
  const read = await inPage(async () => {
    const one = './adapters/kohya.safetensors';
    const full = await pixels([one]);
    const { adapters } = request;
    const half = await pixels([{ adapter: one, weight: 0.5 }]);
    const two = await pixels([one, './adapters/lokr.safetensors']);
    const again = await pixels(adapters);
    const off = await pixels([{ adapter: one, weight: 0 }]);
    const none = await pixels();
    return { adapters, distinct: new Set([plain, full, half, two]).size, same: [again === full, off === plain, none === plain] };
  });
  assert.deepEqual(read, {
    adapters: [{ adapter: './adapters/kohya.safetensors', weight: 1, textEncoderWeight: 1 }], distinct: 4, same: [true, true, true],
  });
  assert.deepEqual(server.asked(UNET), []);
});

test('an embedding acts where a prompt names it, and has no weight', async () => {
  const read = await inPage(async () => {
    const word = './embeddings/my-style.safetensors';
    const { name, isEmbedding, description } = await model.openAdapter(word);
    const picture = async (prompt, adapters) => {
      const { imageData, request } = await model.generate({ prompt, steps: 2, guidanceScale: 1, width: 64, height: 64, seed: 1, adapters });
      return { pixels: imageData.data.join(), adapters: request.adapters };
    };
    const [without, named, unnamed] = [await picture('my-style'), await picture('my-style', [word]), await picture('a cat', [word])];
    const again = await picture('my-style', named.adapters);
    return {
      card: [name, isEmbedding], description, acts: named.pixels !== without.pixels,
      same: [unnamed.pixels === plain, again.pixels === named.pixels, (await picture('my-style')).pixels === without.pixels],
    };
  });
  assert.deepEqual(read.card, ['my-style', true]);
  assert.match(read.description, /^embedding, (one vector|\d+ vectors)$/);
  assert.ok(read.acts);
  assert.deepEqual(read.same, [true, true, true]);
});

test('a file and its address give the same', async () => {
  const bytes = readFileSync(`${FOLDER}kohya.safetensors`).toString('base64');
  const isSame = await inPage(async (bytes) => {
    const file = new File([Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0))], 'kohya.safetensors');
    return await pixels([file]) === await pixels(['./adapters/kohya.safetensors']);
  }, bytes);
  assert.ok(isSame);
});

test('what is no adapter is refused with code and next step', async () => {
  const read = await inPage(() => Promise.all([
    model.openAdapter('nonsense'), model.openAdapter(7), model.openAdapter('./hearth/models/emoji/unet/diffusion_pytorch_model.safetensors'),
  ].map((call) => call.then(() => 'none', ({ code, nextStep }) => [code, nextStep !== '']))));
  assert.deepEqual(read.map(([code]) => code), ['invalid-request', 'invalid-request', 'not-a-checkpoint']);
});

test('the element has them in its attribute, with weights', async () => {
  const read = await inPage(async () => {
    await import('/hearth/element.js');
    document.body.innerHTML = '<stable-diffusion device="cpu" prompt="a cat" steps="2" guidance-scale="1" width="64" height="64" seed="1" adapters="./adapters/kohya.safetensors:0.5:0"></stable-diffusion>';
    const element = document.querySelector('stable-diffusion');
    const { request, imageData } = await element.generate();
    element.adapters = '';
    const without = await element.generate();
    return { adapters: request.adapters, differs: imageData.data.join() !== plain, without: without.imageData.data.join() === plain };
  });
  assert.deepEqual(read, {
    adapters: [{ adapter: './adapters/kohya.safetensors', weight: 0.5, textEncoderWeight: 0 }], differs: true, without: true,
  });
});

test('there were no errors', async () => {
  await inPage(() => model.close());
  await studio.close();
});
