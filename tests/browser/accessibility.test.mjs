// axe-core on the page and on the custom element: light and dark, English and Chinese.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { axe } from './support/axe.mjs';
import { launch } from './support/browser.mjs';
import { choose, marked, png, taken } from './support/files.mjs';
import { TINY, pressGenerate, unpack } from './support/package.mjs';
import { QUICK, serve } from './support/tiny.mjs';

/** WCAG 2.2 at level AA, and what axe recommends beyond it. */
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const COLOR_SCHEMES = ['light', 'dark'];
const SIDE = 128;

let pack, server, browser, studio;

before(async () => {
  pack = unpack();
  server = await serve();
  browser = await launch({ gpu: false });
  studio = await browser.open(`${server.url}?device=cpu`);
  await studio.ready();
});

after(async () => {
  await browser?.close();
  await server?.close();
  pack?.remove();
});

/** Asserts that axe finds nothing in the page, in either color scheme. */
async function assertAccessible(page, name) {
  // Evaluated by the driver, which no Content-Security-Policy forbids.
  await page.evaluate(axe.source);
  for (const colorScheme of COLOR_SCHEMES) {
    await page.emulateMedia({ colorScheme });
    const { violations, checked } = await page.evaluate(async (rules) => {
      const { violations, passes } = await window.axe.run({ runOnly: rules, resultTypes: ['violations'] });
      const brief = ({ id, help, nodes }) => ({
        id, help, nodes: nodes.map(({ target, failureSummary }) => `${target.join(' ')}: ${failureSummary}`),
      });
      return { violations: violations.map(brief), checked: passes.map(({ id }) => id) };
    }, RULES);
    assert.deepEqual(violations, [], `${name}, ${colorScheme}`);
    assert.ok(checked.includes('color-contrast') && checked.includes('button-name'), `axe checked only ${checked}`);
  }
}

/** Opens every section that can be folded. */
function unfold() {
  return studio.page.evaluate(() => {
    for (const section of document.querySelectorAll('details')) section.open = true;
  });
}

async function speak(code) {
  await studio.page.click(`#languages [lang=${code}]`);
  assert.equal(await studio.page.getAttribute('html', 'lang'), code);
}

test('the page before the first picture has no violations', async () => {
  await assertAccessible(studio.page, 'page');
});

test('axe sees a button without a name', async () => {
  await studio.page.evaluate(() => {
    const button = document.createElement('button');
    button.id = 'nameless';
    document.querySelector('main').append(button);
  });
  await assert.rejects(assertAccessible(studio.page, 'page with a nameless button'), /nameless/);
  await studio.page.evaluate(() => document.querySelector('#nameless').remove());
});

test('the page with all sections open, a mask, a comparison and history has no violations', async () => {
  const { page } = studio;
  await choose(page, 'picture.png', 'image/png', png(SIDE, SIDE, marked));
  await taken(page);
  await page.click('[data-scope=part]');
  await page.click('[data-tool=fill]');
  await studio.generate(QUICK);
  await page.click('#compare-original');
  await unfold();
  for (const part of ['#comparison', '#history img', '#start-tools', '#negative-prompt']) {
    assert.ok(await page.locator(part).first().isVisible(), `${part} is hidden`);
  }
  for (const code of ['en', 'zh-Hans']) {
    await speak(code);
    await assertAccessible(page, code);
  }
});

/** What can be pressed and is smaller than `least` pixels. A check box is pressed by its label. */
function smallTargets(least) {
  return studio.page.evaluate((least) => [...document.querySelectorAll('button, a[href], summary, select, textarea, input, .check')]
    .filter((part) => part.type !== 'hidden' && part.checkVisibility({ visibilityProperty: true }))
    .map((part) => [part, (part.type === 'checkbox' ? part.closest('label') : part).getBoundingClientRect()])
    .filter(([, { width, height }]) => Math.min(width, height) < least - 0.5)
    .map(([part, { width, height }]) => `${part.id || part.outerHTML.slice(0, 80)}: ${width} × ${height}`), least);
}

test('what can be pressed is 24 pixels high and wide', async () => {
  const { page } = studio;
  await page.fill('#style-name', 'ink');
  await page.click('#save-style');
  await unfold();
  assert.deepEqual(await smallTargets(24), []);
  assert.ok(await page.isVisible('#start-keys') && !await page.isVisible('.touch'));
});

