// The tools of the mask show what they do: after another picture or size, by key, and with a pen.

import assert from 'node:assert/strict';
import { before, beforeEach, test } from 'node:test';

import { choose, fitted, marked, png, taken } from './support/files.mjs';
import { Mask } from './support/mask.mjs';
import { browser, server, useBrowser } from './support/session.mjs';
import { openWithStandIn } from './support/stand-in.mjs';

const SIDE = 64;

let studio, page, mask;

await useBrowser({ gpu: false });

before(async () => {
  studio = await openWithStandIn(browser, server);
  page = studio.page;
});

beforeEach(async () => {
  if (page.isClosed()) return;
  await size(SIDE);
  await anotherPicture();
  await page.click('[data-scope=part]');
});

async function size(side) {
  await studio.fill({ width: side, height: side });
  await fitted(page);
  mask = new Mask(studio, side);
}

async function anotherPicture() {
  await choose(page, 'picture.png', 'image/png', png(SIDE, SIDE, marked));
  await taken(page);
}

/** The tool whose button is pressed. */
const tool = () => page.evaluate(() => [...document.querySelectorAll('#mask-brush, #mask-eraser')]
  .filter((button) => button.ariaPressed === 'true').map((button) => button.dataset.tool).join());

/** The slider of the brush: its value, its end, and what it says of itself. */
const slider = () => page.$eval('#brush-size', (field) => [Number(field.value), Number(field.max), field.getAttribute('aria-valuetext')]);

const focused = () => page.evaluate(() => document.activeElement.id);

test('with another picture the eraser is put away, and the brush is as wide as it was', async () => {
  await mask.brush(4);
  await page.click('#mask-eraser');
  assert.equal(await tool(), 'eraser');
  await anotherPicture();
  assert.equal(await tool(), 'brush');
  assert.equal(await page.getAttribute('#start-ring', 'data-erases'), null);
  assert.deepEqual(await slider(), [4, 32, '4 pixels']);
  await mask.stroke([32, 32]);
  assert.equal(await mask.painted(), 12);
});

test('at another size the slider says how wide the brush is', async () => {
  await mask.brush(8);
  await size(512);
  assert.deepEqual(await slider(), [64, 256, '64 pixels']);
  await mask.stroke([256, 256]);
  assert.equal((await mask.rows())[256], '.'.repeat(224) + '#'.repeat(64) + '.'.repeat(224));
  await page.focus('#brush-size');
  await page.keyboard.press('ArrowRight');
  assert.deepEqual(await slider(), [65, 256, '65 pixels']);
  await page.keyboard.press('End');
  assert.deepEqual(await slider(), [256, 256, '256 pixels']);
});

test('a size that is passed by while it is typed costs the brush nothing', async () => {
  await mask.brush(8);
  await page.fill('#width', '');
  await page.locator('#width').pressSequentially('512'); // By way of 5 and 51.
  await fitted(page);
  assert.deepEqual(await slider(), [8, 32, '8 pixels']);
});

test('after the last undo the button keeps the focus, and the keys go on working', async () => {
  await mask.brush(4);
  await mask.stroke([32, 32]);
  await page.focus('#mask-undo');
  await page.keyboard.press('Enter');
  assert.deepEqual([await focused(), await mask.isIdle('#mask-undo'), await mask.isIdle('#mask-redo')], ['mask-undo', true, false]);
  await page.keyboard.press('Control+Shift+Z');
  assert.deepEqual([await mask.isIdle('#mask-undo'), await mask.isIdle('#mask-redo')], [false, true]);
  assert.equal(await page.textContent('#start-said'), '0 % of the picture is masked.');
  await page.keyboard.press('Control+z');
  assert.equal(await focused(), 'mask-undo');
  await page.keyboard.press('Control+y');
  assert.equal(await mask.painted(), 12);
});

test('a button that has nothing to do does nothing', async () => {
  await mask.stroke([32, 32]);
  await page.evaluate(() => { document.querySelector('#start-said').textContent = 'as before'; });
  await page.focus('#mask-redo');
  await page.keyboard.press('Enter');
  assert.equal(await page.textContent('#start-said'), 'as before');
});

