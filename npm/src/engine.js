// The one engine that all models and elements of a page share, and the queue before it.

import { adapterPlace, checkedAdapter, checkedAdapters, defaultsWith, described, isOwn } from './adapters.js';
import { HearthError, cancelled, engineError, invalid } from './errors.js';
import { toImageData, toPosted, unreadable } from './pixels.js';
import { Progress } from './progress.js';
import { Queue } from './queue.js';
import { checked, completed, inOwnWords, wired } from './request.js';
import { startWorker } from './start-worker.js';
import { WorkerClient } from './worker-client.js';

/**
 * @import { Command, ErrorReport, Response } from './protocol.js'
 * @typedef {{ choice: import('./protocol.js').ModelChoice, device: string, key: string, vaeFiles?: [string, File][] }} Wish
 * @typedef {{ signal?: AbortSignal, onProgress?: (event: object) => void }} CallOptions
 */

/** How long an engine that nobody needs stays, milliseconds: an element may come back. */
const GRACE = 5_000;

export class Engine {
  #client;
  /** Openings and runs, one after another. */
  #queue = new Queue();
  /** What is loaded: { key, sheet, device, memory, adapters, insteadOf? }; `adapters`: the cards of the open ones. */
  #opened = null;
  /** Wishes for `auto` that turned out to need the CPU. */
  #onCpu = new Set();
  #users = 0;
  #timer = null;

  constructor({ start = startWorker, grace = GRACE } = {}) {
    this.grace = grace;
    this.#client = new WorkerClient({ start, onExit: () => { this.#opened = null; } });
  }

