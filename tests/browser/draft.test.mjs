// What was typed and has made no picture yet stands in the form again after a reload, in this tab alone.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { form } from './support/results.mjs';
import { browser, server, useBrowser } from './support/session.mjs';
import { serve } from './support/tiny.mjs';

await useBrowser({ serve });

test('what was chosen is there again after a reload, before the model is and after', async () => {
  const studio = await browser.open(`${server.url}?device=cpu`);
  await studio.ready();
  const { guidance } = await form(studio.page);
  const chosen = {
    prompt: 'a lighthouse\nin a storm', 'negative-prompt': 'fog', steps: '7', seed: '18446744073709551615', scheduler: 'lcm',
    width: '96', height: '72',
  };
  await studio.fill(chosen);
  let go;
  server.spoil(/\/models\//, { hold: new Promise((done) => { go = done; }) });
  await studio.page.reload();
  await studio.page.waitForFunction(() => document.querySelector('#prompt').value !== '', null, { polling: 20 });
  assert.notEqual(await studio.state(), 'ready');
  go();
  server.heal();
  await studio.ready();
  // What was left to the model still is.
  assert.deepEqual(await form(studio.page), { ...chosen, guidance, pictures: '1', 'clip-skip': '1', eta: '0' });
  assert.equal(await studio.page.inputValue('#steps-range'), '7');
  assert.equal(await studio.page.isChecked('#keep-seed'), true);

  await studio.page.fill('#prompt', '');
  await studio.page.click('#dice');
  await studio.page.uncheck('#keep-seed');
  await studio.page.reload();
  await studio.ready();
  const again = await form(studio.page);
  assert.equal(again.prompt, '', 'an emptied prompt is a choice too');
  assert.equal(again.steps, '7');
  assert.match(again.seed, /^\d+$/);
  assert.equal(await studio.page.isChecked('#keep-seed'), false);

  const another = await browser.open(`${server.url}?device=cpu`);
  await another.ready();
  const fresh = await form(another.page);
  assert.notEqual(fresh.steps, '7');
  assert.notEqual(fresh.prompt, '');
  await another.close();
  await studio.close();
});

test('a browser that stores nothing says nothing of it', async () => {
  const studio = await browser.open(`${server.url}?device=cpu`, {
    script: () => Object.defineProperty(window, 'sessionStorage', { get() { throw new DOMException('not here', 'SecurityError'); } }),
  });
  await studio.ready();
  await studio.fill({ prompt: 'a lighthouse' });
  assert.equal((await form(studio.page)).prompt, 'a lighthouse');
  assert.deepEqual(await studio.messages(), []);
  await studio.close();
});
