// The worker's events as those that `onProgress` gets.

import { toImageData } from './pixels.js';
import { noteSaid, stageSaid } from './said.js';

/** Turns the worker's events into those of `onProgress`, with an estimate of the time left. */
export class Progress {
  #tell;
  #signal;
  #pace = new Pace();

  constructor(onProgress, signal) {
    this.#tell = onProgress;
    this.#signal = signal;
  }

  /** So many others come first. */
  wait(ahead) {
    this.#emit({ phase: 'wait', ahead });
  }

  /** Something to know that stops nothing. `name` is for programs. */
  note(name, message) {
    this.#emit({ phase: 'note', name, message });
  }

  /** Any event of the worker. @param {import('./worker-client.js').AnyEvent} event */
  hear(event) {
    switch (event.type) {
      case 'downloading': {
        const { received, total, origin } = event;
        const secondsLeft = this.#pace.left('download', received, total);
        return this.#emit({ phase: 'download', received, total, origin, secondsLeft });
      }
      case 'other-tab':
        return this.#emit({ phase: 'prepare', name: 'elsewhere', message: 'Another tab downloads the same model' });
      case 'preparing':
        return this.#emit({ phase: 'prepare', name: event.stage.name, message: stageSaid(event.stage) });
      case 'step': {
        const { done, total, preview } = event;
        const secondsLeft = this.#pace.left('step', done, total);
        return this.#emit({ phase: 'step', done, total, preview: preview ? toImageData(preview) : null, secondsLeft });
      }
      case 'encoding':
        return this.#emit({ phase: 'encode' });
      case 'decoding':
        return this.#emit({ phase: 'decode', done: event.done, total: event.total });
      case 'note':
        return this.note(event.note.name, noteSaid(event.note));
      case 'trouble':
        return this.note('trouble', noteSaid({ error: event.error }));
    }
  }

  #emit(event) {
    if (this.#signal?.aborted) return; // The caller was told that it is over.
    try {
      this.#tell?.(event);
    } catch (error) {
      reportError(error); // A listener's mistake is not the run's.
    }
  }
}

/** How long the rest takes if it goes on as it went. */
class Pace {
  #phase = null;
  #first = null;

  left(phase, done, total) {
    const now = performance.now();
    if (this.#phase !== phase) {
      this.#phase = phase;
      this.#first = { done, now };
      return null;
    }
    const went = done - this.#first.done;
    return went > 0 ? ((now - this.#first.now) / 1000 / went) * (total - done) : null;
  }
}