  /** Somebody needs the engine until `release`. */
  retain() {
    this.#users += 1;
    clearTimeout(this.#timer);
  }

  /** One fewer needs it. When nobody does, it is closed after a while. */
  release() {
    this.#users -= 1;
    this.#closeLater();
  }

  /** Loads a model; what it is and where it runs. @param {Wish} wish @param {CallOptions} [options] */
  load(wish, { signal, onProgress } = {}) {
    const progress = new Progress(onProgress, signal);
    return this.#enqueue(progress, signal, () => this.#open(wish, progress, signal));
  }

  /** Makes a picture, and loads the model before if another one is there. @param {Wish} wish @param {object} request @param {CallOptions} [options] */
  async generate(wish, request, { signal, onProgress } = {}) {
    const adapters = checkedAdapters(request?.adapters);
    const known = checked(request);
    const progress = new Progress(onProgress, signal);
    const asked = performance.now();
    return this.#enqueue(progress, signal, async () => {
      const began = performance.now();
      const { sheet } = await this.#open(wish, progress, signal);
      const all = completed(known, { ...sheet, defaults: defaultsWith(sheet, adapters) });
      const wire = await wired(all, this);
      wire.adapters = await this.#used(adapters, progress, signal);
      if (adapters) all.adapters = adapters;
      const loaded = performance.now();
      const done = await this.#request({ type: 'generate', request: wire }, 'generated', { signal, progress });
      return {
        blob: new Blob([done.png], { type: 'image/png' }),
        imageData: toImageData(done.picture),
        request: all,
        scores: await this.#scores(done.picture, wire.init_image),
        timings: { wait: (began - asked) / 1000, load: (loaded - began) / 1000, generate: done.seconds },
      };
    });
  }

  /** Compares a picture with the one that it was painted over; null without a mask. */
  async #scores(picture, init_image) {
    if (!init_image?.mask) return null;
    const { scores } = await this.#request({ type: 'compare', picture, init_image }, 'compared');
    return named(scores);
  }

  /** Opens an adapter for a model, and loads that before if another one is there. @param {Wish} wish @param {any} adapter @param {CallOptions} [options] */
  async openAdapter(wish, adapter, { signal, onProgress } = {}) {
    const { adapter: place } = checkedAdapter(adapter);
    const progress = new Progress(onProgress, signal);
    return this.#enqueue(progress, signal, async () => {
      await this.#open(wish, progress, signal);
      return described(await this.#openAdapter(place, progress, signal));
    });
  }

  /** The adapters of a picture by the names that the engine knows them by; opens those that are not open. */
  async #used(adapters, progress, signal) {
    const { adapter: own } = this.#opened.sheet;
    const wanted = adapters ?? (own ? [{ adapter: own.name, weight: 1, textEncoderWeight: 1 }] : []);
    const uses = [];
    for (const { adapter, weight, textEncoderWeight } of wanted) {
      const { name } = await this.#openAdapter(adapter, progress, signal);
      uses.push({ name, unet: weight, text_encoder: textEncoderWeight });
    }
    return uses;
  }

  async #openAdapter(adapter, progress, signal) {
    const { adapters, sheet } = this.#opened;
    if (isOwn(adapter, sheet)) return sheet.adapter;
    const { place, files, key } = adapterPlace(adapter);
    const open = adapters.get(key);
    if (open) return open;
    /** @type {Command} */
    const command = { type: 'open-adapter', place };
    const { adapter: card } = await this.#request(command, 'adapter-opened', { signal, progress, files });
    // The engine has one of each name.
    for (const [other, { name }] of adapters) if (name === card.name) adapters.delete(other);
    adapters.set(key, card);
    return card;
  }

  /** What a model is and what it takes, before anything of its weights is loaded. @param {Wish} wish @param {CallOptions} [options] */
  inspect({ choice, device, vaeFiles }, { signal } = {}) {
    /** @type {Command} */
    const command = { type: 'inspect', choice, device: device === 'cpu' ? 'cpu' : 'webgpu' };
    return this.#needed(async () => (await this.#request(command, 'inspected', { signal, vaeFiles })).card);
  }

  /** A picture as a run of this size takes it. It fills the size and is cut where it is too long. */
  async fitImage(source, width, height) {
    const picture = await toPosted(source, 'image');
    /** @type {Command} */
    const command = { type: 'fit-image', width, height, fit: 'crop' };
    return (await this.#fit(command, 'image-fitted', { source, picture, field: 'image' })).image;
  }

  /** A mask of this size, a byte for each pixel: 255, where it is bright, changes. */
  async fitMask(source, width, height) {
    const picture = await toPosted(source, 'mask');
    /** @type {Command} */
    const command = { type: 'fit-mask', width, height, fit: 'crop' };
    const { mask } = await this.#fit(command, 'mask-fitted', { source, picture, field: 'mask' });
    if (mask.every((value) => value === 0)) {
      throw invalid('mask', 'black', 'nothing would be painted', 'Make white what is to be painted anew.');
    }
    return mask;
  }

  /**
   * @template {Response['type']} Type
   * @param {Command} command
   * @param {Type} expected
   */
  async #fit(command, expected, { source, picture, field }) {
    try {
      return await this.#request(command, expected, { picture, explain: (error) => (
        error.code === 'image' ? unreadable(field, error.message.arguments?.at(-1)?.text ?? error.message.text) : null
      ) });
    } finally {
      if (picture !== source) picture.close?.();
    }
  }

  /** What this browser keeps: { models, room, refused }. */
  kept() {
    return this.#needed(async () => (await this.#request({ type: 'library' }, 'library')).library);
  }

  /** Removes the kept weights of one model, or without a wish of all. */
  async remove(wish) {
    /** @type {Command} */
    const command = wish ? { type: 'remove', place: wish.choice.place.text } : { type: 'remove-all' };
    await this.#needed(() => this.#request(command, 'library'));
  }

  async #open(wish, progress, signal) {
    const { key } = wish;
    const isAuto = wish.device === 'auto';
    // What came in place of a GPU that failed is used as long as it is there.
    const likely = this.#onCpu.has(key) || this.#opened?.insteadOf === key ? 'cpu' : 'webgpu';
    try {
      return await this.#openOn(isAuto ? likely : wish.device, wish, progress, signal);
    } catch (error) {
      if (!isAuto || !error.details?.offerCpu || signal?.aborted) throw error;
      progress.note('on-cpu', `${error.message} It runs on the CPU, which is slower.`);
      // A GPU that was lost may be there again when the model is next opened.
      if (error.code === 'no-gpu') this.#onCpu.add(key);
      const opened = await this.#openOn('cpu', wish, progress, signal);
      opened.insteadOf = key;
      return opened;
    }
  }

  async #openOn(device, wish, progress, signal) {
    const { choice, vaeFiles } = wish;
    const key = `${device} ${wish.key}`;
    if (this.#opened?.key === key) return this.#opened;
    // The page's author chose the model, so a large download needs no second yes.
    /** @type {Command} */
    const command = { type: 'open', choice, device, consent: true };
    const { model, device: name, memory, only_vae: onlyVae } = await this.#request(command, 'opened', { signal, progress, vaeFiles });
    const adapters = onlyVae && this.#opened ? this.#opened.adapters : new Map();
    this.#opened = { key, sheet: model, device: name, memory, adapters };
    return this.#opened;
  }

  /**
   * Sends a command, and returns its response, which has the type `expected`; a failure is thrown.
   *
   * @template {Response['type']} Type
   * @param {Command} command
   * @param {Type} expected
   * @param {{ signal?: AbortSignal, progress?: Progress, picture?: Blob | ImageData | ImageBitmap, files?: [string, File][], vaeFiles?: [string, File][], explain?: (error: ErrorReport) => HearthError | null }} [options]
   *   `picture`, `files`, `vaeFiles`: what the command is about; `explain`: other words for a failure
   * @returns {Promise<Extract<Response, { type: Type }>>}
   */
  async #request(command, expected, { signal, progress, picture, files, vaeFiles, explain } = {}) {
    const response = await this.#client.request(command, { signal, picture, files, vaeFiles, onEvent: (event) => progress?.hear(event) });
    if (response.type === expected) return /** @type {Extract<Response, { type: Type }>} */ (response);
    if (response.type !== 'cancelled' && response.type !== 'failed') throw new Error(`${response.type} instead of ${expected}`);
    if (!response.model_stays) this.#opened = null;
    if (response.type === 'cancelled') throw cancelled(signal);
    const error = explain?.(response.error) ?? engineError(inOwnWords(response.error), { offerCpu: response.offer_cpu });
    // A GPU that failed, and its memory, are not to be trusted any more: its worker ends.
    if (['gpu', 'gpu-lost', 'out-of-memory'].includes(error.code)) {
      this.#client.close(new HearthError('engine-gone', 'The engine was started anew.', { nextStep: 'Try again.' }));
    }
    throw error;
  }

  #enqueue(progress, signal, work) {
    if (this.#queue.length > 0) progress.wait(this.#queue.length);
    return this.#needed(() => this.#queue.add(work, signal));
  }

  /** While a call is under way the engine is needed. */
  async #needed(call) {
    this.retain();
    try {
      return await call();
    } finally {
      this.release();
    }
  }

  #closeLater() {
    if (this.#users > 0) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      // A run that was cancelled may not have come to its end yet; nobody waits for it.
      this.#client.close(new HearthError('closed', 'The engine was closed.', { nextStep: 'Ask again; it starts anew.' }));
    }, this.grace);
  }
}

/** Scores in JavaScript's names. */
function named(given) {
  if (!given) return null;
  const score = ({ pixel_accuracy: pixelAccuracy, psnr, ssim }) => ({ pixelAccuracy, psnr, ssim });
  return { inside: score(given.inside), overall: score(given.overall) };
}

/** The page's own. */
export const engine = new Engine();
