// What the panel says to names and addresses of the Hub, of mirrors and of Civitai; and what is sent to them.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launch } from './support/browser.mjs';
import { playHub } from './support/hub.mjs';
import { sheet } from './support/model.mjs';
import { serve } from './support/server.mjs';

let hub, server, browser, page;

before(async () => {
  hub = await playHub();
  server = await serve();
  browser = await launch({ gpu: false, args: hub.args });
  const studio = await browser.open(`${server.url}?device=cpu`);
  page = studio.page;
  await studio.ready();
  await page.click('#choose-model');
});

after(async () => {
  await browser?.close();
  await server?.close();
  await hub?.close();
});

/** Looks a model up and returns what the panel says. */
async function lookUp(typed) {
  hub.requests.length = 0;
  await page.fill('#model-address', typed);
  await page.press('#model-address', 'Enter');
  return panel();
}

async function panel() {
  await page.waitForFunction(() => !document.querySelector('#model-address-problem').hidden
    || document.querySelector('#card:not([hidden])')?.getAttribute('aria-busy') === 'false');
  return page.evaluate(() => ['#model-address-problem', '#card'].map((id) => document.querySelector(id))
    .filter((part) => !part.hidden).map((part) => part.innerText).join('\n'));
}

const asked = (part) => hub.requests.filter(({ path }) => path.includes(part));

for (const [what, typed, sentence] of [
  ['a name that does not exist', 'nobody/model', /There is no public model of this name|nobody\/model could not be fetched: there is no public model/],
  ['a gated model', 'gated/emoji', /licence must be accepted first\. Accept it on the model/],
  ['a model withheld by law', 'withheld/model', /for legal reasons\. Choose another model/],
]) {
  test(`${what} is said as such, with the way out`, async () => {
    const said = await lookUp(typed);
    assert.match(said, sentence);
    assert.doesNotMatch(said, /Check the connection/);
  });
}

