/** What a picture is begun with. */
export type ImageSource =
  | Blob
  | ImageData
  | ImageBitmap
  | HTMLImageElement
  | HTMLCanvasElement
  | HTMLVideoElement
  | OffscreenCanvas;

/** Where the model runs. `auto` is WebGPU, and the CPU where WebGPU will not do. */
export type Device = 'auto' | 'webgpu' | 'cpu';

export interface ModelChoice {
  /** `owner/name` on the Hugging Face Hub, or an address (a folder in diffusers layout, or a `.safetensors` file); absolute, or relative to the page. Left out: the small model of the package. */
  model?: string | URL;
  /** An autoencoder (VAE) in place of the model’s own: `owner/name` or `owner/name/file.safetensors` on the Hugging Face Hub, an address of a file or of a folder in diffusers layout, absolute or relative to the page, or a file. A whole model serves, too: of it the VAE is taken. */
  vae?: string | URL | File;
  device?: Device;
  /** What the UNet predicts, for files that do not say. */
  predictionType?: '' | 'epsilon' | 'v_prediction';
  /** Where weights are there in f32 and f16, take f32. */
  fullPrecision?: boolean;
  /** Load each network only when it is needed. */
  lowMemory?: boolean;
  /** Address of a tiny autoencoder for previews. */
  preview?: string;
}

export interface CallOptions {
  /** Aborted, the call is rejected with the code `cancelled`. */
  signal?: AbortSignal;
  onProgress?: (event: ProgressEvent) => void;
}

/** Where an adapter (LoRA and its kin) or an embedding (textual inversion) is: `owner/name/file.safetensors` on the Hugging Face Hub, an address, absolute or relative to the page, or a file. */
export type AdapterSource = string | URL | File;

/** An adapter with its weights. */
export interface AdapterUse {
  adapter: AdapterSource;
  /** How much of its effect; may be negative. Left out: 1. */
  weight?: number;
  /** The same for the text encoders. Left out: `weight`. */
  textEncoderWeight?: number;
}

export interface GenerateRequest {
  /** What to draw. Left out: the model’s own. */
  prompt?: string;
  /** What not to draw; has no effect without guidance. */
  negativePrompt?: string;
  /** Denoising steps. Left out: the model’s own. */
  steps?: number;
  /** Classifier-free guidance; 1 or less turns it off. Left out: the model’s own. */
  guidanceScale?: number;
  /** Seed of the noise, 0 to 2^64 − 1. Beyond 2^53 as bigint or text. Left out: a random one. */
  seed?: number | bigint | string;
  /** The sampler and its noise levels. One of the model’s `schedulers`. Left out: the model’s own. */
  scheduler?: string;
  /** The noise: of PyTorch on the CPU, with a Brownian path for the steps, or of NVIDIA cards. One of the model’s `schedulers`. Left out: the model’s own. */
  noise?: string;
  /** Pixels, a multiple of 8, at most 4096. Left out: the model’s own. */
  width?: number;
  /** Pixels, a multiple of 8, at most 4096. Left out: the model’s own. */
  height?: number;
  /** Clip skip for the prompt as AUTOMATIC1111 counts: 1 leaves out no layer of the text encoder, 2 the last. Left out: 1. */
  clipSkip?: number;
  /** Clip skip for the negative prompt, counted as `clipSkip`; AUTOMATIC1111 takes one number for both. Left out: 1. */
  clipSkipNegative?: number;
  /** How signs in the prompts are read: as AUTOMATIC1111 or ComfyUI does, or as they are. One of a1111, comfy, plain. Left out: a1111. */
  grammar?: string;
  /** How weights in AUTOMATIC1111's grammar act: with the mean restored, or without. One of original, no-norm, ignore, none. Left out: original. */
  emphasis?: string;
  /** How much of guidance's gain in contrast is taken back: 0 nothing, 1 all; 0.7 for models with zero terminal SNR. Left out: 0. */
  guidanceRescale?: number;
  /** How much new noise each step of DDIM adds: 0 none, 1 as much as DDPM. Left out: 0. */
  eta?: number;
  /** The picture to begin with. It fills the size, and is cut where it is too long. `null`: none. */
  image?: ImageSource | null;
  /** The part of the picture to change: white changes, black stays as it is. Only with `image`. It fills the size, and is cut where it is too long. `null`: none. */
  mask?: ImageSource | null;
  /** How much of the picture is given up: above 0, at most 1. Only with `image`. Left out: 0.8, with a mask 1. */
  strength?: number;
  /** Work at full size on the mask and N pixels around it alone; the rest stays as it is. Only with `mask`. */
  padding?: number;
  /** Soft edge of the mask: the radius in pixels of its blur; 0 leaves the edge hard. Only with `mask`. Left out: 0. */
  maskBlur?: number;
  /**
   * LoRAs, in the order in which they apply, and embeddings, which act where a prompt names them. They are opened if need be.
   * Left out: the model’s own (`model.adapter`), if it has one, which its name stands for in a list; an empty list: none.
   */
  adapters?: readonly (AdapterSource | AdapterUse)[] | null;
}

