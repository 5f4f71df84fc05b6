// A picture's file brings its settings back, also that of another program; no file does harm.

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, test } from 'node:test';

import { difference, readPng } from './support/pixels.mjs';
import { drop, form, keptPictures, pngWith, saved, stripHas } from './support/results.mjs';
import { browser, server, useBrowser } from './support/session.mjs';
import { serve, sheet } from './support/tiny.mjs';

const REQUEST = {
  prompt: 'a “red” heart,\nSteps: 7, on a white background 😀', 'negative-prompt': 'dark, "blurry"', steps: 4,
  guidance: 3.5, seed: '18446744073709551615', scheduler: 'dpmpp-2m-karras', width: 96, height: 128,
};

let studio, page, picture, file;

await useBrowser({ serve });

before(async () => {
  studio = await browser.open(`${server.url}?device=cpu`);
  page = studio.page;
  await studio.ready();
  picture = await studio.generate(REQUEST);
  file = (await saved(page)).bytes;
  await keptPictures(page, 1);
});

const png = (texts) => ({ name: 'picture.png', type: 'image/png', bytes: pngWith(texts) });
const wanted = { ...Object.fromEntries(Object.entries(REQUEST).map(([key, value]) => [key, String(value)])), pictures: '1', 'clip-skip': '1', eta: '0' };

test('the file tells it in its own words and in those of other programs', () => {
  const { texts } = readPng(file);
  const { model, ...own } = JSON.parse(texts.hearth);
  assert.deepEqual(own, {
    version: 1, prompt: REQUEST.prompt, negative_prompt: REQUEST['negative-prompt'], num_inference_steps: 4,
    guidance_scale: 3.5, seed: REQUEST.seed, scheduler: 'dpmpp-2m-karras', width: 96, height: 128, eta: 0, clip_skip: 0,
    clip_skip_negative: 0, emphasis: 'original', grammar: 'a1111', guidance_rescale: 0,
  });
  assert.equal(model.name, sheet.name);
  assert.equal(model.place, null, 'the address of a computer of one’s own is not for others');
  assert.match(model.fingerprint, /^[0-9a-f]{64}$/);
  assert.match(texts.parameters, /\nNegative prompt: dark, "blurry"\nSteps: 4, Sampler: DPM\+\+ 2M, Schedule type: Karras, CFG scale: 3\.5, Seed: 18446744073709551615, Size: 96x128, Model: /);
});

test('dropped on the page before the model is there, it brings all settings back and makes the same picture', async () => {
  const other = await browser.open(`${server.url}?device=cpu`);
  await stripHas(other.page, 1); // The page's program runs.
  await drop(other.page, { name: 'a.png', type: 'image/png', bytes: file });
  await other.message(/^The settings of this picture are in the form/);
  assert.deepEqual(await form(other.page), wanted);
  await other.ready();
  assert.deepEqual(await form(other.page), wanted);
  assert.deepEqual(difference(await other.generate(), picture), { mean: 0, max: 0 });
  assert.equal((await saved(other.page)).bytes.compare(file), 0, 'the files are the same too');
  await other.close();
});

test('a file can be opened by its button', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hearth-recipe-'));
  const path = join(folder, 'picture.png');
  await writeFile(path, file);
  await studio.fill({ prompt: 'something else', seed: 1, scheduler: 'ddim', width: 128, height: 128 });
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.click('#open-picture')]);
  await chooser.setFiles(path);
  await studio.message(/^The settings of this picture/);
  assert.deepEqual(await form(page), wanted);
  await rm(folder, { recursive: true });
});

test('another program’s text is understood, and what is not is told', async () => {
  const parameters = 'a castle\non a hill\nNegative prompt: fog\n'
    + 'Steps: 30, Sampler: DPM++ 2M Karras, CFG scale: 6.5, Seed: 965400086, Size: 512x768, Model hash: 6ce0161689, '
    + 'Model: v1-5-pruned, Clip skip: 2, Version: v1.7.0';
  await drop(page, png({ parameters }));
  const message = await studio.message(/^The settings of this picture/);
  assert.doesNotMatch(message, /Not taken over/);
  assert.match(await studio.message(/made with v1-5-pruned/), new RegExp(`In use is ${sheet.name}`));
  assert.deepEqual(await form(page), {
    prompt: 'a castle\non a hill', 'negative-prompt': 'fog', steps: '30', guidance: '6.5', seed: '965400086',
    scheduler: 'dpmpp-2m-karras', width: '512', height: '768', pictures: '1', 'clip-skip': '2', eta: '0',
  });
  // What is not told stays.
  await drop(page, png({ parameters: 'a tower\nSteps: x, Sampler: HeunPP2, Seed: 7, Size: 0' }));
  await studio.message(/Not taken over: Steps: x; Size: 0; Sampler: HeunPP2\. The sampler is still DPM\+\+ 2M Karras\.$/);
  const { prompt, steps, seed, width } = await form(page);
  assert.deepEqual({ prompt, steps, seed, width }, { prompt: 'a tower', steps: '30', seed: '7', width: '512' });
});

