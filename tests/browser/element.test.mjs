// <stable-diffusion>: attributes, events, the queue of a page, and what happens when an element goes.

import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { launch } from './support/browser.mjs';
import { unpack } from './support/package.mjs';
import { serve, weights } from './support/tiny.mjs';

const HTML = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Elements</title>
<link rel="icon" href="data:,"><body><main></main></body></html>`;

let pack, server, browser, studio;

before(async () => {
  pack = unpack();
  server = await serve(pack.page({ 'index.html': HTML }));
  browser = await launch();
  studio = await browser.open(server.url, { script: helpers });
});

after(async () => {
  await browser?.close();
  await server?.close();
  pack?.remove();
});

beforeEach(() => studio.page.evaluate(() => document.querySelector('main').replaceChildren()));

const inPage = (work, argument) => studio.page.evaluate(work, argument);

// Runs in the page before anything else: counts workers, and makes elements that are quick.
function helpers() {
  const workers = [];
  const Real = window.Worker;
  window.Worker = class extends Real {
    constructor(...given) {
      super(...given);
      workers.push(this);
      this.isRunning = true;
    }

    terminate() {
      this.isRunning = false;
      super.terminate();
    }
  };
  const make = (properties = {}) => {
    const element = document.createElement('stable-diffusion');
    Object.assign(element, { prompt: 'a red apple', device: 'cpu', steps: 2, width: 64, height: 64, seed: 1, ...properties });
    document.querySelector('main').append(element);
    return element;
  };
  const until = async (check, what) => {
    for (const start = performance.now(); !check();) {
      if (performance.now() - start > 120_000) throw new Error(`${what ?? check} did not happen`);
      await new Promise((next) => setTimeout(next, 10));
    }
  };
  /** Every event of an element, as text. */
  const events = (element) => {
    const heard = [];
    for (const type of ['load-progress', 'progress', 'image', 'error']) {
      element.addEventListener(type, ({ detail }) => heard.push(`${type} ${detail.phase ?? detail.code ?? ''}`.trim()));
    }
    return heard;
  };
  const outcome = (promise) => promise.then(() => 'done', ({ code, name, message }) => `${code} ${name} ${message}`);
  window.t = { workers, make, until, events, outcome };
}

test('properties set before the definition count', async () => {
  const read = await inPage(async () => {
    const element = document.createElement('stable-diffusion');
    Object.assign(element, { prompt: 'early', steps: 3, image: new ImageData(1, 1) });
    document.querySelector('main').append(element);
    const { StableDiffusionElement } = await import('/hearth/element.js');
    return [element instanceof StableDiffusionElement, element.getAttribute('prompt'), element.getAttribute('steps'), element.image?.width, Object.keys(element)];
  });
  assert.deepEqual(read, [true, 'early', '3', 1, []]);
});

test('attributes and properties mirror each other', async () => {
  const read = await inPage(() => {
    const element = document.createElement('stable-diffusion');
    const all = () => ['model', 'prompt', 'negativePrompt', 'width', 'height', 'steps', 'guidanceScale', 'seed', 'scheduler', 'clipSkip', 'eta', 'strength', 'device', 'controls', 'autostart']
      .map((name) => element[name]);
    const empty = all();
    for (const [name, value] of Object.entries({
      model: './m/', prompt: 'p', 'negative-prompt': 'n', width: '64', height: '72', steps: '4', 'guidance-scale': '1.5',
      seed: '18446744073709551615', scheduler: 'ddim', 'clip-skip': '1', eta: '0.25', strength: '0.5', device: 'cpu', controls: '',
    })) element.setAttribute(name, value);
    const set = all();
    Object.assign(element, { negativePrompt: null, width: 8, guidanceScale: 7, seed: 2n ** 60n, controls: false, autostart: true });
    element.setAttribute('steps', 'many');
    return { empty, set, html: element.outerHTML, steps: element.steps };
  });
  assert.deepEqual(read.empty, ['', '', '', null, null, null, null, null, '', null, null, null, '', false, false]);
  assert.deepEqual(read.set, ['./m/', 'p', 'n', 64, 72, 4, 1.5, '18446744073709551615', 'ddim', 1, 0.25, 0.5, 'cpu', true, false]);
  assert.equal(read.html, '<stable-diffusion model="./m/" prompt="p" width="8" height="72" steps="many" guidance-scale="7" seed="1152921504606846976" scheduler="ddim" clip-skip="1" eta="0.25" strength="0.5" device="cpu" autostart=""></stable-diffusion>');
  assert.equal(read.steps, null);
});

test('api(1) is frozen, api(2) says what is there', async () => {
  const read = await inPage(() => {
    const element = t.make();
    const api = element.api(1);
    let error;
    try { element.api(2); } catch (thrown) { error = thrown; }
    return [Object.isFrozen(api), Object.keys(api), api.state, api === element.api(1), error.code, error.nextStep, error.details];
  });
  assert.deepEqual(read, [true, ['version', 'generate', 'abort', 'purge', 'state'], 'idle', true, 'unsupported', 'Ask for api(1).', { asked: 2, available: [1] }]);
});

test('a wrong attribute is an error with code and next step, and loads nothing', async () => {
  const read = await inPage(async () => {
    const element = t.make();
    element.setAttribute('steps', 'many');
    const heard = t.events(element);
    const error = await element.generate().catch((thrown) => thrown);
    return [error.code, error.message, error.nextStep, error.details, heard, element.state, t.workers.length];
  });
  assert.deepEqual(read, ['invalid-request', 'steps is many: it must be a whole number of at least 1.', 'Give another value for steps.', { field: 'steps', value: 'many' }, ['error invalid-request'], 'failed', 0]);
});

test('an element outside the document makes no picture', async () => {
  assert.match(await inPage(() => t.outcome(document.createElement('stable-diffusion').generate())), /^not-connected /);
});

test('the first picture loads the model; events tell of all phases, in order', async () => {
  const { heard, states, detail, loaded } = await inPage(async () => {
    const element = t.make();
    const heard = t.events(element);
    const states = [];
    const look = () => { if (states.at(-1) !== element.state) states.push(element.state); };
    for (const type of ['load-progress', 'progress', 'image']) document.addEventListener(type, look);
    let event;
    document.addEventListener('image', (image) => { event = image; }, { once: true });
    let preview;
    let download;
    element.addEventListener('progress', ({ detail }) => { preview ??= detail.preview; });
    element.addEventListener('load-progress', ({ detail }) => { if (detail.phase === 'download') download = detail; });
    const result = await element.generate();
    const { blob, imageData, request, timings } = event.detail;
    return {
      heard: heard.filter((name, i) => name !== heard[i - 1]),
      states,
      loaded: { preview: preview instanceof ImageData, isWhole: download.received === download.total, keys: Object.keys(download) },
      detail: [result === event.detail, element.result === result, event.composed, blob.type, imageData.width, request, Object.keys(timings)],
    };
  });
  const order = ['load-progress prepare', 'load-progress download', 'progress step', 'progress decode', 'image'];
  const first = order.map((name) => heard.indexOf(name));
  assert.ok(first.every((at, i) => at >= 0 && at >= (first[i - 1] ?? 0)), heard.join(', '));
  assert.deepEqual(states, ['loading', 'generating', 'decoding', 'ready']);
  assert.deepEqual(loaded, { preview: true, isWhole: true, keys: ['phase', 'received', 'total', 'origin', 'secondsLeft'] });
  assert.deepEqual(detail, [true, true, true, 'image/png', 64, {
    prompt: 'a red apple', negativePrompt: '', steps: 2, guidanceScale: 2, seed: '1', scheduler: detail[5].scheduler, width: 64, height: 64, clipSkip: 1, clipSkipNegative: 1,
    grammar: 'a1111', emphasis: 'original', guidanceRescale: 0, eta: 0,
  }, ['wait', 'load', 'generate']]);
});

test('clip skip counts as on the page: 2 leaves out one layer of the text encoder, and no number is below 1', async () => {
  const read = await inPage(async () => {
    const element = t.make({ clipSkip: 2 });
    const { request, blob } = await element.generate();
    const wrong = [await t.outcome(element.generate({ clipSkip: 0 })), await t.outcome(element.generate({ clipSkip: 30 }))];
    return { request, settings: await blob.text(), wrong };
  });
  assert.equal(read.request.clipSkip, 2);
  assert.match(read.settings, /Clip skip: 2/);
  assert.match(read.settings, /"clip_skip":\s?1\b/);
  assert.match(read.wrong[0], /clipSkip is 0: it must be a whole number of at least 1/);
  assert.match(read.wrong[1], /clipSkip is 29/);
});

test('what the request leaves open comes from the element, its strength too', async () => {
  const read = await inPage(async () => {
    const element = t.make({ strength: 0.5 });
    const image = new ImageData(8, 8);
    const { request } = await element.generate({ image, prompt: undefined, steps: 4 });
    Object.assign(element, { image, mask: image, strength: 7 });
    const none = await element.generate({ image: null });
    element.image = null;
    return { request, isGiven: request.image === image, none: Object.keys(none.request), wrong: await t.outcome(element.generate({ image })) };
  });
  const { prompt, steps, strength } = read.request;
  assert.deepEqual([prompt, steps, strength, read.isGiven], ['a red apple', 4, 0.5, true]);
  assert.ok(!read.none.includes('image') && !read.none.includes('strength'), read.none.join());
  assert.match(read.wrong, /^invalid-request HearthError strength is 7: it must be a number above 0/);
});

test('two elements share one engine, and wait for each other', async () => {
  const read = await inPage(async () => {
    const [a, b] = [t.make(), t.make({ seed: 2 })];
    const order = [];
    for (const [name, element] of Object.entries({ a, b })) {
      element.addEventListener('progress', ({ detail }) => order.push(`${name} ${detail.phase}`));
    }
    const [first, second] = await Promise.all([a.generate(), b.generate()]);
    const again = await b.generate({ seed: 1 });
    const bytes = ({ imageData }) => imageData.data.join();
    return { order: order.filter((name, i) => name !== order[i - 1]), same: bytes(first) === bytes(again), other: bytes(first) === bytes(second), workers: t.workers.length };
  });
  assert.deepEqual(read.order, ['b wait', 'a step', 'a decode', 'b step', 'b decode', 'b step', 'b decode']);
  assert.deepEqual([read.same, read.other, read.workers], [true, false, 1]);
});

test('a run is stopped by abort() and by a signal, and the next one works', async () => {
  const read = await inPage(async () => {
    const element = t.make();
    const heard = t.events(element);
    const run = t.outcome(element.generate({ steps: 200 }));
    await t.until(() => element.state === 'generating');
    await element.abort();
    const stopped = [await run, element.state];
    const controller = new AbortController();
    const signalled = element.generate({ steps: 200 }, { signal: controller.signal }).catch((error) => error);
    await t.until(() => element.state === 'generating');
    const count = heard.length;
    controller.abort(new Error('tired'));
    const error = await signalled;
    const silent = heard.length === count;
    const result = await element.generate();
    return { stopped, error: [error.code, error.name, error.message, error.cause === controller.signal.reason], silent, width: result.imageData.width, errors: heard.filter((name) => name.startsWith('error')) };
  });
  assert.deepEqual(read, {
    stopped: ['cancelled AbortError Stopped.', 'ready'], error: ['cancelled', 'AbortError', 'tired', true], silent: true, width: 64, errors: [],
  });
});

test('an element that is moved goes on', async () => {
  const read = await inPage(async () => {
    const element = t.make();
    const begun = new Promise((next) => {
      element.addEventListener('progress', ({ detail }) => { if (detail.phase === 'step') next(); });
    });
    const run = t.outcome(element.generate({ steps: 4 }));
    await begun;
    const other = document.createElement('div');
    document.querySelector('main').append(other);
    element.remove();
    other.append(element);
    return run;
  });
  assert.equal(read, 'done');
});

test('removed while its model is loading, it stops, and so does the download', async () => {
  server.spoil(/\.safetensors$/, { pause: 200 });
  server.forget();
  const read = await inPage(async () => {
    const element = t.make({ model: '/at/slow/hearth/models/emoji/' });
    const run = t.outcome(element.generate());
    const heard = t.events(element);
    await t.until(() => heard.includes('load-progress download'));
    const { state } = element;
    element.remove();
    return [state, await run, element.state];
  });
  assert.deepEqual(read, ['loading', 'cancelled AbortError Stopped.', 'idle']);
  const sent = () => server.asked(/\.safetensors$/).reduce((sum, request) => sum + request.sent, 0);
  // What is on its way arrives; a download that went on would end when all is there.
  for (let before = -1; before !== sent();) {
    before = sent();
    await sleep(1_000);
  }
  server.heal();
  const all = weights.reduce((sum, { size }) => sum + size, 0);
  assert.ok(sent() < all, `${sent()} of ${all} bytes were sent`);
});

// Removed by the listener of the event that tells of the stage, so that none passes unseen.
const STAGES = {
  waiting: ['progress wait', {}],
  'loading onto the device': ['load-progress prepare model', { model: '/at/prepared/hearth/models/emoji/' }],
  'reading its image': ['progress encode', { image: true }],
  generating: ['progress step', {}],
  decoding: ['progress decode', { steps: 1 }],
};
for (const [stage, [event, properties]] of Object.entries(STAGES)) {
  test(`removed while ${stage}, it stops, and others go on`, async () => {
    const read = await inPage(async ([event, { image, ...properties }]) => {
      const [first, element] = [t.make({ steps: 3 }), t.make({ steps: 200, image: image ? new ImageData(64, 64) : null, ...properties })];
      const waits = event === 'progress wait';
      let others;
      if (waits) {
        others = t.outcome(first.generate());
        await new Promise((began) => { first.addEventListener('progress', began, { once: true }); });
      }
      let heard = null;
      const told = ({ type, detail: { phase, name } }) => {
        heard?.push(`${type} ${phase}`);
        if (heard || !`${type} ${phase} ${name ?? ''}`.startsWith(event)) return;
        element.remove();
        heard = [];
      };
      for (const type of ['load-progress', 'progress', 'image', 'error']) element.addEventListener(type, told);
      const ended = await t.outcome(element.generate());
      const last = heard?.splice(0).at(-1);
      if (!waits) others = t.outcome(first.generate());
      return { ended, wasRemoved: !element.isConnected, state: element.state, others: await others, heard, last };
    }, [event, properties]);
    assert.deepEqual([read.ended, read.wasRemoved, read.others, read.heard], ['cancelled AbortError Stopped.', true, 'done', []]);
    assert.ok(['idle', 'ready'].includes(read.state), read.state);
    assert.ok(!/image|error/.test(read.last), read.last);
  });
}

test('removed before anything or when all is done, it leaves no trace, and may come back', async () => {
  const read = await inPage(async () => {
    const element = t.make();
    element.remove();
    await new Promise((next) => setTimeout(next, 20));
    document.querySelector('main').append(element);
    const done = await t.outcome(element.generate());
    element.remove();
    await new Promise((next) => setTimeout(next, 20));
    return [done, element.state, element.result !== null];
  });
  assert.deepEqual(read, ['done', 'idle', true]);
});

test('when the last element is gone the engine ends, and starts again for the next', async () => {
  const read = await inPage(async () => {
    await t.until(() => t.workers.every(({ isRunning }) => !isRunning), 'the end of the engine');
    const before = t.workers.length;
    const done = await t.outcome(t.make().generate());
    return [done, t.workers.length - before];
  });
  assert.deepEqual(read, ['done', 1]);
});

const DEATHS = {
  'with an error': [/^engine-gone HearthError The engine stopped: out of memory\./, (worker) => worker.dispatchEvent(new ErrorEvent('error', { message: 'out of memory', cancelable: true }))],
  'without a word': [/^engine-gone HearthError The engine stopped: the browser does not say why\./, (worker) => worker.terminate()],
};
for (const [how, [message, kill]] of Object.entries(DEATHS)) {
  test(`when the engine dies ${how}, whoever waits is told, and the next run starts it anew`, async () => {
    const [run, state, isRunning, other, shown] = await inPage(async (kill) => {
      const element = t.make();
      const [run, waiting] = [t.outcome(element.generate({ steps: 200 })), t.make()];
      const other = t.outcome(waiting.generate());
      await t.until(() => element.state === 'generating');
      const worker = t.workers.find(({ isRunning }) => isRunning);
      new Function('worker', `(${kill})(worker)`)(worker);
      return [await run, element.state, worker.isRunning, await other, element.shadowRoot.querySelector('[part=error]').textContent];
    }, kill.toString());
    assert.match(run, message);
    assert.deepEqual([state, isRunning, other], ['failed', false, 'done']);
    assert.match(shown, /^The engine stopped: .*\. Try again/);
  });
}

test('with controls it is used by keyboard and by name, in its own language', async () => {
  await inPage(() => { window.shown = t.make({ controls: true, prompt: '', steps: 200 }); });
  const prompt = studio.page.getByLabel('What should the picture show?');
  await prompt.fill('a blue fish');
  assert.equal(await inPage(() => shown.prompt), 'a blue fish');
  await prompt.press('Control+Enter');
  await inPage(() => t.until(() => shown.state === 'generating'));
  const bar = studio.page.getByRole('progressbar', { name: 'Progress' });
  assert.ok(await bar.isVisible());
  assert.ok(await studio.page.getByRole('button', { name: 'Cancel' }).isVisible());
  await prompt.press('Escape');
  await inPage(() => t.until(() => shown.state === 'ready'));
  assert.ok(!(await bar.isVisible()));
  assert.equal(await studio.page.getByRole('status').textContent(), 'Stopped.');

  await inPage(() => { shown.steps = 2; });
  await studio.page.getByRole('button', { name: 'Generate' }).click();
  await inPage(() => t.until(() => shown.state === 'ready'));
  assert.ok(await studio.page.getByRole('img', { name: 'Picture: a blue fish' }).isVisible());
  await inPage(() => { shown.lang = 'zh-CN'; });
  assert.ok(await studio.page.getByRole('button', { name: '生成' }).isVisible());
});

test('moved or spoken to in another language, it says again what it shows: picture, line, progress and error', async () => {
  const read = await inPage(async () => {
    const element = t.make({ controls: true, prompt: 'a blue fish' });
    const said = () => {
      const of = (selector) => element.shadowRoot.querySelector(selector);
      return {
        picture: of('[role=img]').getAttribute('aria-label'), status: of('[part=status]').textContent,
        said: of('[role=status]').textContent, error: of('[role=alert]').textContent,
      };
    };
    await element.generate();
    const done = said();
    const home = document.createElement('div');
    document.querySelector('main').append(home);
    home.append(element);
    const moved = said();
    home.lang = 'zh';
    document.querySelector('main').append(element);
    home.append(element);
    const chinese = said();
    element.lang = 'en';
    const english = said();

    let busy = null;
    element.addEventListener('progress', ({ detail }) => {
      if (detail.phase !== 'step' || busy) return;
      const before = said();
      element.lang = 'zh';
      busy = [before, said()];
      element.abort();
    });
    await t.outcome(element.generate({ steps: 200 }));
    const stopped = said();
    element.lang = 'en';
    await t.outcome(element.generate({ steps: 0 }));
    const failed = said();
    const alert = element.shadowRoot.querySelector('[role=alert]');
    let again = 0;
    new MutationObserver((records) => { again += records.length; }).observe(alert, { childList: true });
    home.after(element);
    await new Promise((next) => setTimeout(next));
    element.lang = 'zh';
    return { done, moved, chinese, english, busy, stopped, failed, again, failedInChinese: said() };
  });
  const done = { picture: 'Picture: a blue fish', status: 'The picture is there.', said: 'The picture is there.', error: '' };
  const inChinese = { picture: '图片：a blue fish', status: '图片已生成。', said: '图片已生成。', error: '' };
  assert.deepEqual([read.done, read.moved, read.chinese, read.english], [done, done, inChinese, done]);
  const [before, after] = read.busy;
  assert.deepEqual([before.picture, after.picture], ['Picture', '图片'], 'of the picture so far');
  assert.deepEqual([before.said, after.said], ['Painting', '正在作画']);
  assert.match(before.status, /^Step \d+ of 200/);
  assert.match(after.status, /^第 \d+ 步，共 200 步/);
  assert.deepEqual(read.stopped, { ...inChinese, status: '已停止。', said: '已停止。' });
  const wrong = 'steps is 0: it must be a whole number of at least 1.';
  assert.deepEqual(read.failed, { ...done, status: '', said: '', error: `${wrong} Give another value for steps.` });
  assert.equal(read.again, 0, 'the same alert was said twice');
  assert.deepEqual(read.failedInChinese, { ...inChinese, status: '', said: '', error: `某项设置无法使用，请更改后重试。（${wrong}）` });
});

test('what cannot be used by an element has code and next step too', async () => {
  const read = await inPage(async () => {
    const element = t.make();
    const codes = [];
    const calls = [() => element.generate('a fish'), () => element.generate({}, 'now'), () => element.load({ signal: 7 }), () => element.purge()];
    element.model = '//';
    for (const call of calls) codes.push(await call().then(() => 'none', ({ code, message, nextStep }) => `${code}: ${message} ${nextStep}`));
    return codes;
  });
  const wrong = 'model is //: it is no address. Name a model of the Hub as owner/name, or give an address.';
  assert.deepEqual(read, [
    `invalid-request: ${wrong}`, 'invalid-request: options is now: it must be an object. Give an object such as { signal }.',
    'invalid-request: signal is 7: it must be an AbortSignal. Give another value for signal.', `invalid-request: ${wrong}`,
  ]);
});

test('autostart makes a picture without a word', async () => {
  const read = await inPage(async () => {
    const element = t.make({ autostart: true });
    await t.until(() => element.result, 'a picture');
    return element.state;
  });
  assert.equal(read, 'ready');
});

test('there were no errors', () => studio.close());
