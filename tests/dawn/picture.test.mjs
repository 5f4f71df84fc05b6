// The same seed gives the same picture in f16 and in f32, by the worker's own program.
//
// Tolerance: a mean of 1/255 is far below what the eye sees. Measured: 0.13 on average, 3 at most.
//
// The adapter shows itself as a graphics card, so that the kernels are those of one (tiled); with
// HEARTH_LONG=1 also as what it is.

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
  const ready = await engine.ask(openCommand(`${server.url}models/emoji`, device));
  const { picture: { width, height, rgba }, seconds } = await engine.ask(generateCommand(SMALL));
  console.log(`${ready.device}, ${JSON.stringify(like)}: ${seconds.toFixed(1)} s`);
  return { width, height, rgba: Buffer.from(rgba) };
}

const FAMILIES = process.env.HEARTH_LONG ? { tiled: false, direct: true } : { tiled: false };

for (const [family, isSoftware] of Object.entries(FAMILIES)) {
  test(`${family} kernels: f16 gives the picture of f32, and of the CPU`, async () => {
    const half = await picture({ f16: true, isSoftware });
    const others = { f32: await picture({ f16: false, isSoftware }), 'the CPU': await picture({ device: 'cpu' }) };
    assert.ok(isPicture(half));
    for (const [name, other] of Object.entries(others)) {
      const { mean, max } = difference(half, other);
      console.log(`${family}, f16 beside ${name}: ${mean.toFixed(3)} on average and ${max} at most, of 255`);
      assert.ok(mean > 0, 'f16 was not used');
      assert.ok(mean <= 1 && max <= 16, `f16 differs from ${name} by ${mean.toFixed(3)} on average and ${max} at most, of 255`);
    }
  });
}
