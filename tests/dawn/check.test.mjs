// Kernels through Chrome's compiler, in f32 and in f16, against the plain operations on the CPU.
//
// The exemplary operations, each by the kernels for graphics cards (tiled) and by those for software GPUs
// (direct); with HEARTH_LONG=1 all operations. `check` asks for each operation's tiled kernel first.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { startDawn, startEngine, stopDawn } from './support/engine.mjs';

const isLong = Boolean(process.env.HEARTH_LONG);
const FAMILIES = ['tiled', 'direct'];
const DTYPES = ['f32', 'f16'];

before(async () => {
  const { features } = await startDawn();
  assert.ok(features.includes('shader-f16'), `the adapter has only ${features}`);
});

after(stopDawn);

/** Chooses the exemplary operations: on a software GPU the only ones with usual kernels for graphics cards. */
function exemplary() {
  const names = new Set();
  return (name, dtype, family, isUsual) => {
    if (family === 'tiled' && isUsual) names.add(name);
    return names.has(name);
  };
}

test('kernels equal plain operations', async () => {
  const { exports } = await startEngine();
  const all = JSON.parse(await exports.check(isLong ? () => true : exemplary()));
  assert.deepEqual(all.filter(({ error, limit }) => !(error <= limit)), []);
  for (const dtype of DTYPES) {
    for (const family of FAMILIES) {
      const some = all.filter((one) => one.dtype === dtype && one.family === family);
      const least = isLong ? 80 : 10;
      assert.ok(some.length >= least, `only ${some.length} ${family} operations were compared in ${dtype}`);
      const worst = some.reduce((a, b) => (b.error > a.error ? b : a));
      console.log(`${dtype}, ${family}: ${some.length} compared, worst error ${worst.error.toExponential(1)} (${worst.name})`);
    }
  }
});
