// Nothing leaves the page: all that the browser asks for, through a proxy, goes to the page's own server
// and to that of the weights, and carries nothing. So it is with the page, the module and the element.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { readFile } from 'node:fs/promises';

import { launch } from './support/browser.mjs';
import { bring, choose, marked, png, taken } from './support/files.mjs';
import { unpack } from './support/package.mjs';
import { isPicture } from './support/pixels.mjs';
import { proxy } from './support/proxy.mjs';
import { stripHas } from './support/results.mjs';
import { serve as servePlain } from './support/server.mjs';
import { FOLDER, QUICK, mount, serve } from './support/tiny.mjs';

// Chromium's own services, which no page has a part in.
const BROWSERS_OWN = /^(http:\/\/)?([a-z0-9-]+\.)+(google|googleapis|gstatic|gvt1)\.com(:\d+)?$/;
const HOST = `<!doctype html><html lang="en"><meta charset="utf-8"><title>A page of somebody else’s</title>
<link rel="icon" href="data:,"><body></body></html>`;

let own, host, weights, pack, between, browser;

before(async () => {
  pack = unpack();
  own = await serve();
  host = await serve(pack.page({ 'index.html': HOST }));
  weights = await servePlain(FOLDER);
  mount(weights, '/emoji/');
  weights.headers = {
    'access-control-allow-origin': '*',
    'access-control-expose-headers': 'content-range, content-length, etag, accept-ranges',
  };
  between = await proxy();
  // Chromium leaves a proxy out for its own machine, unless it is told not to.
  browser = await launch({
    gpu: false, serviceWorker: true, args: [`--proxy-server=${between.url}`, '--proxy-bypass-list=<-loopback>'],
  });
});

after(async () => {
  await browser?.close();
  for (const server of [between, own, host, weights]) await server?.close();
  pack?.remove();
});

/** Where the visited page is told that its model lies: on another origin, and for each page at another path. */
const model = (name) => `${weights.url}at/${name}/emoji/`;

/** Does `work` and checks all that was asked for meanwhile by a page of `server`. */
async function visit(server, work) {
  between.requests.length = 0;
  await work();
  const { requests } = between;
  const allowed = [server, weights].map(({ url }) => new URL(url).origin);
  // The browser looks for a newer service worker of a page also when that has gone.
  const isUpdate = ({ origin, path }) => origin === new URL(own.url).origin && path === '/service-worker.js';
  const ofPage = requests.filter((request) => !BROWSERS_OWN.test(request.origin) && !isUpdate(request));
  assert.deepEqual(ofPage.filter(({ origin }) => !allowed.includes(origin)), []);
  assert.deepEqual(ofPage.filter(({ method, body }) => method !== 'GET' || body > 0), []);
  for (const { path } of requests) assert.doesNotMatch(decodeURIComponent(path), /private|987654321/);
  // The proxy did see the visit.
  for (const origin of allowed) assert.ok(requests.some((request) => request.origin === origin), origin);
}

test('everything that a visit does stays between the page, its server and that of the weights', () => visit(own, async () => {
  const studio = await browser.open(`${own.url}?device=cpu&model=${encodeURIComponent(model('page'))}`);
  const { page } = studio;
  studio.expectError(/404/);
  await studio.ready();
  assert.ok(isPicture(await studio.generate({ ...QUICK, prompt: 'a very private prompt' })));
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('#save')]);
  const saved = await readFile(await download.path());

  // Several at once, and as many variations of the last.
  assert.ok(isPicture(await studio.generate({ ...QUICK, steps: 2, prompt: 'two private prompts', pictures: 2 })));
  await stripHas(page, 3);
  await page.locator('#batch button').last().click();
  await page.click('#vary');
  await stripHas(page, 5);
  await studio.waitForState('ready');

  // From a picture, and into a masked part of it.
  await choose(page, 'a private picture.png', 'image/png', png(128, 128, marked));
  await taken(page);
  assert.ok(isPicture(await studio.generate({ ...QUICK, prompt: 'over a private picture', pictures: 1 })));
  await page.click('text=What I paint over');
  await dab(page);
  assert.ok(isPicture(await studio.generate({ ...QUICK, prompt: 'into a private picture' })));
  assert.ok(await page.isVisible('#compare-original'), 'it was no completion');

  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.reload();
  await studio.ready();
  assert.ok(isPicture(await studio.generate({ ...QUICK, prompt: 'another private prompt', seed: 987654321 })));

  await bring(page, 'drop', 'body', 'a private recipe.png', 'image/png', saved);
  await page.waitForFunction(() => document.querySelector('#prompt').value === 'a very private prompt');
  await page.click('text=中文');
  assert.ok(isPicture(await studio.generate({ steps: 2 })));
  await studio.close();
}));

/** Paints a little of the mask. */
async function dab(page) {
  const mask = page.locator('#start-mask');
  await mask.scrollIntoViewIfNeeded();
  const { x, y, width, height } = await mask.boundingBox();
  await page.mouse.move(x + width / 2, y + height / 2);
  await page.mouse.down();
  await page.mouse.move(x + width * 0.6, y + height / 2, { steps: 4 });
  await page.mouse.up();
}

// In the page: a picture and a mask of its left half.
function withPictures() {
  const fill = (colour) => new ImageData(new Uint8ClampedArray(64 * 64 * 4).map((_, i) => colour(i)), 64, 64);
  window.request = { prompt: 'a private prompt', steps: 2, width: 64, height: 64, seed: 987654321 };
  window.picture = fill((i) => (i % 4 === 3 ? 255 : (i * 7) % 256));
  window.mask = fill((i) => ((i >> 2) % 64 < 32 ? 255 : 0));
  window.colours = ({ imageData }) => new Set(new Uint32Array(imageData.data.buffer)).size;
}

test('so it is with the module', () => visit(host, async () => {
  const studio = await browser.open(host.url, { script: withPictures });
  const made = await studio.page.evaluate(async (model) => {
    const hearth = await import('/hearth/index.js');
    const which = { model, device: 'cpu' };
    await hearth.inspect(which);
    const loaded = await hearth.load(which);
    const results = [
      await loaded.generate(request),
      await loaded.generate({ ...request, image: picture, strength: 0.6 }),
      await loaded.generate({ ...request, image: picture, mask }),
    ];
    const broken = await loaded.generate({ ...request, image: new Blob(['a private text']) }).catch(({ code }) => code);
    await hearth.kept();
    await hearth.purge(model);
    loaded.close();
    return { colours: results.map(colours), scores: results.map(({ scores }) => scores !== null), broken };
  }, model('module'));
  assert.ok(made.colours.every((count) => count > 32), `${made.colours}`);
  assert.deepEqual([made.scores, made.broken], [[false, false, true], 'image']);
  await studio.close();
}));

test('so it is with the element', () => visit(host, async () => {
  const studio = await browser.open(host.url, { script: withPictures });
  const made = await studio.page.evaluate(async (model) => {
    await import('/hearth/element.js');
    const element = document.createElement('stable-diffusion');
    Object.assign(element, { ...request, model, device: 'cpu', controls: true });
    document.body.append(element);
    const results = [await element.generate(), await element.generate({ image: picture, mask })];
    const stopped = element.generate({ steps: 200 }).catch(({ code }) => code);
    await new Promise((began) => {
      element.addEventListener('progress', ({ detail }) => { if (detail.phase === 'step') began(); });
    });
    element.remove();
    return { colours: results.map(colours), stopped: await stopped };
  }, model('element'));
  assert.ok(made.colours.every((count) => count > 32), `${made.colours}`);
  assert.equal(made.stopped, 'cancelled');
  await studio.close();
}));
