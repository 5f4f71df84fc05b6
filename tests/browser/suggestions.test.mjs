// Models that the panel offers, and the note about words that the small model does not know.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { browser, server, useBrowser } from './support/session.mjs';
import { QUICK } from './support/model.mjs';

const FILE = fileURLToPath(new URL('../../www/suggested-models.json', import.meta.url));
const { models } = JSON.parse(await readFile(FILE, 'utf8'));

await useBrowser();

test('the page says what its model can do and leads to others', async () => {
  const studio = await browser.open(`${server.url}?device=cpu`);
  const { page } = studio;
  await studio.ready();
  assert.match(await page.innerText('#model-scope'), /Hearth Emoji draws one of 323 emoji/);
  await page.click('#other-models');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'suggestions');
  const items = page.locator('#suggested li');
  assert.equal(await items.count(), models.length);
  for (const model of models) {
    const text = await page.innerText(`#suggested [data-repository="${model.repository}"]`);
    for (const part of [model.name, model.repository, model.licence, model.for.en]) assert.ok(text.includes(part), part);
    assert.match(text, model.memory.cpu <= 3_758_096_384 ? /The CPU can run it/ : /Too large for the CPU/);
  }
  // What this device can run comes first.
  assert.match(await items.first().innerText(), /The CPU can run it/);
  await page.keyboard.press('Escape');
  await page.click('text=中文');
  await page.click('#other-models');
  assert.ok((await page.innerText('#suggested')).includes(models[0].for['zh-Hans']));
  await page.keyboard.press('Escape');
  await page.click('text=EN');
  await studio.close();
});

test('words that the model does not know are named, and the picture is made', async () => {
  const studio = await browser.open(`${server.url}?device=cpu`);
  const { page } = studio;
  await studio.ready();
  await page.waitForTimeout(1000); // The words are read beside everything else.
  await studio.generate({ ...QUICK, prompt: 'a photo of a medieval castle' });
  assert.match(await studio.message(/does not know/), /Hearth Emoji does not know: photo, medieval\./);
  await page.click('#notes [data-action=other-models]');
  assert.ok(await page.isVisible('#suggested'));
  await page.keyboard.press('Escape');
  await studio.generate({ ...QUICK, prompt: 'a red apple on a blue background' });
  assert.deepEqual(await studio.messages(), []);
  await studio.close();
});