for (const [what, place, sentence] of [
  ['a sign-in', 'login', /asks for a sign-in \(401.*cannot sign in there.*open it from your disk/],
  ['a refusal', 'forbidden', /does not permit it \(403.*Check the address.*open it from your disk/],
  ['a folder without a model', 'empty', /model_index\.json is missing in .*\/empty\/.*Check the address/],
  ['too many requests', 'busy', /answered 429.*wait a few minutes/],
  ['a fault of the server', 'broken', /has a fault \(500.*fault is not yours/],
  ['a web page', 'site', /\/site\/ gives a web page instead of model_index\.json\. Paste the address of a folder/],
]) {
  test(`${what} at another server is said as such, with the way out`, async () => {
    const said = await lookUp(`https://hub.example/${place}/`);
    assert.match(said, sentence);
    assert.doesNotMatch(said, /Check the connection/);
  });
}

test('Civitai is answered at once, without a request and without the key', async () => {
  const said = await lookUp('https://civitai.com/api/download/models/128713?type=Model&token=secret');
  assert.match(said, /Civitai lets no other page read its files/);
  assert.doesNotMatch(said, /secret/);
  assert.equal(hub.requests.length, 0);
});

for (const typed of [
  'hearth/emoji', 'huggingface.co/hearth/emoji', 'https://hf-mirror.com/hearth/emoji',
  'https://hf-mirror.com/hearth/emoji/tree/main', 'https://hub.example/hearth/emoji',
]) {
  test(`${typed} is looked up, and no request says which page makes it`, async () => {
    assert.match(await lookUp(typed), new RegExp(sheet.name));
    assert.ok(asked('/hearth/emoji/resolve/main/').length > 0);
    assert.deepEqual(hub.requests.filter(({ headers }) => headers.referer !== undefined), []);
  });
}

test('a repository without model_index.json shows its files, and a press looks one up', async () => {
  const said = await lookUp('files/only');
  assert.match(said, /a repository without model_index\.json.*Choose one of its files/s);
  assert.match(said, /add_detail_lora\.safetensors – LoRA/);
  assert.match(said, /model\.gguf – GGUF/);
  assert.doesNotMatch(said, /README/);
  assert.equal(await page.locator('#card-files [data-address]').count(), 1);
  assert.equal(await page.getAttribute('#card-files [data-adapter-address]', 'data-adapter-address'), 'files/only/add_detail_lora.safetensors');
  await page.click('#card-files [data-address]');
  assert.equal(await page.inputValue('#model-address'), 'files/only/dreamshaper.safetensors');
  await panel();
  assert.ok(asked('/files/only/resolve/main/dreamshaper.safetensors').length > 0);
});

test('a saved token opens a gated model and goes to the Hub alone', async () => {
  await page.click('#model-options summary');
  await page.fill('#hub-token', 'hf_test');
  await page.click('#save-hub-token');
  assert.match(await page.textContent('#hub-token-status'), /saved in this browser/);
  assert.equal(await page.inputValue('#hub-token'), '');
  const said = await lookUp('gated/emoji');
  assert.match(said, new RegExp(sheet.name));
  assert.doesNotMatch(await page.content(), /hf_test/);
  assert.ok(hub.requests.every(({ headers }) => headers.authorization === 'Bearer hf_test'));

  await lookUp('https://hf-mirror.com/hearth/emoji');
  assert.ok(hub.requests.length > 0);
  assert.deepEqual(hub.requests.filter(({ headers }) => headers.authorization !== undefined), []);

  await page.click('#remove-hub-token');
  assert.match(await lookUp('gated/emoji'), /licence must be accepted first/);
  assert.deepEqual(hub.requests.filter(({ headers }) => headers.authorization !== undefined), []);
  assert.equal(await page.evaluate(() => localStorage.getItem('hearth-hub-token')), null);
});

test('a repository as LoRA is its only one, or those that may be meant are named', async () => {
  await page.click('#close-panel');
  await page.evaluate(() => { document.querySelector('#adapters').open = true; });
  const add = async (typed) => {
    hub.requests.length = 0;
    await page.fill('#adapter-address', typed);
    await page.press('#adapter-address', 'Enter');
    const row = page.locator('.adapter').filter({ hasText: typed });
    await row.locator('.problem:not(:empty)').waitFor();
    const said = await row.innerText();
    await row.locator('[data-adapter=remove]').click();
    return said;
  };
  // There is nothing behind its name here, which is said of that file.
  assert.match(await add('files/only'), /add_detail_lora\.safetensors/);
  assert.ok(asked('/files/only/resolve/main/add_detail_lora.safetensors').length > 0);
  assert.match(await add('files/several'), /Give one of them: files\/several\/a_lora\.safetensors, files\/several\/b_lora\.safetensors/);
  await page.click('#choose-model');
});

test('a repository as VAE is its only one, or those that may be meant are named', async () => {
  await page.fill('#model-address', '');
  await page.evaluate(() => { document.querySelector('#model-options').open = true; });
  // What was said of the one before may still stand there.
  const use = async (typed, said) => {
    hub.requests.length = 0;
    await page.fill('#vae-address', typed);
    await page.press('#vae-address', 'Enter');
    await page.locator(`#model-address-problem:not([hidden]):has-text("${said}")`).waitFor();
  };
  await use('files/vaes', 'Give one of them: files/vaes/a.vae.safetensors, files/vaes/b_vae.safetensors');
  // It has one whole file, and there is nothing behind its name here.
  await use('files/only', 'dreamshaper.safetensors');
  assert.ok(asked('/files/only/resolve/main/dreamshaper.safetensors').length > 0);
  await page.fill('#vae-address', '');
});

test('a server that is not reached is said within two seconds', async () => {
  const began = Date.now();
  const said = await lookUp('https://models.invalid/model/folder/');
  assert.match(said, /was not reached/);
  assert.ok(Date.now() - began < 2_000, `${Date.now() - began} ms`);
});
