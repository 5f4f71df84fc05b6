// Earlier pictures stay from visit to visit, can be removed and brought back, and a browser that keeps
// nothing says so once.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { marked } from './support/files.mjs';
import { difference, readPng } from './support/pixels.mjs';
import { form, keptPictures, saved, strip, stripHas } from './support/results.mjs';
import { browser, server, useBrowser } from './support/session.mjs';
import { answerWithPicture, openWithStandIn } from './support/stand-in.mjs';
import { QUICK, serve } from './support/tiny.mjs';

const HEART = { ...QUICK, prompt: 'a red heart on a white background', seed: 2 };
const APPLE_NAME = `${QUICK.prompt} (seed 1)`;
const HEART_NAME = `${HEART.prompt} (seed 2)`;

let apple, heart;

await useBrowser({ serve });

before(async () => {
  const studio = await browser.open(`${server.url}?device=cpu`);
  await studio.ready();
  apple = await studio.generate(QUICK);
  heart = await studio.generate(HEART);
  await keptPictures(studio.page, 2);
  await studio.close();
});

const focused = (page) => page.evaluate(() => document.activeElement.getAttribute('aria-label') ?? document.activeElement.id);
const shows = (studio, key) => studio.page.waitForFunction(
  (key) => document.querySelector('#picture').dataset.doneId === key, key, { polling: 50 });

/** Chooses a picture of the strip and returns its pixels. */
async function choose(studio, name) {
  const button = studio.page.locator(`#history button[aria-label=${JSON.stringify(name)}]`);
  const key = await button.getAttribute('data-id');
  await button.click();
  await shows(studio, key);
  return studio.page.evaluate(() => {
    const canvas = document.querySelector('#picture');
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    return { width: canvas.width, height: canvas.height, data: [...data] };
  }).then(({ width, height, data }) => ({ width, height, rgba: Buffer.from(data) }));
}

test('the next visit shows them before the model is there, with their pixels and settings', async () => {
  const studio = await browser.open('about:blank');
  // The strip needs no engine.
  let go;
  const hold = new Promise((done) => { go = done; });
  server.spoil(/_bg\.wasm$/, { hold, when: ({ path }) => /worker/.test(path) });
  await studio.page.goto(`${server.url}?device=cpu`);
  await stripHas(studio.page, 2);
  assert.deepEqual(await strip(studio.page), [HEART_NAME, APPLE_NAME]);
  await studio.page.waitForFunction(() => [...document.querySelectorAll('#history img')]
    .every((image) => image.complete && image.naturalWidth > 0), null, { polling: 50 });
  assert.deepEqual(difference(await choose(studio, APPLE_NAME), apple), { mean: 0, max: 0 });
  await studio.page.click('#use-settings');
  const { prompt, seed, steps } = await form(studio.page);
  assert.deepEqual({ prompt, seed, steps }, { prompt: QUICK.prompt, seed: '1', steps: '3' });
  assert.deepEqual(difference(await choose(studio, HEART_NAME), heart), { mean: 0, max: 0 });
  const file = await saved(studio.page);
  assert.equal(file.name, 'a-red-heart-on-a-white-background-2.png');
  assert.equal(readPng(file.bytes).texts.prompt, HEART.prompt);
  await studio.page.click('#use-settings');
  go();
  server.heal();
  await studio.ready();
  // The settings are those that made it, and it is kept once.
  assert.deepEqual(difference(await studio.generate(), heart), { mean: 0, max: 0 });
  await studio.message(/kept once/);
  await keptPictures(studio.page, 2);
  await studio.page.click('#remove-picture');
  await keptPictures(studio.page, 1);
  assert.equal(await studio.page.getAttribute('#frame', 'data-shows'), 'nothing');
  await studio.page.click('#undo-remove');
  await keptPictures(studio.page, 2);
  await studio.close();
});

test('by keyboard: arrows move, Delete removes, Undo brings back', async () => {
  const studio = await browser.open(`${server.url}?device=cpu`);
  const { page } = studio;
  await stripHas(page, 2);
  await page.focus('#history [tabindex="0"]');
  assert.equal(await page.locator('#history [tabindex="0"]').count(), 1);
  assert.equal(await focused(page), HEART_NAME);
  await page.keyboard.press('ArrowRight');
  assert.equal(await focused(page), APPLE_NAME);
  await page.keyboard.press('ArrowRight');
  assert.equal(await focused(page), APPLE_NAME);
  await page.keyboard.press('Home');
  assert.equal(await focused(page), HEART_NAME);

  await page.keyboard.press('Delete');
  assert.deepEqual(await strip(page), [APPLE_NAME]);
  assert.equal(await focused(page), APPLE_NAME);
  await keptPictures(page, 1);
  await page.keyboard.press('Delete');
  assert.deepEqual(await strip(page), []);
  await keptPictures(page, 0);
  await page.waitForSelector('#earlier-undo:not([hidden])');
  assert.match(await page.innerText('#earlier-undo-text'), /^2 pictures were removed/);
  // Of the section without pictures, nothing else is left.
  assert.match(await page.innerText('#earlier'), /^2 pictures were removed\.\s*Undo$/);
  await page.click('#undo-remove');
  assert.deepEqual(await strip(page), [HEART_NAME, APPLE_NAME]);
  await keptPictures(page, 2);
  assert.equal(await page.isVisible('#earlier-undo'), false);
  assert.deepEqual(difference(await choose(studio, APPLE_NAME), apple), { mean: 0, max: 0 });
  await studio.close();
});

