// Whatever stands in the form: the page says in a sentence what is wrong, and goes on working.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { isPicture } from './support/pixels.mjs';
import { browser, server, useBrowser } from './support/session.mjs';
import { QUICK, serve, sheet } from './support/tiny.mjs';

let studio;

await useBrowser({ serve });

before(async () => {
  studio = await browser.open(`${server.url}?device=cpu`);
  await studio.ready();
});

test('of a plain prompt that is too long, the part that has no effect is named', async () => {
  const prompt = `${'a red apple and a green pear, '.repeat(20)} and a zebra`;
  await studio.fill({ ...QUICK, prompt });
  await studio.page.selectOption('#grammar', 'plain');
  assert.ok(isPicture(await studio.generate()));
  assert.match(await studio.message(/longer than the model reads/), /zebra/);
  await studio.page.selectOption('#grammar', 'a1111');
});

test('a width that the model cannot do is named beside its field', async () => {
  await studio.fill({ ...QUICK, width: 102 });
  await studio.page.click('#generate');
  const message = await studio.message(/width/i);
  assert.match(message, /102/);
  assert.match(message, /multiple of \d/);
  assert.equal(await studio.page.getAttribute('#width', 'aria-invalid'), 'true');
  await studio.waitForState('ready');
  assert.ok(isPicture(await studio.generate({ width: sheet.width })));
  assert.deepEqual(await studio.messages(), [], 'the complaint is gone');
});

for (const [id, value, label] of [['seed', 'twelve', /seed/i], ['steps', 0, /steps/i], ['height', '', /height/i]]) {
  test(`${id} = "${value}" is named beside its field`, async () => {
    const good = await studio.page.inputValue(`#${id}`);
    await studio.fill({ [id]: value });
    await studio.page.click('#generate');
    await studio.message(label);
    await studio.waitForState('ready');
    await studio.fill({ [id]: good });
    assert.deepEqual(await studio.messages(), [], 'a correction takes the complaint away');
  });
}

test('an empty prompt works', async () => {
  assert.ok(isPicture(await studio.generate({ ...QUICK, prompt: '' })));
});

test('a model address that is none is said', async () => {
  const other = await browser.open(`${server.url}?device=cpu&model=http://`);
  await other.message(/address/i);
  await other.ready();
  await other.close();
});

test('there were no errors', () => studio.close());
