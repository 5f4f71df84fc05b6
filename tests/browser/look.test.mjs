// How the page looks, as far as it can be measured, in several windows. `make test-long` looks at all of
// them, and leaves pictures of the page in target/screenshots.

import assert from 'node:assert/strict';
import { mkdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { choose, marked, png, taken } from './support/files.mjs';
import { isLong } from './support/long.mjs';
import { browser, server, useBrowser } from './support/session.mjs';
import { serve } from './support/tiny.mjs';

const FOLDER = resolve(process.env.HEARTH_SCREENSHOTS
  ?? fileURLToPath(new URL('../../target/screenshots', import.meta.url)));
const ALL = [
  ['desktop-light', { colorScheme: 'light' }, { width: 1280, height: 900 }],
  ['desktop-dark', { colorScheme: 'dark' }, { width: 1280, height: 900 }],
  ['phone', { colorScheme: 'light' }, { width: 390, height: 844 }],
  ['small-phone', { colorScheme: 'dark' }, { width: 360, height: 740 }],
];
const [, DARK, PHONE] = ALL;
const VIEWS = isLong ? ALL : [DARK, PHONE];
/** For text of a usual size, by WCAG 2.2. */
const LEAST_CONTRAST = 4.5;

let studio;

await useBrowser({ serve });

before(async () => {
  await mkdir(FOLDER, { recursive: true });
  studio = await browser.open(`${server.url}?device=cpu`);
  await studio.ready();
  await studio.generate({ prompt: 'a red apple on a blue background', seed: 7 });
});

async function look(name, [, media, size], fullPage = true) {
  await studio.page.emulateMedia(media);
  await studio.page.setViewportSize(size);
  if (isLong) {
    const path = join(FOLDER, `${name}.png`);
    await studio.page.screenshot({ path, fullPage, animations: 'disabled' });
    assert.ok((await stat(path)).size > 0);
  }
  const { tooWide, cut, pale } = await studio.page.evaluate(flaws, LEAST_CONTRAST);
  assert.ok(tooWide <= 0, `${tooWide} pixels too wide`);
  assert.deepEqual(cut, [], 'text that does not fit its button or field');
  assert.deepEqual(pale, [], 'text that is too pale');
}

for (const view of VIEWS) {
  test(`${view[0]} fits its window`, async () => {
    await studio.page.evaluate(() => { document.querySelector('#advanced')?.removeAttribute('open'); });
    await look(view[0], view);
  });

  test(`${view[0]} fits with all settings`, async () => {
    await studio.page.evaluate(() => { document.querySelector('#advanced')?.setAttribute('open', ''); });
    await look(`${view[0]}-settings`, view);
  });
}

test('a picture to start from is masked', async () => {
  await choose(studio.page, 'marked.png', 'image/png', png(160, 128, marked));
  await taken(studio.page);
  await studio.page.click('[data-scope=part]');
  await studio.page.click('#start-mask');
});

for (const view of VIEWS) {
  test(`${view[0]} fits with a picture to start from`, () => look(`${view[0]}-start`, view));
}

test('on a phone Generate stays in reach, and covers no field that has the focus', async () => {
  const [, , size] = PHONE;
  const { page } = studio;
  await page.setViewportSize(size);
  await page.evaluate(() => {
    document.querySelectorAll('.desk details').forEach((section) => { section.open = true; });
    scrollTo({ top: 0, behavior: 'instant' });
  });
  const place = (selector) => page.locator(selector).evaluate((element) => element.getBoundingClientRect().toJSON());
  const button = await place('#generate');
  assert.ok(button.top > size.height / 2 && button.bottom <= size.height, JSON.stringify(button));
  for (const field of ['#steps', '#guidance', '#sampler', '#schedule', '#width']) {
    await page.evaluate(() => scrollTo({ top: 0, behavior: 'instant' }));
    await page.focus(field);
    const { bottom } = await place(field);
    assert.ok(bottom <= (await place('#generate')).top, field);
  }
});

test('the panel opens and shows a model', async () => {
  await studio.page.click('#choose-model');
  await studio.page.waitForSelector('#kept li');
  await studio.page.fill('#model-address', `${server.another()}models/emoji/`);
  await studio.page.press('#model-address', 'Enter');
  await studio.page.waitForSelector('#card:not([hidden])[aria-busy=false]');
});

for (const view of VIEWS) {
  test(`the panel fits: ${view[0]}`, () => look(`panel-${view[0]}`, view, false));

  test(`the panel's lower part fits: ${view[0]}`, async () => {
    await studio.page.evaluate(() => {
      document.querySelector('#model-options').open = true;
      document.querySelector('#kept-total').scrollIntoView();
    });
    await look(`panel-${view[0]}-lower`, view, false);
    await studio.page.evaluate(() => {
      document.querySelector('#model-options').open = false;
      document.querySelector('#model-panel').scrollTo(0, 0);
    });
  });
}

test('there were no errors', () => studio.close());

// Runs in the page: what can be measured of a page's looks.
function flaws(leastContrast) {
  const shown = (element) => element.checkVisibility({ visibilityProperty: true });
  const within = document.querySelector('dialog[open]') ?? document.body;
  const tooWide = Math.max(
    document.documentElement.scrollWidth - innerWidth,
    within.scrollWidth - within.clientWidth,
  );

  const cut = [...within.querySelectorAll('button, select')].filter(shown)
    .filter((element) => element.scrollWidth > element.clientWidth + 1 || isCutSelect(element))
    .map((element) => element.id || element.textContent.trim());
  // What a select shows is no element; its text is measured with its own font.
  function isCutSelect(element) {
    if (element.tagName !== 'SELECT') return false;
    const style = getComputedStyle(element);
    const pen = document.createElement('canvas').getContext('2d');
    pen.font = style.font;
    const room = element.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    const arrow = 18;
    return pen.measureText(element.selectedOptions[0]?.text ?? '').width > room - arrow;
  }

  const numbers = (colour) => {
    const pen = document.createElement('canvas').getContext('2d');
    pen.fillStyle = colour;
    pen.fillRect(0, 0, 1, 1);
    return [...pen.getImageData(0, 0, 1, 1).data];
  };
  const luminance = ([r, g, b]) => [r, g, b].map((value) => value / 255)
    .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
    .reduce((sum, value, i) => sum + value * [0.2126, 0.7152, 0.0722][i], 0);
  const bedOf = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const bed = numbers(getComputedStyle(at).backgroundColor);
      if (bed[3] === 255) return bed;
    }
    return [255, 255, 255, 255];
  };
  const hasText = (element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  const pale = [...within.querySelectorAll('*')].filter((element) => hasText(element) && shown(element))
    .filter((element) => !element.closest('button:disabled, template, noscript, .unseen, option'))
    .map((element) => {
      const [a, b] = [luminance(numbers(getComputedStyle(element).color)), luminance(bedOf(element))];
      return { text: element.textContent.trim().slice(0, 40), ratio: (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) };
    })
    .filter(({ ratio }) => ratio < leastContrast);
  return { tooWide, cut, pale };
}
