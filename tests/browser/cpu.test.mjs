// The CPU device draws what the words say, repeats itself, and its pictures can be saved.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { before, test } from 'node:test';

import { QUICK, sheet } from './support/model.mjs';
import { borderColour, difference, isPicture, nearestColour, readPng } from './support/pixels.mjs';
import { browser, server, useBrowser } from './support/session.mjs';

const PROMPT = 'a red apple on a blue background';

let studio;

await useBrowser();

before(async () => {
  studio = await browser.open(`${server.url}?device=cpu`);
  await studio.ready();
});

test('with the usual settings the background has the colour that was asked for', async () => {
  assert.match(await studio.page.textContent('#device'), /CPU/);
  const picture = await studio.generate({ prompt: PROMPT, seed: 7 });
  assert.ok(isPicture(picture));
  assert.deepEqual([picture.width, picture.height], [sheet.width, sheet.height]);
  const colour = borderColour(picture);
  assert.equal(nearestColour(colour, sheet.palette), 'blue', `the border is ${colour.map(Math.round)}`);
});

test('the same seed gives the same picture, another seed another', async () => {
  const first = await studio.generate(QUICK);
  const other = await studio.generate({ ...QUICK, seed: 2 });
  const again = await studio.generate(QUICK);
  assert.ok(first.rgba.equals(again.rgba), 'the same seed');
  assert.ok(difference(first, other).mean > 2, 'another seed');
});

test('saved, the picture is a PNG that knows how it was made', async () => {
  const picture = await studio.generate({ ...QUICK, prompt: 'a café on a pink background' });
  const [download] = await Promise.all([studio.page.waitForEvent('download'), studio.page.click('#save')]);
  // Under load Chromium tells its driver another name than the link's.
  assert.match(await studio.page.getAttribute('#save', 'download'), /\.png$/);
  const png = readPng(await readFile(await download.path()));
  assert.deepEqual([png.width, png.height], [picture.width, picture.height]);
  assert.equal(png.texts.prompt, 'a café on a pink background');
  assert.equal(png.texts.seed, '1');
  assert.match(png.texts.parameters, /^a café on a pink background\n.*Steps: 3, /s);
  const shown = picture.rgba.filter((_, i) => i % 4 < 3);
  assert.ok(png.channels === 3 && png.rgb.equals(shown), 'the file holds the pixels of the page');
});

test('there were no errors', () => studio.close());
