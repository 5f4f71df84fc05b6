// What diffusers and Pillow computed (tests/golden).

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

const DATA = new URL('../../golden/data/', import.meta.url);

/** The cases of `NAME.json`, each with `input(key)` and `output(key)`: a tensor's { shape, bytes }. */
export function goldens(name) {
  const { cases } = JSON.parse(readFileSync(new URL(`${name}.json`, DATA), 'utf8'));
  const file = readFileSync(new URL(`${name}.safetensors`, DATA));
  const start = 8 + Number(file.readBigUInt64LE(0));
  const head = JSON.parse(file.toString('utf8', 8, start));
  const tensor = (key) => {
    const { dtype, shape, data_offsets: [from, to] } = head[key];
    assert.equal(dtype, 'U8', key);
    return { shape, bytes: file.subarray(start + from, start + to) };
  };
  assert.ok(cases.length > 0, `${name} has no cases`);
  return cases.map((one) => ({ ...one, input: (key) => tensor(one.inputs[key]), output: (key) => tensor(one.outputs[key]) }));
}

/** A tensor [h, w, 3] as an opaque picture: { width, height, rgba }. */
export function asPicture({ shape: [height, width], bytes }) {
  const rgba = Buffer.alloc(width * height * 4, 255);
  for (let pixel = 0; pixel < width * height; pixel += 1) rgba.set(bytes.subarray(pixel * 3, pixel * 3 + 3), pixel * 4);
  return { width, height, rgba };
}

/** Asserts that two pictures have the same pixels, and names the first that differs. */
export function equalPictures(found, expected, what) {
  const { width, height } = expected;
  assert.deepEqual([found.width, found.height], [width, height], what);
  const pixel = (picture, at) => [...picture.rgba.subarray(at * 4, at * 4 + 4)];
  for (let at = 0; at < width * height; at += 1) {
    assert.deepEqual(pixel(found, at), pixel(expected, at), `${what}: pixel ${at % width}, ${Math.floor(at / width)}`);
  }
}
