// Chromium, and the page in it as a user meets it.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const modules = process.env.HEARTH_NODE_MODULES;
const { chromium } = createRequire(modules ? `${modules}/` : import.meta.url)('playwright-core');

// SwiftShader stands in for a graphics card: right, and very slow.
const QUIET = [
  '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update',
  '--disable-sync', '--no-sandbox',
];
const WEBGPU = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];
const NO_WEBGPU = ['--disable-features=WebGPU', '--disable-blink-features=WebGPU'];

/** Nothing on a slow machine takes longer. */
export const PATIENCE = Number(process.env.HEARTH_PATIENCE ?? 300_000);

/**
 * Starts a browser with an empty profile. `gpu: false` leaves WebGPU out; `args` are Chromium's, and
 * `locale` is its user's language. Without `serviceWorker` none is registered: it would download page and
 * engine once more at every first visit.
 */
export async function launch({ gpu = true, args = [], locale = 'en-US', serviceWorker = false } = {}) {
  const profile = await mkdtemp(join(tmpdir(), 'hearth-browser-'));
  const browser = new Browser(profile, { gpu, args, locale, serviceWorker });
  await browser.start();
  return browser;
}

class Browser {
  constructor(profile, options) {
    Object.assign(this, { profile, options });
  }

  async start() {
    const { gpu, args, locale, serviceWorker } = this.options;
    this.context = await chromium.launchPersistentContext(this.profile, {
      executablePath: process.env.HEARTH_CHROMIUM ?? '/usr/bin/chromium',
      headless: true,
      args: [...QUIET, ...(gpu ? WEBGPU : NO_WEBGPU), ...args],
      viewport: { width: 1280, height: 900 },
      reducedMotion: 'reduce', // Nothing moves of itself while a test looks at it.
      locale,
      serviceWorkers: serviceWorker ? 'allow' : 'block',
    });
    this.context.setDefaultTimeout(PATIENCE);
    await this.context.addInitScript(remember);
  }

  /** Ends the browser and starts it again with the same profile. */
  async restart() {
    await this.context.close();
    await this.start();
  }

  /** Ends the browser's processes, as a power cut would: nothing is tidied up. */
  async kill() {
    const gone = new Promise((done) => { this.context.once('close', done); });
    const page = await this.context.newPage();
    const protocol = await this.context.newCDPSession(page);
    protocol.send('Browser.crash').catch(() => {}); // Nobody is left to answer.
    await gone;
  }

  async close() {
    await this.context?.close();
    await rm(this.profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 300 });
  }

  /** Opens `url`. `script`, one or several, runs in the page before its own programs. */
  async open(url, { script, size } = {}) {
    const page = await this.context.newPage();
    if (size) await page.setViewportSize(size);
    for (const one of [script ?? []].flat()) await page.addInitScript(one);
    const studio = new Studio(page);
    await page.goto(url);
    return studio;
  }
}

