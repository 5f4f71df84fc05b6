// What Chrome's compiler makes of a model's kernels, with more and less robustness:
//
//   scripts/test-dawn.sh shaders [sd15|emoji] [--without-f16]
//
// The kernels are those that the engine builds for a graphics card before it has the model's weights. A
// row for each: pipelines, bytes of WGSL, lines and bytes of SPIR-V as Tint writes it, and milliseconds
// of processor time that building the pipelines takes: Dawn and Tint, and lavapipe's
// `vkCreateComputePipelines`.

import { fork } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { serve } from '../browser/support/server.mjs';
import { openCommand } from './support/commands.mjs';
import { startDawn, startEngine } from './support/engine.mjs';
import { hollowCheckpoint } from './support/hollow.mjs';

const KERNELS = new URL('../../src/kernels/', import.meta.url);
// Vulkan's drivers keep indices of storage buffers in range by themselves; elsewhere Tint clamps these too.
const KINDS = [
  { name: 'Clamped by Tint', disable: ['vulkan_use_buffer_robust_access_2'] },
  { name: 'as on Vulkan' },
  { name: 'without robustness', enable: ['disable_robustness'] },
];

/** What child processes do: each of them starts Dawn in its own way. */
const TASKS = {
  /** The texts of all kernels, each once: [{ code, entryPoint }]. */
  async collect({ address, f16 }) {
    await startDawn({ like: { f16, isSoftware: false } });
    const kernels = new Map();
    const codes = new WeakMap();
    let last = 0;
    const { createShaderModule } = GPUDevice.prototype;
    GPUDevice.prototype.createShaderModule = function (descriptor) {
      const module = createShaderModule.call(this, descriptor);
      codes.set(module, descriptor.code);
      return module;
    };
    for (const name of ['createComputePipeline', 'createComputePipelineAsync']) {
      const create = GPUDevice.prototype[name];
      GPUDevice.prototype[name] = function (descriptor) {
        const { module, entryPoint } = descriptor.compute;
        const code = codes.get(module);
        kernels.set(`${entryPoint} ${code}`, { code, entryPoint });
        last = performance.now();
        return create.call(this, descriptor);
      };
    }
    const engine = await startEngine();
    engine.ask(openCommand(address)).catch(() => {}); // The kernels are built before the weights are there.
    while (kernels.size === 0 || performance.now() < last + 2000) await sleep(100);
    return [...kernels.values()];
  },

  /** Builds the pipelines one after the other: the processor time of each, milliseconds. */
  async build({ kernels, enable, disable }) {
    await startDawn({ enable, disable });
    const adapter = await navigator.gpu.requestAdapter();
    const device = await adapter.requestDevice({ requiredFeatures: [...adapter.features], requiredLimits: limitsOf(adapter) });
    const milliseconds = [];
    for (const { code, entryPoint } of kernels) {
      const began = process.cpuUsage();
      const module = device.createShaderModule({ code });
      await device.createComputePipelineAsync({ layout: 'auto', compute: { module, entryPoint } });
      const { user, system } = process.cpuUsage(began);
      milliseconds.push((user + system) / 1000);
    }
    return milliseconds;
  },
};

function limitsOf({ limits }) {
  const names = ['maxComputeInvocationsPerWorkgroup', 'maxComputeWorkgroupStorageSize', 'maxComputeWorkgroupSizeX', 'maxStorageBuffersPerShaderStage'];
  return Object.fromEntries(names.map((name) => [name, limits[name]]));
}

if (process.send) {
  process.once('message', async ({ task, options }) => {
    process.send(await TASKS[task](options), () => process.exit(0));
  });
} else {
  await report(process.argv.slice(2));
}

async function report(given) {
  const f16 = !given.includes('--without-f16');
  const model = given.find((word) => !word.startsWith('--')) ?? 'sd15';
  const hollow = model === 'sd15' ? hollowCheckpoint() : null;
  const server = await serve(hollow?.folder);
  try {
    const address = hollow ? server.url : `${server.url}models/${model}`;
    const { result: kernels } = await inChild('collect', { address, f16 });
    const all = [];
    for (const { enable = [], disable } of KINDS) {
      const { result: milliseconds } = await inChild('build', { kernels, enable, disable });
      const { text } = await inChild('build', { kernels, enable: [...enable, 'dump_shaders'], disable });
      all.push(sums(kernels, milliseconds, dumped(text)));
    }
    print(all);
  } finally {
    await server.close();
    hollow?.remove();
  }
}

