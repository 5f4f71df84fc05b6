// A VAE in place of the model's own: from an address or from disk, changed without loading the UNet again, and kept.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { violations } from './support/axe.mjs';
import { difference, readPng } from './support/pixels.mjs';
import { drop, saved } from './support/results.mjs';
import { browser, server, useBrowser } from './support/session.mjs';
import { UNET, mount, serve } from './support/tiny.mjs';

const DATA = fileURLToPath(new URL('../golden/data/', import.meta.url));
const FILE = join(DATA, 'vaes', 'other.safetensors');
const OTHER_FILE = /^\/vaes\/other\.safetensors$/;
const SAME = { mean: 0, max: 0 };

/** The run that diffusers made with that VAE, which is the terminal's too (tests/programs/vae.rs). */
const golden = readGolden('sd1.file.text');
const { prompt, negative_prompt: negative, num_inference_steps: steps, guidance_scale: guidance, seed, width, height } = golden.request;
const REQUEST = { prompt, 'negative-prompt': negative, steps, guidance, seed: String(seed), width, height };

let studio, page, plain, other, png;

await useBrowser({ serve });

before(async () => {
  server.mount('/vaes/', join(DATA, 'vaes'));
  server.mount('/adapters/', join(DATA, 'adapters'));
  // Without the scheduler that other tests give it.
  server.mount('/golden/', join(DATA, 'sd1'));
  studio = await browser.open(`${server.url}?device=cpu&model=./golden/`);
  page = studio.page;
  // What a place has is found out by asking.
  studio.expectError(/404/);
  await studio.ready();
  await page.check('#keep-seed');
  await studio.fill(REQUEST);
  plain = await studio.generate();
});

/** The case of vaes.json, with its picture: RGB as numbers from 0 to 255. */
function readGolden(name) {
  const { cases } = JSON.parse(readFileSync(join(DATA, 'vaes.json'), 'utf8'));
  const file = readFileSync(join(DATA, 'vaes.safetensors'));
  const start = 8 + Number(file.readBigUInt64LE(0));
  const found = cases.find((one) => one.name === name);
  const { data_offsets: [from, to] } = JSON.parse(file.toString('utf8', 8, start))[found.outputs.pictures];
  const values = Array.from({ length: (to - from) / 4 }, (_, at) => 255 * file.readFloatLE(start + from + 4 * at));
  return { request: found.request, values };
}

/** How far a picture is from the golden one, at most. */
function fromGolden({ rgba }) {
  const distance = (value, at) => Math.abs(value - rgba[4 * Math.floor(at / 3) + (at % 3)]);
  return Math.max(...golden.values.map(distance));
}

const address = (name) => `${server.url}vaes/${name}`;

async function openOptions() {
  if (!await page.evaluate(() => document.querySelector('#model-panel').open)) await page.click('#choose-model');
  await page.evaluate(() => { document.querySelector('#model-options').open = true; });
}

/** Uses a VAE with the loaded model. */
async function use(typed) {
  await openOptions();
  await page.fill('#vae-address', typed);
  await page.click('#use-vae');
  await isUsed();
}

async function isUsed() {
  await page.waitForFunction(() => !document.querySelector('#model-panel').open);
  await studio.ready();
}

test('another VAE changes the picture as in diffusers, and the UNet is not loaded again', async () => {
  await openOptions();
  assert.equal(await page.inputValue('#vae-address'), '');
  assert.ok(await page.isDisabled('#use-vae'), 'it is the model’s own');
  server.forget();
  await page.fill('#vae-address', address('other.safetensors'));
  await page.press('#vae-address', 'Enter');
  await isUsed();
  assert.deepEqual(server.asked(UNET), []);
  assert.ok(server.asked(OTHER_FILE).length > 0);
  assert.match(await page.textContent('#model-now'), /with the VAE other\.safetensors/);
  assert.equal(await page.inputValue('#steps'), String(steps), 'the form stays as it is');
  other = await studio.generate();
  assert.ok(difference(other, plain).mean > 1, 'it has no effect');
  assert.ok(fromGolden(other) < 1.01 && fromGolden(plain) > 5, `${fromGolden(other)}`);
  png = (await saved(page)).bytes;
  const { texts } = readPng(png);
  assert.deepEqual(JSON.parse(texts.hearth).vae, { name: 'other.safetensors', hash: null });
  assert.match(texts.parameters, /, Model: [^,]+, VAE: other\.safetensors, /);
});

test('taken off, the picture is the first one bit for bit', async () => {
  server.forget();
  await use('');
  assert.deepEqual(server.asked(UNET), []);
  assert.doesNotMatch(await page.textContent('#model-now'), /VAE/);
  assert.deepEqual(difference(await studio.generate(), plain), SAME);
});

test('settings that name another VAE say so, of a picture and of an earlier one', async () => {
  await drop(page, { name: 'a.png', bytes: png, type: 'image/png' });
  const note = page.locator('.note').filter({ hasText: 'It was made with the VAE other.safetensors' });
  await note.waitFor();
  assert.match(await note.innerText(), /In use is the model’s own VAE/);
  await page.click('#languages [lang=zh-Hans]');
  await page.locator('.note').filter({ hasText: '它是用 VAE other.safetensors 生成的' }).waitFor();
  await page.click('#languages [lang=en]');
  await studio.fill(REQUEST);
});