test('two tabs keep side by side, and what one removes the other no longer shows', async () => {
  const first = await browser.open(`${server.url}?device=cpu`);
  const second = await browser.open(`${server.url}?device=cpu`);
  await Promise.all([first.ready(), second.ready(), stripHas(first.page, 2), stripHas(second.page, 2)]);
  await Promise.all([first.generate({ ...QUICK, seed: 11 }), second.generate({ ...QUICK, seed: 12 })]);
  await keptPictures(first.page, 4);
  assert.equal((await strip(first.page)).length, 3);
  await second.page.reload();
  await stripHas(second.page, 4);
  const names = await strip(second.page);
  assert.deepEqual(names.slice(0, 2).sort(), [`${QUICK.prompt} (seed 11)`, `${QUICK.prompt} (seed 12)`]);

  await second.ready();
  await second.page.locator(`#history button[aria-label$="(seed 2)"]`).focus();
  await second.page.keyboard.press('Delete');
  await keptPictures(second.page, 3);
  await first.page.reload();
  await stripHas(first.page, 3);
  // A tab that has read a picture keeps it for its visit.
  await first.page.locator(`#history button[aria-label$="(seed 1)"] img[src]`).waitFor();
  await second.page.locator(`#history button[aria-label$="(seed 1)"]`).focus();
  await second.page.keyboard.press('Delete');
  await keptPictures(second.page, 2);
  await first.ready();
  assert.deepEqual(difference(await choose(first, APPLE_NAME), apple), { mean: 0, max: 0 });
  await first.close();
  await second.close();
});

// From here on the engine has no part: a stand-in answers.

test('a picture that another tab removes before it was read leaves the strip without a word', async () => {
  const studio = await openWithStandIn(browser, server, {
    script: () => {
      // Its entry was listed; its file is gone.
      const get = IDBObjectStore.prototype.get;
      let read = 0;
      IDBObjectStore.prototype.get = function (key) {
        const isFirst = this.name === 'files' && (read += 1) === 1;
        return get.call(this, isFirst ? `${key} was removed` : key);
      };
    },
  });
  await stripHas(studio.page, 1);
  await studio.page.locator('#history img[src]').waitFor();
  assert.equal((await strip(studio.page)).length, 1);
  assert.deepEqual(await studio.messages(), []);
  await studio.close();
});

test('all are removed after a question', async () => {
  const studio = await openWithStandIn(browser, server);
  const { page } = studio;
  await stripHas(page, 2);
  await page.click('#remove-pictures');
  assert.equal(await focused(page), 'remove-pictures-no');
  await page.click('#remove-pictures-no');
  await keptPictures(page, 2);
  await page.click('#remove-pictures');
  await page.click('#remove-pictures-yes');
  await keptPictures(page, 0);
  assert.equal(await page.isVisible('#earlier'), false);
  await page.reload();
  await studio.ready();
  assert.equal(await page.isVisible('#earlier'), false);
  await studio.close();
});

test('where the browser keeps nothing, pictures stay for the visit, and it is said once', async () => {
  const studio = await openWithStandIn(browser, server, {
    script: () => {
      const open = IDBFactory.prototype.open;
      IDBFactory.prototype.open = function (name, ...rest) {
        if (name === 'hearth-results') throw new DOMException('not here', 'SecurityError');
        return open.call(this, name, ...rest);
      };
    },
  });
  await answerWithPicture(studio, marked);
  const first = await studio.generate(QUICK);
  assert.match(await studio.message(/does not keep pictures/), /SecurityError/);
  await answerWithPicture(studio, (x, y) => marked(y, x));
  await studio.generate(HEART);
  assert.deepEqual(await studio.messages(), []);
  assert.deepEqual(await strip(studio.page), [HEART_NAME, APPLE_NAME]);
  assert.deepEqual(difference(await choose(studio, APPLE_NAME), first), { mean: 0, max: 0 });
  await studio.page.click('#remove-picture');
  await studio.page.waitForSelector('#earlier-undo:not([hidden])');
  await studio.page.click('#undo-remove');
  assert.deepEqual(await strip(studio.page), [HEART_NAME, APPLE_NAME]);
  await studio.close();
});

test('a full disk is told, and the picture stays', async () => {
  const studio = await openWithStandIn(browser, server, {
    script: () => {
      const put = IDBObjectStore.prototype.put;
      IDBObjectStore.prototype.put = function (...values) {
        if (this.name === 'files' && this.transaction.db.name === 'hearth-results') {
          throw new DOMException('full', 'QuotaExceededError');
        }
        return put.apply(this, values);
      };
    },
  });
  await answerWithPicture(studio, marked);
  await studio.generate(QUICK);
  await studio.message(/no room for more pictures/);
  assert.deepEqual(await strip(studio.page), [APPLE_NAME]);
  await keptPictures(studio.page, 0);
  await studio.close();
});

test('what a newer version has kept is left alone', async () => {
  const blank = await browser.open(`${server.url}models/emoji/hearth.json`);
  blank.expectError(/favicon/);
  await blank.page.evaluate(() => new Promise((done, failed) => {
    indexedDB.deleteDatabase('hearth-results').onsuccess = () => {
      const request = indexedDB.open('hearth-results', 9);
      request.onsuccess = () => { request.result.close(); done(); };
      request.onerror = failed;
    };
  }));
  const studio = await openWithStandIn(browser, server);
  await answerWithPicture(studio, marked);
  await studio.generate(QUICK);
  await studio.message(/newer version of this page/);
  assert.deepEqual(await strip(studio.page), [APPLE_NAME]);
  await studio.close();
  await blank.close();
});
