// An engine that only writes down what it is asked, and gives whatever picture a test wants: for tests
// of what the page says to its engine. Pictures and masks are read and fitted by the real one.

import { png } from './files.mjs';

/** Opens the page with it. `size`: of the window; `script` runs in the page before its own programs. */
export async function openWithStandIn(browser, server, { script, ...options } = {}) {
  const studio = await browser.open(server.url, { ...options, script: script ? [standIn, script] : standIn });
  await studio.ready();
  return studio;
}

/** Presses Generate and returns the request that the engine gets, its bytes as buffers. */
export async function requested(studio) {
  const before = await studio.page.evaluate(() => window.standIn.requests.length);
  await studio.page.click('#generate');
  await studio.page.waitForFunction((before) => window.standIn.requests.length > before, before, { timeout: 10_000 })
    .catch(async (error) => { throw new Error(`nothing was asked for: ${await studio.summary()}`, { cause: error }); });
  await studio.waitForState('ready');
  const request = await studio.page.evaluate(() => {
    const text = (bytes) => {
      let all = '';
      for (let i = 0; i < bytes.length; i += 8192) all += String.fromCharCode(...bytes.subarray(i, i + 8192));
      return btoa(all);
    };
    const { init_image: initImage, ...rest } = window.standIn.requests.at(-1);
    if (!initImage) return { ...rest, init_image: null };
    const image = { ...initImage.image, rgba: text(initImage.image.rgba) };
    return { ...rest, init_image: { ...initImage, image, mask: initImage.mask ? text(initImage.mask) : null } };
  });
  if (!request.init_image) return request;
  const { image, mask } = request.init_image;
  image.rgba = Buffer.from(image.rgba, 'base64');
  request.init_image.mask = mask === null ? null : Buffer.from(mask, 'base64');
  return request;
}

/** Questions of this type are not answered until `release` is called. */
export async function hold(studio, type) {
  await studio.page.evaluate((type) => {
    window.standIn.holds[type] = new Promise((resolve) => { window.standIn.release = resolve; });
  }, type);
  return { release: () => studio.page.evaluate(() => { window.standIn.release(); window.standIn.holds = {}; }) };
}

/** From now on runs end with this response instead of being cancelled at once; its bytes may be arrays. */
export function answerWith(studio, response) {
  return studio.page.evaluate((response) => { window.standIn.answer = response; }, response);
}

/** From now on runs end with a picture: `pixel(x, y)` gives [r, g, b] of 64 × 64 pixels. */
export function answerWithPicture(studio, pixel) {
  const side = 64;
  const rgba = Array.from({ length: side * side }, (_, at) => [...pixel(at % side, Math.floor(at / side)), 255]).flat();
  const bytes = [...png(side, side, pixel)];
  return answerWith(studio, { type: 'generated', picture: { width: side, height: side, rgba }, png: bytes, seconds: 1, adapters: [], embeddings: [] });
}

// Runs in the page before its own programs.
function standIn() {
  const model = {
    name: 'Stand-in', place: 'stand-in', schedulers: [['ddim', 'DDIM']], most_clip_skip: 11,
    defaults: { prompt: 'a red apple', num_inference_steps: 20, guidance_scale: 4, scheduler: 'ddim', width: 128, height: 128 },
    identity: { name: 'Stand-in', place: null, fingerprint: null },
  };
  // `holds`: promises that questions of a type wait for. `fail()`: the engine ends.
  window.standIn = { requests: [], comparisons: [], answer: null, scores: undefined, holds: {} };
  const Worker = window.Worker;
  window.Worker = class extends EventTarget {
    #address;
    #reader;

    constructor(...address) {
      super();
      this.#address = address;
      window.standIn.fail = () => this.dispatchEvent(new ErrorEvent('error', { message: 'it fails' }));
      this.#post({ type: 'started', lifetime_lock: '' });
    }

    postMessage(request) {
      const { id, command } = request;
      const respond = (response) => this.#post({ type: 'response', id, response });
      if (command.type === 'open') {
        respond({ type: 'opened', model, device: 'Stand-in', memory: { heap: 1, gpu: null, weights: 1 } });
      }
      if (command.type.startsWith('fit-')) this.#read(request);
      if (command.type === 'compare') {
        window.standIn.comparisons.push(command);
        respond({ type: 'compared', scores: window.standIn.scores });
      }
      // No file tells how it was made.
      if (command.type === 'read-metadata') respond({ type: 'metadata', metadata: null });
      if (command.type === 'generate') {
        window.standIn.requests.push(command.request);
        respond(withBytes(window.standIn.answer ?? { type: 'cancelled', model_stays: true }));
      }
    }

    terminate() {
      this.#reader?.then((reader) => reader.terminate());
    }

    /** Has the real engine read a picture. */
    async #read(request) {
      this.#reader ??= new Promise((resolve) => {
        const reader = new Worker(...this.#address);
        reader.addEventListener('message', ({ data }) => (data.type === 'started' ? resolve(reader) : this.#post(data)));
      });
      const reader = await this.#reader;
      await window.standIn.holds[request.command.type];
      reader.postMessage(request);
    }

    #post(data) {
      setTimeout(() => this.dispatchEvent(new MessageEvent('message', { data })));
    }
  };

  function withBytes(response) {
    const bytes = (value) => (Array.isArray(value) ? new Uint8Array(value) : value);
    const { picture, png } = response;
    return picture ? { ...response, picture: { ...picture, rgba: bytes(picture.rgba) }, png: bytes(png) } : response;
  }
}
