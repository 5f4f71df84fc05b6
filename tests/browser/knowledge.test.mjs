// What the bundled model knows: examples, a random prompt, a list to search, and the nearest of unknown words.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';

import { isAccessibleOnPhones, violations } from './support/axe.mjs';
import { FOLDER, QUICK } from './support/model.mjs';
import { browser, server, useBrowser } from './support/session.mjs';

const known = JSON.parse(readFileSync(join(FOLDER, 'knowledge.json'), 'utf8'));
const TEMPLATE = /^(?:(?:an? )?(.+)) on (an?) (\w+) background$/;

let studio, page;

await useBrowser();

before(async () => {
  studio = await browser.open(`${server.url}?device=cpu`);
  page = studio.page;
  await studio.ready();
  page.setDefaultTimeout(20_000);
});

const prompt = () => page.inputValue('#prompt');
const put = '#notes [data-action=put-back]:not([hidden])';
const asked = () => server.asked(/knowledge\.json$/).length;
const shown = () => page.$$eval('#knowledge-groups button', (buttons) =>
  buttons.filter((button) => button.offsetParent !== null).map((button) => button.querySelector('span').textContent));
const thing = (name) => page.getByRole('button', { name, exact: true });

async function list() {
  await page.click('#show-knowledge');
  await page.waitForSelector('#knowledge-groups details');
}

async function search(text) {
  await page.fill('#knowledge-search', text);
  return shown();
}

test('examples are those of the file, in both languages', async () => {
  const chips = () => page.$$eval('#examples [data-prompt]', (chips) => chips.map((chip) => [chip.dataset.prompt, chip.textContent]));
  const of = (language) => known.examples.map(({ prompts, labels }) => [prompts.en, labels[language]]);
  assert.deepEqual(await chips(), of('en'));
  await page.click('text=中文');
  assert.deepEqual(await chips(), of('zh-Hans'));
  await page.click('text=EN');
  assert.deepEqual(await chips(), of('en'));
  assert.equal(asked(), 0, 'nothing has needed the file yet');
});

test('the dice writes one prompt after another, and what was typed can be had back', async () => {
  await page.locator('#examples [data-prompt]').first().click();
  const written = new Set();
  const roll = async () => {
    const before = await prompt();
    await page.click('#prompt-dice');
    await page.waitForFunction((before) => document.querySelector('#prompt').value !== before, before);
    written.add(await prompt());
  };
  for (let time = 0; time < 6; time += 1) await roll();
  assert.ok(written.size > 4, `only ${[...written]}`);
  const names = new Map(known.things.map((one) => [one.name, one]));
  for (const text of written) {
    const [, name, article, colour] = TEMPLATE.exec(text) ?? assert.fail(text);
    assert.ok(names.has(name), text);
    assert.equal(text.startsWith(name), names.get(name).plural === null, text);
    assert.equal(article, colour === 'orange' ? 'an' : 'a', text);
  }
  assert.equal(await page.evaluate(() => document.activeElement.id), 'prompt-dice', 'it can be pressed again');
  assert.deepEqual(await studio.messages(), [], 'nothing typed was replaced');
  assert.equal(asked(), 1);

  await studio.fill({ prompt: 'ten minutes of work' });
  await roll();
  await roll();
  assert.deepEqual(await studio.messages(), ['A random prompt has replaced yours.']);
  await page.click(put);
  assert.equal(await prompt(), 'ten minutes of work');
});

test('the list has everything by kind, with counts, and puts it into the prompt', async () => {
  await studio.fill({ prompt: 'a red apple on a blue background' });
  await list();
  const groups = await page.$$eval('#knowledge-groups summary', (all) => all.map((one) => one.textContent));
  const count = (kind) => known.things.filter((one) => one.kind === kind.name).length;
  assert.deepEqual(groups, [...known.kinds.map((kind) => `${kind.english} ${count(kind)}`), `Colours ${known.colours.length}`]);
  assert.equal((await page.$$('#knowledge-groups button')).length, known.things.length + known.colours.length);
  const octopus = known.things.find(({ name }) => name === 'octopus');

  assert.deepEqual(await search('octop'), ['octopus']);
  assert.equal(await page.textContent('#knowledge-found'), '1 found');
  assert.equal(await thing('octopus').locator('i').textContent(), octopus.character);
  await thing('octopus').click();
  assert.equal(await prompt(), 'an octopus on a blue background');
  assert.equal(await page.textContent('#knowledge-status'), 'Prompt: an octopus on a blue background');
  await search('orange');
  await thing('orange').click();
  assert.equal(await prompt(), 'an octopus on an orange background');
  await page.click('#close-knowledge');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'show-knowledge');
  await page.focus('#prompt');
  await page.keyboard.press('Control+z');
  assert.equal(await prompt(), 'a red apple on a blue background');
  await studio.fill({ prompt: 'my own words' });
  await list();
  await search('octopus');
  await thing('octopus').click();
  assert.equal(await prompt(), 'my own words, an octopus');
  await page.click('#close-knowledge');
});

