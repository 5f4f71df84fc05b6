// The commands that tests send to the engine (src/app/protocol).

/** Opens the model at `address`. */
export function openCommand(address, device = 'webgpu') {
  const options = { prediction_type: '', full_precision: false, low_memory: false, preview: '', merges: '' };
  return { type: 'open', device, consent: true, choice: { place: { kind: 'address', text: address, base: address }, options } };
}

/** Makes a picture with the model's own scheduler. */
export function generateCommand({ prompt, steps, guidanceScale = 4, seed, width, height }) {
  const request = {
    prompt, negative_prompt: '', num_inference_steps: steps, guidance_scale: guidanceScale, seed: String(seed), scheduler: '', width, height,
  };
  return { type: 'generate', request };
}