/** What an adapter is. */
export interface Adapter {
  /** That of its file, without the ending; of an embedding the word that stands for it in prompts. */
  readonly name: string;
  /** Whether it is an embedding: it has no weight, and acts where a prompt names it. */
  readonly isEmbedding: boolean;
  readonly place: string;
  readonly title: string | null;
  /** Kind and ranks, for people. */
  readonly description: string;
  /** What of the file belongs to nothing in the model, for people; `null`: all of it is applied. */
  readonly leftOut: string | null;
  readonly triggerWords: readonly string[];
  readonly hasTextEncoder: boolean;
  readonly bytes: number;
  /** What a request with it should have, if it was made for few steps. */
  readonly suggestion: { readonly method: string; readonly request: Readonly<Pick<GenerateRequest, 'steps' | 'guidanceScale' | 'scheduler' | 'eta'>> } | null;
}

/** A request with everything that was left open filled in: given to `generate`, it makes the same picture again. */
export interface ResolvedRequest {
  prompt: string;
  negativePrompt: string;
  steps: number;
  guidanceScale: number;
  /** As text, because a number cannot hold every value. */
  seed: string;
  scheduler: string;
  noise: string;
  width: number;
  height: number;
  clipSkip: number;
  clipSkipNegative: number;
  grammar: string;
  emphasis: string;
  guidanceRescale: number;
  eta: number;
  /** What was given, not a copy: who changes it gets another picture. */
  image?: ImageSource;
  /** What was given, not a copy: who changes it gets another picture. */
  mask?: ImageSource;
  strength?: number;
  padding?: number;
  maskBlur?: number;
  adapters?: Required<AdapterUse>[];
}

/** How near one picture is to another. */
export interface Score {
  /** The part of pixels that are equal but for a little, 0 to 1. */
  pixelAccuracy: number;
  /** Peak signal-to-noise ratio, dB; infinite for equal pictures. */
  psnr: number;
  /** Structural similarity, −1 to 1. */
  ssim: number;
}

export interface GenerateResult {
  /** A PNG file with its recipe in the metadata. */
  blob: Blob;
  imageData: ImageData;
  request: ResolvedRequest;
  /** How near the picture is to the one it was painted over; only with a mask. */
  scores: { inside: Score; overall: Score } | null;
  /** Seconds: before its turn came, until the model was there, and for the picture. */
  timings: { wait: number; load: number; generate: number };
}

