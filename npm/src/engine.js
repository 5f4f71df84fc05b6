// The one engine that all models and elements of a page share, and the queue before it.

import { HearthError, cancelled, engineError, invalid } from './errors.js';
import { Line } from './line.js';
import { toImageData, toPosted, unreadable } from './pixels.js';
import { Progress } from './progress.js';
import { Queue } from './queue.js';
import { checked, completed, inOwnWords, wired } from './request.js';
import { startWorker } from './start-worker.js';

/** How long an engine that nobody needs stays, milliseconds: an element may come back. */
const GRACE = 5_000;

export class Engine {
  #line;
  /** Openings and runs, one after another. */
  #queue = new Queue();
  /** Questions that are answered meanwhile; some answers do not say to which question. */
  #asides = new Queue();
  #listeners = new Set();
  /** What is loaded: { key, sheet, device, memory, insteadOf? }. */
  #opened = null;
  /** Wishes for `auto` that turned out to need the CPU. */
  #onCpu = new Set();
  #ids = 0;
  #users = 0;
  #timer = null;

  constructor({ start = startWorker, grace = GRACE } = {}) {
    this.grace = grace;
    this.#line = new Line({
      start,
      hear: (report) => { for (const { hear } of [...this.#listeners]) hear(report); },
      lost: (error) => this.#forget(error),
    });
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

  /** Loads a model; what it is and where it runs. */
  load(wish, { signal, onProgress } = {}) {
    const progress = new Progress(onProgress, signal);
    return this.#enqueue(progress, signal, () => this.#open(wish, progress, signal));
  }

  /** Makes a picture, and loads the model before if another one is there. */
  async generate(wish, request, { signal, onProgress } = {}) {
    const known = checked(request);
    const progress = new Progress(onProgress, signal);
    const asked = performance.now();
    return this.#enqueue(progress, signal, async () => {
      const began = performance.now();
      const { sheet } = await this.#open(wish, progress, signal);
      const all = completed(known, sheet);
      const wire = await wired(all, this);
      const loaded = performance.now();
      const done = await this.#run(wire, progress, signal);
      return {
        blob: new Blob([done.png], { type: 'image/png' }),
        imageData: toImageData(done.picture),
        request: all,
        scores: scores(done.scores),
        timings: { wait: (began - asked) / 1000, load: (loaded - began) / 1000, generate: done.seconds },
      };
    });
  }

