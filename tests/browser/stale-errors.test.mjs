// An error goes with its cause: when its field is edited, and when what it is about is replaced.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { choose, marked, png, taken } from './support/files.mjs';
import { browser, server, useBrowser } from './support/session.mjs';
import { answerWith, answerWithPicture, openWithStandIn, requested } from './support/stand-in.mjs';

const SIDE = 64;

let studio, page;

await useBrowser({ gpu: false });

before(async () => {
  studio = await openWithStandIn(browser, server);
  page = studio.page;
  await studio.fill({ width: SIDE, height: SIDE });
  await choose(page, 'picture.png', 'image/png', png(SIDE, SIDE, marked));
  await taken(page);
});

const status = () => page.textContent('#status');
const marks = () => page.locator('[aria-invalid=true]').count();

test('with a result as input, what was wrong with picture and mask before is gone, and the status with it', async () => {
  await answerWithPicture(studio, marked);
  await requested(studio);
  await answerWith(studio, null);
  await page.click('[data-scope=part]');
  await page.setInputFiles('#mask-file', { name: 'mask.png', mimeType: 'image/png', buffer: Buffer.from('no picture') });
  await studio.message(/^mask\.png is no picture/);
  await page.click('#generate');
  await studio.message(/^The mask is empty/);
  assert.equal(await status(), 'Please correct the marked field.');
  await page.click('#use-as-input');
  await page.waitForFunction(() => document.querySelector('#start-reading').hidden);
  assert.deepEqual(await studio.messages(), []);
  assert.equal(await marks(), 0);
  assert.equal(await status(), 'Ready.');
});

test('an error of a setting that does not count any more is gone', async () => {
  const wrongPadding = async () => {
    await page.click('[data-scope=part]');
    await page.check('#mask-only');
    await page.click('[data-tool=fill]');
    await page.fill('#mask-padding', '-1');
    await page.click('#generate');
    await studio.message(/whole number/);
    assert.equal(await status(), 'Please correct the marked field.');
  };
  await wrongPadding();
  await page.uncheck('#mask-only');
  assert.deepEqual([await studio.messages(), await marks(), await status()], [[], 0, 'Ready.']);
  await wrongPadding();
  await page.click('[data-scope=all]');
  assert.deepEqual([await studio.messages(), await marks(), await status()], [[], 0, 'Ready.']);
});

test('a shape or the dice correct the status too', async () => {
  await studio.fill({ seed: 'x' });
  await page.click('#generate');
  assert.equal(await status(), 'Please correct the marked field.');
  await page.click('#dice');
  assert.deepEqual([await studio.messages(), await status()], [[], 'Ready.']);
});

test('beside an error of the styles there is no message of success, and typing ends the error', async () => {
  await page.evaluate(() => { document.querySelector('#prompts').open = true; });
  await page.fill('#style-name', 'ink');
  await page.click('#save-style');
  assert.equal(await page.textContent('#styles-said'), 'ink was saved.');
  await page.click('#save-style');
  await studio.message(/Give the style a name/);
  assert.equal(await page.textContent('#styles-said'), '');
  await page.fill('#style-name', 'oil');
  assert.deepEqual([await studio.messages(), await marks()], [[], 0]);
  await page.click('#save-style');
  const row = page.locator('#style-list [data-style=name]').first();
  await row.fill('oil');
  await row.press('Enter');
  await studio.message(/There is a style oil already/);
  await row.fill('pen');
  assert.deepEqual(await studio.messages(), []);
});

test('a token that was not saved is no error while another one is typed', async () => {
  await page.click('#choose-model');
  await page.evaluate(() => { for (const part of document.querySelectorAll('#model-panel details')) part.open = true; });
  await page.click('#save-hub-token');
  await page.waitForSelector('#hub-token-problem:not([hidden])');
  await page.fill('#hub-token', 'hf_');
  assert.ok(await page.isHidden('#hub-token-problem'));
  await page.click('#close-panel');
});

test('the strength that the page moves with the scope is told, and one of the user’s own is not moved', async () => {
  const moved = () => page.$eval('#strength-moved', (line) => (line.hidden ? '' : line.textContent));
  assert.deepEqual([await page.inputValue('#strength'), await moved()], ['0.8', 'Now 0.8, which is usual for a whole picture. One that you set yourself stays.']);
  await page.click('[data-scope=part]');
  assert.equal(await page.inputValue('#strength'), '1');
  assert.equal(await moved(), 'Now 1, which is usual for a painted part. One that you set yourself stays.');
  await page.click('#languages [lang=zh-Hans]');
  assert.match(await moved(), /^已改为 1/);
  await page.click('#languages [lang=en]');
  await page.fill('#strength', '0.6');
  assert.equal(await moved(), '');
  for (const scope of ['all', 'part']) {
    await page.click(`[data-scope=${scope}]`);
    assert.deepEqual([await page.inputValue('#strength'), await moved()], ['0.6', '']);
  }
});

test('there were no errors', () => studio.close());
