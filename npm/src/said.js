// What the engine says as data, as English sentences.

const STAGES = {
  device: 'Looking at the device',
  settings: 'Reading the model’s settings',
  gpu: 'Preparing the GPU',
  model: 'Loading the model onto the device',
  adapters: 'Applying LoRA',
  previews: 'Loading the autoencoder for previews',
  network: 'Loading a network of the model',
};

/** Something without a measure that is under way. @param {{ name: string, part?: import('./protocol.js').Message }} stage */
export function stageSaid({ name, part }) {
  return part ? `Loading the ${part.text}` : STAGES[name] ?? 'Preparing the model';
}

/**
 * Something to know that stops nothing.
 *
 * @param {{ name?: string, field?: string, lost?: string, adapter?: string, error?: import('./protocol.js').ErrorReport }} note
 */
export function noteSaid({ name, field, lost, adapter, error }) {
  const reason = error ? [error.message, error.next_step].filter(Boolean).map(({ text }) => text).join(' ') : '';
  switch (name) {
    case 'prompt-truncated':
      return `The ${field.replace('_', ' ')} is longer than the model reads. This part has no effect: “${lost}”`;
    case 'adapter-not-open':
      return `The LoRA ${adapter} is not open: the picture is made without it`;
    case 'no-tiny-autoencoder':
      return `Previews are made without the tiny autoencoder: ${reason}`;
    default:
      return reason;
  }
}
