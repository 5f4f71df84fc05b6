// The same seed gives the same picture in f16 and in f32, by the worker's own program.
//
// Tolerance: a mean of 1/255 is far below what the eye sees. Measured: 0.13 on average, 3 at most.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { SMALL } from '../browser/support/model.mjs';
import { difference, isPicture } from '../browser/support/pixels.mjs';
import { serve } from '../browser/support/server.mjs';
import { generateCommand, openCommand } from './support/commands.mjs';
import { startEngine, stopDawn } from './support/engine.mjs';

let server;

before(async () => {
  server = await serve();
});

after(async () => {
  await server?.close();
  stopDawn();
});

/** Makes a small picture with an engine of its own. */
async function picture({ device = 'webgpu', ...like }) {
  const engine = await startEngine({ like });
  const ready = await engine.ask(openCommand(`${server.url}models/emoji`, device), 'ready');
  const { picture: { width, height, rgba }, seconds } = await engine.ask(generateCommand(SMALL), 'done');
  console.log(`${ready.device}, ${JSON.stringify(like)}: ${seconds.toFixed(1)} s`);
  return { width, height, rgba: Buffer.from(rgba) };
}

// To a graphics card other kernels are given, which a software GPU compiles for minutes.
const FAMILIES = process.env.HEARTH_LONG ? { direct: true, tiled: false } : { direct: true };

for (const [family, isSoftware] of Object.entries(FAMILIES)) {
  test(`${family} kernels: f16 and f32 give the same picture`, async () => {
    const half = await picture({ f16: true, isSoftware });
    const full = await picture({ f16: false, isSoftware });
    const { mean, max } = difference(half, full);
    console.log(`${family}: ${mean.toFixed(3)} on average and ${max} at most, of 255`);
    assert.ok(isPicture(half) && isPicture(full));
    assert.ok(mean > 0, 'f16 was not used');
    assert.ok(mean <= 1 && max <= 16, `f16 differs from f32 by ${mean.toFixed(3)} on average and ${max} at most, of 255`);
  });
}

test('f16 gives the picture of the CPU', async () => {
  const half = await picture({ f16: true, isSoftware: true });
  const cpu = await picture({ device: 'cpu' });
  const { mean, max } = difference(half, cpu);
  assert.ok(mean <= 1 && max <= 16, `f16 differs from the CPU by ${mean.toFixed(3)} on average and ${max} at most, of 255`);
});
