// The example prompt, choices that are kept, corrections of fields, and the focus.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { choose, png, taken } from './support/files.mjs';
import { browser, server, useBrowser } from './support/session.mjs';
import { FOLDER, QUICK, serve, sheet } from './support/tiny.mjs';

await useBrowser({ serve });

const prompt = (page) => page.inputValue('#prompt');
const selection = (page) => page.evaluate(() => {
  const { selectionStart, selectionEnd, value } = document.querySelector('#prompt');
  return [selectionStart, selectionEnd, value.length];
});
const focused = (page) => page.evaluate(() => document.activeElement.id || document.activeElement.tagName);

/** The page of all tests but those that begin with a visit. */
let studio;

before(async () => {
  studio = await browser.open(`${server.url}?device=cpu`);
  await studio.ready();
});

test('a press into the example selects it, and a second one sets the caret', async () => {
  const { page } = studio;
  await page.focus('#seed');
  await page.click('#prompt');
  const [start, end, length] = await selection(page);
  assert.deepEqual([start, end], [0, length]);
  await page.click('#prompt');
  const caret = await selection(page);
  assert.equal(caret[0], caret[1]);
});

test('a field is checked when it is left, and the status follows the correction', async () => {
  const { page } = studio;
  await studio.fill({ steps: '0' });
  await page.press('#steps', 'Tab');
  await page.waitForSelector('#steps-problem:not([hidden])');
  await page.click('#generate');
  assert.equal(await page.textContent('#status'), 'Please correct the marked field.');
  await studio.fill({ steps: '2' });
  assert.ok(await page.isHidden('#steps-problem'));
  assert.equal(await page.textContent('#status'), 'Ready.');
});

test('buttons of the same text have different names', async () => {
  const names = await studio.page.evaluate(() => [...document.querySelectorAll('button[id]')]
    .map((button) => button.getAttribute('aria-label') ?? button.textContent.trim())
    .filter((name) => name.startsWith('Remove')));
  const all = names.filter((name) => name.startsWith('Remove all'));
  assert.ok(!names.includes('Remove') && !names.includes('Remove all'), `${names}`);
  assert.equal(new Set(all).size, 2, `${all}`);
});

test('a report can be copied and holds no prompt', async () => {
  const { page } = studio;
  await studio.fill({ prompt: 'a secret castle' });
  await page.click('#report summary');
  await page.waitForFunction(() => document.querySelector('#report-text').value); // Written on "toggle".
  const report = await page.inputValue('#report-text');
  assert.match(report, /^Hearth \d+\.\d+\.\d+\nBrowser: .*Chrom.*\nDevice: CPU\nWindow: 1280 × 900/);
  assert.doesNotMatch(report, /secret|castle/);
});

test('seed -1 is a random one', async () => {
  const { page } = studio;
  await studio.fill({ seed: '-1' });
  assert.equal(await page.isChecked('#keep-seed'), false);
  await studio.generate(QUICK);
  assert.match(await page.inputValue('#seed'), /^\d+$/);
});

test('milestones of a run are spoken', async () => {
  const { page } = studio;
  await page.evaluate(() => {
    window.spoken = [];
    const announcer = document.querySelector('#announcer');
    new MutationObserver(() => window.spoken.push(announcer.textContent)).observe(announcer, { childList: true, characterData: true, subtree: true });
  });
  await studio.generate({ ...QUICK, steps: 8 });
  const spoken = (await page.evaluate(() => window.spoken)).filter((text) => /^Step/.test(text));
  assert.deepEqual(spoken.map((text) => Number(/\d+/.exec(text)[0])), [2, 4, 6, 8]);
});

test('the focus never falls to the body', async () => {
  const { page } = studio;
  await studio.generate(QUICK);
  for (const id of ['remove-picture', 'undo-remove']) {
    await page.focus(`#${id}`);
    await page.keyboard.press('Enter');
    await page.waitForTimeout(900);
    assert.notEqual(await focused(page), 'BODY', id);
  }
});

test('there were no errors', () => studio.close());

test('typing replaces the example prompt', async () => {
  const studio = await browser.open(`${server.url}?device=cpu`);
  const { page } = studio;
  await studio.ready();
  assert.equal(await focused(page), 'prompt');
  const [start, end, length] = await selection(page);
  assert.deepEqual([start, end], [0, length], 'the example is selected');
  assert.ok(length > 0);
  await page.keyboard.type('a castle');
  assert.equal(await prompt(page), 'a castle');
  // What was typed is not selected again.
  await page.focus('#seed');
  await page.click('#prompt');
  await page.keyboard.press('End');
  await page.keyboard.type('!');
  assert.equal(await prompt(page), 'a castle!');
  await studio.close();
});

