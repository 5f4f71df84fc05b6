// The panel in which a model is chosen: by address, from disk, or from what this browser keeps; and
// what a model takes is said before anything of it is downloaded.

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { launch } from './support/browser.mjs';
import { damageChunks } from './support/kept.mjs';
import { emptyCheckpoint, withLargeModel } from './support/large.mjs';
import { CHUNK } from './support/long-file.mjs';
import { QUICK, UNET, WEIGHTS, sheet } from './support/model.mjs';
import { isPicture } from './support/pixels.mjs';
import { DIST, serve } from './support/server.mjs';

const EMOJI = join(DIST, 'models', 'emoji');

let large, server, browser, studio, page;

before(async () => {
  large = await withLargeModel();
  server = await serve(large.root);
  browser = await launch();
  studio = await browser.open(`${server.url}?device=cpu`);
  page = studio.page;
  await studio.ready();
});

after(async () => {
  await browser?.close();
  await server?.close();
  await large?.remove();
});

const isOpen = (on = page) => on.evaluate(() => document.querySelector('#model-panel').open);
const focused = () => page.evaluate(() => document.activeElement.id);
const kept = () => page.locator('#kept li');
const keptNote = (pattern) => page.waitForFunction(
  (source) => new RegExp(source).test(document.querySelector('#kept-note').textContent), pattern.source);

async function openPanel(on = page) {
  if (!await isOpen(on)) await on.click('#choose-model');
  assert.ok(await isOpen(on));
}

/** Waits for the card, unfolds its details and returns its text. */
async function card(on = page) {
  await on.waitForSelector('#card:not([hidden])[aria-busy=false]');
  await on.evaluate(() => { document.querySelector('#card-details').open = true; });
  return on.innerText('#card');
}

async function lookAt(address) {
  await openPanel();
  await page.fill('#model-address', address);
  await page.press('#model-address', 'Enter');
}

/** Uses what is on the card and waits until it is loaded. */
async function use(on = studio) {
  await on.page.click('#use-model');
  await on.ready();
  assert.ok(!await isOpen(on.page), 'the panel closes when the model is there');
}

test('the panel opens by key from the head and gives the focus back', async () => {
  await page.focus('#choose-model');
  await page.keyboard.press('Enter');
  assert.ok(await isOpen());
  assert.equal(await focused(), 'model-address');
  assert.match(await page.textContent('#model-now'), new RegExp(`In use: ${sheet.name}`));
  await page.keyboard.press('Escape');
  assert.ok(!await isOpen());
  assert.equal(await focused(), 'choose-model');
});

test('it opens from the foot too, and everything in it can be reached by Tab', async () => {
  await page.click('#model');
  await kept().first().waitFor();
  const reached = new Set();
  for (let i = 0; i < 50; i += 1) {
    await page.keyboard.press('Tab');
    reached.add(await page.evaluate(() => document.activeElement.id || document.activeElement.dataset.action));
  }
  for (const id of ['look', 'pick-file', 'pick-folder', 'own-model', 'close-panel', 'remove-all', 'remove']) {
    assert.ok(reached.has(id), `${id} is not among ${[...reached]}`);
  }
  await page.keyboard.press('Escape');
});

