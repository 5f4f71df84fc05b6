// Jobs one after another.

import { cancelled } from './errors.js';

export class Queue {
  #jobs = [];
  #isBusy = false;

  /** How many jobs a new one would wait for. */
  get length() {
    return this.#jobs.length + (this.#isBusy ? 1 : 0);
  }

  /**
   * Runs `work(signal)` when its turn comes. Aborted while it waits, it is taken out; aborted later,
   * the promise is rejected at once, and the next job begins when `work` has come to its end.
   */
  add(work, signal) {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(cancelled(signal));
      const job = { work, signal, resolve, reject };
      job.abort = () => {
        const at = this.#jobs.indexOf(job);
        if (at >= 0) this.#jobs.splice(at, 1);
        reject(cancelled(signal));
      };
      signal?.addEventListener('abort', job.abort, { once: true });
      this.#jobs.push(job);
      this.#next();
    });
  }

  async #next() {
    if (this.#isBusy) return;
    const job = this.#jobs.shift();
    if (!job) return;
    this.#isBusy = true;
    try {
      job.resolve(await job.work(job.signal));
    } catch (error) {
      job.reject(error);
    }
    job.signal?.removeEventListener('abort', job.abort);
    this.#isBusy = false;
    this.#next();
  }
}
