// The page keeps its own files: it opens without a network, and a new release is offered, never forced.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { cp, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { launch } from './support/browser.mjs';
import { isPicture } from './support/pixels.mjs';
import { DIST } from './support/server.mjs';
import { QUICK, mount, serve } from './support/tiny.mjs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const ENGINE = 'engine-00000000000000ff';
const IN_PLACE = () => navigator.serviceWorker.ready.then(({ active }) => active.state);

let browser, server, next;

before(async () => {
  next = await mkdtemp(join(tmpdir(), 'hearth-next-'));
  await cp(DIST, next, { recursive: true, dereference: true });
  await release('<title>The next Hearth</title>');
});

after(() => rm(next, { recursive: true, force: true }));

beforeEach(async () => {
  server = await serve();
  browser = await launch({ gpu: false, serviceWorker: true });
});

afterEach(async () => {
  await browser.close();
  await server.close();
});

/** Makes `next` another release: its page has another title, its engine lies elsewhere. */
async function release(title) {
  const path = join(next, 'index.html');
  const page = await readFile(path, 'utf8');
  const [engine] = /engine-[0-9a-f]{16}/.exec(page);
  await rename(join(next, engine), join(next, ENGINE));
  await writeFile(path, page.replaceAll(engine, ENGINE).replace(/<title[^>]*>.*?<\/title>/, title));
  await cp(join(ROOT, 'www/service-worker.js'), join(next, 'service-worker.js'));
  execFileSync('node', [join(ROOT, 'scripts/shell.mjs'), next]);
}

async function visit(script) {
  const studio = await browser.open(`${server.url}?device=cpu`, { script });
  await studio.ready();
  await studio.page.evaluate(IN_PLACE);
  return studio;
}

// Runs in the page before its own programs.
function rememberWorkers() {
  window.workers = [];
  window.Worker = class extends Worker {
    constructor(...given) {
      super(...given);
      window.workers.push(this);
    }
  };
}

test('after one visit the page opens, generates and saves without a network', async () => {
  const studio = await visit();
  const first = await studio.generate(QUICK);
  await server.close();

  await studio.page.reload();
  await studio.ready();
  const again = await studio.generate(QUICK);
  assert.ok(isPicture(again));
  assert.ok(again.rgba.equals(first.rgba), 'the same picture as with a network');
  const [download] = await Promise.all([studio.page.waitForEvent('download'), studio.page.click('#save')]);
  const png = await readFile(await download.path());
  assert.equal(png.subarray(1, 4).toString('latin1'), 'PNG');
  await studio.close();

  await browser.restart();
  const later = await browser.open(`${server.url}?device=cpu#later`);
  await later.ready();
  assert.ok(isPicture(await later.generate(QUICK)));
  await later.close();
});

test('a model with another VAE opens without a network, although its own VAE was never fetched', async () => {
  mount(server, '/models/other/');
  server.mount('/vaes/', join(ROOT, 'tests/golden/data/vaes'));
  const studio = await visit(() => localStorage.setItem('hearth-choice', 'model=./models/other/&vae=./vaes/other.safetensors'));
  const { page } = studio;
  studio.expectError(/404/);
  assert.match(await page.textContent('#model-now'), /with the VAE other\.safetensors/);
  const own = /\/models\/other\/vae\/.*\.safetensors$/;
  assert.ok(server.asked(own).every(({ status, range }) => status !== 200 || range), 'the model’s own was downloaded');
  const first = await studio.generate(QUICK);
  await server.close();

  studio.expectError(/Failed to load resource/);
  await page.reload();
  await studio.ready();
  assert.match(await page.textContent('#model-now'), /with the VAE other\.safetensors/);
  assert.ok((await studio.generate(QUICK)).rgba.equals(first.rgba), 'the same picture as with a network');
  await studio.close();
});

