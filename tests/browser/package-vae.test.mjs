// A VAE in place of the model's own in the module and the element.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { launch } from './support/browser.mjs';
import { unpack } from './support/package.mjs';
import { UNET, serve } from './support/tiny.mjs';

const HTML = '<!doctype html><html lang="en"><meta charset="utf-8"><title>VAE</title><link rel="icon" href="data:,"><body></body></html>';
const FOLDER = fileURLToPath(new URL('../golden/data/vaes/', import.meta.url));

let pack, server, browser, studio;

before(async () => {
  pack = unpack();
  server = await serve(pack.page({ 'index.html': HTML }));
  server.mount('/vaes/', FOLDER);
  browser = await launch({ gpu: false });
  studio = await browser.open(server.url);
  // What a place has is found out by asking.
  studio.expectError(/404/);
  await studio.page.evaluate(async () => {
    window.hearth = await import('/hearth/index.js');
    const request = { prompt: 'a cat', steps: 2, guidanceScale: 1, width: 64, height: 64, seed: 1 };
    window.pixels = async (model, adapters) => (await model.generate({ ...request, adapters })).imageData.data.join();
    window.own = await hearth.load({ device: 'cpu' });
    window.plain = await pixels(own);
  });
});

after(async () => {
  await browser?.close();
  await server?.close();
  pack?.remove();
});

const inPage = (work, argument) => studio.page.evaluate(work, argument);

test('a VAE changes pictures, and the model’s own gives the first one bit for bit, without loading the UNet again', async () => {
  server.forget();
  const read = await inPage(async () => {
    window.other = await hearth.load({ device: 'cpu', vae: './vaes/other.safetensors' });
    window.changed = await pixels(other);
    const folder = await hearth.load({ device: 'cpu', vae: './vaes/other/' });
    const third = await pixels(folder);
    folder.close();
    return { distinct: new Set([plain, changed, third]).size, same: [await pixels(own) === plain, await pixels(other) === changed] };
  });
  assert.deepEqual(read, { distinct: 3, same: [true, true] });
  assert.deepEqual(server.asked(UNET), []);
});

test('a file and its address give the same, and another file of that name its own', async () => {
  const bytes = readFileSync(`${FOLDER}other.safetensors`).toString('base64');
  const isSame = await inPage(async (bytes) => {
    const file = () => new File([Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0))], 'mine.safetensors');
    const [one, two] = [await hearth.load({ device: 'cpu', vae: file() }), await hearth.load({ device: 'cpu', vae: file() })];
    const same = [await pixels(one) === changed, await pixels(two) === changed];
    one.close();
    two.close();
    return same;
  }, bytes);
  assert.deepEqual(isSame, [true, true]);
});

test('inspect describes it, and kept lists it as one', async () => {
  const read = await inPage(async () => {
    const { rows, problems } = await hearth.inspect({ vae: './vaes/other.safetensors', device: 'cpu' });
    const { models } = await hearth.kept();
    const vae = models.find(({ place }) => place.endsWith('/vaes/other.safetensors'));
    return { row: rows.find(([term]) => term === 'VAE')?.[1], problems: problems.length, isVae: vae.isVae, complete: vae.complete };
  });
  assert.match(read.row, /^other\.safetensors: .*AutoencoderKL/);
  assert.deepEqual([read.problems, read.isVae, read.complete], [0, true, true]);
});

test('what is no VAE is refused with code and next step', async () => {
  const read = await inPage(() => Promise.all([
    hearth.load({ device: 'cpu', vae: 7 }), hearth.load({ device: 'cpu', vae: 'nonsense' }),
    hearth.load({ device: 'cpu', vae: './hearth/models/emoji/unet/diffusion_pytorch_model.safetensors' }),
  ].map((call) => call.then(() => ['none'], ({ code, nextStep, details }) => [code, nextStep !== '', details.field]))));
  assert.deepEqual(read.map(([code]) => code), ['invalid-request', 'invalid-request', 'not-a-checkpoint']);
  assert.deepEqual([read[0][1], read[2][1]], [true, true]);
  assert.deepEqual(read.slice(0, 2).map(([, , field]) => field), ['vae', 'vae']);
});

test('the element has it in its attribute', async () => {
  const read = await inPage(async () => {
    await import('/hearth/element.js');
    document.body.innerHTML = '<stable-diffusion device="cpu" prompt="a cat" steps="2" guidance-scale="1" width="64" height="64" seed="1" vae="./vaes/other.safetensors"></stable-diffusion>';
    const element = document.querySelector('stable-diffusion');
    const picture = async () => (await element.generate()).imageData.data.join();
    const first = await picture();
    element.vae = '';
    return [first === changed, await picture() === plain, element.hasAttribute('vae')];
  });
  assert.deepEqual(read, [true, true, true]);
});

test('there were no errors', async () => {
  await inPage(() => { own.close(); other.close(); });
  await studio.close();
});
