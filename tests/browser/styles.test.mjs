// Styles: prompts saved by name, applied as AUTOMATIC1111 does, and carried over in its file.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { before, test } from 'node:test';

import { isAccessibleOnPhones } from './support/axe.mjs';
import { drop } from './support/results.mjs';
import { browser, server, useBrowser } from './support/session.mjs';
import { serve } from './support/tiny.mjs';

let studio, page;

await useBrowser({ serve });

before(async () => {
  studio = await browser.open(`${server.url}?device=cpu`);
  page = studio.page;
  await studio.ready();
  await page.evaluate(() => { document.querySelector('#prompts').open = true; });
});

const names = () => page.$$eval('#style-list [data-style=name]', (fields) => fields.map((field) => field.value));
const prompts = () => page.evaluate(() => ['prompt', 'negative-prompt'].map((id) => document.getElementById(id).value));
const part = (index, what) => page.locator('#style-list li').nth(index).locator(`[data-style=${what}]`);
const said = () => page.textContent('#styles-said');
const kept = () => page.evaluate(() => localStorage.getItem('hearth-styles'));

async function save(name, prompt, negative) {
  await studio.fill({ prompt, 'negative-prompt': negative });
  await page.fill('#style-name', name);
  await page.press('#style-name', 'Enter');
}

test('the present prompts are saved by name, and no picture begins', async () => {
  await page.click('#save-style');
  assert.match(await studio.message(/Give the style a name/), /name/);
  await save('ink', 'ink drawing, hatching', 'photo');
  assert.equal(await said(), 'ink was saved.');
  assert.equal(await page.isHidden('#style-name-problem'), true);
  await save('film', 'a photo of {prompt}, grain', '');
  assert.deepEqual(await names(), ['ink', 'film']);
  assert.equal(await studio.state(), 'ready');
  assert.equal(await kept(), 'name,prompt,negative_prompt\r\nink,"ink drawing, hatching",photo\r\nfilm,"a photo of {prompt}, grain",\r\n');
});

test('a style follows the prompt or stands around it, and that can be undone', async () => {
  await studio.fill({ prompt: 'a cat', 'negative-prompt': 'blurry' });
  await part(0, 'apply').click();
  assert.deepEqual(await prompts(), ['a cat, ink drawing, hatching', 'blurry, photo']);
  await part(1, 'apply').click();
  assert.deepEqual(await prompts(), ['a photo of a cat, ink drawing, hatching, grain', 'blurry, photo']);
  await page.click('#notes [data-action=put-back]');
  assert.deepEqual(await prompts(), ['a cat', 'blurry']);
});

test('a style that is applied is not put in again', async () => {
  await studio.fill({ prompt: 'a cat', 'negative-prompt': '' });
  await part(0, 'apply').click();
  await part(1, 'apply').click();
  const once = await prompts();
  assert.deepEqual(once, ['a photo of a cat, ink drawing, hatching, grain', 'photo']);
  for (const index of [0, 1]) {
    await part(index, 'apply').click();
    await studio.message(index ? /^The style film is in the prompts already/ : /^The style ink is in the prompts already/);
    assert.deepEqual(await prompts(), once);
  }
  // What was deleted comes again.
  await studio.fill({ 'negative-prompt': '' });
  await part(0, 'apply').click();
  assert.deepEqual(await prompts(), once);
});

test('what was typed over an applied style can be had back after its undo', async () => {
  await studio.fill({ prompt: 'a cat', 'negative-prompt': '' });
  await part(0, 'apply').click();
  await studio.fill({ prompt: 'words of my own' });
  await page.click('#notes [data-action=put-back]');
  assert.deepEqual(await prompts(), ['a cat', '']);
  await page.click('#notes [data-action=put-back]');
  assert.equal((await prompts())[0], 'words of my own');
});

test('a style is renamed in its row, and not to the name of another', async () => {
  await part(0, 'name').fill('film');
  await part(0, 'name').press('Enter');
  assert.equal(await studio.message(/already/), 'There is a style film already.');
  assert.deepEqual(await names(), ['ink', 'film']);
  await part(0, 'name').fill('pen');
  await page.focus('#style-name');
  assert.equal(await said(), 'It is called pen now.');
  assert.deepEqual(await names(), ['pen', 'film']);
  assert.equal(await studio.state(), 'ready');
});

test('a removed or overwritten style can be had back', async () => {
  await part(0, 'remove').click();
  assert.deepEqual(await names(), ['film']);
  await page.keyboard.press('Enter');
  assert.deepEqual(await names(), ['pen', 'film']);
  await save('pen', 'other', '');
  assert.equal(await said(), 'pen was saved anew.');
  await page.click('#undo-style');
  assert.match(await kept(), /pen,"ink drawing, hatching",photo/);
});

test('styles are exported as AUTOMATIC1111’s file, and imported from it', async () => {
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('#export-styles')]);
  assert.equal(download.suggestedFilename(), 'styles.csv');
  const file = await readFile(await download.path(), 'utf8');
  assert.equal(file, await kept());
  await part(1, 'remove').click();
  await part(0, 'remove').click();
  assert.equal(await kept(), null);
  assert.equal(await page.isHidden('#export-styles'), true);

  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.click('#pick-styles')]);
  await chooser.setFiles([{ name: 'styles.csv', mimeType: 'text/csv', buffer: Buffer.from(`\ufeff${file}oil,"two\nlines",\n`) }]);
  await page.waitForSelector('#style-list li');
  assert.deepEqual(await names(), ['pen', 'film', 'oil']);
  assert.equal(await said(), '3 styles were imported.');
  await drop(page, { name: 'list.csv', type: 'text/csv', bytes: Buffer.from('a cat\na dog\n') });
  assert.match(await studio.message(/no file of styles/), /^list\.csv/);
});

test('styles are there after a reload, in Chinese too', async () => {
  await page.reload();
  await studio.ready();
  await page.evaluate(() => { document.querySelector('#prompts').open = true; });
  assert.deepEqual(await names(), ['pen', 'film', 'oil']);
  await page.click('#languages [lang=zh-Hans]');
  assert.equal(await part(0, 'apply').innerText(), '应用');
  assert.equal(await part(0, 'remove').getAttribute('aria-label'), '移除样式 pen');
  await page.click('#languages [lang=en]');
});

test('the section has no violations of accessibility, and fits a phone', async () => {
  await isAccessibleOnPhones(page, '#styles');
});

test('there were no errors', () => studio.close());
