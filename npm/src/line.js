// The page's end of the line to the engine, which runs in a worker so that the page never waits.

import { HearthError, clause, engineError } from './errors.js';

/** Starts the worker when there is something to say, and starts it again after a crash. */
export class Line {
  #start;
  #hear;
  #lost;
  #worker = null;
  #listening = false;
  #waiting = [];
  #watch = null;

  /** `hear(report)` gets what the engine says; `lost(error)` is told when it is gone. */
  constructor({ start, hear, lost }) {
    this.#start = start;
    this.#hear = hear;
    this.#lost = lost;
  }

  get isOpen() {
    return this.#worker !== null;
  }

  /** Says something; what is said before the engine listens waits. */
  send(message) {
    if (!this.#worker) this.#open();
    if (this.#listening) this.#worker.postMessage(message);
    else this.#waiting.push(message);
  }

  /** Ends the engine at once, whatever it is doing. */
  close() {
    this.#watch?.abort();
    this.#worker?.terminate();
    this.#worker = null;
    this.#listening = false;
    this.#waiting = [];
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
    worker.addEventListener('message', mine(({ data }) => this.#said(data)));
    worker.addEventListener('error', mine((event) => {
      event.preventDefault(); // It becomes the error of whoever waits.
      this.#gone(event.message ?? '');
    }));
    worker.addEventListener('messageerror', mine(() => this.#gone('a message was lost')));
  }

  #said(report) {
    if (report.type === 'died') return this.#gone(report.fault.message.text, engineError(report.fault));
    if (report.type !== 'listening') return this.#hear(report);
    this.#listening = true;
    this.#follow(report.life, this.#worker);
    for (const message of this.#waiting.splice(0)) this.#worker.postMessage(message);
  }

  /** A worker that the browser ends, for want of memory for one, goes without a word; but its lock is free then. */
  #follow(life, worker) {
    if (!life || !navigator.locks) return;
    this.#watch = new AbortController();
    const over = () => { if (this.#worker === worker) this.#gone(''); };
    navigator.locks.request(life, { signal: this.#watch.signal }, over).catch(() => {}); // It was closed.
  }

  #gone(reason, cause) {
    const words = clause(reason);
    const error = this.#listening ? died(words, cause) : notStarted(words, cause);
    this.close();
    this.#lost(error);
  }
}

function died(reason, cause) {
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
