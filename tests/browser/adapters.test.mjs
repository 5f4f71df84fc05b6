// The shelf of LoRAs: added by address or from disk, on and off, with weights, without loading the model again.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { violations } from './support/axe.mjs';
import { difference, readPng } from './support/pixels.mjs';
import { drop, pngWith, saved } from './support/results.mjs';
import { browser, server, useBrowser } from './support/session.mjs';
import { UNET, mount, serve } from './support/tiny.mjs';

const FOLDER = fileURLToPath(new URL('../golden/data/adapters/', import.meta.url));
const REQUEST = { prompt: 'a cat', steps: 2, guidance: 1, seed: '7', width: 64, height: 64 };
const SAME = { mean: 0, max: 0 };

const folder = mkdtempSync(join(tmpdir(), 'hearth-adapters-'));

let studio, page, plain;

await useBrowser({ serve });

before(async () => {
  server.mount('/adapters/', FOLDER);
  // SDXL's cross-attention reads 2048 numbers.
  const xl = join(folder, 'xl.safetensors');
  writeFileSync(xl, lora('lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn2_to_k', 2048));
  server.replace(/\/adapters\/xl\.safetensors$/, xl);
  studio = await browser.open(`${server.url}?device=cpu`);
  page = studio.page;
  // The address that is no LoRA, and those that are looked for beside it.
  studio.expectError(/404.*\/adapters\//);
  await studio.ready();
  await studio.fill(REQUEST);
  plain = await studio.generate();
});

after(() => rmSync(folder, { recursive: true }));

/** A safetensors file with one LoRA of rank 1. */
function lora(layer, width) {
  const head = JSON.stringify({
    [`${layer}.lora_down.weight`]: { dtype: 'F32', shape: [1, width], data_offsets: [0, 4 * width] },
    [`${layer}.lora_up.weight`]: { dtype: 'F32', shape: [1, 1], data_offsets: [4 * width, 4 * width + 4] },
  });
  const size = Buffer.alloc(8);
  size.writeUInt32LE(head.length);
  return Buffer.concat([size, Buffer.from(head), Buffer.alloc(4 * width + 4)]);
}

/** The file with other metadata. */
function withMetadata(bytes, metadata) {
  const start = 8 + bytes.readUInt32LE(0);
  const head = { ...JSON.parse(bytes.toString('utf8', 8, start)), __metadata__: metadata };
  const text = Buffer.from(JSON.stringify(head));
  const size = Buffer.alloc(8);
  size.writeUInt32LE(text.length);
  return Buffer.concat([size, text, bytes.subarray(start)]);
}

const address = (name) => `${server.url}adapters/${name}.safetensors`;
const row = (name, on = page) => on.locator('.adapter').filter({ has: on.locator(`.adapter-name:text-is("${name}")`) });
const part = (name, what, on = page) => row(name, on).locator(`[data-adapter="${what}"]`);

async function openShelf(on = page) {
  await on.evaluate(() => { document.querySelector('#adapters').open = true; });
}

async function add(text) {
  await openShelf();
  await page.fill('#adapter-address', text);
  await page.press('#adapter-address', 'Enter');
}

/** Waits until an adapter is open: its kind is said then. */
const opened = (name, on = page) => row(name, on).locator('.adapter-about:not(:empty)').waitFor();

async function setWeight(name, what, weight) {
  await part(name, what).fill(String(weight));
}

test('an added LoRA changes the picture, and switched off leaves the first one bit for bit', async () => {
  await add(address('kohya'));
  await opened('kohya');
  assert.match(await row('kohya').innerText(), /LoRA, ranks? \d/);
  assert.equal(await page.innerText('#adapters-in-use'), '1 on');
  server.forget();
  const changed = await studio.generate();
  assert.ok(difference(changed, plain).mean > 0.01, 'it has no effect');
  assert.deepEqual(server.asked(UNET), [], 'the model is loaded anew');
  assert.match(await page.innerText('#recipe'), /LoRA, embeddings\s*kohya at 1/);
  const { texts } = readPng((await saved(page)).bytes);
  assert.deepEqual(JSON.parse(texts.hearth).adapters, [{ name: 'kohya', unet: 1, text_encoder: 1 }]);

  await part('kohya', 'on').uncheck();
  assert.ok(await page.isHidden('#adapters-in-use'));
  assert.deepEqual(difference(await studio.generate(), plain), SAME);
});

test('the line under a prompt says which LoRAs in it are open; the note about another one leads to the list', async () => {
  const line = () => page.textContent('#prompt-summary');
  const reads = (text) => page.waitForFunction((text) => document.querySelector('#prompt-summary').textContent.endsWith(text), text)
    .catch(async () => assert.equal(await line(), text));
  await page.fill('#prompt', 'a cat <lora:kohya:0.5>');
  await reads(' · LoRA kohya');
  await studio.generate();
  assert.match(await page.innerText('#recipe'), /LoRA, embeddings\s*kohya at 0\.5/, 'the prompt’s weight');
  // One that was removed has no effect any more.
  await add(address('loha'));
  await opened('loha');
  await page.fill('#prompt', 'a cat <lora:loha:1>');
  assert.ok(difference(await studio.generate(), plain).max > 0);
  await part('loha', 'remove').click();
  await reads(' · LoRA loha, not open: add it under LoRA and embeddings');
  assert.deepEqual(difference(await studio.generate(), plain), SAME);
  assert.match(await studio.message(/^The LoRA loha/), /is not open/);
  await page.fill('#prompt', 'a cat <lora:missing:0.5>');
  await reads(' · LoRA missing, not open: add it under LoRA and embeddings');
  await studio.generate();
  assert.equal(await studio.message(/^The LoRA missing/), 'The LoRA missing is not open for this model: the picture is made without it. Add it under LoRA and embeddings.');
  await page.evaluate(() => { document.querySelector('#adapters').open = false; });
  await page.click('#notes [data-action=show-adapters]');
  assert.ok(await page.isVisible('#adapter-address'));
  assert.equal(await page.evaluate(() => document.activeElement.id), 'adapter-address');
  await page.fill('#prompt', REQUEST.prompt);
});

test('slider and number are one weight, and the text encoders may have another', async () => {
  await part('kohya', 'on').check();
  await setWeight('kohya', 'unet', 0);
  assert.equal(await part('kohya', 'unet-range').inputValue(), '0');
  assert.deepEqual(difference(await studio.generate(), plain), SAME, 'without weight it has no effect');
  await part('kohya', 'unet-range').fill('0.5');
  assert.equal(await part('kohya', 'unet').inputValue(), '0.5');
  const half = await studio.generate();
  assert.ok(difference(half, plain).max > 0);

  await row('kohya').locator('.adapter-apart input').check();
  await setWeight('kohya', 'text', 0);
  assert.ok(difference(await studio.generate(), half).max > 0, 'the text encoder’s weight has no effect');
  assert.match(await page.innerText('#recipe'), /kohya at 0\.5, text 0/);
  await setWeight('kohya', 'unet', 2.5);
  assert.equal(await page.evaluate(() => localStorage.getItem('hearth-adapters').split('\t')[1]), '2.5', 'more than the slider offers');
  await part('kohya', 'unet').fill('');
  assert.equal(await part('kohya', 'unet').getAttribute('aria-invalid'), 'true');
  await part('kohya', 'unet').blur();
  assert.equal(await part('kohya', 'unet').inputValue(), '2.5', 'the weight in effect comes back');
  assert.equal(await part('kohya', 'unet').getAttribute('aria-invalid'), null);
  await part('kohya', 'unet').fill('');
  await part('kohya', 'unet').pressSequentially('0,7');
  assert.equal(await part('kohya', 'unet-range').inputValue(), '0.7', 'a comma is a point');
  await setWeight('kohya', 'unet', 1);
  await row('kohya').locator('.adapter-apart input').uncheck();
});

test('settings of an earlier picture switch its LoRAs on and off, and that can be undone', async () => {
  await page.locator('#history button').last().click();
  await page.click('#use-settings');
  assert.equal(await part('kohya', 'on').isChecked(), false);
  await page.click('#notes [data-action=put-back]');
  assert.equal(await part('kohya', 'on').isChecked(), true);
});

test('what is no address is said beside the field; a file that is no LoRA beside its row', async () => {
  await add('nonsense');
  await page.waitForSelector('#adapter-address-problem:not([hidden])');
  assert.equal(await page.inputValue('#adapter-address'), 'nonsense');
  await page.fill('#adapter-address', 'n');
  assert.ok(await page.isHidden('#adapter-address-problem'));

  const model = `${server.url}models/emoji/unet/diffusion_pytorch_model.safetensors`;
  await add(model);
  await row(model).locator('.problem:not(:empty)').waitFor();
  assert.match(await row(model).innerText(), /is no LoRA.*Choose a \.safetensors file with a LoRA/s);
  await part(model, 'remove').click();
  assert.equal(await page.locator('.adapter').count(), 1);
});

test('a LoRA for another base stays on the list, says for which, and is not sent', async () => {
  await add(address('xl'));
  await row(address('xl')).locator('.problem:not(:empty)').waitFor();
  assert.match(await row(address('xl')).innerText(), /for SDXL/);
  assert.equal(await page.innerText('#adapters-in-use'), '1 on');
  await page.click('#languages [lang=zh-Hans]');
  assert.match(await row(address('xl')).innerText(), /适用于 SDXL/);
  await page.click('#languages [lang=en]');
  await part(address('xl'), 'remove').click();
});

test('a row, open or unfit, has no violations of accessibility', async () => {
  await add(address('xl'));
  await row(address('xl')).locator('.problem:not(:empty)').waitFor();
  await row('kohya').locator('.adapter-apart input').check();
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    assert.deepEqual(await violations(page, '#adapters'), [], colorScheme);
  }
  await page.emulateMedia({ colorScheme: null });
  await row('kohya').locator('.adapter-apart input').uncheck();
  await part(address('xl'), 'remove').click();
});

