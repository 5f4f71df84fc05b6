// The same seed gives the same picture on the CPU and on WebGPU.
//
// Tolerance: both compute in f32 and differ in the order of their sums, which two steps and the
// decoder enlarge. A mean of 1/255 and a maximum of 8/255 is far below what the eye sees, and far
// above what a wrong kernel leaves.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { SMALL } from '../support/model.mjs';
import { difference, isPicture } from '../support/pixels.mjs';
import { browser, server, useBrowser } from '../support/session.mjs';

await useBrowser();

async function picture(query) {
  const studio = await browser.open(server.url + query);
  await studio.ready();
  const picture = await studio.generate(SMALL);
  const device = await studio.page.textContent('#device');
  await studio.close();
  return { ...picture, device };
}

test('CPU and WebGPU agree', async () => {
  const cpu = await picture('?device=cpu');
  const gpu = await picture('');
  assert.match(cpu.device, /CPU/);
  assert.match(gpu.device, /WebGPU/);
  assert.ok(isPicture(cpu) && isPicture(gpu));
  const { mean, max } = difference(cpu, gpu);
  assert.ok(mean <= 1 && max <= 8, `the devices differ by ${mean.toFixed(3)} on average and ${max} at most, of 255`);
});
