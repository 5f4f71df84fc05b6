// <stable-diffusion>: its life, its runs and its events.

import { engine } from '../engine.js';
import { HearthError, asHearthError, cancelled, told } from '../errors.js';
import { callOptions } from '../options.js';
import { wish } from '../wish.js';
import { ATTRIBUTES, defineProperties, requestOf, upgrade } from './attributes.js';
import { facade } from './facade.js';
import { View } from './view.js';
import { wordsFor } from './words.js';

/** What is under way in each phase, as `state` says it. */
const STATES = { wait: 'waiting', download: 'loading', prepare: 'loading', encode: 'generating', step: 'generating', decode: 'decoding' };

export class StableDiffusionElement extends HTMLElement {
  static observedAttributes = [...Object.keys(ATTRIBUTES), 'lang'];

  #view;
  #image = null;
  #mask = null;
  #runs = new Set();
  #state = 'idle';
  #isLoaded = false;
  #holdsEngine = false;
  #result = null;
  #facade = null;

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open', delegatesFocus: true });
    const unheard = () => {}; // It is shown, and sent as an event.
    this.#view = new View(root, {
      prompt: (text) => { this.prompt = text; },
      generate: () => { if (this.#runs.size === 0) this.generate().catch(unheard); },
      cancel: () => { this.abort(); },
      save: () => this.#save(),
    });
    this.#view.speak(wordsFor(this));
  }

  connectedCallback() {
    upgrade(this, [...Object.values(ATTRIBUTES).map(([property]) => property), 'image', 'mask']);
    this.#view.speak(wordsFor(this));
    if (this.autostart && this.#runs.size === 0 && !this.#result) {
      // A program that made the element may still set its properties.
      queueMicrotask(() => { if (this.isConnected && this.autostart) this.generate().catch(() => {}); });
    }
  }

  disconnectedCallback() {
    // Who moves an element takes it out and puts it in again in the same task.
    setTimeout(() => { if (!this.isConnected) this.#leave(); });
  }

  attributeChangedCallback(name, _, value) {
    if (name === 'prompt') this.#view.prompt(value ?? '');
    if (name === 'controls') this.#view.withControls(value !== null);
    if (name === 'lang') this.#view.speak(wordsFor(this));
    if (name === 'model' || name === 'vae' || name === 'device') this.#isLoaded = false;
  }

  /** The picture to begin with: Blob, ImageData, ImageBitmap, image or canvas; or null. */
  get image() {
    return this.#image;
  }

  set image(image) {
    this.#image = image ?? null;
  }

  /** The part of it to change: white; the rest is black or transparent. Or null. */
  get mask() {
    return this.#mask;
  }

  set mask(mask) {
    this.#mask = mask ?? null;
  }

  /** `idle`, `waiting`, `loading`, `generating`, `decoding`, `ready` or `failed`. */
  get state() {
    return this.#state;
  }

  /** The last picture, as the `image` event gave it; or null. */
  get result() {
    return this.#result;
  }

  /** Loads the model, so that the first picture comes sooner. */
  load(options) {
    return this.#during(options, async (run) => {
      await engine.load(wish(this.#which()), run);
      this.#view.say('ready');
    });
  }

  /** Makes a picture; loads the model before if need be. What `request` leaves open comes from the element. */
  generate(request, options) {
    return this.#during(options, async (run) => {
      const result = await engine.generate(wish(this.#which()), requestOf(this, request), run);
      this.#result = result;
      this.#view.picture(result.imageData, result.request.prompt);
      this.#view.say('done');
      return result;
    }, (result) => this.#send('image', result));
  }

  /** Stops everything that this element has under way. */
  async abort() {
    const runs = [...this.#runs];
    for (const { controller } of runs) controller.abort();
    await Promise.allSettled(runs.map(({ ended }) => ended));
  }

  /** Removes what this browser keeps of the model's weights. */
  purge() {
    return told(() => engine.remove(wish(this.#which())));
  }

  /** The element's interface of one version; it stays as it is for ever. */
  api(version) {
    this.#facade ??= facade(this);
    if (version === this.#facade.version) return this.#facade;
    throw new HearthError('unsupported', `api(${String(version)}) is not there.`, {
      nextStep: `Ask for api(${this.#facade.version}).`,
      details: { asked: version, available: [this.#facade.version] },
    });
  }

  #which() {
    return { model: this.model || undefined, vae: this.vae || undefined, device: this.device || undefined };
  }

  /** Does `work` as a run of this element, and tells of how it goes and how it ends. */
  async #during(given, work, after = () => {}) {
    const { signal } = callOptions(given);
    if (!this.isConnected) {
      throw new HearthError('not-connected', 'The element is not in the document.', { nextStep: 'Put it there first.' });
    }
    if (signal?.aborted) throw cancelled(signal);
    this.#hold();
    const run = { controller: new AbortController() };
    const signals = signal ? [run.controller.signal, signal] : [run.controller.signal];
    this.#runs.add(run);
    this.#view.error(null);
    this.#show({ phase: 'wait' });
    const options = { signal: AbortSignal.any(signals), onProgress: (event) => this.#hear(event) };
    run.ended = work(options);
    try {
      const result = await run.ended;
      this.#isLoaded = true;
      this.#over(run, 'ready');
      after(result);
      return result;
    } catch (thrown) {
      const error = asHearthError(thrown);
      if (error.code === 'cancelled') this.#over(run, this.#isLoaded ? 'ready' : 'idle', true);
      else this.#failed(run, error);
      throw error;
    }
  }

  #hear(event) {
    if (event.phase === 'step') this.#isLoaded = true;
    if (event.phase !== 'note') this.#show(event);
    const isLoading = ['download', 'prepare'].includes(event.phase);
    this.#send(isLoading ? 'load-progress' : 'progress', event);
  }

  #show(event) {
    this.#state = STATES[event.phase];
    this.#view.progress(event);
  }

  #over(run, state, wasStopped = false) {
    this.#runs.delete(run);
    if (this.#runs.size > 0) return;
    this.#state = state;
    this.#view.progress(null);
    if (!wasStopped) return;
    this.#view.say('stopped');
    // A preview is no picture: the last one is back.
    if (this.#result) this.#view.picture(this.#result.imageData, this.#result.request.prompt);
    else this.#view.noPicture();
  }

  #failed(run, error) {
    this.#over(run, 'failed', true);
    this.#view.say(null);
    this.#view.error(error);
    this.#send('error', error);
  }

  #save() {
    const { blob, request } = this.#result;
    const link = document.createElement('a');
    link.href = URL.createObjectURL(blob);
    link.download = `hearth-${request.seed}.png`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  }

  #hold() {
    if (this.#holdsEngine) return;
    this.#holdsEngine = true;
    engine.retain();
  }

  #leave() {
    this.abort();
    this.#isLoaded = false;
    if (this.#runs.size === 0) this.#state = 'idle';
    if (!this.#holdsEngine) return;
    this.#holdsEngine = false;
    engine.release();
  }

  #send(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
  }
}

defineProperties(StableDiffusionElement.prototype);