test('the shelf is there after a reload, and opened for the model again', async () => {
  const before = await studio.generate();
  await page.reload();
  await studio.ready();
  await opened('kohya');
  assert.equal(await part('kohya', 'on').isChecked(), true);
  await studio.fill(REQUEST);
  assert.deepEqual(difference(await studio.generate(), before), SAME);
});

test('another model opens it for itself', async () => {
  mount(server, '/models/other/');
  await page.click('#choose-model');
  await page.fill('#model-address', `${server.url}models/other/`);
  await page.press('#model-address', 'Enter');
  await page.click('#use-model');
  await studio.ready();
  await opened('kohya');
  await studio.fill(REQUEST);
  assert.ok(difference(await studio.generate(), plain).max > 0);
});

test('a LoRA in the browser’s storage is listed as one, not as a broken model', async () => {
  await page.click('#choose-model');
  const kept = page.locator('#kept li').filter({ hasText: 'kohya' });
  await kept.waitFor();
  assert.match(await kept.innerText(), /Add-on · 0\.1 MB/);
  assert.equal(await kept.locator('[data-action=use]').innerText(), 'Add');
  await kept.locator('[data-action=remove]').click();
  await kept.waitFor({ state: 'detached' });
  await page.click('#close-panel');
  await part('kohya', 'remove').click();
  assert.equal(await page.locator('.adapter').count(), 0);
  assert.equal(await page.evaluate(() => localStorage.getItem('hearth-adapters')), null);
});

