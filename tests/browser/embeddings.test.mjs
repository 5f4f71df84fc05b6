// Embeddings (textual inversions) beside the LoRAs: added, named in prompts, switched off, in settings.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { violations } from './support/axe.mjs';
import { difference, readPng } from './support/pixels.mjs';
import { drop, saved } from './support/results.mjs';
import { browser, server, useBrowser } from './support/session.mjs';
import { FOLDER as MODEL, serve } from './support/tiny.mjs';

const FOLDER = fileURLToPath(new URL('../golden/data/embeddings/', import.meta.url));
const REQUEST = { prompt: 'a red apple', steps: 2, guidance: 1, seed: '7', width: 64, height: 64 };
const SAME = { mean: 0, max: 0 };

let studio, page;

await useBrowser({ serve });

before(async () => {
  server.mount('/embeddings/', FOLDER);
  studio = await browser.open(`${server.url}?device=cpu`);
  page = studio.page;
  await studio.ready();
  await studio.fill(REQUEST);
});

const row = (name) => page.locator('.adapter').filter({ has: page.locator(`.adapter-name:text-is("${name}")`) });
const part = (name, what) => row(name).locator(`[data-adapter="${what}"]`);
const opened = (name) => row(name).locator('.adapter-about:not(:empty)').waitFor();
const summary = (text) => page.locator(`#prompt-summary:has-text("${text}")`).waitFor();

/** A safetensors file with the rows of these words in the text encoder's table. */
function embedding(words) {
  const vocabulary = JSON.parse(readFileSync(join(MODEL, 'tokenizer/vocab.json'), 'utf8'));
  const file = readFileSync(join(MODEL, 'text_encoder/model.safetensors'));
  const start = 8 + Number(file.readBigUInt64LE(0));
  const { 'text_model.embeddings.token_embedding.weight': table } = JSON.parse(file.subarray(8, start));
  const size = 4 * table.shape[1];
  assert.equal(table.dtype, 'F32');
  const rows = words.map((word) => {
    const from = start + table.data_offsets[0] + vocabulary[`${word}</w>`] * size;
    return file.subarray(from, from + size);
  });
  const head = JSON.stringify({ emb_params: { dtype: 'F32', shape: [rows.length, size / 4], data_offsets: [0, rows.length * size] } });
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(head.length));
  return Buffer.concat([length, Buffer.from(head), ...rows]);
}

test('an embedding with the vectors of a word gives the picture of that word, bit for bit', async () => {
  const red = await studio.generate();
  await studio.fill({ prompt: 'a crimson apple' });
  const plain = await studio.generate();
  assert.ok(difference(plain, red).max > 0);
  await drop(page, { name: 'crimson.safetensors', type: '', bytes: embedding(['red']) });
  await opened('crimson');
  assert.match(await row('crimson').innerText(), /embedding, one vector/);
  await summary('embedding crimson');
  assert.deepEqual(difference(await studio.generate(), red), SAME);
  assert.match(await page.innerText('#recipe'), /LoRA, embeddings\s*crimson\b/);
  const { texts } = readPng((await saved(page)).bytes);
  const [{ name, hash }] = JSON.parse(texts.hearth).embeddings;
  assert.equal(name, 'crimson');
  assert.match(hash, /^[0-9a-f]{12}$/);
  assert.ok(texts.parameters.includes(`TI hashes: "crimson: ${hash}"`), texts.parameters);
  assert.ok(!texts.parameters.includes('<lora:'), texts.parameters);

  await part('crimson', 'on').uncheck();
  await page.locator('#prompt-summary:not(:has-text("embedding"))').waitFor();
  assert.deepEqual(difference(await studio.generate(), plain), SAME, 'switched off it is a word again');
  await part('crimson', 'on').check();
});

test('it has no weight, and its name is put into either prompt with one press', async () => {
  assert.ok(await part('crimson', 'unet').isHidden());
  assert.ok(await part('crimson', 'apart').isHidden());
  await studio.fill({ prompt: 'a cat' });
  await part('crimson', 'prompt').click();
  await part('crimson', 'prompt').click();
  assert.equal(await page.inputValue('#prompt'), 'a cat, crimson');
  await part('crimson', 'negative').click();
  assert.equal(await page.inputValue('#negative-prompt'), 'crimson');
  await studio.fill({ 'negative-prompt': '' });
});

test('in ComfyUI’s grammar its name has the mark of that grammar', async () => {
  const choose = (grammar) => page.evaluate((grammar) => {
    const menu = document.querySelector('#grammar');
    menu.value = grammar;
    menu.dispatchEvent(new Event('change', { bubbles: true }));
  }, grammar);
  await choose('comfy');
  await studio.fill({ prompt: 'a cat' });
  await part('crimson', 'prompt').click();
  assert.equal(await page.inputValue('#prompt'), 'a cat, embedding:crimson');
  await summary('embedding crimson');
  await choose('a1111');
});

test('settings of a picture switch it on, and one that is not there is named', async () => {
  await studio.fill(REQUEST);
  await part('crimson', 'on').uncheck();
  await page.fill('#prompt', 'a crimson apple, lost\nSteps: 2, Sampler: DDIM, CFG scale: 1, Seed: 7, Size: 64x64, TI hashes: "crimson: 0123456789ab, lost: 0123456789ab", Version: v1.10.1');
  await page.click('#notes [data-action=use-pasted]:not([hidden])');
  await studio.message(/Not on your list of LoRAs and embeddings, so left out: lost\./);
  assert.equal(await part('crimson', 'on').isChecked(), true);
});

test('one for another model says which widths differ', async () => {
  await page.evaluate(() => { document.querySelector('#adapters').open = true; });
  await page.fill('#adapter-address', `${server.url}embeddings/pair.safetensors`);
  await page.press('#adapter-address', 'Enter');
  const unfit = row(`${server.url}embeddings/pair.safetensors`);
  await unfit.locator('.problem:not(:empty)').waitFor();
  assert.match(await unfit.innerText(), /width 16 \+ 24.*Stable Diffusion 1/s);
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    assert.deepEqual(await violations(page, '#adapters'), [], colorScheme);
  }
  await page.emulateMedia({ colorScheme: null });
  await unfit.locator('[data-adapter=remove]').click();
});

test('an address that was opened as a model is added instead, and is there at the next visit', async () => {
  await page.click('#choose-model');
  await page.fill('#model-address', `${server.url}embeddings/my-style.safetensors`);
  await page.press('#model-address', 'Enter');
  await page.click('#add-as-adapter');
  await opened('my-style');
  assert.ok(await page.isHidden('#card'), 'the panel has done with it');
  await page.reload();
  await studio.ready();
  await opened('my-style');
  await studio.fill({ ...REQUEST, prompt: 'my-style' });
  await summary('embedding my-style');
  assert.equal(await page.locator('.adapter').count(), 1, 'the file from disk stays with the visit');
});

test('there were no errors', () => studio.close());