/** The page. */
export class Studio {
  #heard = [];
  #expected = [
    // Checkpoints are looked for under several names.
    /^Failed to load resource: .*\b404\b.*\/models\//,
  ];

  constructor(page) {
    this.page = page;
    page.on('pageerror', (error) => this.#heard.push(`${error.stack ?? error}`));
    page.on('console', (message) => {
      if (message.type() === 'error') this.#heard.push(`${message.text()} (${message.location().url})`);
    });
  }

  /** What went wrong in page or worker and no test asked for. */
  get errors() {
    return this.#heard.filter((text) => !this.#expected.some((pattern) => pattern.test(text)));
  }

  /** Such errors are part of the test. */
  expectError(pattern) {
    this.#expected.push(pattern);
  }

  async close() {
    await this.page.close();
    assert.deepEqual(this.errors, [], 'the page had errors');
  }

  state() {
    return this.page.evaluate(() => document.body.dataset.state);
  }

  /** Waits for `data-state` to be one of `states`, and says which. */
  async waitForState(...states) {
    const reached = (wanted) => wanted.includes(document.body.dataset.state) && document.body.dataset.state;
    const found = await this.page.waitForFunction(reached, states, { polling: 100 }).catch(async (error) => {
      throw new Error(`${states} was not reached: ${await this.summary()}`, { cause: error });
    });
    return found.jsonValue();
  }

  /** Waits for the model; fails at once if it cannot be had. */
  async ready() {
    const state = await this.waitForState('ready', 'failed');
    assert.equal(state, 'ready', await this.summary());
  }

  /** Fills in the form. Keys are the fields' ids. */
  async fill(values) {
    await this.page.evaluate(() => { document.querySelector('#advanced')?.setAttribute('open', ''); });
    for (const [id, value] of Object.entries(values)) {
      const field = this.page.locator(`#${id}`);
      if (id === 'scheduler') {
        // Two menus stand for this hidden input.
        await field.evaluate((input, name) => {
          input.value = name;
          input.dispatchEvent(new Event('input', { bubbles: true }));
        }, value);
      }
      else await field.fill(String(value));
    }
  }

  /** Presses Generate and waits for the end of the run. Fails if there is no picture. */
  async generate(values = {}) {
    await this.fill(values);
    const before = await this.doneId();
    await this.page.click('#generate');
    return this.picture(before);
  }

  doneId() {
    return this.page.evaluate(() => document.querySelector('#picture').dataset.doneId ?? null);
  }

  /** Waits for another picture than `before` and returns it as { id, width, height, rgba }. */
  async picture(before = null) {
    await this.page.waitForFunction((before) => {
      const { dataset } = document.querySelector('#picture');
      const isNew = dataset.doneId !== undefined && dataset.doneId !== before;
      const isOver = !['busy', 'loading'].includes(document.body.dataset.state);
      return isOver && (isNew || document.body.dataset.state === 'failed' || complaints() > 0);
      function complaints() {
        return document.querySelectorAll('#notes .wrong, [aria-invalid=true]').length;
      }
    }, before, { polling: 100 }).catch(async (error) => {
      throw new Error(`no picture came: ${await this.summary()}`, { cause: error });
    });
    const id = await this.doneId();
    assert.ok(id !== null && id !== before, `the run gave no picture: ${await this.summary()}`);
    const { width, height, data } = await this.page.evaluate(() => {
      const canvas = document.querySelector('#picture');
      const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
      let data = '';
      for (let i = 0; i < pixels.length; i += 8192) data += String.fromCharCode(...pixels.subarray(i, i + 8192));
      return { width: canvas.width, height: canvas.height, data: btoa(data) };
    });
    return { id, width, height, rgba: Buffer.from(data, 'base64') };
  }

  /** All messages in sight: notes and complaints beside fields. */
  messages() {
    return this.page.evaluate(() => [...document.querySelectorAll('#notes .note p, .problem')]
      .filter((element) => element.offsetParent !== null)
      .map((element) => element.textContent.trim()));
  }

  /** Waits for a message that matches, and returns it. */
  async message(pattern) {
    const seen = await this.page.waitForFunction(([source, flags]) => [...document.querySelectorAll('#notes .note p, .problem')]
      .filter((element) => element.offsetParent !== null)
      .map((element) => element.textContent.trim())
      .find((text) => new RegExp(source, flags).test(text)), [pattern.source, pattern.flags], { polling: 100 })
      .catch(async (error) => {
        throw new Error(`no message like ${pattern}: ${await this.summary()}`, { cause: error });
      });
    return seen.jsonValue();
  }

  /** Everything the status line said since the page opened. */
  said() {
    return this.page.evaluate(() => window.hearthTest.said);
  }

  /** Milliseconds of every task over 50 ms on the page's own thread, from `since` (performance.now()) on. */
  longTasks(since) {
    return this.page.evaluate((since) => window.hearthTest.longTasks
      .filter(({ start }) => start >= since).map(({ duration }) => duration), since);
  }

  now() {
    return this.page.evaluate(() => performance.now());
  }

  async summary() {
    const read = () => `state ${document.body.dataset.state}, status "${document.querySelector('#status')?.textContent}"`;
    const [where, messages] = await Promise.all([this.page.evaluate(read), this.messages()]).catch(() => ['page gone', []]);
    return `${where}, messages ${JSON.stringify(messages)}, errors ${JSON.stringify(this.errors)}`;
  }
}

// Runs in the page before its own programs and writes down what would otherwise pass unseen.
function remember() {
  const longTasks = [];
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) longTasks.push({ start: startTime, duration });
  }).observe({ type: 'longtask', buffered: true });

  const said = [];
  const shown = [];
  const bars = [];
  const note = (list, value) => { if (value !== null && list.at(-1) !== value) list.push(value); };
  const look = () => {
    note(said, document.querySelector('#status')?.textContent ?? null);
    note(shown, document.querySelector('#frame')?.dataset.shows ?? null);
    note(bars, document.querySelector('#progress')?.getAttribute('value') ?? null);
  };
  new MutationObserver(look).observe(document, {
    subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ['data-shows', 'value'],
  });
  window.hearthTest = { longTasks, said, shown, bars };
}
