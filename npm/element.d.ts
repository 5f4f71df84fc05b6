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
  /** Attribute `prompt`. Without the attribute: the model's own example. */
  prompt: string;
  /** Attribute `negative-prompt`. */
  negativePrompt: string;
  /** Attribute `width`, pixels. */
  width: number | null;
  /** Attribute `height`, pixels. */
  height: number | null;
  /** Attribute `steps`. */
  steps: number | null;
  /** Attribute `guidance-scale`. */
  guidanceScale: number | null;
  /** Attribute `seed`. May be set to a number or bigint. */
  get seed(): string | null;
  set seed(seed: string | number | bigint | null);
  /** Attribute `scheduler`. */
  scheduler: string;
  /** Attribute `strength`. It waits for an image. */
  strength: number | null;
  /** Attribute `device`. */
  get device(): string;
  set device(device: Device);
  /** Attribute `controls`: a field for the prompt, and buttons. */
  controls: boolean;
  /** Attribute `autostart`: make a picture as soon as the element is in the document. */
  autostart: boolean;
  /** The picture to begin with. */
  image: ImageSource | null;
  /** What of it is painted anew. */
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