test('a file from disk gives the same, with a VAE of a folder between', async () => {
  await use(address('other/'));
  const folder = await studio.generate();
  assert.ok(difference(folder, plain).max > 0 && difference(folder, other).max > 0);
  await openOptions();
  await page.setInputFiles('#picked-vae', FILE);
  assert.equal(await page.inputValue('#vae-address'), 'other.safetensors');
  assert.ok(!await page.isDisabled('#use-vae'));
  await page.click('#use-vae');
  await isUsed();
  assert.deepEqual(difference(await studio.generate(), other), SAME);
});

test('what is no VAE is said with a remedy, and the model stays as it is', async () => {
  await openOptions();
  await page.fill('#vae-address', `${server.url}adapters/kohya.safetensors`);
  await page.press('#vae-address', 'Enter');
  await page.waitForSelector('#model-address-problem:not([hidden])');
  assert.match(await page.innerText('#model-address-problem'), /kohya\.safetensors is a LoRA.*Choose a VAE of Stable Diffusion/s);
  await page.fill('#vae-address', 'vae.ckpt');
  await page.press('#vae-address', 'Enter');
  await page.waitForFunction(() => /^VAE is /.test(document.querySelector('#model-address-problem').textContent));
  assert.match(await page.textContent('#model-now'), /with the VAE other\.safetensors/);
  await page.click('#close-panel');
  assert.deepEqual(difference(await studio.generate(), other), SAME);
});

test('LoRAs stay open and in effect', async () => {
  await page.evaluate(() => { document.querySelector('#adapters').open = true; });
  await page.fill('#adapter-address', `${server.url}adapters/kohya.safetensors`);
  await page.press('#adapter-address', 'Enter');
  await page.locator('.adapter-about:not(:empty)').waitFor();
  const both = await studio.generate();
  assert.ok(difference(both, other).max > 0);
  server.forget();
  await use('');
  assert.deepEqual(server.asked(/\/adapters\//), []);
  assert.equal(await page.innerText('#adapters-in-use'), '1 on');
  assert.ok(difference(await studio.generate(), both).max > 0);
  await use(address('other.safetensors'));
  assert.deepEqual(difference(await studio.generate(), both), SAME);
  await page.click('[data-adapter=remove]');
  assert.deepEqual(difference(await studio.generate(), other), SAME);
});

test('it is remembered with the model, and read from what the browser keeps', async () => {
  server.forget();
  await page.reload();
  await studio.ready();
  assert.deepEqual([server.asked(OTHER_FILE), server.asked(UNET)], [[], []]);
  await openOptions();
  assert.equal(await page.inputValue('#vae-address'), address('other.safetensors'));
  const kept = page.locator('#kept li').filter({ hasText: 'VAE' });
  await kept.first().waitFor();
  assert.match(await kept.filter({ hasText: 'other.safetensors' }).innerText(), /VAE · 0\.1 MB/);
  await page.click('#close-panel');
  await page.check('#keep-seed');
  await studio.fill(REQUEST);
  assert.deepEqual(difference(await studio.generate(), other), SAME);
});

test('one that is kept is chosen from the list, and the card shows it', async () => {
  await openOptions();
  await page.fill('#model-address', './golden/');
  await page.press('#model-address', 'Enter');
  await page.waitForSelector('#card:not([hidden])[aria-busy=false]');
  assert.match(await page.textContent('#card-rows'), /VAE\s*other\.safetensors: .*AutoencoderKL/);
  const kept = page.locator('#kept li').filter({ hasText: '/vaes/other/' }).or(page.locator('#kept li[data-place$="/vaes/other/"]'));
  await kept.locator('[data-action=use]').click();
  assert.equal(await page.inputValue('#vae-address'), address('other/'));
  await page.waitForFunction(() => /VAE\s*[^:]*other: /.test(document.querySelector('#card-rows').textContent));
  await page.click('#close-panel');
});

test('another model does not get it unasked', async () => {
  mount(server, '/models/other/');
  await openOptions();
  await page.fill('#model-address', `${server.url}models/other/`);
  await page.press('#model-address', 'Enter');
  await page.waitForSelector('#card:not([hidden])[aria-busy=false]');
  assert.equal(await page.inputValue('#vae-address'), '');
  assert.doesNotMatch(await page.textContent('#card-rows'), /other\.safetensors/);
  await page.click('#close-panel');
});

test('a VAE that was dropped as a model can be used as one', async () => {
  await use('');
  await drop(page, { name: 'mine.safetensors', bytes: readFileSync(FILE), type: '' });
  await page.waitForSelector('#use-as-vae:not([hidden])');
  assert.match(await page.innerText('#card'), /an autoencoder \(VAE\) alone/);
  await page.click('#use-as-vae');
  await isUsed();
  assert.match(await page.textContent('#model-now'), /with the VAE mine\.safetensors/);
  assert.deepEqual(difference(await studio.generate(), other), SAME);
});

test('the options have no violations of accessibility', async () => {
  await openOptions();
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    assert.deepEqual(await violations(page, '#model-options'), [], colorScheme);
  }
  await page.emulateMedia({ colorScheme: null });
});
