// What was loaded once stays in the browser: the second visit asks for no weights.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launch } from './support/browser.mjs';
import { damageChunks } from './support/kept.mjs';
import { CHUNK, LONG, longFile } from './support/long-file.mjs';
import { isPicture } from './support/pixels.mjs';
import { QUICK, WEIGHTS, serve, weights } from './support/tiny.mjs';

let server, browser, long, first;

before(async () => {
  server = await serve();
  long = longFile(server);
  browser = await launch({ serviceWorker: true });
});

after(async () => {
  await browser?.close();
  await server?.close();
  long?.remove();
});

async function visit() {
  const studio = await browser.open(`${server.url}?device=cpu`);
  await studio.ready();
  const picture = await studio.generate(QUICK);
  const said = await studio.said();
  return { studio, picture, said };
}

test('the first visit downloads every weight file once', async () => {
  const { studio, picture } = await visit();
  first = picture;
  assert.ok(isPicture(picture));
  for (const file of weights) {
    const { path, size } = file.path === long.path ? long : file;
    const sent = server.asked(WEIGHTS).filter((request) => request.path.endsWith(path) && request.status < 300);
    const bytes = sent.reduce((sum, request) => sum + request.sent, 0);
    assert.ok(bytes >= size && bytes < size * 1.1 + 1024, `${bytes} bytes of ${path} were sent, it has ${size}`);
  }
  await studio.close();
});

test('the second visit asks for none, also after the browser was closed', async () => {
  await browser.restart();
  server.forget();
  server.spoil(WEIGHTS, { status: 403 });
  const { studio, picture, said } = await visit();
  assert.deepEqual(server.asked(WEIGHTS), []);
  assert.ok(picture.rgba.equals(first.rgba), 'the same picture as at the first visit');
  assert.ok(said.some((text) => /kept by this browser/.test(text)), said.join('\n'));
  await studio.close();
});

test('a visit while the server has no model at all works too', async () => {
  server.spoil(/\/models\//, { status: 503 });
  const studio = await browser.open(`${server.url}?device=cpu`);
  studio.expectError(/status of 503/);
  await studio.ready();
  assert.ok((await studio.generate(QUICK)).rgba.equals(first.rgba));
  await studio.close();
});

test('a damaged part of the kept weights is fetched again, alone', async () => {
  server.heal();
  const studio = await browser.open(`${server.url}?device=cpu`);
  await studio.ready();
  const damaged = await damageChunks(studio.page, LONG, 1 << 20);
  await studio.close();
  assert.equal(damaged, 1);

  server.forget();
  const next = await visit();
  const asked = server.asked(WEIGHTS);
  assert.deepEqual(asked.map(({ range }) => range), [`bytes=0-${CHUNK - 1}`]);
  assert.ok(next.picture.rgba.equals(first.rgba));
  await next.studio.close();
});
