// The package as a TypeScript program uses it. It is compiled, not run.

import { HearthError, inspect, kept, load, purge, type GenerateResult, type ImageSource, type ProgressEvent } from 'hearth';
import { StableDiffusionElement, defineElement, type StableDiffusionApi1 } from 'hearth/element';

export async function module(canvas: HTMLCanvasElement, mask: Blob): Promise<GenerateResult> {
  const controller = new AbortController();
  const model = await load({ model: 'owner/name', device: 'auto', signal: controller.signal, onProgress: told });
  const { signal } = controller;
  const result = await model.generate({ prompt: 'a fish', seed: 5n, image: canvas, mask, strength: 0.5 }, { signal });
  const again = await model.generate(result.request);
  const lora = await model.openAdapter('owner/name/file.safetensors', { signal });
  await model.generate({ prompt: lora.triggerWords[0], ...lora.suggestion?.request, adapters: ['./a.safetensors', { adapter: lora.place, weight: 0.8 }] });
  const seed: string = again.request.seed;
  const start: ImageSource | undefined = again.request.image;
  const inside: number | undefined = again.scores?.inside.psnr;
  const bytes: number = (await kept()).models.reduce((sum, { bytes }) => sum + bytes, 0);
  const download: number | undefined = (await inspect({ model: './m/' })).plan?.download;
  await model.purge();
  await purge();
  model.close();
  console.log(seed, start, inside, bytes, download);
  // @ts-expect-error: fields are named as everywhere in JavaScript
  await model.generate({ guidance_scale: 2 });
  // @ts-expect-error: there is no such device
  await load({ device: 'tpu' });
  return again;
}

function told(event: ProgressEvent): string {
  switch (event.phase) {
    case 'download': return `${event.received / event.total}, ${event.secondsLeft?.toFixed() ?? '?'}`;
    case 'prepare': return `${event.name}: ${event.message}`;
    case 'step': return `${event.done}, ${event.preview?.width ?? 0}`;
    case 'encode': return event.phase;
    case 'decode': return `${event.total}`;
    case 'wait': return `${event.ahead}`;
    case 'note': return event.message;
  }
}

export function element(): StableDiffusionApi1 {
  defineElement();
  const element = document.createElement('stable-diffusion');
  const same: StableDiffusionElement = element;
  element.steps = 4;
  element.clipSkip = 1;
  element.eta = null;
  element.seed = 7n;
  const seed: string | null = element.seed;
  element.addEventListener('image', ({ detail }) => { console.log(detail.imageData.width, seed); });
  element.addEventListener('progress', ({ detail }) => { if (detail.phase === 'step') console.log(detail.done); });
  element.addEventListener('error', ({ detail }) => {
    const error: HearthError = detail;
    console.log(error.code, error.nextStep, error.details['field']);
  });
  element.addEventListener('click', ({ clientX }) => { console.log(clientX); });
  // @ts-expect-error: the state is only read
  element.state = 'ready';
  // @ts-expect-error: there is no second version yet
  element.api(2);
  return same.api(1);
}