test('no text is cut at 800 pixels, nor on a phone', async () => {
  const { page } = studio;
  for (const code of ['en', 'zh-Hans']) {
    await speak(code);
    for (const width of [800, 400]) {
      await page.setViewportSize({ width, height: 900 });
      const cut = await page.evaluate(() => {
        const pen = document.createElement('canvas').getContext('2d');
        const isCut = (part) => {
          const style = getComputedStyle(part);
          if (!part.placeholder) return part.scrollWidth > part.clientWidth + 1;
          pen.font = getComputedStyle(part, '::placeholder').font;
          return pen.measureText(part.placeholder).width > part.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
        };
        return [...document.querySelectorAll('button, button b, summary, label, legend, .hint:not(.prompt-summary, #style-list *), .problem, input[type=text][placeholder]')]
          .filter((part) => part.checkVisibility({ visibilityProperty: true }) && isCut(part))
          .map((part) => part.id || part.outerHTML.slice(0, 80));
      });
      assert.deepEqual(cut, [], `${code}, ${width}`);
      const tops = await page.$$eval('.zoom > *', (parts) => parts.map((part) => { const { top, height } = part.getBoundingClientRect(); return Math.round((top + height / 2) / 4); }));
      assert.equal(new Set(tops).size, 1, `the tools of the magnification are apart: ${tops}`);
    }
  }
  await page.setViewportSize({ width: 1280, height: 900 });
  await speak('en');
});

test('wrong values and the message about them have no violations', async () => {
  await studio.fill({ width: 100 });
  await studio.page.click('#generate');
  await studio.page.waitForSelector('#width-problem:not([hidden])');
  for (const code of ['zh-Hans', 'en']) {
    await speak(code);
    assert.ok(await studio.page.isVisible('#width-problem'));
    await assertAccessible(studio.page, `problems, ${code}`);
  }
  await studio.fill({ width: SIDE });
});

test('the question before the history is removed has no violations', async () => {
  await studio.page.click('#remove-pictures');
  assert.ok(await studio.page.isVisible('#earlier-sure'));
  await assertAccessible(studio.page, 'question');
  await studio.page.click('#remove-pictures-no');
});

test('the model panel with a model and its options has no violations', async () => {
  const { page } = studio;
  for (const code of ['en', 'zh-Hans']) {
    await speak(code);
    await page.click('#choose-model');
    await page.waitForSelector('#kept li');
    await page.fill('#model-address', `${server.another()}models/emoji/`);
    await page.press('#model-address', 'Enter');
    await page.waitForSelector('#card:not([hidden])[aria-busy=false]');
    await unfold();
    await assertAccessible(page, `panel, ${code}`);
    await page.click('#close-panel');
  }
});

for (const [example, lang] of [['static', 'en'], ['strict-csp', 'en'], ['strict-csp', 'zh']]) {
  test(`the element in examples/${example} has no violations, in ${lang}`, async () => {
    const site = await serve(pack.example(example));
    try {
      const { page } = await browser.open(site.url);
      await page.evaluate((lang) => { document.documentElement.lang = lang; }, lang);
      await assertAccessible(page, `${example} before a picture, ${lang}`);
      await pressGenerate(page, { ...TINY, device: 'cpu', lang });
      await assertAccessible(page, `${example} with a picture, ${lang}`);
      await page.close();
    } finally {
      await site.close();
    }
  });
}

test('what a finger presses is 40 pixels high and wide, and keys are not told', async () => {
  const { page } = studio;
  const protocol = await browser.context.newCDPSession(page);
  await protocol.send('Emulation.setTouchEmulationEnabled', { enabled: true });
  await page.setViewportSize({ width: 400, height: 800 });
  assert.ok(await page.evaluate(() => matchMedia('(pointer: coarse)').matches));
  await unfold();
  assert.deepEqual(await smallTargets(40), []);
  assert.ok(!await page.isVisible('#start-keys') && await page.isVisible('.touch'));
  await page.click('#choose-model');
  await page.waitForSelector('#kept li');
  await unfold();
  assert.deepEqual(await smallTargets(40), []);
  await assertAccessible(page, 'panel for fingers');
  await page.click('#close-panel');
});

test('there were no errors', () => studio.close());