test('a LoRA that is dropped anywhere, or opened as a model, goes to the shelf', async () => {
  const file = { name: 'loha.safetensors', type: '', bytes: readFileSync(`${FOLDER}loha.safetensors`) };
  await drop(page, file);
  await opened('loha');
  assert.ok(!await page.evaluate(() => document.querySelector('#model-panel').open));
  await part('loha', 'remove').click();

  await page.click('#choose-model');
  await page.fill('#model-address', address('lokr'));
  await page.press('#model-address', 'Enter');
  await page.click('#add-as-adapter');
  await opened('lokr');
  await part('lokr', 'remove').click();
});

test('of LoRAs that are dropped together, or soon after each other, none is lost', async () => {
  const file = (name) => ({ name: `${name}.safetensors`, type: '', bytes: readFileSync(`${FOLDER}${name}.safetensors`) });
  await drop(page, file('loha'), file('lokr'), { name: 'loha.json', type: 'application/json', bytes: Buffer.from('{}') });
  await drop(page, file('peft'));
  await drop(page, file('norms'));
  for (const name of ['loha', 'lokr', 'peft', 'norms']) await opened(name);
  assert.ok(!await page.evaluate(() => document.querySelector('#model-panel').open));
  for (const name of ['loha', 'lokr', 'peft', 'norms']) await part(name, 'remove').click();
});

test('the note about a picture’s settings names the LoRAs that are missing', async () => {
  const picture = pngWith({ parameters: 'a hat <lora:loha:1> <lora:nowhere:1>\nSteps: 2, Sampler: Euler, CFG scale: 1, Seed: 5, Size: 64x64, Version: v1.10.1' });
  await drop(page, { name: 'loha.safetensors', type: '', bytes: readFileSync(`${FOLDER}loha.safetensors`) });
  await opened('loha');
  await drop(page, { name: 'hat.png', type: 'image/png', bytes: picture });
  await page.waitForFunction(() => document.querySelector('#prompt').value.startsWith('a hat'));
  assert.match(await studio.message(/^The settings of this picture|^The settings that were found/), /nowhere/);
  await page.click('#notes [data-action=put-back]');
  await part('loha', 'remove').click();
});