test('a new release is offered, waits for the end of a run, and comes at a press', async () => {
  const studio = await visit();
  const { page } = studio;
  server.root = next;
  await studio.fill({ ...QUICK, steps: 200 });
  await page.click('#generate');
  await page.evaluate(() => navigator.serviceWorker.getRegistration().then((registration) => registration.update()));
  await page.waitForFunction(() => !document.querySelector('#update').hidden);
  assert.equal(await studio.state(), 'busy', 'the run was too short for this test');
  assert.equal(await page.isVisible('#update-now'), false, 'nothing is offered during a run');
  await page.click('#cancel');

  await page.waitForSelector('#update-now', { state: 'visible' });
  assert.doesNotMatch(await page.title(), /The next/);
  await Promise.all([page.waitForEvent('load'), page.click('#update-now')]);
  assert.match(await page.title(), /The next/);
  await studio.ready();
  assert.ok(isPicture(await studio.generate(QUICK)));
  assert.equal(await page.isVisible('#update'), false);
  await studio.close();
});

test('a tab of the release before can start its engine again when another has taken the new one', async () => {
  const old = await visit(rememberWorkers);
  await old.fill(QUICK);
  const other = await visit();
  server.root = next;
  await other.page.evaluate(() => navigator.serviceWorker.getRegistration().then((registration) => registration.update()));
  await other.page.waitForSelector('#update-now', { state: 'visible' });
  await Promise.all([other.page.waitForEvent('load'), other.page.click('#update-now')]);
  await other.ready();
  await other.close();

  // Its engine dies. What it starts again is on no server any more.
  const { page } = old;
  old.expectError(/engine died/);
  await page.evaluate(() => window.workers.at(-1).dispatchEvent(new ErrorEvent('error', { message: 'engine died' })));
  await old.waitForState('failed');
  server.forget();
  const before = await old.doneId();
  await page.click('#generate');
  assert.ok(isPicture(await old.picture(before)));
  assert.deepEqual(server.asked(/engine-/), []);
  await old.close();
});

test('a release that does not arrive whole changes nothing', async () => {
  const studio = await visit();
  const { page } = studio;
  server.root = next;
  server.spoil(/\.css$/, { instead: 'body { display: none }' });
  server.spoil(/\/$|index\.html$/, { instead: '<title>Not ours</title>' });
  studio.expectError(/integrity|digest|Failed to (find|fetch)/i);
  await page.evaluate(async () => {
    const registration = await navigator.serviceWorker.getRegistration();
    await registration.update().catch(() => {});
    const worker = registration.installing;
    if (worker) await new Promise((done) => { worker.onstatechange = () => worker.state === 'redundant' && done(); });
  });
  assert.equal(await page.isVisible('#update'), false);
  await page.reload();
  assert.doesNotMatch(await page.title(), /Not ours|next/);
  await studio.ready();
  await studio.close();
});

test('where no service worker may be, the page works as any page', async () => {
  server.spoil(/service-worker\.js$/, { status: 404 });
  const studio = await browser.open(`${server.url}?device=cpu`);
  studio.expectError(/service-worker|404/);
  await studio.ready();
  assert.ok(isPicture(await studio.generate(QUICK)));
  await studio.close();
});

test('it can be installed: the manifest and its icons are there', async () => {
  const studio = await visit();
  const protocol = await browser.context.newCDPSession(studio.page);
  const { errors, data } = await protocol.send('Page.getAppManifest');
  assert.deepEqual(errors, []);
  const manifest = JSON.parse(data);
  for (const { src, sizes } of manifest.icons) {
    const size = await studio.page.evaluate(async (src) => {
      const image = new Image();
      image.src = src;
      await image.decode();
      return `${image.naturalWidth}x${image.naturalHeight}`;
    }, src);
    if (sizes !== 'any') assert.equal(size, sizes, src);
  }
  const { installabilityErrors } = await protocol.send('Page.getInstallabilityErrors');
  const kinds = installabilityErrors.map(({ errorId }) => errorId).filter((id) => id !== 'in-incognito');
  assert.deepEqual(kinds, []);
  await studio.close();
});