export type LoadProgressEvent =
  | {
      phase: 'download';
      /** Bytes of all files. */
      received: number;
      total: number;
      /** A server, this browser's store, or another tab that downloads the same. */
      origin: 'network' | 'browser' | 'tab' | 'disk';
      secondsLeft: number | null;
    }
  | { phase: 'prepare'; name: 'device' | 'settings' | 'gpu' | 'model' | 'adapters' | 'previews' | 'network' | 'elsewhere'; message: string };

export type RunProgressEvent =
  /** The picture to begin with is being read. */
  | { phase: 'encode' }
  | { phase: 'step'; done: number; total: number; preview: ImageData | null; secondsLeft: number | null }
  /** `total` is 0 where it is not known. */
  | { phase: 'decode'; done: number; total: number }
  /** Other calls of the page come first. */
  | { phase: 'wait'; ahead: number }
  /** Something to know that stops nothing: a prompt that was cut, the CPU instead of the GPU. */
  | { phase: 'note'; name: 'prompt-truncated' | 'adapter-not-open' | 'no-tiny-autoencoder' | 'not-kept' | 'trouble' | 'on-cpu'; message: string };

export type ProgressEvent = LoadProgressEvent | RunProgressEvent;

export interface Model {
  readonly name: string;
  /** Its absolute address. */
  readonly place: string;
  /** Where it runs, for people. */
  readonly device: string;
  readonly schedulers: readonly { readonly name: string; readonly label: string }[];
  /** The adapter that comes with it, in effect where a request names none. */
  readonly adapter: Adapter | null;
  /** What a request begins with. */
  readonly defaults: Readonly<{
    prompt: string;
    steps: number;
    guidanceScale: number;
    scheduler: string;
    width: number;
    height: number;
  }>;
  /** Opens an adapter for this model, and downloads it if need be: a picture with it then comes sooner. */
  openAdapter(adapter: AdapterSource, options?: CallOptions): Promise<Adapter>;
  /** Makes a picture. All calls of a page wait for each other. */
  generate(request?: GenerateRequest, options?: CallOptions): Promise<GenerateResult>;
  /** Removes what this browser keeps of its weights. */
  purge(): Promise<void>;
  /** Ends its runs; the engine goes when nobody needs it any more. */
  close(): void;
}

/** What a model is and what it takes. */
export interface ModelCard {
  name: string;
  rows: [term: string, value: string][];
  /** What is missing or odd. */
  problems: HearthError[];
  /** `null` if it cannot be used at all. Sizes are in bytes. */
  plan: {
    origin: 'network' | 'browser' | 'tab' | 'disk';
    weights: number;
    /** What is yet to be downloaded. */
    download: number;
    room: number | null;
    size: [width: number, height: number];
    memory: number;
    /** Each network is loaded when its turn comes. */
    inTurn: boolean;
    /** Why this device cannot do it; empty if it can. */
    obstacles: HearthError[];
  } | null;
}

/** What this browser keeps. */
export interface Kept {
  models: { place: string; name: string; bytes: number; complete: boolean; lastUsed: Date; isAdapter: boolean; isVae: boolean }[];
  /** Bytes that there is still room for. */
  room: number | null;
  /** Why nothing can be kept, if so. */
  refused: HearthError | null;
}

/** What went wrong: what happened (`message`), what to do (`nextStep`; empty where `message` says it), and a stable `code`. */
export class HearthError extends Error {
  constructor(code: string, message: string, more?: { nextStep?: string; details?: Record<string, unknown>; cause?: unknown });
  readonly code: string;
  readonly nextStep: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/** Loads a model. A large download begins at once: whoever names the model has chosen it. */
export function load(options?: ModelChoice & CallOptions): Promise<Model>;

/** Says what a model is and what it takes, and downloads nothing of its weights. */
export function inspect(options?: ModelChoice & { signal?: AbortSignal }): Promise<ModelCard>;

/** What this browser keeps of models, for this origin. */
export function kept(): Promise<Kept>;

/** Removes the kept weights of `model`, or without one everything that is kept. */
export function purge(model?: string | URL): Promise<void>;
