// The module: models, requests, what is kept, and what comes of wrong calls.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launch } from './support/browser.mjs';
import { marked, png } from './support/files.mjs';
import { unpack } from './support/package.mjs';
import { serve } from './support/server.mjs';

const HTML = '<!doctype html><meta charset="utf-8"><title>Module</title><link rel="icon" href="data:,">';

let pack, server, browser, studio;

before(async () => {
  pack = unpack();
  server = await serve(pack.page({ 'index.html': HTML }));
  browser = await launch({ gpu: false });
  studio = await browser.open(server.url);
  await studio.page.evaluate(async () => {
    window.hearth = await import('/hearth/index.js');
    window.tiny = { steps: 2, width: 64, height: 64, seed: 1 };
    window.failure = (promise) => Promise.resolve().then(() => promise).then(() => 'none', ({ code, message }) => `${code}: ${message}`);
  });
});

after(async () => {
  await browser?.close();
  await server?.close();
  pack?.remove();
});

const inPage = (work, argument) => studio.page.evaluate(work, argument);

test('importing it does nothing, and these are its names', async () => {
  assert.deepEqual(await inPage(() => Object.keys(hearth).sort()), ['HearthError', 'inspect', 'kept', 'load', 'purge']);
  assert.deepEqual(server.asked(/\/engine\//), []);
});

test('what cannot be used is said before anything is loaded', async () => {
  const said = await inPage(() => Promise.all([
    failure(hearth.load({ device: 'tpu' })),
    failure(hearth.load({ model: 7 })),
    failure(hearth.load({ signal: AbortSignal.abort() })),
  ]));
  assert.deepEqual(said, [
    'invalid-request: device is tpu: it must be auto, webgpu or cpu.',
    'invalid-request: model must be a text: owner/name on the Hub, or an address.',
    'cancelled: Stopped.',
  ]);
  assert.deepEqual(server.asked(/wasm$/), []);
});

const MISUSED = {
  'load of no address': [() => hearth.load({ model: '//' }), 'model is //: it is no address.', 'model'],
  'load of a text': [() => hearth.load('owner/name'), 'options is owner/name: it must be an object.', 'options'],
  'load with a wish for another kind of model': [() => hearth.load({ predictionType: 'sample' }), 'predictionType is sample: it must be epsilon, v_prediction or empty.', 'predictionType'],
  'load with a preview that cannot be sent': [() => hearth.load({ preview: () => {} }), 'preview is a function: it must be a text, an address.', 'preview'],
  'load with a flag that is none': [() => hearth.load({ lowMemory: 'no' }), 'lowMemory is no: it must be true or false.', 'lowMemory'],
  'load with half a signal': [() => hearth.load({ signal: 'stop' }), 'signal is stop: it must be an AbortSignal.', 'signal'],
  'load with a listener that is none': [() => hearth.load({ onProgress: {} }), 'onProgress is [object Object]: it must be a function.', 'onProgress'],
  'inspect of no address': [() => hearth.inspect({ model: '//' }), 'model is //: it is no address.', 'model'],
  'purge of no address': [() => hearth.purge('//'), 'model is //: it is no address.', 'model'],
};
for (const [what, [call, message, field]] of Object.entries(MISUSED)) {
  test(`${what} is refused with code, field and next step`, async () => {
    const read = await inPage((call) => Promise.resolve().then(new Function(`return (${call})()`)).then(() => 'none', (error) => ({
      code: error.code, isOurs: error instanceof hearth.HearthError, message: error.message, field: error.details.field, hasNext: error.nextStep !== '',
    })), call.toString());
    assert.deepEqual(read, { code: 'invalid-request', isOurs: true, message, field, hasNext: true });
    assert.deepEqual(server.asked(/wasm$/), []);
  });
}

test('what nobody foresaw has a code, a cause and a next step too', async () => {
  const read = await inPage(() => hearth.load({ get model() { throw new TypeError('a getter failed'); } })
    .catch(({ code, message, nextStep, cause }) => [code, message, nextStep, cause?.name]));
  assert.deepEqual(read, ['internal', 'Something unexpected happened: a getter failed.', 'Please report it.', 'TypeError']);
});

test('without a GPU, auto takes the CPU and says so', async () => {
  const read = await inPage(async () => {
    const events = [];
    window.model = await hearth.load({ onProgress: (event) => events.push(event) });
    const { name, place, device, defaults, schedulers } = model;
    return { notes: events.filter(({ phase }) => phase === 'note').map(({ message }) => message), name, place, device, defaults, schedulers: schedulers.length };
  });
  assert.equal(read.notes.length, 1);
  assert.match(read.notes[0], /CPU/);
  assert.deepEqual([read.name, read.place, read.device], ['Hearth Emoji', `${server.url}hearth/models/emoji/`, 'CPU']);
  assert.deepEqual([read.defaults.steps, read.defaults.width, read.schedulers > 5], [20, 128, true]);
});

test('WebGPU alone is refused there, with what would help', async () => {
  const error = await inPage(() => hearth.load({ device: 'webgpu' }).catch(({ code, details }) => ({ code, details })));
  assert.equal(error.code, 'no-gpu');
  assert.equal(error.details.offerCpu, true);
});

test('a picture comes with the request that makes it again', async () => {
  const read = await inPage(async () => {
    const steps = [];
    const onProgress = ({ phase, done, total, secondsLeft }) => { if (phase === 'step') steps.push([done, total, secondsLeft === null]); };
    const first = await model.generate({ prompt: 'a fish', ...tiny, seed: 2n ** 64n - 1n }, { onProgress });
    const again = await model.generate(first.request);
    const free = await model.generate({ ...tiny, seed: undefined });
    return { steps, request: first.request, same: first.imageData.data.join() === again.imageData.data.join(), seed: free.request.seed, prompt: free.request.prompt, type: first.blob.type };
  });
  assert.deepEqual(read.steps, [[1, 2, true], [2, 2, false]]);
  assert.equal(read.request.seed, '18446744073709551615');
  assert.ok(read.same);
  assert.match(read.seed, /^\d+$/);
  assert.deepEqual([read.prompt, read.type], ['a red apple on a blue background', 'image/png']);
});

test('a request that cannot be met says which field it is', async () => {
  const said = await inPage(async () => Promise.all([
    { guidance_scale: 2 }, { steps: 0 }, { seed: -1 }, { seed: 2 ** 60 }, { seed: 'x' }, { scheduler: 'fast' },
    { mask: new ImageData(1, 1) }, { strength: 0.5 }, { prompt: 3 }, { width: 65, height: 64 }, { image: 'a.png' },
  ].map((request) => failure(model.generate({ ...tiny, ...request })))));
  const expected = [/guidance_scale/, /^invalid-request: steps is 0/, /seed is -1/, /seed is 1152921504606847000/, /seed is x/, /scheduler is fast: it must be one of .*ddim/,
    /mask is given: .* image/, /strength is given: .* image/, /prompt is 3/, /^invalid-request: .*65/, /^image: The image cannot be read/];
  said.forEach((message, i) => assert.match(message, expected[i]));
});

const WRONG = {
  'of an unknown field': [{ guidance_scale: 2 }, 'guidance_scale is no field of a request: it may have prompt, ', 'Write guidanceScale.', 'guidance_scale'],
  'of another one': [{ batch: 2 }, 'batch is no field of a request: it may have prompt, ', 'Leave batch out.', 'batch'],
  'of a size': [{ width: 100 }, 'width is 100: it must be a multiple of 8.', 'Give 96 or 104.', 'width'],
  'of a size beyond the largest': [{ width: 40_000 }, 'width is 40000: it must be at most 4096.', 'Give 4096 or less.', 'width'],
  'of a size of which no picture can be read': [{ width: 40_000, image: 'canvas' }, 'width is 40000: it must be at most 4096.', 'Give 4096 or less.', 'width'],
  'of more steps than can be counted': [{ steps: 5e9 }, 'steps is 5000000000: it must be at most 4294967295.', 'Give 4294967295 or less.', 'steps'],
  'of more steps than the model has': [{ steps: 5000 }, 'steps is 5000: choose from 1 to 1000.', '', 'steps'],
  'of more padding than can be counted': [{ image: 'canvas', mask: 'canvas', padding: 2 ** 32 }, 'padding is 4294967296: it must be at most 4294967295.', 'Give 4294967295 or less.', 'padding'],
  'of a text instead of a request': ['a lighthouse', 'request is a lighthouse: it must be an object.', 'Give an object such as { prompt', 'request'],
  'of a strength': [{ strength: 0 }, 'strength is 0: it must be a number above 0, and at most 1.', 'Give another value for strength.', 'strength'],
  'of what needs an image': [{ strength: 0.5 }, 'strength is given: it has a meaning only with image.', 'Give image too, or leave strength out.', 'strength'],
  'of what needs a mask': [{ padding: 8 }, 'padding is given: it has a meaning only with mask.', 'Give mask too, or leave padding out.', 'padding'],
  'of a black mask': [{ image: 'canvas', mask: 'canvas' }, 'mask is black: nothing would be painted.', 'Make white what is to be painted anew.', 'mask'],
  'of no picture': [{ image: 'text' }, 'The image cannot be read: The source image could not be decoded.', 'Give the image as a Blob, ', 'image'],
};
for (const [what, [request, message, nextStep, field]] of Object.entries(WRONG)) {
  test(`the error ${what} says what to do`, async () => {
    const error = await inPage((request) => {
      const pictures = { canvas: new OffscreenCanvas(8, 8), text: new Blob(['no picture']) };
      const given = Object.entries(request).map(([key, value]) => [key, pictures[value] ?? value]);
      const all = typeof request === 'string' ? request : { ...tiny, ...Object.fromEntries(given) };
      return model.generate(all).then(() => 'none', ({ code, message, nextStep, details }) => ({ code, message, nextStep, field: details.field }));
    }, request);
    assert.equal(error.code, field === 'image' ? 'image' : 'invalid-request');
    const isWhole = message.endsWith('.');
    assert.equal(isWhole ? error.message : error.message.slice(0, message.length), message);
    assert.ok(error.nextStep.startsWith(nextStep), error.nextStep);
    assert.equal(error.field, field);
  });
}

test('pictures and masks of every kind become the engine’s bytes', async () => {
  const read = await inPage(async () => {
    const { engine } = await import('/hearth/src/engine.js');
    // Four columns: red, green, blue, half transparent white.
    const data = new ImageData(new Uint8ClampedArray([255, 0, 0, 255, 0, 255, 0, 255, 0, 0, 255, 255, 255, 255, 255, 128].flatMap((_, i, all) => all.slice(i, i + 1))), 4, 1);
    const canvas = document.createElement('canvas');
    Object.assign(canvas, { width: 4, height: 1 });
    canvas.getContext('2d').putImageData(data, 0, 0);
    const blob = await new Promise((done) => canvas.toBlob(done));
    const image = new Image();
    image.src = canvas.toDataURL();
    const sources = { data, canvas, blob, image, bitmap: await createImageBitmap(data) };
    const pixels = {};
    for (const [name, source] of Object.entries(sources)) {
      const { width, height, rgba } = await engine.fitImage(source, 4, 1);
      pixels[name] = [width, height, rgba instanceof Uint8Array, ...rgba];
    }
    const cut = [...(await engine.fitImage(data, 2, 1)).rgba];
    return { pixels, cut, mask: [...(await engine.fitMask(data, 4, 1))] };
  });
  const row = [4, 1, true, 255, 0, 0, 255, 0, 255, 0, 255, 0, 0, 255, 255, 255, 255, 255, 255];
  for (const [name, found] of Object.entries(read.pixels)) assert.deepEqual(found, row, name);
  assert.deepEqual(read.cut, [0, 255, 0, 255, 0, 0, 255, 255], 'the middle of it');
  assert.deepEqual(read.mask, [0, 255, 0, 255], 'where it is bright');
});

test('a picture that cannot be read says why: its origin, or the size that is asked for', async () => {
  const other = await serve(pack.page({ 'picture.png': png(4, 4, marked) }));
  try {
    const read = await inPage(async (address) => {
      const { engine } = await import('/hearth/src/engine.js');
      const foreign = new Image();
      foreign.src = address;
      const said = ({ code, message, nextStep, details, cause }) => [code, message, nextStep, details.field, cause?.name];
      const [origin, size] = await Promise.all([engine.fitImage(foreign, 8, 8), engine.fitImage(new OffscreenCanvas(8, 8), 400_000, 400_000)]
        .map((call) => call.then(() => ['none'], said)));
      return { origin, size };
    }, `${other.url}picture.png`);
    assert.deepEqual(read.origin, ['image', 'The image cannot be read: it comes from another origin, without CORS.',
      'Give the image as a Blob, ImageData, ImageBitmap, image or canvas of the page’s own origin.', 'image', 'SecurityError']);
    assert.deepEqual(read.size, ['invalid-request', 'width is 400000: it must be a multiple of 8, for instance 4096.', '', 'width', undefined]);
  } finally {
    await other.close();
  }
});

test('a picture is made from another one, and changed only where the mask is white', async () => {
  const read = await inPage(async () => {
    const first = await model.generate(tiny);
    const mask = new ImageData(64, 64);
    const isInside = (i) => (i % 64) < 32;
    for (let i = 0; i < 64 * 64; i += 1) mask.data.fill(isInside(i) ? 255 : 0, 4 * i, 4 * i + 4);
    const phases = [];
    const onProgress = ({ phase }) => { if (phases.at(-1) !== phase) phases.push(phase); };
    const request = { ...tiny, prompt: 'a green fish', seed: 5, steps: 4, image: first.blob };
    const painted = await model.generate({ ...request, mask }, { onProgress });
    const near = await model.generate({ ...request, strength: 0.25 });
    const isSame = async (one) => one.imageData.data.join() === (await model.generate(one.request)).imageData.data.join();
    const apart = ({ imageData: { data } }, isWanted = () => true) => {
      let [sum, count] = [0, 0];
      for (let i = 0; i < data.length; i += 1) {
        if (!isWanted(i >> 2)) continue;
        sum += Math.abs(data[i] - first.imageData.data[i]);
        count += 1;
      }
      return sum / count;
    };
    return {
      inside: apart(painted, isInside), outside: apart(painted, (i) => !isInside(i)), near: apart(near), phases,
      strengths: [painted.request.strength, near.request.strength, first.request.strength],
      given: [painted.request.image === first.blob, painted.request.mask === mask, Object.keys(near.request).at(-2), 'image' in first.request],
      again: [await isSame(painted), await isSame(near)],
    };
  });
  assert.ok(read.inside > 3 * read.outside, `${read.inside} inside, ${read.outside} outside`);
  assert.ok(read.near > 0 && read.near < read.inside, `${read.near} at little strength`);
  assert.deepEqual(read.phases, ['encode', 'step', 'decode']);
  assert.deepEqual(read.strengths, [1, 0.25, undefined]);
  assert.deepEqual(read.given, [true, true, 'image', false]);
  assert.deepEqual(read.again, [true, true], 'their requests make them again');
});

test('models take turns in one engine', async () => {
  const read = await inPage(async () => {
    const other = await hearth.load({ model: './at/2/hearth/models/emoji/', device: 'cpu' });
    const [a, b, c] = await Promise.all([model.generate(tiny), other.generate(tiny), other.generate(tiny)]);
    other.close();
    return { places: [model.place, other.place], loads: [a.timings.load > 0.05, b.timings.load > 0.05, c.timings.load < b.timings.load / 2], gone: await failure(other.generate(tiny)) };
  });
  assert.deepEqual(read.places, [`${server.url}hearth/models/emoji/`, `${server.url}at/2/hearth/models/emoji/`]);
  assert.deepEqual(read.loads, [true, true, true], 'the third had nothing to load');
  assert.equal(read.gone, 'closed: The model was closed.');
});

test('close() ends what the model has under way', async () => {
  const said = await inPage(async () => {
    const short = await hearth.load({ device: 'cpu' });
    const runs = [failure(short.generate({ ...tiny, steps: 200 })), failure(short.generate(tiny))];
    short.close();
    short.close();
    return Promise.all(runs);
  });
  assert.deepEqual(said, ['cancelled: The model was closed.', 'cancelled: The model was closed.']);
});

test('a model can be looked at before it is loaded', async () => {
  const card = await inPage(() => hearth.inspect({ model: './at/3/hearth/models/emoji/', device: 'cpu' }));
  assert.equal(card.name, 'Hearth Emoji');
  assert.ok(card.plan.download > 1e7 && card.plan.download === card.plan.weights);
  assert.deepEqual([card.plan.size, card.plan.obstacles, card.plan.inTurn], [[128, 128], [], false]);
});

test('what is wrong with a model, and why it cannot run here, are errors with a code', async () => {
  studio.expectError(/404/);
  const [obstacle, problem] = await inPage(async () => {
    const here = await hearth.inspect({ device: 'webgpu' });
    const none = await hearth.inspect({ model: './models/none/', device: 'cpu' });
    const told = (error) => ({ ofOurs: error instanceof hearth.HearthError, code: error.code, message: error.message, nextStep: error.nextStep });
    return [told(here.plan.obstacles[0]), told(none.problems[0])];
  });
  assert.deepEqual([obstacle.ofOurs, obstacle.code, obstacle.nextStep], [true, 'no-gpu', 'Use the CPU device instead.']);
  assert.deepEqual([problem.ofOurs, problem.code], [true, 'missing-file']);
  assert.match(problem.message, /is missing in http/);
});

test('what is kept is listed and removed, one by one and all at once', async () => {
  const read = await inPage(async () => {
    const places = async () => (await hearth.kept()).models.map(({ place, complete }) => [new URL(place).pathname, complete]);
    const before = await places();
    await model.purge();
    const one = await places();
    await hearth.purge();
    return { before, one, none: await places(), still: await failure(model.generate(tiny)) };
  });
  assert.deepEqual(read.before.sort(), [['/at/2/hearth/models/emoji/', true], ['/hearth/models/emoji/', true]]);
  assert.deepEqual(read.one, [['/at/2/hearth/models/emoji/', true]]);
  assert.deepEqual(read.none, []);
  assert.equal(read.still, 'none');
});

test('a model that is not there is an error of the call, and the engine goes on', async () => {
  studio.expectError(/404/);
  const said = await inPage(async () => [await failure(hearth.load({ model: './nowhere/', device: 'cpu' })), await failure(model.generate(tiny))]);
  assert.match(said[0], /^(missing-file|not-a-checkpoint|network): /);
  assert.equal(said[1], 'none');
});

// An engine of its own, with a worker that gives the response of `answer(command, which)`, if there is one.
async function withStandIn() {
  const [{ Engine }, { wish }] = await Promise.all([import('/hearth/src/engine.js'), import('/hearth/src/wish.js')]);
  const model = { schedulers: [], defaults: { prompt: '', num_inference_steps: 1, guidance_scale: 1, width: 8, height: 8, scheduler: 'ddim' } };
  const picture = { width: 1, height: 1, rgba: new Uint8Array(4) };
  window.response = {
    opened: { type: 'opened', model, device: '', memory: {} },
    failed: (code) => ({ type: 'failed', error: { code, message: { text: 'It failed.' }, details: new Map() }, offer_cpu: true, model_stays: false }),
    generated: { type: 'generated', png: new Uint8Array(), picture, seconds: 0, scores: null },
  };
  window.standIn = (answer) => {
    const workers = [];
    class StandIn extends EventTarget {
      said = [];
      isRunning = true;

      constructor() {
        super();
        this.which = workers.push(this) - 1;
        this.#post({ type: 'started', lifetime_lock: '' });
      }

      postMessage({ id, command }) {
        this.said.push(command.type);
        // The command that is cancelled is the one that is answered.
        const of = command.type === 'cancel' ? command.request : id;
        const response = answer(command, this.which);
        if (response) this.#post({ type: 'response', id: of, response });
      }

      terminate() {
        this.isRunning = false;
      }

      #post(data) {
        setTimeout(() => this.dispatchEvent(new MessageEvent('message', { data })));
      }
    }
    const engine = new Engine({ start: () => new StandIn(), grace: 600_000 });
    return { engine, wish, seen: () => workers.map(({ said, isRunning }) => `${said.join(' ')}${isRunning ? '' : ', ended'}`) };
  };
}

for (const code of ['gpu', 'gpu-lost', 'out-of-memory']) {
  test(`${code} while a model is opened ends the worker, and whoever waited goes on in another`, async () => {
    await inPage(withStandIn);
    const read = await inPage(async (code) => {
      const { engine, wish, seen } = standIn(({ type }, which) => {
        if (type === 'open') return which === 0 ? response.failed(code) : response.opened;
        return type === 'generate' ? response.generated : null;
      });
      const onGpu = wish({ device: 'webgpu' });
      const calls = [engine.load(onGpu), engine.generate(onGpu, {}), engine.load(onGpu), engine.kept()];
      const late = new Promise((resolve) => { setTimeout(resolve, 10_000, 'no answer'); });
      return { ended: await Promise.all(calls.map((call) => Promise.race([failure(call), late]))), seen: seen() };
    }, code);
    assert.deepEqual(read.ended, [`${code}: It failed.`, 'none', 'none', 'engine-gone: The engine was started anew.']);
    assert.deepEqual(read.seen, ['open library, ended', 'open generate']);
  });
}

test('where the CPU stands in for a GPU that failed, it does so as long as the model is open', async () => {
  await inPage(withStandIn);
  const read = await inPage(async () => {
    const { engine, wish, seen } = standIn(({ type, device }) => {
      if (type === 'open') return device === 'webgpu' ? response.failed('gpu-lost') : response.opened;
      return response.generated;
    });
    const notes = [];
    const onProgress = ({ name }) => notes.push(name);
    const ended = [];
    for (const call of ['load', 'generate', 'generate']) {
      const given = call === 'load' ? [wish(), { onProgress }] : [wish(), {}, { onProgress }];
      ended.push(await failure(engine[call](...given)));
    }
    return { ended, notes, seen: seen() };
  });
  assert.deepEqual(read, { ended: ['none', 'none', 'none'], notes: ['on-cpu'], seen: ['open, ended', 'open generate generate'] });
});

test('an opening that is cancelled leaves the worker as it is', async () => {
  await inPage(withStandIn);
  const read = await inPage(async () => {
    let opened = 0;
    const { engine, wish, seen } = standIn(({ type }) => {
      if (type === 'cancel') return { type: 'cancelled', model_stays: false };
      opened += 1;
      return opened === 1 ? null : response.opened;
    });
    const controller = new AbortController();
    const calls = [engine.load(wish(), { signal: controller.signal }), engine.load(wish())];
    setTimeout(() => controller.abort(), 20);
    return { ended: await Promise.all(calls.map(failure)), seen: seen() };
  });
  assert.deepEqual(read, { ended: ['cancelled: Stopped.', 'none'], seen: ['open cancel open'] });
});

test('there were no errors', () => studio.close());