test('things are found by other names, in Chinese and misspelt', async () => {
  await list();
  assert.deepEqual(await search('章鱼'), ['octopus']);
  assert.deepEqual(await search('aeroplane'), ['airplane']);
  assert.deepEqual(await search('Girafe'), ['giraffe']);
  assert.equal(await page.textContent('#knowledge-found'), 'It knows nothing of this name. The nearest is “giraffe”.');
  assert.deepEqual(await search('medieval knight'), []);
  assert.equal(await page.textContent('#knowledge-found'), 'It knows nothing of this name.');
  await search('');
  assert.equal(await page.$$eval('#knowledge-groups details[open]', (open) => open.length), 1);
  await page.click('#close-knowledge');
});

test('the list is worked by keys', async () => {
  await studio.fill({ prompt: '' });
  await page.focus('#show-knowledge');
  await page.keyboard.press('Enter');
  await page.waitForSelector('#knowledge-groups details');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'knowledge-search');
  await page.keyboard.type('penguin');
  await page.keyboard.press('Tab'); // Its group.
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.textContent.endsWith('penguin')), true);
  await page.keyboard.press('Enter');
  assert.match(await prompt(), /^a penguin on an? \w+ background$/);
  await page.keyboard.press('Escape');
  assert.equal(await page.isVisible('#knowledge'), false);
  assert.equal(await page.evaluate(() => document.activeElement.id), 'show-knowledge');
});

test('the list speaks the language of the page', async () => {
  await page.click('text=中文');
  await studio.fill({ prompt: '' });
  await list();
  await search('octopus');
  assert.deepEqual(await shown(), ['章鱼']);
  assert.equal(await page.textContent('#knowledge-found'), '找到 1 个');
  await thing('章鱼').click();
  assert.match(await prompt(), /^an octopus on an? \w+ background$/, 'in English, which the model knows');
  await page.click('#close-knowledge');
  await page.click('text=EN');
});

test('unknown words are replaced by the nearest with one press', async () => {
  await studio.generate({ ...QUICK, prompt: 'a elefant and a medieval gorila on a gray background' });
  assert.equal(await studio.message(/does not know/),
    'Hearth Emoji does not know: elefant, medieval, gorila, gray. The picture may show something else.');
  const offers = () => page.$$eval('#notes [data-action=replace-word]:not([hidden])', (all) => all.map((one) => one.textContent));
  assert.deepEqual(await offers(), ['Write “elephant” instead of “elefant”', 'Write “grey” instead of “gray”'],
    'nothing for what is like none of its words');
  assert.deepEqual(await violations(page, '#notes'), []);
  await page.click('#notes [data-new=elephant]');
  assert.equal(await prompt(), 'an elephant and a medieval gorila on a gray background');
  await page.waitForSelector('#notes [data-new=grey]');
  await page.click('#notes [data-new=grey]');
  assert.equal(await prompt(), 'an elephant and a medieval gorila on a grey background');
  assert.match(await studio.message(/does not know/), /does not know: medieval, gorila\./);
  assert.equal(await page.isVisible('#notes [data-action=other-models]'), true);
  await page.click(put);
  assert.equal(await prompt(), 'a elefant and a medieval gorila on a gray background');
});

test('Chinese words are offered in English', async () => {
  await studio.generate({ ...QUICK, prompt: '一个红苹果，蓝色背景' });
  await studio.message(/does not know/);
  await page.click('#notes [data-new="a red apple"]');
  await page.click('#notes [data-new="on a blue background"]');
  assert.equal(await prompt(), 'a red apple，on a blue background');
});

test('the first picture needs no file, and one that cannot be read is named', async () => {
  const own = await browser.open(`${server.url}?device=cpu`);
  server.forget();
  await own.ready();
  await own.generate(QUICK);
  assert.equal(asked(), 0);
  server.spoil(/knowledge\.json$/, { status: 503 });
  own.expectError(/503/);
  await own.page.click('#show-knowledge');
  await own.page.waitForFunction(() => /could not be read/.test(document.querySelector('#knowledge-status').textContent));
  await own.close();
  server.heal();
});

test('it is accessible, on phones too', async () => {
  await list();
  assert.deepEqual(await violations(page, '#knowledge'), []);
  assert.deepEqual(await violations(page, '#examples'), []);
  await isAccessibleOnPhones(page, '#knowledge');
  const columns = () => page.$eval('#knowledge-groups ul', (list) => getComputedStyle(list).gridTemplateColumns.split(' ').length);
  assert.equal(await columns(), 1);
  assert.ok(await page.$eval('#knowledge-groups button', (button) => button.offsetHeight >= 44));
  await page.click('#close-knowledge');
  await page.setViewportSize({ width: 1280, height: 800 });
});

test('with another model all of it is hidden', async () => {
  await page.click('#choose-model');
  await page.fill('#model-address', `${server.another()}models/emoji/`);
  await page.click('#look');
  await page.click('#use-model:enabled');
  await page.waitForFunction(() => document.querySelector('#examples').hidden);
  for (const id of ['examples', 'prompt-dice', 'show-knowledge']) assert.equal(await page.isHidden(`#${id}`), true, id);
});
