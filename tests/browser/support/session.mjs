// The server of the page and the browser that a test file uses.

import { after } from 'node:test';

import { launch } from './browser.mjs';
import { serve as servePage } from './server.mjs';

export let server, browser;

/**
 * Starts both, and ends them after the tests of this file. `serve` starts the server; the other options are those of
 * `launch`. The file awaits it: the runner does not wait for one `before` hook of a file before it calls the next.
 */
export async function useBrowser({ serve = servePage, ...options } = {}) {
  after(async () => {
    await browser?.close();
    await server?.close();
  });
  server = await serve();
  browser = await launch(options);
}
