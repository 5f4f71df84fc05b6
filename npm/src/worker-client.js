// The package's connection to the worker.

import { HearthError, cancelled, clause, engineError } from './errors.js';

/**
 * @import { Command, Event, ErrorReport, Request, Response, WorkerMessage } from './protocol.js'
 * @typedef {Event | { type: 'trouble', error: ErrorReport }} AnyEvent what happens to a request, or to the worker meanwhile
 */

/**
 * Starts the worker for the first request, and again after a crash. Each request has a number of its own, which the
 * worker's events and its response carry.
 */
export class WorkerClient {
  #start;
  #onExit;
  /** @type {Worker | null} */
  #worker = null;
  #started = false;
  /** Messages to post once the worker has started. */
  #waiting = [];
  /** @type {AbortController | null} */
  #watch = null;
  /** @type {Map<number, { onEvent: (event: AnyEvent) => void, resolve: (response: Response) => void, reject: (error: Error) => void }>} */
  #pending = new Map();
  #lastId = 0;

  /** @param {{ start: () => Worker, onExit: () => void }} options `onExit` is called when the worker is gone. */
  constructor({ start, onExit }) {
    this.#start = start;
    this.#onExit = onExit;
  }

  /**
   * Sends a command and returns its response. If `signal` is aborted, the worker is asked to end the request, which
   * it then answers with `cancelled`. Rejected if the worker exits before.
   *
   * @param {Command} command
   * @param {{ signal?: AbortSignal, picture?: Blob | ImageData | ImageBitmap, files?: [string, File][], vaeFiles?: [string, File][], onEvent?: (event: AnyEvent) => void }} [options]
   *   `picture`, `files`, `vaeFiles`: what the command is about, attached to the request
   * @returns {Promise<Response>}
   */
  request(command, { signal, picture, files, vaeFiles, onEvent = () => {} } = {}) {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) throw cancelled(signal);
      const id = this.#nextId();
      const cancel = () => this.#post({ id: this.#nextId(), command: { type: 'cancel', request: id } });
      const settled = (settle) => (value) => {
        signal?.removeEventListener('abort', cancel);
        this.#pending.delete(id);
        settle(value);
      };
      this.#pending.set(id, { onEvent, resolve: settled(resolve), reject: settled(reject) });
      signal?.addEventListener('abort', cancel, { once: true });
      try {
        this.#post({ id, command, ...(picture && { picture }), ...(files && { files }), ...(vaeFiles && { vae_files: vaeFiles }) });
      } catch (error) {
        settled(reject)(error);
      }
    });
  }

  /** Terminates the worker, whatever it is doing, and rejects its requests with `error`. */
  close(error) {
    this.#watch?.abort();
    this.#worker?.terminate();
    this.#worker = null;
    this.#started = false;
    this.#waiting = [];
    this.#onExit();
    for (const { reject } of [...this.#pending.values()]) reject(error);
  }

  /** @param {Request & { picture?: Blob | ImageData | ImageBitmap, files?: [string, File][], vae_files?: [string, File][] }} message */
  #post(message) {
    if (!this.#worker) this.#open();
    if (this.#started) this.#worker.postMessage(message);
    else this.#waiting.push(message);
  }

  #open() {
    let worker;
    try {
      worker = this.#start();
    } catch (cause) {
      throw notStarted(clause(cause.message), cause);
    }
    this.#worker = worker;
    const mine = (handle) => (event) => { if (this.#worker === worker) handle(event); };
    worker.addEventListener('message', mine(({ data }) => this.#receive(data)));
    worker.addEventListener('error', mine((event) => {
      event.preventDefault(); // It becomes the error of the requests.
      this.#exited(event.message ?? '');
    }));
    worker.addEventListener('messageerror', mine(() => this.#exited('a message was lost')));
  }

  /** @param {WorkerMessage} message */
  #receive(message) {
    switch (message.type) {
      case 'started':
        this.#started = true;
        this.#follow(message.lifetime_lock, this.#worker);
        for (const request of this.#waiting.splice(0)) this.#worker.postMessage(request);
        break;
      case 'event':
        this.#pending.get(message.id)?.onEvent(message.event);
        break;
      case 'response':
        this.#pending.get(message.id)?.resolve(message.response);
        break;
      case 'trouble':
        // It belongs to no request: whoever listens is told.
        for (const { onEvent } of this.#pending.values()) onEvent({ type: 'trouble', error: message.error });
        break;
      case 'crashed':
        this.#exited(message.error.message.text, engineError(message.error));
    }
  }

  /** Watches the lock of a worker: the browser ends one, for want of memory, without any event. */
  #follow(lock, worker) {
    if (!lock || !navigator.locks) return;
    this.#watch = new AbortController();
    const over = () => { if (this.#worker === worker) this.#exited(''); };
    navigator.locks.request(lock, { signal: this.#watch.signal }, over).catch(() => {}); // It was closed.
  }

  #exited(reason, cause) {
    const words = clause(reason);
    this.close(this.#started ? crashed(words, cause) : notStarted(words, cause));
  }

  #nextId() {
    this.#lastId += 1;
    return this.#lastId;
  }
}

function crashed(reason, cause) {
  return new HearthError('engine-gone', `The engine stopped: ${reason || 'the browser does not say why'}.`, {
    cause,
    nextStep: 'Try again; it starts anew. If it happens again, choose a smaller size or a smaller model.',
  });
}

function notStarted(reason, cause) {
  return new HearthError('engine-missing', `The engine could not be started: ${reason || 'its files did not load'}.`, {
    nextStep: 'Check that the package’s engine folder is served and that the Content-Security-Policy allows worker-src, connect-src and \'wasm-unsafe-eval\'.',
    cause,
  });
}
