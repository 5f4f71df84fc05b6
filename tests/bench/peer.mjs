// One network on onnxruntime-web: how long it takes to open, to run first and to run again, and whether
// what comes out is right. A run counts from the inputs to the output in the page's memory.

import { meter } from './meter.mjs';

const query = new URLSearchParams(location.search);
window.benchResult = measure(query.get('case'), query.get('provider') ?? 'webgpu', Number(query.get('runs') ?? 5));

async function measure(name, provider, runs) {
  const { cases } = await (await get('cases.json')).json();
  const asked = cases.find((one) => one.name === name);
  if (!asked) throw new Error(`there is no case ${name}`);
  const gpu = provider === 'webgpu' ? meter() : null;
  const ort = await import(`./ort/ort.${provider}.bundle.min.mjs`);
  ort.env.wasm.wasmPaths = new URL('./ort/', location.href).href;
  ort.env.wasm.numThreads = 1;

  const graph = await bytes(asked.graphs.f32.file);
  const folder = asked.graphs.f32.file.replace(/[^/]*$/, '');
  const weights = [];
  for (const path of asked.graphs.f32.weights) weights.push({ path, data: await bytes(folder + path) });
  const inputs = {};
  for (const [input, { file, shape }] of Object.entries(asked.inputs)) {
    inputs[input] = new ort.Tensor('float32', await floats(file), shape);
  }
  const reference = await floats(asked.output.file);

  const [session, session_s] = await timed(() => ort.InferenceSession.create(graph, {
    executionProviders: [provider], externalData: weights, graphOptimizationLevel: 'all',
  }));
  weights.length = 0;
  const run = async () => (await session.run(inputs))[asked.output.name].data;
  const [first, first_s] = await timed(run);
  // The first run prepares more than it computes: what a run takes is counted in the second.
  gpu?.restart();
  let last = await run();
  const counts = gpu?.stop();
  const runs_s = [];
  while (runs_s.length < runs) {
    const [output, seconds] = await timed(run);
    runs_s.push(seconds);
    last = output;
  }
  return {
    engine: `onnxruntime-web ${ort.env.versions.web ?? ort.env.versions.common}`,
    device: provider,
    adapter: gpu && await adapter(),
    dtype: 'f32',
    cases: [{
      name, session_s, first_s, runs_s, median_s: middle(runs_s), ...counts,
      max_error: Math.max(worst(first, reference), worst(last, reference)),
    }],
  };
}

async function timed(work) {
  const start = performance.now();
  const result = await work();
  return [result, (performance.now() - start) / 1000];
}

/** The largest difference, as a part of the reference's largest value. What is not a number is infinitely wrong. */
function worst(output, reference) {
  if (output.length !== reference.length) return Infinity;
  let [difference, largest] = [0, 0];
  for (let i = 0; i < reference.length; i += 1) {
    const off = Math.abs(output[i] - reference[i]);
    if (!(off <= difference)) difference = Number.isNaN(off) ? Infinity : off;
    largest = Math.max(largest, Math.abs(reference[i]));
  }
  return difference / largest;
}

function middle(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}

async function adapter() {
  const { info } = await navigator.gpu.requestAdapter();
  return [info.vendor, info.architecture, info.description].filter(Boolean).join(' ');
}

async function get(file) {
  const answer = await fetch(`/cases/${file}`);
  if (!answer.ok) throw new Error(`${file}: ${answer.status}`);
  return answer;
}

async function bytes(file) {
  return new Uint8Array(await (await get(file)).arrayBuffer());
}

async function floats(file) {
  return new Float32Array(await (await get(file)).arrayBuffer());
}
