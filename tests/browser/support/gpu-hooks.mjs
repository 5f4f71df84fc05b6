// What happens to a GPU in a browser, made to happen: hooks in the engine's worker.

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * From now on the engines that `server` gives remember their GPU devices, and count their buffers and
 * WebAssembly's memory. A service worker would find them changed, so there is none.
 */
export function hookEngines(server) {
  runBeforeEngines(server, remember);
}

/** From now on the clock of the engines that `server` gives runs so many times as fast, so that time-outs come soon. */
export function hurryEngines(server, times) {
  runBeforeEngines(server, hurry, times);
}

/** From now on `work(argument)` runs in the worker of each engine that `server` gives, before the engine's own program. */
function runBeforeEngines(server, work, argument = null) {
  const engine = readdirSync(server.root).find((name) => name.startsWith('engine-'));
  const loader = readFileSync(join(server.root, engine, 'worker_loader.js'), 'utf8');
  server.spoil(/worker_loader\.js$/, { instead: `(${work})(${JSON.stringify(argument)});\n${loader}` });
  server.spoil(/service-worker\.js$/, { status: 404 });
}

/** The worker that runs the engine now. */
export function engine(page) {
  const worker = page.workers().filter((worker) => /engine-/.test(worker.url())).at(-1);
  if (!worker) throw new Error('no engine is running');
  return worker;
}

/**
 * { heap, page, gpu, buffers }: bytes of the engine's WebAssembly memory, of the page's own if `countPage`
 * was its script, and of the GPU's buffers that are not destroyed.
 */
export async function memory(page) {
  const own = await page.evaluate(() => self.pageMemory?.buffer.byteLength ?? 0);
  const engines = await engine(page).evaluate(() => ({
    heap: self.hearthTest.heap?.buffer.byteLength ?? 0,
    gpu: self.hearthTest.bytes,
    buffers: self.hearthTest.buffers,
  }));
  return { ...engines, page: own };
}

/** Runs in the page before its own program, and counts that program's memory. */
export function countPage() {
  for (const name of ['instantiate', 'instantiateStreaming']) {
    const real = WebAssembly[name];
    WebAssembly[name] = async (...given) => {
      const result = await real(...given);
      self.pageMemory = (result.instance ?? result).exports.memory;
      return result;
    };
  }
}

/** As a driver's restart: the device is gone. */
export function loseDevice(page) {
  return engine(page).evaluate(() => { self.hearthTest.devices.at(-1).destroy(); });
}

/** As if the GPU had refused memory. */
export function exhaust(page) {
  return engine(page).evaluate(() => {
    const error = new GPUOutOfMemoryError('no memory left');
    const event = new GPUUncapturedErrorEvent('uncapturederror', { error, cancelable: true });
    self.hearthTest.devices.at(-1).dispatchEvent(event);
  });
}

// Runs in the worker.
function hurry(times) {
  const real = self.setTimeout;
  self.setTimeout = (work, milliseconds, ...given) => real(work, milliseconds / times, ...given);
}

// Runs in the worker.
function remember() {
  const test = { devices: [], bytes: 0, buffers: 0, heap: null };
  self.hearthTest = test;
  const { instantiate, instantiateStreaming } = WebAssembly;
  const noted = (result) => {
    test.heap = (result.instance ?? result).exports.memory;
    return result;
  };
  WebAssembly.instantiate = (...given) => instantiate(...given).then(noted);
  WebAssembly.instantiateStreaming = (...given) => instantiateStreaming(...given).then(noted);
  if (!self.GPUAdapter) return;

  const { requestDevice } = GPUAdapter.prototype;
  GPUAdapter.prototype.requestDevice = async function (...given) {
    const device = await requestDevice.apply(this, given);
    test.devices.push(device);
    return device;
  };
  const { createBuffer } = GPUDevice.prototype;
  GPUDevice.prototype.createBuffer = function (descriptor) {
    const buffer = createBuffer.call(this, descriptor);
    test.bytes += descriptor.size;
    test.buffers += 1;
    const { destroy } = buffer;
    let alive = true;
    buffer.destroy = () => {
      if (alive) {
        test.bytes -= descriptor.size;
        test.buffers -= 1;
      }
      alive = false;
      destroy.call(buffer);
    };
    return buffer;
  };
}
