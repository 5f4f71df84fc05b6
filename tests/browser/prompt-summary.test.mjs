// The line under a prompt: what the loaded model reads in it, in every grammar, while one types.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { browser, server, useBrowser } from './support/session.mjs';
import { serve } from './support/tiny.mjs';

await useBrowser({ serve });

let page;

before(async () => {
  const studio = await browser.open(`${server.url}?device=cpu`);
  await studio.ready();
  page = studio.page;
});

const line = (id = 'prompt-summary') => page.textContent(`#${id}`);

async function reads(prompt, expected) {
  await page.fill('#prompt', prompt);
  const matches = ([id, expected]) => new RegExp(expected).test(document.querySelector(`#${id}`).textContent);
  await page.waitForFunction(matches, ['prompt-summary', expected]).catch(async () => assert.match(await line(), new RegExp(expected)));
}

test('tokens and weights are listed while one types, and nothing moves', async () => {
  const top = () => page.evaluate(() => Math.round(document.querySelector('#examples').getBoundingClientRect().top));
  await reads('', '^$');
  const before = await top();
  await reads('apple', '^1 token$|^\\d tokens$');
  await reads('a (red:1.4) apple, [blue] sky', '^\\d+ tokens · red × 1.4 · blue × 0.91$');
  await reads('a cat AND a dog :0.5', '^1 × \\(\\d tokens\\) · 0.5 × \\(\\d tokens\\)$');
  await reads('a [red|blue] apple', ' · 2 texts over the steps$');
  await reads('ratio 16:9', '“:9” is text$');
  assert.equal(await top(), before);
  assert.equal(await page.getAttribute('#prompt-summary', 'aria-live'), 'polite');
});

test('borders of chunks are named, and in the plain grammar what is cut off', async () => {
  await reads('red '.repeat(80), '^75 \\+ 5 tokens · new chunk at “red”$');
  await page.evaluate(() => (document.querySelector('#advanced').open = true));
  await page.selectOption('#grammar', 'plain');
  await reads(`${'red '.repeat(75)}blue apple`, '^75 tokens · cut off: blue apple$');
  await page.fill('#negative-prompt', '(blurry:1.3)');
  await page.selectOption('#grammar', 'comfy');
  await page.waitForFunction(() => document.querySelector('#negative-prompt-summary').textContent.endsWith('blurry × 1.3'));
  await page.selectOption('#grammar', 'a1111');
});

test('what is read as text, although it is hardly meant so, is named', async () => {
  await reads('{a|b} cat', '^\\{a\\|b\\} and __name__ are text: drawing is off · \\d tokens$');
  await reads('a cat', '^\\d tokens$');
  await reads('a （red cat：1.2）', '^（red cat：1\\.2） is text; a weight is written as \\(red cat:1\\.2\\) · ');
  await reads('a (red:1,2) cat', '^\\(red:1,2\\) is text; a weight is written as \\(red:1\\.2\\) · ');
  await page.fill('#negative-prompt', 'a <lora:ink:1>');
  await page.waitForFunction(() => document.querySelector('#negative-prompt-summary').textContent.startsWith('<lora:ink> is text here'));
  await page.fill('#negative-prompt', '');
});

test('a weight of a LoRA that is no number is refused by its text', async () => {
  for (const weight of ['0,8', 'abc']) {
    await page.fill('#prompt', `a cat <lora:ink:${weight}>`);
    await page.click('#generate');
    await page.waitForSelector('#prompt-problem:not([hidden])');
    assert.match(await page.textContent('#prompt-problem'), new RegExp(`is ${weight}: a LoRA’s weight is a number with a point`));
  }
});

test('a prompt that cannot be read has no line, and its error names the place', async () => {
  await reads('a cat', 'token');
  await reads('(red:1.2.3) apple', '^$');
  await page.click('#generate');
  await page.waitForSelector('#prompt-problem:not([hidden])');
  assert.match(await page.textContent('#prompt-problem'), /1\.2\.3 is not a number/);
});
