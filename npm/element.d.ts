import type {
  Device, GenerateRequest, GenerateResult, HearthError, ImageSource, LoadProgressEvent, RunProgressEvent,
} from './index.js';

export { HearthError } from './index.js';

export type ElementState = 'idle' | 'waiting' | 'loading' | 'generating' | 'decoding' | 'ready' | 'failed';

/** The element's own events. All bubble, also out of shadow trees. */
export interface StableDiffusionEventMap {
  'load-progress': CustomEvent<LoadProgressEvent>;
  progress: CustomEvent<RunProgressEvent>;
  image: CustomEvent<GenerateResult>;
  error: CustomEvent<HearthError>;
}

/** What `api(1)` gives; it stays as it is. */
export interface StableDiffusionApi1 {
  readonly version: 1;
  readonly state: ElementState;
  generate(request?: GenerateRequest, options?: { signal?: AbortSignal }): Promise<GenerateResult>;
  abort(): Promise<void>;
  purge(): Promise<void>;
}

export class StableDiffusionElement extends HTMLElement {
  /** Attribute `model`. Empty: the small model of the package. */
  model: string;
  /** Attribute `prompt`. What to draw. Left out: the model’s own. */
  prompt: string;
  /** Attribute `negative-prompt`. What not to draw; has no effect without guidance. */
  negativePrompt: string;
  /** Attribute `steps`. Denoising steps. Left out: the model’s own. */
  steps: number | null;
  /** Attribute `guidance-scale`. Classifier-free guidance; 1 or less turns it off. Left out: the model’s own. */
  guidanceScale: number | null;
  /** Attribute `seed`. Seed of the noise, 0 to 2^64 − 1. Beyond 2^53 as bigint or text. Left out: a random one. */
  get seed(): string | null;
  set seed(seed: number | bigint | string | null);
  /** Attribute `scheduler`. The sampler and its noise levels. One of the model’s `schedulers`. Left out: the model’s own. */
  scheduler: string;
  /** Attribute `noise`. The noise: of PyTorch on the CPU, with a Brownian path for the steps, or of NVIDIA cards. One of the model’s `schedulers`. Left out: the model’s own. */
  noise: string;
  /** Attribute `width`. Pixels, a multiple of 8, at most 4096. Left out: the model’s own. */
  width: number | null;
  /** Attribute `height`. Pixels, a multiple of 8, at most 4096. Left out: the model’s own. */
  height: number | null;
  /** Attribute `clip-skip`. Clip skip for the prompt as AUTOMATIC1111 counts: 1 leaves out no layer of the text encoder, 2 the last. Left out: 1. */
  clipSkip: number | null;
  /** Attribute `grammar`. How signs in the prompts are read: as AUTOMATIC1111 or ComfyUI does, or as they are. One of a1111, comfy, plain. Left out: a1111. */
  grammar: string;
  /** Attribute `eta`. How much new noise each step of DDIM adds: 0 none, 1 as much as DDPM. Left out: 0. */
  eta: number | null;
  /** Attribute `strength`. How much of the picture is given up: above 0, at most 1. Only with `image`. Left out: 0.8, with a mask 1. */
  strength: number | null;
  /** Attribute `device`. */
  get device(): string;
  set device(device: Device);
  /** Attribute `vae`. Repository or address of an autoencoder (VAE) in place of the model’s own. Empty: the model’s own. */
  vae: string;
  /** Attribute `adapters`: LoRAs with their weights, `address:0.8, address2:1:0.5`; the second weight is that of the text encoders. */
  adapters: string;
  /** Attribute `controls`: a field for the prompt, and buttons. */
  controls: boolean;
  /** Attribute `autostart`: make a picture as soon as the element is in the document. */
  autostart: boolean;
  /** The picture to begin with. */
  image: ImageSource | null;
  /** The part of it to change: white. */
  mask: ImageSource | null;

  readonly state: ElementState;
  /** The last picture. */
  readonly result: GenerateResult | null;

  /** Loads the model, so that the first picture comes sooner. */
  load(options?: { signal?: AbortSignal }): Promise<void>;
  /** Makes a picture. What `request` leaves open comes from the attributes and properties. */
  generate(request?: GenerateRequest, options?: { signal?: AbortSignal }): Promise<GenerateResult>;
  /** Stops everything that this element has under way. */
  abort(): Promise<void>;
  /** Removes what this browser keeps of the model's weights. */
  purge(): Promise<void>;
  api(version: 1): StableDiffusionApi1;

  addEventListener<K extends keyof StableDiffusionEventMap>(
    type: K, listener: (this: StableDiffusionElement, event: StableDiffusionEventMap[K]) => unknown, options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener<K extends keyof HTMLElementEventMap>(
    type: K, listener: (this: StableDiffusionElement, event: HTMLElementEventMap[K]) => unknown, options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | AddEventListenerOptions): void;
}

/** Defines the element, once; also under another name if this one is taken. */
export function defineElement(name?: string): void;

declare global {
  interface HTMLElementTagNameMap {
    'stable-diffusion': StableDiffusionElement;
  }
}