test('a size that the model cannot make is marked, and not promised', async () => {
  await drop(page, png({ parameters: 'a barn\nSteps: 2, Sampler: Euler, CFG scale: 1, Seed: 7, Size: 100x64' }));
  await page.waitForSelector('#width-problem:not([hidden])');
  assert.equal(await page.textContent('#width-problem'), 'Width is 100: it must be a multiple of 8, for instance 96.');
  await studio.message(/^The settings that were found are in the form.* Correct the marked values before you generate\.$/);
  await page.click('#notes [data-action=put-back]');
  await page.waitForSelector('#width-problem', { state: 'hidden' });
});

test('a picture of another model says how to get it', async () => {
  const own = { ...JSON.parse(readPng(file).texts.hearth) };
  own.model = { name: 'Other model', place: `${server.another()}models/emoji/`, fingerprint: '00'.repeat(32) };
  await drop(page, png({ hearth: JSON.stringify(own) }));
  await studio.message(/made with Other model/);
  assert.deepEqual(await form(page), wanted);
  await page.click('#notes [data-action=look-at-model]');
  await page.waitForSelector('#card:not([hidden])[aria-busy=false]');
  assert.equal(await page.innerText('#card-name'), sheet.name);
  await page.click('#close-panel');
  // The same files at another address are the same model.
  own.model.fingerprint = JSON.parse(readPng(file).texts.hearth).model.fingerprint;
  await drop(page, png({ hearth: JSON.stringify(own) }));
  await page.waitForFunction(() => document.querySelectorAll('#notes .note').length === 1);
  assert.match((await studio.messages()).join(), /^The settings of this picture/);
});

test('hostile files do nothing worse than nothing', async () => {
  await studio.fill({ prompt: 'stays' });
  const long = 'x'.repeat(3 << 20);
  for (const texts of [{ hearth: '{' }, { hearth: '[['.repeat(200_000) }, { parameters: long }, { hearth: '{"version":1,"width":1e99,"seed":{}}' }]) {
    await drop(page, png(texts));
    await studio.message(/Not taken over/);
    await page.evaluate(() => document.querySelector('#notes').replaceChildren());
  }
  // What has no recipe is taken as a picture to start from; what is no picture is told beside it.
  for (const bytes of [Buffer.alloc(0), Buffer.from('no picture'), file.subarray(0, 40)]) {
    await studio.fill({ prompt: 'stays' });
    await drop(page, { name: 'a.png', type: 'image/png', bytes });
    await page.waitForSelector('#start-file-problem:not([hidden])');
    assert.equal((await form(page)).prompt, 'stays');
    await page.evaluate(() => { document.querySelector('#start-file-problem').hidden = true; });
  }
  await drop(page, { name: 'a.png', type: 'image/png', bytes: pngWith({}) });
  await page.waitForSelector('#start-in-use:not([hidden])', { state: 'attached' });
  assert.equal((await form(page)).prompt, 'stays');
  // A size beyond reason is told beside its field when it is wanted.
  await drop(page, png({ parameters: 'a\nSteps: 3, Sampler: Euler, CFG scale: 1e999, Seed: 7, Size: 4294967295x8' }));
  await studio.message(/The settings that were found/);
  await page.click('#generate');
  await studio.message(/^Width is 4294967295/);
});

test('a model among pictures is a model', async () => {
  await drop(page,
    { name: 'a.png', type: 'image/png', bytes: file },
    { name: 'model.safetensors', type: '', bytes: Buffer.alloc(64) });
  await page.waitForSelector('#model-panel[open]');
  await page.click('#close-panel');
});

test('there were no errors', () => studio.close());