test('a pen paints with its tip', async () => {
  await mask.brush(4);
  await page.locator('#start-mask').scrollIntoViewIfNeeded();
  await page.evaluate(() => {
    document.querySelector('#start-mask').addEventListener('pointerdown', ({ pointerType }) => { window.pointer = pointerType; });
  });
  const protocol = await browser.context.newCDPSession(page);
  const pen = async (type, [x, y], buttons) => protocol.send('Input.dispatchMouseEvent', {
    type, x, y, button: 'left', buttons, clickCount: 1, pointerType: 'pen', force: 0.5,
  });
  await pen('mousePressed', await mask.place(20, 32), 1);
  await pen('mouseMoved', await mask.place(40, 32), 1);
  await pen('mouseReleased', await mask.place(40, 32), 0);
  await protocol.detach();
  assert.equal(await page.evaluate(() => window.pointer), 'pen');
  assert.equal((await mask.rows())[32], `${'.'.repeat(18)}${'#'.repeat(24)}${'.'.repeat(22)}`);
});

// The protocol has no button for a pen's eraser: 5, and 32 among those that are held.
async function erase(...points) {
  await page.locator('#start-mask').scrollIntoViewIfNeeded();
  const places = await Promise.all(points.map((point) => mask.place(...point)));
  await page.evaluate((places) => {
    const canvas = document.querySelector('#start-mask');
    const send = (type, [clientX, clientY], button, buttons) => canvas.dispatchEvent(new PointerEvent(type, {
      bubbles: true, cancelable: true, pointerId: 7, pointerType: 'pen', isPrimary: true, clientX, clientY, button, buttons,
    }));
    send('pointerdown', places[0], 5, 32);
    window.meanwhile = document.querySelector('#mask-eraser').ariaPressed;
    for (const place of places.slice(1)) send('pointermove', place, -1, 32);
    send('pointerup', places.at(-1), 5, 0);
  }, places);
  return page.evaluate(() => window.meanwhile);
}

test('a pen’s other end erases, whatever tool is taken, and leaves that as it was', async () => {
  for (const taken of ['brush', 'eraser']) {
    await page.click('[data-tool=fill]');
    await mask.brush(4);
    await page.click(`#mask-${taken}`);
    assert.equal(await erase([20, 32], [40, 32]), 'true');
    assert.equal((await mask.rows())[32], `${'#'.repeat(18)}${'.'.repeat(24)}${'#'.repeat(22)}`);
    assert.equal(await tool(), taken);
  }
  await page.click('#mask-undo');
  assert.equal(await mask.painted(), SIDE * SIDE, 'it was one change');
});

test('the picture is magnified around the brush, by button, key and trackpad, and painted where the pointer is', async () => {
  const width = async () => (await page.locator('#start-mask').boundingBox()).width;
  const isOff = (id) => page.getAttribute(`#mask-zoom-${id}`, 'aria-disabled');
  const whole = await width();
  await mask.brush(4);
  assert.deepEqual([await isOff('in'), await isOff('out'), await isOff('fit')], ['false', 'true', 'true']);
  const below = await page.locator('#start-tools').boundingBox();
  await page.click('#mask-zoom-in');
  await page.focus('#start-mask');
  await page.keyboard.press('+');
  assert.ok(Math.abs(await width() - 2 * whole) < 1);
  assert.equal((await page.locator('#start-tools').boundingBox()).height, below.height, 'nothing moves');
  assert.equal(await page.textContent('#mask-zoom'), '200 %');
  // The middle is in sight: the brush was there.
  await mask.stroke([32, 32]);
  assert.deepEqual(await mask.part(29, 29, 6, 6), ['......', '..##..', '.####.', '.####.', '..##..', '......']);
  await page.focus('#start-mask');
  await page.keyboard.press('-');
  await page.keyboard.press('-');
  assert.equal(await width(), whole);
  assert.equal(await isOff('out'), 'true');
  await page.mouse.move(...await mask.place(32, 32));
  await page.keyboard.down('Control');
  for (let turn = 0; turn < 5; turn++) await page.mouse.wheel(0, -100);
  await page.keyboard.up('Control');
  await page.waitForFunction(() => document.querySelector('#mask-zoom-in').ariaDisabled === 'true');
  assert.ok(Math.abs(await width() - 4 * whole) < 1);
  assert.equal(await page.textContent('#mask-zoom'), '400 %');
  await page.click('#mask-zoom-fit');
  assert.deepEqual([await width(), await page.textContent('#mask-zoom'), await isOff('fit')], [whole, '100 %', 'true']);
  await page.keyboard.press('+');
  assert.equal(await isOff('fit'), 'false');
  await page.keyboard.press('0');
  assert.equal(await width(), whole);
});

test('there were no errors', () => studio.close());
