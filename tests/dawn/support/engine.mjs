// The built engine in Node, on Dawn: the program of the page's worker, with what a worker's scope has.

import { readFileSync, readdirSync, rmSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { DIST } from '../../browser/support/server.mjs';

const require = createRequire(`${process.env.HEARTH_NODE_MODULES}/`);
const { create, globals } = await import(pathToFileURL(require.resolve('webgpu')));

const folder = join(DIST, readdirSync(DIST).find((name) => name.startsWith('engine-')));
const program = readFileSync(join(folder, 'worker.js'), 'utf8');
let compiled, scope;

/**
 * Starts Dawn on lavapipe with these toggles: once in a process. To the engine the adapter is what
 * `like` says it is: with or without `shader-f16`, a software one or a graphics card.
 */
export async function startDawn({ enable = [], disable = [], like = {} } = {}) {
  if (scope) throw new Error('Dawn was started before');
  const toggles = [['enable', enable], ['disable', disable]].filter(([, names]) => names.length > 0);
  const gpu = create(['adapter=llvmpipe', ...toggles.map(([word, names]) => `${word}-dawn-features=${names}`)]);
  const features = await gpu.requestAdapter().then((adapter) => adapter && [...adapter.features]);
  if (!features) throw new Error('Dawn finds no lavapipe that it accepts');
  scope = new Scope(gpu);
  Object.assign(scope.adapter, like);
  return { features };
}

/** Ends all engines' devices: with one of them Dawn keeps the process alive. */
export function stopDawn() {
  for (const device of scope.devices.splice(0)) device.destroy();
}

/** What a worker's global scope has and Node's lacks, for one engine at a time. */
class Scope {
  /** As what the adapter shows itself to the engines that open it from now on. */
  adapter = { f16: true, isSoftware: true };
  devices = [];
  /** Gets every message of the engine. */
  heard = () => {};

  constructor(gpu) {
    const isScope = { [Symbol.hasInstance]: (object) => object === globalThis };
    const shown = async (options) => this.#disguised(await gpu.requestAdapter(options));
    const own = {
      ...globals,
      WorkerGlobalScope: isScope,
      DedicatedWorkerGlobalScope: isScope,
      navigator: {
        gpu: {
          requestAdapter: shown,
          getPreferredCanvasFormat: () => gpu.getPreferredCanvasFormat(),
          wgslLanguageFeatures: gpu.wgslLanguageFeatures,
        },
      },
      isSecureContext: true,
      addEventListener: () => {},
      postMessage: (message) => this.heard(message),
      onmessage: null,
      // Dawn looks for news in one `setImmediate` after the other, with all of a processor.
      setImmediate: (look) => setTimeout(look, 1),
    };
    for (const [name, value] of Object.entries(own)) {
      Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
    }
  }

  #disguised(adapter) {
    const { f16, isSoftware } = this.adapter;
    const { info } = adapter;
    const features = new Set([...adapter.features].filter((feature) => f16 || feature !== 'shader-f16'));
    const { vendor, architecture, device, description } = info;
    const shown = { vendor, architecture, device, description, isFallbackAdapter: isSoftware };
    const requestDevice = async (descriptor) => {
      const device = await GPUAdapter.prototype.requestDevice.call(adapter, descriptor);
      this.devices.push(device);
      return device;
    };
    Object.defineProperties(adapter, { features: { value: features }, info: { value: shown }, requestDevice: { value: requestDevice } });
    return adapter;
  }
}

/** Starts an engine of its own: { exports, ask }. `like`: as for `startDawn`. */
export async function startEngine({ like = {} } = {}) {
  if (!scope) await startDawn();
  Object.assign(scope.adapter, like);
  compiled ??= await WebAssembly.compile(readFileSync(join(folder, 'worker_bg.wasm')));
  const exports = await freshImport();
  const pending = new Map();
  const heard = (message) => {
    if (message.type === 'response') pending.get(message.id)?.(message.response);
    if (message.type === 'crashed') pending.forEach((settle) => settle({ type: 'failed', error: message.error }));
  };
  scope.heard = heard;
  await exports.default({ module_or_path: compiled });
  const { onmessage } = globalThis;
  let id = 0;
  /** Sends `command` and returns its response. */
  const ask = (command) => new Promise((resolve, reject) => {
    scope.heard = heard;
    id += 1;
    pending.set(id, (response) => {
      if (response.type === 'failed') reject(new Error(response.error.message.text));
      else resolve(response);
    });
    onmessage({ data: { id, command } });
  });
  return { exports, ask };
}

/** The engine's module, each time a new one. */
async function freshImport() {
  const temporary = mkdtempSync(join(tmpdir(), 'hearth-dawn-'));
  try {
    const file = join(temporary, 'worker.mjs'); // Node takes a .js file outside a package for CommonJS.
    writeFileSync(file, program);
    return await import(pathToFileURL(file));
  } finally {
    rmSync(temporary, { recursive: true });
  }
}