  /** What a model is and what it takes, before anything of its weights is loaded. */
  inspect({ choice, device }, { signal } = {}) {
    return this.#aside(signal, () => {
      const id = this.#nextId();
      const message = { type: 'inspect', id, choice, device: device === 'cpu' ? 'cpu' : 'webgpu' };
      return this.#ask(message, (report) => {
        if (report.id !== id) return undefined;
        if (report.type === 'inspected') return report.card;
        if (report.type === 'not-inspected') throw engineError(report.fault);
        return undefined;
      });
    });
  }

  /** A picture as a run of this size takes it. It fills the size and is cut where it is too long. */
  async fitImage(source, width, height) {
    const { image } = await this.#fit('image', source, width, height);
    return image;
  }

  /** A mask of this size, a byte for each pixel: 255, where it is bright, is painted anew. */
  async fitMask(source, width, height) {
    const { mask } = await this.#fit('mask', source, width, height);
    if (mask.every((value) => value === 0)) {
      throw invalid('mask', 'black', 'nothing would be painted', 'Make white what is to be painted anew.');
    }
    return mask;
  }

  async #fit(field, source, width, height) {
    const picture = await toPosted(source, field);
    const id = this.#nextId();
    const message = { type: `fit-${field}`, id, width, height, fit: 'crop', picture_data: picture };
    try {
      return await this.#ask(message, (report) => {
        if (report.type === `${field}-fitted` && report.id === id) return report;
        if (report.type !== 'not-fitted' || report.id !== id) return undefined;
        const { fault } = report;
        if (fault.code === 'image') throw unreadable(field, fault.message.arguments.at(-1).text);
        throw engineError(inOwnWords(fault));
      });
    } finally {
      if (picture !== source) picture.close?.();
    }
  }

  /** What this browser keeps: { models, room, refused }. */
  kept() {
    return this.#library({ type: 'library' });
  }

  /** Removes the kept weights of one model, or without a wish of all. */
  async remove(wish) {
    await this.#library(wish ? { type: 'remove', place: wish.choice.place.text } : { type: 'remove-all' });
  }

  #library(message) {
    let failure = null;
    return this.#aside(undefined, () => this.#ask(message, (report) => {
      if (report.type === 'library-failed') failure = engineError(report.fault);
      if (report.type !== 'library') return undefined;
      if (failure) throw failure;
      return report.library;
    }));
  }

  async #open(wish, progress, signal) {
    const { choice, key } = wish;
    const isAuto = wish.device === 'auto';
    // What came in place of a GPU that failed is used as long as it is there.
    const likely = this.#onCpu.has(key) || this.#opened?.insteadOf === key ? 'cpu' : 'webgpu';
    try {
      return await this.#openOn(isAuto ? likely : wish.device, choice, key, progress, signal);
    } catch (error) {
      if (!isAuto || !error.details?.offerCpu || signal?.aborted) throw error;
      progress.note('on-cpu', `${error.message} It runs on the CPU, which is slower.`);
      // A GPU that was lost may be there again when the model is next opened.
      if (error.code === 'no-gpu') this.#onCpu.add(key);
      const opened = await this.#openOn('cpu', choice, key, progress, signal);
      opened.insteadOf = key;
      return opened;
    }
  }

  async #openOn(device, choice, wanted, progress, signal) {
    const key = `${device} ${wanted}`;
    if (this.#opened?.key === key) return this.#opened;
    // The page's author chose the model, so a large download needs no second yes.
    const message = { type: 'open', choice, device, consent: true };
    return this.#until(signal, { type: 'stop-download' }, message, (report) => {
      switch (report.type) {
        case 'ready':
          this.#opened = { key, sheet: report.model, device: report.device, memory: report.memory };
          return this.#opened;
        case 'stopped':
          throw cancelled(signal);
        case 'failed':
          if (!report.model_stays) this.#opened = null;
          throw engineError(report.fault, { offerCpu: report.offer_cpu });
        default:
          return progress.hear(report);
      }
    }).catch((error) => {
      this.#distrust(error);
      throw error;
    });
  }

  async #run(request, progress, signal) {
    const id = this.#nextId();
    const message = { type: 'generate', id, request };
    try {
      return await this.#until(signal, { type: 'cancel', id }, message, (report) => {
        if (report.id !== undefined && report.id !== id) return undefined;
        switch (report.type) {
          case 'done':
            return report;
          case 'cancelled':
            throw cancelled(signal);
          case 'failed':
            throw engineError(inOwnWords(report.fault), { offerCpu: report.offer_cpu });
          default:
            return progress.hear(report);
        }
      });
    } catch (error) {
      this.#distrust(error);
      throw error;
    }
  }

  /** A GPU that failed, and its memory, are not to be trusted any more: its worker ends. */
  #distrust(error) {
    if (['gpu', 'gpu-lost', 'out-of-memory'].includes(error.code)) this.#restart();
  }

  /** Asks; and when the signal is aborted, says `stop` and goes on listening for how it ended. */
  async #until(signal, stop, message, hear) {
    if (signal?.aborted) throw cancelled(signal);
    const onAbort = () => { if (this.#line.isOpen) this.#line.send(stop); };
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      return await this.#ask(message, hear);
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /** Says something. `hear` gets every report until it returns an answer or throws. */
  #ask(message, hear) {
    return new Promise((resolve, reject) => {
      const end = (settle, value) => {
        this.#listeners.delete(listener);
        settle(value);
      };
      const listener = {
        hear: (report) => {
          try {
            const answer = hear(report);
            if (answer !== undefined) end(resolve, answer);
          } catch (error) {
            end(reject, error);
          }
        },
        lost: (error) => end(reject, error),
      };
      this.#listeners.add(listener);
      try {
        this.#line.send(message);
      } catch (error) {
        end(reject, error);
      }
    });
  }

  #enqueue(progress, signal, work) {
    if (this.#queue.length > 0) progress.wait(this.#queue.length);
    return this.#needed(() => this.#queue.add(work, signal));
  }

  #aside(signal, work) {
    return this.#needed(() => this.#asides.add(work, signal));
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
      this.#line.close();
      this.#forget(new HearthError('closed', 'The engine was closed.', { nextStep: 'Ask again; it starts anew.' }));
    }, this.grace);
  }

  #restart() {
    this.#line.close();
    this.#forget(new HearthError('engine-gone', 'The engine was started anew.', { nextStep: 'Try again.' }));
  }

  /** The engine is gone: whoever waits is told, and nothing is loaded any more. */
  #forget(error) {
    this.#opened = null;
    for (const { lost } of [...this.#listeners]) lost(error);
  }

  #nextId() {
    this.#ids += 1;
    return this.#ids;
  }
}

/** How near a picture is to the one it was painted over, in JavaScript's names. */
function scores(given) {
  if (!given) return null;
  const score = ({ pixel_accuracy: pixelAccuracy, psnr, ssim }) => ({ pixelAccuracy, psnr, ssim });
  return { inside: score(given.inside), overall: score(given.overall) };
}

/** The page's own. */
export const engine = new Engine();