/** Does a task in a process of its own: { result, text }, what was written. */
function inChild(task, options) {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, MESA_SHADER_CACHE_DISABLE: '1' };
    const child = fork(fileURLToPath(import.meta.url), { silent: true, env });
    let result;
    let [text, errors] = ['', ''];
    child.stdout.on('data', (data) => { text += data; });
    child.stderr.on('data', (data) => { errors += data; });
    child.on('message', (message) => { result = message; });
    child.on('close', () => (result ? resolve({ result, text }) : reject(new Error(errors))));
    child.send({ task, options });
  });
}

/** Lines and bytes of each SPIR-V that Dawn dumped. */
function dumped(text) {
  return text.split('/* Dumped SPIRV disassembly */').slice(1).map((rest) => {
    const [spirv] = rest.split('// Dumped WGSL:');
    const lines = spirv.split('\n').filter((line) => line.trim() !== '' && !/^\w+:$/.test(line));
    return { lines: lines.length, bytes: Buffer.byteLength(lines.join('\n')) };
  });
}

/** Name of a kernel → its sums. */
function sums(kernels, milliseconds, spirv) {
  if (spirv.length !== kernels.length) throw new Error(`Dawn dumped ${spirv.length} of ${kernels.length} kernels`);
  const nameOf = namer();
  const all = {};
  kernels.forEach(({ code }, i) => {
    const sum = (all[nameOf(code)] ??= { pipelines: 0, wgsl: 0, lines: 0, bytes: 0, milliseconds: 0 });
    sum.pipelines += 1;
    sum.wgsl += Buffer.byteLength(code);
    sum.lines += spirv[i].lines;
    sum.bytes += spirv[i].bytes;
    sum.milliseconds += milliseconds[i];
  });
  return all;
}

/** Tells the file in src/kernels/ that most of a text comes from; Burn's own kernels come from none. */
function namer() {
  const linesOf = (text) => new Set(text.split('\n').map((line) => line.trim()).filter((line) => line.length > 12 && !line.startsWith('//')));
  const files = readdirSync(KERNELS).filter((name) => name.endsWith('.wgsl'))
    .map((name) => ({ name: name.replace('.wgsl', ''), text: readFileSync(new URL(name, KERNELS), 'utf8') }))
    .filter(({ text }) => text.includes('@compute')) // The others stand before these.
    .map(({ name, text }) => ({ name, lines: linesOf(text) }));
  return (code) => {
    const there = linesOf(code);
    const shares = files.map(({ name, lines }) => ({ name, share: [...lines].filter((line) => there.has(line)).length / lines.size }));
    const best = shares.reduce((a, b) => (b.share > a.share ? b : a));
    return best.share > 0.2 ? best.name : "Burn's own";
  };
}

function print(all) {
  const [first] = all;
  const row = (cells) => console.log(`| ${cells.join(' | ')} |`);
  const headings = KINDS.flatMap(({ name }) => [`${name}: SPIR-V, lines`, 'bytes', 'build, ms']);
  row(['Kernel', 'Pipelines', 'WGSL, bytes', ...headings]);
  row(['---', ...headings.map(() => '---:'), '---:', '---:']);
  const figures = (name, [sum, ...others]) => row([
    name, ...[sum.pipelines, sum.wgsl, ...[sum, ...others].flatMap(({ lines, bytes, milliseconds }) => [lines, bytes, milliseconds])]
      .map((number) => Math.round(number).toLocaleString('en-US')),
  ]);
  for (const name of Object.keys(first).sort((a, b) => first[b].wgsl - first[a].wgsl)) figures(name, all.map((one) => one[name]));
  figures('All', all.map(total));
}

function total(sums) {
  const all = {};
  for (const sum of Object.values(sums)) {
    for (const [key, value] of Object.entries(sum)) all[key] = (all[key] ?? 0) + value;
  }
  return all;
}
