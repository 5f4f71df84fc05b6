// Browsers of other makers than Chromium's, as far as one test needs them: each has `open(url)`,
// `read(script)`, which runs the body of a function in the page and returns what it returns, and `close()`.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { PATIENCE, launch } from './browser.mjs';

const modules = process.env.HEARTH_NODE_MODULES;
const require = createRequire(modules ? `${modules}/` : import.meta.url);

export async function chromium() {
  const browser = await launch({ gpu: false, serviceWorker: true });
  const { page } = await browser.open('about:blank');
  return { open: (url) => page.goto(url), read: (script) => page.evaluate(`(() => { ${script} })()`), close: () => browser.close() };
}

/** Firefox, over WebDriver BiDi. */
export async function firefox() {
  const { default: puppeteer } = await import(require.resolve('puppeteer-core'));
  const profile = await mkdtemp(join(tmpdir(), 'hearth-firefox-'));
  const browser = await puppeteer.launch({
    browser: 'firefox', executablePath: process.env.HEARTH_FIREFOX, headless: true, userDataDir: profile, timeout: PATIENCE, protocolTimeout: PATIENCE,
  });
  const page = await browser.newPage();
  return {
    open: (url) => page.goto(url, { timeout: PATIENCE }),
    read: (script) => page.evaluate(`(() => { ${script} })()`),
    async close() {
      await browser.close();
      await rm(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 300 });
    },
  };
}

/** WebKitGTK's small browser in a window that nobody sees, over WebDriver. */
export async function webkit() {
  const screen = spawn('Xvfb', ['-displayfd', '1', '-screen', '0', '1280x900x24', '-nolisten', 'tcp'], { stdio: ['ignore', 'pipe', 'ignore'] });
  const display = await Promise.race([
    once(screen.stdout, 'data').then(([number]) => `:${`${number}`.trim()}`),
    once(screen, 'exit').then(() => { throw new Error('Xvfb did not start'); }),
  ]);
  const port = await freePort();
  const driver = spawn('WebKitWebDriver', [`--port=${port}`], { env: { ...process.env, DISPLAY: display }, stdio: 'ignore' });
  const ended = Promise.all([screen, driver].map((program) => once(program, 'exit')));
  const end = () => {
    driver.kill();
    screen.kill();
    return ended;
  };
  try {
    const ask = webDriver(`http://127.0.0.1:${port}`);
    await ready(ask);
    const options = { binary: process.env.HEARTH_MINIBROWSER, args: ['--automation'] };
    const { sessionId } = await ask('POST', '/session', { capabilities: { alwaysMatch: { 'webkitgtk:browserOptions': options } } });
    const at = `/session/${sessionId}`;
    await ask('POST', `${at}/timeouts`, { pageLoad: PATIENCE, script: PATIENCE });
    return {
      open: (url) => ask('POST', `${at}/url`, { url }),
      read: (script) => ask('POST', `${at}/execute/sync`, { script, args: [] }),
      async close() {
        await ask('DELETE', at).catch(() => {}); // The driver ends it too.
        await end();
      },
    };
  } catch (error) {
    await end();
    throw error;
  }
}

/** Sends a command of WebDriver and returns its value. */
function webDriver(address) {
  return async (method, path, body) => {
    const response = await fetch(address + path, { method, ...(body && { body: JSON.stringify(body) }) });
    const { value } = await response.json();
    if (!response.ok) throw new Error(`${value?.error}: ${value?.message}`);
    return value;
  };
}

/** Waits until the driver answers. */
async function ready(ask) {
  for (const end = Date.now() + PATIENCE; ; await sleep(100)) {
    try {
      return await ask('GET', '/status');
    } catch (error) {
      if (Date.now() > end) throw error;
    }
  }
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