test('model and device that were chosen are there at the next visit, and in the address', async () => {
  const place = `${server.url}other/`;
  server.mount('/other/', FOLDER);
  const studio = await browser.open(`${server.url}?device=cpu`);
  const { page } = studio;
  await studio.ready();
  await page.click('#choose-model');
  await page.fill('#model-address', place);
  await page.press('#model-address', 'Enter');
  await page.waitForSelector('#card:not([hidden])[aria-busy=false]');
  await page.click('#use-model');
  await studio.ready();
  assert.equal(new URL(page.url()).searchParams.get('model'), place);
  assert.equal(new URL(page.url()).searchParams.get('device'), 'cpu');
  await studio.close();

  const later = await browser.open(`${server.url}?device=cpu`);
  await later.ready();
  assert.match(await later.page.textContent('#model'), /other/);
  // The address counts more.
  const bundled = `${server.url}models/emoji/`;
  await later.page.goto(`${server.url}?device=cpu&model=${encodeURIComponent(bundled)}`);
  await later.ready();
  assert.equal(await later.page.textContent('#model'), sheet.name);
  // The page's own model is a choice too.
  await later.page.goto(`${server.url}?device=cpu`);
  await later.ready();
  await later.page.click('#choose-model');
  await later.page.click('#own-model');
  await later.ready();
  assert.equal(new URL(later.page.url()).searchParams.get('model'), null);
  assert.equal(await later.page.evaluate(() => localStorage.getItem('hearth-choice')), null);
  await later.close();
});

test('a value that spoils the picture is said beside its field, and nothing moves', async () => {
  const studio = await browser.open(`${server.url}?device=cpu`);
  const { page } = studio;
  await studio.ready();
  await studio.fill({ guidance: 7 });
  const below = () => page.evaluate(() => document.querySelector('#sampler').getBoundingClientRect().top + window.scrollY);
  const isShown = (id) => page.evaluate((id) => getComputedStyle(document.querySelector(id)).visibility === 'visible', id);
  const before = await below();
  assert.deepEqual([await isShown('#guidance-hint'), await isShown('#guidance-unwise')], [true, false]);
  assert.equal(await page.getAttribute('#guidance', 'aria-describedby'), 'guidance-hint guidance-problem');
  await page.fill('#guidance', '45');
  assert.deepEqual([await isShown('#guidance-hint'), await isShown('#guidance-unwise')], [false, true]);
  assert.match(await page.textContent('#guidance-unwise'), /^Above 30 the picture burns out.*5 to 9 is usual\.$/);
  assert.equal(await page.getAttribute('#guidance', 'aria-describedby'), 'guidance-unwise guidance-problem');
  await page.click('[lang=zh-Hans]');
  assert.match(await page.textContent('#guidance-unwise'), /^超过 30/);
  await page.click('[lang=en]');
  assert.equal(await below(), before);
  await page.fill('#guidance', '7');
  assert.ok(!await isShown('#guidance-unwise'));

  await choose(page, 'grey.png', 'image/png', png(64, 64, () => [128, 128, 128]));
  await taken(page);
  await page.fill('#strength', '0.05');
  assert.ok(await isShown('#strength-unwise'));
  assert.match(await page.textContent('#strength-unwise'), /changes almost nothing/);
  await page.fill('#strength', '0.6');
  assert.ok(!await isShown('#strength-unwise'));
  await studio.close();
});

test('a size of no shape is named beside the shapes', async () => {
  const studio = await browser.open(`${server.url}?device=cpu`);
  const { page } = studio;
  await studio.ready();
  const pressed = () => page.locator('#shapes [aria-pressed=true]').count();
  assert.equal(await page.textContent('#shape-size'), `${sheet.width} × ${sheet.height}`);
  assert.ok(await pressed() > 0);
  await studio.fill({ width: 64, height: 96 });
  assert.equal(await page.textContent('#shape-size'), '64 × 96');
  assert.equal(await pressed(), 0);
  await studio.close();
});

test('on a phone the cross of a message stays beside its text', async () => {
  const studio = await browser.open(`${server.url}?device=cpu&lang=en`, { size: { width: 390, height: 844 } });
  const { page } = studio;
  await studio.ready();
  await page.fill('#prompt', 'a castle\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 5, Size: 512x512');
  await page.waitForSelector('#notes [data-action=use-pasted]:not([hidden])');
  const { text, cross, button, note } = await page.evaluate(() => {
    const note = document.querySelector('#notes .note');
    const box = (selector) => note.querySelector(selector).getBoundingClientRect().toJSON();
    return { text: box('p'), cross: box('[data-action=dismiss]'), button: box('[data-action=use-pasted]'), note: note.getBoundingClientRect().toJSON() };
  });
  assert.ok(cross.top < text.bottom && cross.left >= text.right, 'beside the text');
  assert.ok(cross.right <= note.right && button.right <= note.right);
  assert.ok(button.top >= text.bottom, 'buttons come below');
  assert.ok(note.top >= 0 && note.bottom <= 844, 'it is in sight');
  await studio.close();
});
