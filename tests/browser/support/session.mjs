// The server of the page and the browser that a test file uses.

import { after, before } from 'node:test';

import { launch } from './browser.mjs';
import { serve as servePage } from './server.mjs';

export let server, browser;

/**
 * Starts both before the tests of this file and ends them afterwards. `serve` starts the server; the other options
 * are those of `launch`.
 */
export function useBrowser({ serve = servePage, ...options } = {}) {
  before(async () => {
    server = await serve();
    browser = await launch(options);
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });
}
