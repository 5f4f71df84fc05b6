// Pictures and masks are read by the worker: what the page does until they are there, and that neither the page
// nor a run waits for a large one.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { launch } from './support/browser.mjs';
import { choose, marked, png, taken } from './support/files.mjs';
import { serve } from './support/server.mjs';
import { hold, openWithStandIn } from './support/stand-in.mjs';

const SMALL = png(64, 64, marked);

let server, browser, studio, page;

before(async () => {
  server = await serve();
  browser = await launch({ gpu: false });
  studio = await openWithStandIn(browser, server);
  page = studio.page;
  await studio.fill({ width: 64, height: 64 });
});

after(async () => {
  await browser?.close();
  await server?.close();
});

const requests = () => page.evaluate(() => window.standIn.requests.map((request) => request.init_image?.image.width ?? null));
const status = (words) => page.waitForFunction((words) => document.querySelector('#status').textContent.includes(words), words);
const isReading = () => page.isVisible('#start-reading');

test('the page says that a picture is being read, and a run waits for it', async () => {
  const { release } = await hold(studio, 'fit-image');
  await choose(page, 'small.png', 'image/png', SMALL);
  assert.ok(await isReading());
  await page.click('#generate');
  await status('as soon as the chosen picture has been read');
  assert.deepEqual(await requests(), []);
  await release();
  await studio.waitForState('ready');
  assert.deepEqual(await requests(), [64]);
  assert.ok(!(await isReading()));
});

test('a run that waits for its picture can be cancelled', async () => {
  const { release } = await hold(studio, 'fit-image');
  await studio.fill({ width: 96, height: 64 });
  await page.click('#generate');
  await page.click('#cancel');
  await status('Stopped');
  await release();
  await page.waitForFunction(() => document.querySelector('#start-canvas').width === 96);
  assert.deepEqual(await requests(), [64]);
});

test('a picture that is removed while a run waits for it is not waited for', async () => {
  const { release } = await hold(studio, 'fit-image');
  await studio.fill({ width: 64, height: 96 });
  await page.click('#generate');
  await page.click('#start-remove');
  await studio.waitForState('ready');
  assert.deepEqual(await requests(), [64, null]);
  await release();
});

test('a picture that cannot be read ends the run that waits for it', async () => {
  const { release } = await hold(studio, 'fit-image');
  await choose(page, 'bad.png', 'image/png', SMALL.subarray(0, 200));
  await page.click('#generate');
  await release();
  await studio.message(/^bad\.png is no picture that this browser can read/);
  await status('The picture could not be made');
  assert.deepEqual(await requests(), [64, null]);
});

test('an engine that ends while it reads is asked once more', async () => {
  const { release } = await hold(studio, 'fit-image');
  await choose(page, 'small.png', 'image/png', SMALL);
  await page.evaluate(() => window.standIn.fail());
  await studio.waitForState('failed');
  assert.ok(await isReading());
  await release();
  await taken(page);
  assert.ok(!(await isReading()));
  await page.click('#generate');
  await studio.waitForState('ready');
  assert.deepEqual(await requests(), [64, null, 64]);
});

test('no test above left an error', () => studio.close());

test('a picture is read beside a run, while page and run go on', async () => {
  const own = await browser.open(`${server.url}?device=cpu`);
  await own.ready();
  const settings = { prompt: 'a red apple', steps: 8, guidance: 4, seed: 7 };
  const alone = await own.generate(settings);
  await own.page.click('#generate');
  await own.waitForState('busy');
  await choose(own.page, 'small.png', 'image/png', SMALL);
  const beside = await own.picture(alone.id);
  assert.ok(beside.rgba.equals(alone.rgba), 'the run makes the same picture');
  await taken(own.page);
  await own.page.click('#start-remove');

  // On the CPU a run leaves the reading a small part of the time, so that this one has to be long.
  await own.fill({ steps: 500 });
  await own.page.click('#generate');
  await own.waitForState('busy');
  const noise = randomBytes(1 << 20);
  const at = (x, y) => (x * 3 + y * 7001) % 1_000_000;
  // A file on disk: bytes that the test hands over are decoded on the page's own thread.
  const folder = await mkdtemp(join(tmpdir(), 'hearth-reading-'));
  const large = join(folder, 'large.png');
  await writeFile(large, png(1600, 1200, (x, y) => noise.subarray(at(x, y), at(x, y) + 3)));
  const [since, began] = [await own.now(), Date.now()];
  await own.page.setInputFiles('#start-file', large);
  await taken(own.page);
  await rm(folder, { recursive: true });
  const took = Date.now() - began;
  assert.equal(await own.state(), 'busy', `it is there before the run ends, after ${took} ms`);
  const longest = Math.max(0, ...await own.longTasks(since));
  assert.ok(longest < took / 2, `the page was blocked for ${longest} of ${took} ms`);
  await own.page.click('#cancel');
  await own.waitForState('ready');
  await own.close();
});
