// Nothing leaves the page: all that the browser asks for, through a proxy, goes to the page's own server
// and to that of the weights, and carries nothing.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { launch } from './support/browser.mjs';
import { bring, choose, marked, png, taken } from './support/files.mjs';
import { QUICK } from './support/model.mjs';
import { isPicture } from './support/pixels.mjs';
import { proxy } from './support/proxy.mjs';
import { DIST, serve } from './support/server.mjs';

// Chromium's own services, which no page has a part in.
const BROWSERS_OWN = /^(http:\/\/)?([a-z0-9-]+\.)+(google|googleapis|gstatic|gvt1)\.com(:443)?$/;

let own, weights, between, browser;

before(async () => {
  own = await serve();
  weights = await serve(join(DIST, 'models'));
  weights.headers = {
    'access-control-allow-origin': new URL(own.url).origin,
    'access-control-expose-headers': 'content-range, content-length, etag, accept-ranges',
  };
  between = await proxy();
  // Chromium leaves a proxy out for its own machine, unless it is told not to.
  browser = await launch({ gpu: false, args: [`--proxy-server=${between.url}`, '--proxy-bypass-list=<-loopback>'] });
});

after(async () => {
  await browser?.close();
  await between?.close();
  await own?.close();
  await weights?.close();
});

test('everything that a visit does stays between the page, its server and that of the weights', async () => {
  const model = `${weights.url}emoji/`;
  const studio = await browser.open(`${own.url}?device=cpu&model=${encodeURIComponent(model)}`);
  studio.expectError(/404/);
  await studio.ready();
  assert.ok(isPicture(await studio.generate({ ...QUICK, prompt: 'a very private prompt' })));
  const [download] = await Promise.all([studio.page.waitForEvent('download'), studio.page.click('#save')]);
  const saved = await readFile(await download.path());
  await choose(studio.page, 'a private picture.png', 'image/png', png(64, 64, marked));
  await taken(studio.page);
  assert.ok(isPicture(await studio.generate({ ...QUICK, prompt: 'over a private picture' })));
  await studio.page.evaluate(() => navigator.serviceWorker.ready);
  await studio.page.reload();
  await studio.ready();
  assert.ok(isPicture(await studio.generate({ ...QUICK, prompt: 'another private prompt', seed: 987654321 })));

  await bring(studio.page, 'drop', 'body', 'a private recipe.png', 'image/png', saved);
  await studio.page.waitForFunction(() => document.querySelector('#prompt').value === 'a very private prompt');
  await studio.page.click('text=中文');
  assert.ok(isPicture(await studio.generate({ steps: 2 })));

  const { requests } = between;
  const allowed = [own, weights].map(({ url }) => new URL(url).origin);
  const ofBrowser = ({ origin }) => BROWSERS_OWN.test(origin);
  const elsewhere = requests.filter((request) => !allowed.includes(request.origin) && !ofBrowser(request));
  assert.deepEqual(elsewhere, []);
  assert.deepEqual(requests.filter((request) => !ofBrowser(request) && !(request.method === 'GET' && request.body === 0)), []);
  for (const { path } of requests) assert.doesNotMatch(decodeURIComponent(path), /private|987654321/);
  // The proxy did see the visit.
  for (const origin of allowed) assert.ok(requests.some((request) => request.origin === origin), origin);
  await studio.close();
});