for (const [typed, sentence] of [
  ['nonsense', /owner\/name/], ['ftp://example.org/model/', /https:\/\//], ['http://', /server|address/], ['', /owner\/name/],
]) {
  test(`"${typed}" is no model: said beside the field`, async () => {
    await lookAt(typed);
    await page.waitForSelector('#model-address-problem:not([hidden])');
    assert.match(await page.textContent('#model-address-problem'), sentence);
    assert.equal(await page.getAttribute('#model-address', 'aria-invalid'), 'true');
    assert.ok(await page.isHidden('#card'));
    await page.fill('#model-address', 'a');
    assert.ok(await page.isHidden('#model-address-problem'), 'a correction takes the complaint away');
  });
}

test('an address without a model is said, with what is missing', async () => {
  await lookAt(`${server.url}models/none/`);
  assert.match(await card(), /model_index\.json is missing/);
  assert.ok(await page.isHidden('#use-model'));
});

test('what a model is and takes is said before its weights are asked for', async () => {
  server.forget();
  await lookAt(`${server.another()}models/emoji/`);
  const text = await card();
  for (const part of [sheet.name, /UNet/, /DDIM/, /Download\s+2\d\.\d MB/, /Room in this browser/, /about .* at 128 × 128/, /can run it/]) {
    assert.match(text, new RegExp(part), text);
  }
  assert.equal(await page.innerText('#use-model').then((label) => /^Download 2\d\.\d MB and use it$/.test(label)), true);
  const sent = server.asked(WEIGHTS).reduce((sum, request) => sum + request.sent, 0);
  assert.ok(sent < 1_000_000, `${sent} bytes of weights were sent`);
});

test('it is used at the press of a button, and the caption names it', async () => {
  assert.ok(await page.isVisible('#examples'));
  await use();
  assert.ok(await page.isHidden('#examples'), 'the examples are for the own model only');
  assert.ok(isPicture(await studio.generate(QUICK)));
  assert.match(await page.innerText('#recipe'), new RegExp(`Model\\s+${sheet.name}`));
  assert.match(await page.innerText('#recipe'), /Sampler\s+DDIM/);
});

test('both are kept, and the other one is used without a download', async () => {
  await openPanel();
  await kept().nth(1).waitFor();
  const texts = await kept().allInnerTexts();
  assert.equal(texts.length, 2);
  assert.match(texts[0], /in use/);
  assert.match(texts[1], /2\d\.\d MB · today/);
  assert.match(await page.innerText('#kept-total'), /[45]\d\.\d MB in all · room for/);
  server.forget();
  await kept().nth(1).locator('[data-action=use]').click();
  await studio.ready();
  assert.deepEqual(server.asked(WEIGHTS), []);
  assert.ok(await page.isVisible('#examples'));
});

test('fields that were changed stay, the others follow the model', async () => {
  await studio.fill({ steps: 7 });
  await openPanel();
  await lookAt(`${server.url}at/9/models/emoji/`);
  await card();
  await use();
  assert.equal(await page.inputValue('#steps'), '7');
  assert.equal(await page.inputValue('#guidance'), String(sheet.guidance_scale));
});

test('a check finds a damaged part, and the next use fetches it again', async () => {
  await openPanel();
  const item = kept().filter({ hasNot: page.locator('[data-action=use]:disabled') }).first();
  await item.waitFor();
  const place = await item.getAttribute('data-place');
  await item.locator('[data-action=verify]').click();
  await keptNote(/is intact/);
  const damaged = await damageChunks(page, new RegExp(`^(?=${place.replaceAll('.', '\\.')}).*${UNET.source}`), 1000);
  assert.equal(damaged, 1);
  await page.click(`#kept li[data-place="${place}"] [data-action=verify]`);
  await keptNote(/damaged or gone/);
  server.forget();
  await page.click(`#kept li[data-place="${place}"] [data-action=use]`);
  await studio.ready();
  assert.ok(server.asked(UNET).length > 0, 'the damaged part was fetched');
  await openPanel();
  await page.click(`#kept li[data-place="${place}"] [data-action=verify]`);
  await keptNote(/is intact/);
});

test('a kept model is removed', async () => {
  const count = await kept().count();
  await kept().last().locator('[data-action=remove]').click();
  await page.waitForFunction((count) => document.querySelectorAll('#kept li').length === count - 1, count);
  await keptNote(/was removed/);
});

test('all are removed after a question, and the loaded one goes on', async () => {
  await page.click('#remove-all');
  assert.match(await page.innerText('#kept-sure'), /cannot be undone/);
  assert.equal(await focused(), 'remove-all-no');
  await page.keyboard.press('Enter');
  assert.ok(await page.isHidden('#kept-sure'));
  assert.ok(await kept().count() > 0);
  await page.click('#remove-all');
  await page.click('#remove-all-yes');
  await keptNote(/Nothing yet/);
  assert.equal(await kept().count(), 0);
  await page.keyboard.press('Escape');
  assert.ok(isPicture(await studio.generate(QUICK)));
});

test('a folder from disk is used without a request, and the caption names it', async () => {
  await openPanel();
  server.forget();
  await page.setInputFiles('#picked-folder', EMOJI);
  assert.match(await card(), /read from your disk/);
  assert.equal(await page.innerText('#use-model'), 'Use it');
  await use();
  assert.ok(isPicture(await studio.generate({ ...QUICK, prompt: 'a banana' })));
  assert.match(await page.innerText('#recipe'), new RegExp(`Model\\s+${sheet.name}`));
  assert.deepEqual(server.asked(/\/models\//), []);
});

test('a single file is recognised, and CLIP’s vocabulary comes with the page', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hearth-file-'));
  const file = await emptyCheckpoint(join(folder, 'my model.safetensors'));
  await openPanel();
  server.forget();
  await page.setInputFiles('#picked-file', file);
  const text = await card();
  assert.match(text, /a single file/);
  assert.match(text, /Stable Diffusion 1/);
  assert.match(text, /859\.5 M parameters/);
  assert.ok(await page.isHidden('#card-problems'), text);
  assert.deepEqual(server.asked(/merges\.txt/).map(({ status }) => status), [200]);
  await rm(folder, { recursive: true });
  await page.keyboard.press('Escape');
});

test('a file of more than 4 GiB is read, from the disk and from a server', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hearth-file-'));
  // What NoobAI's v-prediction models have beside SDXL's tensors.
  const file = await emptyCheckpoint(join(folder, 'xl.safetensors'), 'sdxl', ['v_pred', 'ztsnr']);
  server.mount('/files/', folder);
  await openPanel();
  const read = async () => {
    const text = await card();
    assert.match(text, /Stable Diffusion XL/);
    assert.match(text, /2567\.5 M parameters/);
    assert.match(text, /6\.94 GB/);
    assert.match(text, /velocity/);
    assert.ok(await page.isHidden('#card-problems'), text);
  };
  await page.setInputFiles('#picked-file', file);
  await read();
  await lookAt(`${server.url}files/xl.safetensors`);
  await read();
  await rm(folder, { recursive: true });
  await page.keyboard.press('Escape');
});

test('a folder is dropped onto the page', async () => {
  const protocol = await browser.context.newCDPSession(page);
  const data = { items: [], files: [EMOJI], dragOperationsMask: 1 };
  const drag = (type) => protocol.send('Input.dispatchDragEvent', { type, x: 300, y: 300, data });
  await drag('dragEnter');
  await drag('dragOver');
  assert.ok(await page.isVisible('body > .drop'), 'the page says that it takes it');
  await drag('drop');
  assert.match(await card(), /read from your disk/);
  assert.ok(await page.isHidden('body > .drop'));
  await page.keyboard.press('Escape');
});

test('a file that is no model is said', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hearth-picked-'));
  const file = join(folder, 'none.safetensors');
  await writeFile(file, Buffer.from('this is no model'));
  await openPanel();
  await page.setInputFiles('#picked-file', file);
  assert.match(await card(), /none\.safetensors/);
  assert.match(await card(), /cannot be used/);
  await rm(folder, { recursive: true });
  await page.keyboard.press('Escape');
});

