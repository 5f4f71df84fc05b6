// The parameters of a picture. Generated from src/params by tests/documents/parameters.rs.

/** By their names in JavaScript; `name` is the engine's. */
export const FIELDS = {
  prompt: { name: 'prompt', kind: 'text', default: 'model', attribute: 'prompt' },
  negativePrompt: { name: 'negative_prompt', kind: 'text', default: '', attribute: 'negative-prompt' },
  steps: { name: 'num_inference_steps', kind: 'int', min: 1, max: 4294967295, step: 1, default: 'model', attribute: 'steps' },
  guidanceScale: { name: 'guidance_scale', kind: 'float', default: 'model', attribute: 'guidance-scale' },
  seed: { name: 'seed', kind: 'wide', max: 18446744073709551615n, default: 'random', attribute: 'seed' },
  scheduler: { name: 'scheduler', kind: 'choice', default: 'model', attribute: 'scheduler' },
  noise: { name: 'noise', kind: 'choice', attribute: 'noise' },
  width: { name: 'width', kind: 'int', min: 8, max: 4096, step: 8, default: 'model', attribute: 'width' },
  height: { name: 'height', kind: 'int', min: 8, max: 4096, step: 8, default: 'model', attribute: 'height' },
  clipSkip: { name: 'clip_skip', kind: 'int', min: 1, max: 33, step: 1, default: 1, offset: 1, attribute: 'clip-skip' },
  clipSkipNegative: { name: 'clip_skip_negative', kind: 'int', min: 1, max: 33, step: 1, default: 1, offset: 1 },
  grammar: { name: 'grammar', kind: 'choice', values: ['a1111', 'comfy', 'plain'], default: 'a1111', attribute: 'grammar' },
  emphasis: { name: 'emphasis', kind: 'choice', values: ['original', 'no-norm', 'ignore', 'none'], default: 'original' },
  guidanceRescale: { name: 'guidance_rescale', kind: 'float', min: 0, max: 1, default: 0 },
  eta: { name: 'eta', kind: 'float', min: 0, max: 1, default: 0, attribute: 'eta' },
  image: { name: 'image', kind: 'image' },
  mask: { name: 'mask', kind: 'image', requires: 'image' },
  strength: { name: 'strength', kind: 'float', above: 0, max: 1, default: { without: 0.8, masked: 1 }, requires: 'image', attribute: 'strength' },
  padding: { name: 'padding_mask_crop', kind: 'int', min: 0, max: 4294967295, step: 1, requires: 'mask' },
  maskBlur: { name: 'mask_blur', kind: 'int', min: 0, max: 512, step: 1, default: 0, requires: 'mask' },
};
