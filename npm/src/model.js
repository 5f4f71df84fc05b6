// A loaded model, as a program holds it.

import { defaultsWith, described } from './adapters.js';
import { HearthError, cancelled, told } from './errors.js';
import { FIELDS } from './fields.js';
import { callOptions } from './options.js';
import { valueFrom } from './request.js';

export class Model {
  #engine;
  #wish;
  #end = new AbortController();

  constructor(engine, wish, { sheet, device }) {
    this.#engine = engine;
    this.#wish = wish;
    this.name = sheet.name;
    this.place = sheet.place;
    this.device = device;
    this.adapter = sheet.adapter ? described(sheet.adapter) : null;
    this.schedulers = Object.freeze(sheet.schedulers.map(([name, label]) => Object.freeze({ name, label })));
    const own = Object.entries(FIELDS).filter(([, row]) => row.default === 'model');
    const defaults = defaultsWith(sheet, null);
    this.defaults = Object.freeze(Object.fromEntries(own.map(([field, row]) => [field, valueFrom(defaults, row)])));
    Object.freeze(this);
    engine.retain();
  }

  /** Makes a picture. */
  generate(request, options) {
    return told(() => {
      this.#assertOpen();
      const { signal, onProgress } = callOptions(options);
      if (signal?.aborted) throw cancelled(signal);
      const signals = signal ? [this.#end.signal, signal] : [this.#end.signal];
      return this.#engine.generate(this.#wish, request, { signal: AbortSignal.any(signals), onProgress });
    });
  }

  /** Opens an adapter (LoRA and its kin), so that the first picture with it comes sooner; what it is. */
  openAdapter(adapter, options) {
    return told(() => {
      this.#assertOpen();
      const { signal, onProgress } = callOptions(options);
      if (signal?.aborted) throw cancelled(signal);
      const signals = signal ? [this.#end.signal, signal] : [this.#end.signal];
      return this.#engine.openAdapter(this.#wish, adapter, { signal: AbortSignal.any(signals), onProgress });
    });
  }

  /** Removes what this browser keeps of the weights. The model can still be used. */
  purge() {
    return told(() => this.#engine.remove(this.#wish));
  }

  /** Ends its runs. The engine goes when nobody needs it any more. */
  close() {
    if (this.#end.signal.aborted) return;
    this.#end.abort(closed());
    this.#engine.release();
  }

  #assertOpen() {
    if (this.#end.signal.aborted) throw closed();
  }
}

function closed() {
  return new HearthError('closed', 'The model was closed.', { nextStep: 'Load it again.' });
}
