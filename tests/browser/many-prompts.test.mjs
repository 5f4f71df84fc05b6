// Many prompts from one text: each line a prompt, choices and wildcards drawn by the seed, all through the one queue.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { isAccessibleOnPhones } from './support/axe.mjs';
import { readPng } from './support/pixels.mjs';
import { drop, saved, strip, stripHas } from './support/results.mjs';
import { browser, server, useBrowser } from './support/session.mjs';
import { QUICK, serve } from './support/tiny.mjs';

let studio, page;

await useBrowser({ serve });

before(async () => {
  studio = await browser.open(`${server.url}?device=cpu`);
  page = studio.page;
  await studio.ready();
});

const text = (name, bytes) => ({ name, type: 'text/plain', bytes: Buffer.from(bytes) });
const unfold = () => page.evaluate(() => { document.querySelector('#prompts').open = true; });
const outlook = () => page.textContent('#prompts-outlook');
/** Prompt and seed of each earlier picture, the oldest first. */
const pictures = async () => (await strip(page)).reverse().map((name) => /^(.*) \(seed (\d+)\)$/.exec(name).slice(1));

test('signs are text until they are switched on, and nothing moves when the outlook is said', async () => {
  await unfold();
  assert.equal(await page.isHidden('#prompts-in-use'), true);
  await studio.generate({ ...QUICK, prompt: '{red|red} apple', seed: 1 });
  assert.deepEqual(await pictures(), [['{red|red} apple', '1']]);
  const top = () => page.evaluate(() => Math.round(document.querySelector('#pick-wildcards').getBoundingClientRect().top + scrollY));
  const before = await top();
  await page.check('#draw-choices');
  assert.equal(await outlook(), 'The first: red apple');
  assert.equal(await page.isVisible('#prompts-in-use'), true);
  assert.equal(await top(), before);
});

test('each line is a prompt with the same seeds, in one batch that Cancel ends', async () => {
  await page.check('#each-line');
  await studio.fill({ ...QUICK, prompt: 'a cat\n\n  {a|a} dog ', seed: 5, pictures: 2 });
  assert.equal(await outlook(), '2 prompts, 4 pictures · The first: a cat');
  await page.click('#generate');
  await stripHas(page, 5);
  await studio.waitForState('ready');
  assert.deepEqual((await pictures()).slice(1), [['a cat', '5'], ['a cat', '6'], ['a dog', '5'], ['a dog', '6']]);
  assert.match(await page.textContent('#status'), /^4 pictures done in/);
  await page.locator('#history button').first().click();
  // The metadata have the prompt that was drawn.
  const { texts } = readPng((await saved(page)).bytes);
  assert.match(texts.parameters, /^a dog\n/);
  await studio.fill({ steps: 20, seed: 50, pictures: 1 });
  await page.click('#generate');
  await page.waitForFunction(() => /^Picture 2 of 2 · Step/.test(document.querySelector('#status').textContent)
    && (document.querySelector('#cancel').click(), true), null, { polling: 50 });
  await studio.waitForState('ready');
  assert.equal(await page.textContent('#status'), 'Stopped; 1 of 2 pictures are done.');
});

test('a request during a run waits with all of its prompts', async () => {
  const before = (await strip(page)).length;
  await studio.fill({ ...QUICK, steps: 60, prompt: 'one', seed: 70 });
  await page.click('#generate');
  await studio.waitForState('busy');
  await studio.fill({ ...QUICK, prompt: 'two\nthree', seed: 71 });
  await page.click('#enqueue');
  assert.equal(await page.textContent('#queue-count'), '1 waiting');
  await stripHas(page, before + 3);
  await studio.waitForState('ready');
  assert.deepEqual((await pictures()).slice(before).map(([prompt]) => prompt), ['one', 'two', 'three']);
});

test('a wildcard file is added, used, kept, and removed', async () => {
  await studio.fill({ prompt: 'an __animal__', seed: 3 });
  assert.match(await outlook(), /__animal__.*there is no file animal\.txt/);
  await page.uncheck('#each-line');
  await page.click('#generate');
  assert.match(await studio.message(/animal\.txt/), /^The prompt is __animal__/);
  assert.equal(await outlook(), '', 'it is said once');
  await studio.fill({ seed: 4 });
  assert.equal(await outlook(), '');

  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.click('#pick-wildcards')]);
  await chooser.setFiles([{ name: 'animal.txt', mimeType: 'text/plain', buffer: Buffer.from('# two\nowl\nowl\n') }]);
  await page.waitForSelector('#wildcard-list li');
  assert.equal((await page.innerText('#wildcard-list')).replace(/\s+/g, ' ').trim(), '__animal__ 2 lines');
  assert.match(await outlook(), /The first: an owl$/);
  assert.deepEqual(await studio.messages(), [], 'the error is gone with its cause');
  assert.equal(await page.textContent('#status'), 'Ready.');
  await studio.generate({ ...QUICK, prompt: 'an __animal__', seed: 3 });
  assert.deepEqual((await pictures()).at(-1), ['an owl', '3']);
  assert.equal(await page.inputValue('#prompt'), 'an __animal__', 'the form keeps what was typed');

  await page.reload();
  await studio.ready();
  assert.equal(await page.evaluate(() => document.querySelector('#prompts').open), true);
  assert.equal(await page.isChecked('#draw-choices'), true);
  await studio.fill({ prompt: 'a hat' });
  await page.click('[data-wildcard=insert]');
  assert.equal(await page.inputValue('#prompt'), 'a hat, __animal__');
  await page.click('[data-wildcard=remove]');
  assert.equal(await page.isHidden('#wildcard-list'), true);
  assert.equal(await page.evaluate(() => document.activeElement.id), 'pick-wildcards');
  assert.equal(await page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith('hearth-wildcard')).length), 0);
});

test('wildcard files may be dropped anywhere; what is no text is said by name', async () => {
  await drop(page, text('colour.txt', 'red\nblue'), text('empty.txt', '# none\n'), { name: 'latin.txt', type: 'text/plain', bytes: Buffer.from([0xe9, 10]) });
  await page.waitForSelector('#wildcard-list li');
  assert.match(await studio.message(/no choices/), /^empty has no choices/);
  assert.match(await studio.message(/UTF-8/), /^latin\.txt is no text/);
  assert.deepEqual(await page.locator('[data-wildcard=insert]').allInnerTexts(), ['__colour__']);
});

test('too many pictures are refused beside their number, and Chinese says all of it', async () => {
  await page.check('#each-line');
  await studio.fill({ ...QUICK, prompt: 'a\n'.repeat(101), pictures: 4 });
  await page.click('#generate');
  assert.match(await studio.message(/404 pictures/), /at most 400/);
  await studio.fill({ prompt: 'a\nb', pictures: 1 });
  await page.click('#languages [lang=zh-Hans]');
  assert.match(await outlook(), /^2 条提示词，2 张图片/);
  assert.equal(await page.getAttribute('[data-wildcard=remove]', 'aria-label'), '移除通配符 colour');
  await page.click('#languages [lang=en]');
});

test('the section has no violations of accessibility, and fits a phone', async () => {
  await isAccessibleOnPhones(page, '#prompts');
});

test('there were no errors', () => studio.close());
