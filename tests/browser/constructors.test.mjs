// Static constructors run once, at start. A linker that thinks otherwise has every export run all of them at every call,
// which cost 6 ms for each launch of a kernel.

import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

import { DIST } from './support/server.mjs';
import { browser, server, useBrowser } from './support/session.mjs';
import { read } from './support/wasm.mjs';

const CONSTRUCTORS = '__wasm_call_ctors';

await useBrowser();

test('no export of a program that ships calls the constructors', async () => {
  const files = (await readdir(DIST, { recursive: true })).filter((name) => name.endsWith('.wasm'));
  assert.ok(files.length >= 2, `page and engine were looked for, and found: ${files}`);
  for (const file of files) {
    const { exports, firstCall, sizeOf } = read(await readFile(join(DIST, file)));
    const constructors = exports.get(CONSTRUCTORS);
    assert.ok(constructors !== undefined, `${file} does not export ${CONSTRUCTORS}`);
    const isEngine = /engine-/.test(file);
    // The page's program has none: two bytes are no locals and an end.
    assert.ok(isEngine || sizeOf(constructors) === 2, `${file} has constructors that nobody runs`);
    assert.ok(!isEngine || sizeOf(constructors) > 2, `${file} has no constructors: this test is about nothing`);
    const wrapped = [...exports].filter(([, index]) => firstCall(index) === constructors).map(([name]) => name);
    assert.deepEqual(wrapped, [], `${file}: these exports run all constructors at every call`);
    assert.ok(exports.size > 5, `${file}: only ${exports.size} exported functions were read`);
  }
});

test('the engine runs them once', async () => {
  const studio = await browser.open(`${server.url}bench.html?case=sd99-unet-64&device=cpu`, { script: countConstructors });
  await studio.page.waitForFunction(() => /sd15, sd21 or sdxl, then/.test(document.getElementById('state').textContent));
  assert.equal(await studio.page.evaluate(() => window.constructed), 1);
});

// Runs in the page before its own programs.
function countConstructors() {
  window.constructed = 0;
  const real = WebAssembly.instantiateStreaming;
  WebAssembly.instantiateStreaming = async (...given) => {
    const { instance, module } = await real(...given);
    const exports = { ...instance.exports };
    exports.__wasm_call_ctors = () => {
      window.constructed += 1;
      instance.exports.__wasm_call_ctors();
    };
    return { module, instance: { exports } };
  };
}
