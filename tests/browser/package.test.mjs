// The packed npm package in other people's pages: whatever their host, headers and tools are.

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';

import { launch } from './support/browser.mjs';
import { TINY, pressGenerate, unpack } from './support/package.mjs';
import { readPng } from './support/pixels.mjs';
import { serve } from './support/tiny.mjs';

/** Of the project that is the working folder. */
const VITE = join('node_modules', 'vite', 'bin', 'vite.js');
const CPU = { ...TINY, device: 'cpu' };
const STRICT = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; style-src 'self'";
const ISOLATED = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' };

let pack, browser;

before(async () => {
  pack = unpack();
  browser = await launch();
});

after(async () => {
  await browser?.close();
  pack?.remove();
});

/** Opens the page in `folder`, does `work(studio, server)`, and fails for any error on the way. */
async function inPage(folder, { headers = {}, below = '', query = '' }, work) {
  const server = await serve(folder);
  server.headers = headers;
  try {
    const studio = await browser.open(`${server.url}${below}${query}`);
    studio.expectError(/favicon/);
    await work(studio, server);
    await studio.close();
    const missing = server.requests.filter(({ status, path }) => status === 404 && !/\/models\/|favicon/.test(path));
    assert.deepEqual(missing, []);
  } finally {
    await server.close();
  }
}

function assertPicture({ picture, isShown, png, request }, wanted) {
  assert.deepEqual([picture.width, picture.height], [wanted.width, wanted.height]);
  assert.ok(picture.colours > 32, `${picture.colours} colours`);
  assert.ok(isShown, 'the canvas shows something else');
  const { texts, width } = readPng(Buffer.from(png, 'base64'));
  assert.deepEqual([width, texts.prompt, texts.seed], [wanted.width, request.prompt, wanted.seed]);
}

test('a static page makes a picture on the GPU', () => inPage(pack.example('static'), {}, async (studio) => {
  const done = await pressGenerate(studio.page, { ...TINY, device: 'webgpu' });
  assertPicture(done, TINY);
  assert.equal(done.request.prompt, 'a red apple on a blue background');
  for (const event of ['load-progress download', 'load-progress prepare', 'progress step', 'progress decode', 'image']) {
    assert.ok(done.events.includes(event), `${event} is not among ${done.events}`);
  }
}));

test('below a path prefix everything is found', () => inPage(pack.example('static'), { below: 'at/below/' }, async (studio) => {
  assertPicture(await pressGenerate(studio.page, CPU), CPU);
}));

test('a page that is cross-origin isolated makes a picture', () => inPage(pack.example('static'), { headers: ISOLATED }, async (studio) => {
  assert.ok(await studio.page.evaluate(() => crossOriginIsolated));
  assertPicture(await pressGenerate(studio.page, CPU), CPU);
}));

test('the strictest policy, in the head of every answer, suffices', async () => {
  const headers = { 'content-security-policy': STRICT };
  await inPage(pack.example('strict-csp'), { headers }, async (studio) => {
    assertPicture(await pressGenerate(studio.page, CPU), CPU);
    assert.match(await studio.page.textContent('#said'), /^Seed 1, /);
    // Its own style is there.
    const radius = await studio.page.evaluate(() => getComputedStyle(document.querySelector('stable-diffusion').shadowRoot.querySelector('.frame')).borderRadius);
    assert.equal(radius, '4px');
    const [download] = await Promise.all([
      studio.page.waitForEvent('download'),
      studio.page.locator('stable-diffusion').getByRole('button', { name: 'Save' }).click(),
    ]);
    assert.equal(download.suggestedFilename(), 'hearth-1.png');
  });
});

/** Presses the Vite app's button and waits until it says how it ended. */
async function pressInApp(studio) {
  await studio.page.click('text=Generate');
  await studio.page.waitForFunction(() => document.querySelector('#stop').disabled && document.querySelector('#status').textContent !== '');
  assert.match(await studio.page.textContent('#status'), /^Seed \d+, /);
}

test('a Vite app, built and served below a prefix, makes a picture', async () => {
  const folder = pack.project('vite', 'vite');
  const run = (...program) => execFileSync(process.execPath, program, { cwd: folder, encoding: 'utf8', stdio: 'pipe' });
  run('copy-model.mjs');
  run(VITE, 'build');
  const assets = readdirSync(join(folder, 'dist', 'assets'));
  for (const name of [/^merges-.*\.txt$/, /^worker_bg-.*\.wasm$/, /^worker_loader-.*\.js$/]) {
    assert.equal(assets.filter((asset) => name.test(asset)).length, 1, `${name} among ${assets}`);
  }
  await inPage(join(folder, 'dist'), { below: 'at/vite/', query: '?device=cpu&steps=2' }, async (studio, server) => {
    await pressInApp(studio);
    assert.equal(server.asked(/\.wasm$/).length, 1);
  });
});

test('Vite’s development server gives the same app', async () => {
  const folder = pack.project('vite', 'vite');
  execFileSync(process.execPath, ['copy-model.mjs'], { cwd: folder });
  const vite = await startVite(folder);
  try {
    const studio = await browser.open(`${vite.url}?device=cpu&steps=2`);
    studio.expectError(/favicon/);
    await pressInApp(studio);
    await studio.close();
  } finally {
    await vite.stop();
  }
});

/** Starts Vite's development server on a free port: { url, stop() }. */
async function startVite(folder) {
  const server = spawn(process.execPath, [VITE, '--host', '127.0.0.1', '--port', '0'], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(server, 'exit');
  let said = '';
  const url = new Promise((done) => {
    const hear = (text) => {
      said += stripVTControlCharacters(text);
      const [address] = /http:\/\/127\.0\.0\.1:\d+\/(?=\s)/.exec(said) ?? [];
      if (address) done(address);
    };
    for (const stream of [server.stdout, server.stderr]) stream.setEncoding('utf8').on('data', hear);
  });
  const stop = async () => {
    server.kill();
    await ended;
  };
  const early = ended.then(() => { throw new Error(`Vite did not start: ${said}`); });
  early.catch(() => {}); // Later on it is stopped.
  return { url: await Promise.race([url, early]), stop };
}

test('from another origin the module starts a worker of the page’s own', async () => {
  const cdn = await serve(pack.folder);
  cdn.headers = { 'access-control-allow-origin': '*' };
  const html = `<!doctype html><script type="module" src="${cdn.url}element.js"></script>
    <stable-diffusion prompt="a red apple on a blue background" controls></stable-diffusion>`;
  try {
    await inPage(pack.page({ 'index.html': html }), {}, async (studio) => {
      assertPicture(await pressGenerate(studio.page, CPU), CPU);
    });
  } finally {
    await cdn.close();
  }
});