test('a size that the device cannot do is told beside it, before the run', async () => {
  await studio.fill({ width: 4096, height: 4096 });
  await page.waitForSelector('#size-problem:not([hidden])');
  assert.match(await page.textContent('#size-problem'), /memory.*pixels fit/);
  await page.click('#generate');
  await studio.waitForState('ready');
  assert.ok(await page.isVisible('#size-problem'), 'it is not tried');
  await studio.fill({ width: 128, height: 128 });
  await page.waitForSelector('#size-problem', { state: 'hidden' });
  assert.ok(isPicture(await studio.generate(QUICK)));
  await studio.close();
});

test('a large model in the address is shown first and waits', async () => {
  server.forget();
  studio = await browser.open(`${server.url}?device=cpu&model=${large.model}`);
  page = studio.page;
  assert.equal(await studio.waitForState('failed', 'ready'), 'failed');
  assert.ok(await isOpen());
  assert.match(await card(), /Large/);
  assert.match(await page.innerText('#use-model'), /^Download \d+\.\d MB and use it$/);
  assert.equal(await focused(), 'use-model');
  const sent = server.asked(WEIGHTS).reduce((sum, request) => sum + request.sent, 0);
  assert.ok(sent < 1_000_000, `${sent} bytes of weights were sent`);
});

test('its download can be stopped, and goes on where it stopped', async () => {
  server.spoil(WEIGHTS, { pause: 4 });
  // The end never comes.
  server.spoil(WEIGHTS, { hold: new Promise(() => {}), when: ({ from }) => from >= 7 * CHUNK });
  await page.click('#use-model');
  // By then some parts are whole: of the others nothing is kept.
  await page.waitForFunction(() => /^Downloading 1\d\d\.\d of .* left$/.test(document.querySelector('#panel-status').textContent));
  await page.click('#panel-stop');
  assert.equal(await studio.waitForState('failed', 'ready'), 'failed');
  assert.match(await page.textContent('#status'), /Stopped; what has arrived is kept/);
  await kept().first().waitFor();
  assert.match(await kept().first().innerText(), /not complete/);
  const before = server.asked(WEIGHTS).reduce((sum, request) => sum + request.sent, 0);
  assert.ok(before < large.bytes, 'it was not whole');

  server.heal();
  await kept().first().locator('[data-action=use]').click();
  await card();
  await use();
  const after = server.asked(WEIGHTS).reduce((sum, request) => sum + request.sent, 0);
  assert.ok(after < large.bytes * 1.5 + 40e6, `${after} bytes were sent for ${large.bytes}`);
  assert.ok(isPicture(await studio.generate(QUICK)));
});

test('there were no errors', () => studio.close());

test('an unknown device in the address is told', async () => {
  const other = await browser.open(`${server.url}?device=tpu`);
  assert.match(await other.message(/tpu/), /device=cpu/);
  await other.page.close();
});
