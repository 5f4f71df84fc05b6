// Adapters as requests and the element's attribute name them, without a browser.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { adaptersInText, adapterPlace, checkedAdapters, described } from '../../npm/src/adapters.js';

test('the attribute has addresses with up to two weights', () => {
  assert.deepEqual(adaptersInText('owner/name/a.safetensors:0.8, https://a.example:8080/b.safetensors:1:-0.5,./c.safetensors'), [
    { adapter: 'owner/name/a.safetensors', weight: 0.8 },
    { adapter: 'https://a.example:8080/b.safetensors', weight: 1, textEncoderWeight: -0.5 },
    { adapter: './c.safetensors' },
  ]);
  assert.deepEqual(adaptersInText(' , '), []);
});

test('an adapter alone has weight 1, and one weight counts for both', () => {
  const file = new File([], 'a.safetensors');
  assert.deepEqual(checkedAdapters(['a/b/c.safetensors', file, { adapter: 'd', weight: 0.5 }, { adapter: 'e', textEncoderWeight: 0 }]), [
    { adapter: 'a/b/c.safetensors', weight: 1, textEncoderWeight: 1 },
    { adapter: file, weight: 1, textEncoderWeight: 1 },
    { adapter: 'd', weight: 0.5, textEncoderWeight: 0.5 },
    { adapter: 'e', weight: 1, textEncoderWeight: 0 },
  ]);
  assert.deepEqual(checkedAdapters([]), []);
  // The model's own.
  assert.equal(checkedAdapters(undefined), null);
  assert.equal(checkedAdapters(null), null);
});

for (const [what, given] of [
  ['no list', 'a/b'], ['an empty address', ['']], ['nothing', [null]], ['a number', [3]], ['a weight that is text', [{ adapter: 'a', weight: '1' }]],
  ['a weight that is no number', [{ adapter: 'a', textEncoderWeight: NaN }]],
]) {
  test(`${what} is refused by the field's name`, () => {
    assert.throws(() => checkedAdapters(given), ({ code, details }) => code === 'invalid-request' && details.field === 'adapters');
  });
}

test('a file goes along with the command', () => {
  const file = new File([], 'a.safetensors');
  assert.deepEqual(adapterPlace(file), { place: { kind: 'picked', name: 'a.safetensors' }, files: [['a.safetensors', file]], key: file });
});

test('settings for few steps have the names of a request', () => {
  const card = {
    name: 'lcm', place: 'https://a.example/lcm.safetensors', is_embedding: false, description: { text: 'LoRA, rank 64' }, trigger_words: ['a'],
    has_text_encoder: false, bytes: 3, suggestion: { method: 'LCM', params: { num_inference_steps: 4, guidance_scale: 1, scheduler: 'lcm' } },
  };
  assert.deepEqual(described(card), {
    name: 'lcm', isEmbedding: false, place: card.place, title: null, description: 'LoRA, rank 64', leftOut: null, triggerWords: ['a'], hasTextEncoder: false, bytes: 3,
    suggestion: { method: 'LCM', request: { steps: 4, guidanceScale: 1, scheduler: 'lcm' } },
  });
});