test('a picture that is dropped beside a LoRA brings its settings back', async () => {
  const picture = pngWith({ parameters: 'a hat <lora:loha:1>\nSteps: 2, Sampler: Euler, CFG scale: 1, Seed: 5, Size: 64x64, Version: v1.10.1' });
  await drop(page,
    { name: 'hat.png', type: 'image/png', bytes: picture },
    { name: 'loha.safetensors', type: '', bytes: readFileSync(`${FOLDER}loha.safetensors`) });
  await opened('loha');
  await page.waitForFunction(() => document.querySelector('#prompt').value.startsWith('a hat'));
  assert.ok(!await page.evaluate(() => document.querySelector('#model-panel').open));
  assert.doesNotMatch(await studio.message(/^The settings of this picture|^The settings that were found/), /loha/);
  await page.click('#notes [data-action=put-back]');
  await part('loha', 'remove').click();
});

test('a picture without settings beside a LoRA is nothing but its preview', async () => {
  await drop(page,
    { name: 'loha.preview.png', type: 'image/png', bytes: pngWith({}) },
    { name: 'loha.safetensors', type: '', bytes: readFileSync(`${FOLDER}loha.safetensors`) });
  await opened('loha');
  await page.waitForTimeout(300);
  assert.ok(await page.isHidden('#start-in-use'));
  await part('loha', 'remove').click();
});

test('the focus stays on the list when a row is removed; a pickle is called one', async () => {
  const file = (name) => ({ name: `${name}.safetensors`, type: '', bytes: readFileSync(`${FOLDER}${name}.safetensors`) });
  await drop(page, file('loha'), file('lokr'));
  for (const name of ['loha', 'lokr']) await opened(name);
  await part('loha', 'remove').focus();
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.activeElement.getAttribute('aria-label')?.includes('lokr'));
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.activeElement.id === 'adapter-address');

  await page.setInputFiles('#picked-adapter', { name: 'old.ckpt', mimeType: '', buffer: Buffer.from('PK\x03\x04data.pkl') });
  await page.locator('.adapter .problem:not(:empty)').waitFor();
  assert.match(await page.locator('.adapter').innerText(), /old\.ckpt.*pickle/s);
  await page.locator('.adapter [data-adapter=remove]').click();
});

test('a file from disk is on the shelf while the page is open', async () => {
  await openShelf();
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.click('#pick-adapter')]);
  await chooser.setFiles([`${FOLDER}kohya.safetensors`, `${FOLDER}peft.safetensors`]);
  await opened('kohya');
  await opened('peft');
  assert.equal(await page.innerText('#adapters-in-use'), '2 on');
  assert.equal(await page.evaluate(() => localStorage.getItem('hearth-adapters')), null);
  await part('peft', 'remove').click();
});

test('a LoRA for few steps offers its settings with one press', async () => {
  const tags = JSON.stringify({ '1_ink': { 'ink drawing': 5, hat: 2 } });
  const bytes = withMetadata(readFileSync(`${FOLDER}kohya.safetensors`), { ss_tag_frequency: tags });
  await drop(page, { name: 'Hyper-SD15-4steps-lora.safetensors', type: '', bytes });
  const name = 'Hyper-SD15-4steps-lora';
  await opened(name);
  assert.equal(await part(name, 'fast').innerText(), 'Fast: 4 steps');
  await studio.fill({ steps: 20, guidance: 7 });
  await part(name, 'on').uncheck();
  await part(name, 'fast').click();
  const values = () => page.evaluate(() => ['steps', 'guidance', 'scheduler'].map((id) => document.getElementById(id).value));
  assert.deepEqual(await values(), ['4', '1', 'ddim-trailing']);
  assert.equal(await part(name, 'on').isChecked(), true);
  await page.click('#notes [data-action=put-back]');
  assert.deepEqual((await values()).slice(0, 2), ['20', '7']);
  assert.equal(await part(name, 'on').isChecked(), false);

  await studio.fill({ prompt: 'a cat' });
  const words = row(name).locator('.adapter-words button');
  assert.deepEqual(await words.allInnerTexts(), ['ink drawing', 'hat']);
  await words.first().click();
  await words.first().click();
  assert.equal(await page.inputValue('#prompt'), 'a cat, ink drawing');
});

test('there were no errors', () => studio.close());
