// Measures one case and shows what was found; `benchResult` is the promise of it, for whoever drives the page.
//
// bench.html?case=NAME&device=wgpu|cpu&runs=N&cases=FOLDER, or
// bench.html?check: every kernel compared with plain operations on the CPU, before anything is timed

import { meter } from './meter.mjs';

const query = new URLSearchParams(location.search);
const name = query.get('case') ?? 'sd15-unet-256';
const device = query.get('device') ?? 'wgpu';
const runs = Number(query.get('runs') ?? 5);
const cases = query.has('cases') ? new URL(query.get('cases'), location.href).href : '';

window.benchResult = query.has('check') ? compare() : measure();
window.benchResult.then(query.has('check') ? showCompared : show, ({ message }) => say(message));

async function measure() {
  say(`Measuring ${name} on ${device}. This can take minutes.`);
  const { bench, probe } = await engine();
  if (device !== 'cpu') await probe();
  const gpu = device === 'cpu' ? null : meter();
  let counts = {};
  const before = (run) => {
    // The first run prepares more than it computes: what a run takes is counted in the second.
    if (run === 1) gpu?.restart();
    if (run === 2) counts = { ...gpu?.counts };
    say(run === 0 ? `Preparing ${name}` : `Run ${run} of ${runs}`);
  };
  const report = JSON.parse(await bench(cases, name, device, Math.max(runs, 2), before));
  const { pipelines, peak_bytes } = gpu?.stop() ?? {};
  report.cases = report.cases.map((figures) => (gpu
    ? { ...figures, dispatches: counts.dispatches, pipelines, peak_bytes } : figures));
  return report;
}

async function compare() {
  say('Comparing every kernel with plain operations on the CPU.');
  const { check, probe } = await engine();
  await probe();
  return JSON.parse(await check());
}

async function engine() {
  const program = new URL(document.body.dataset.engine.replace('_loader', ''), document.baseURI).href;
  const exports = await import(program);
  await exports.default();
  return exports;
}

function showCompared(all) {
  const wrong = all.filter(({ error, limit }) => !(error <= limit));
  for (const { name, dtype, family, error } of wrong.length > 0 ? wrong : all) {
    tell(`${name}, ${dtype}, ${family}`, error?.toExponential(1) ?? '∞');
  }
  say(wrong.length === 0 ? `All ${all.length} are equal.` : `${wrong.length} of ${all.length} are wrong.`);
}

function show({ adapter, cases: [figures] }) {
  const milliseconds = (seconds) => `${(seconds * 1000).toFixed(1)} ms`;
  const megabytes = (bytes) => `${(bytes / 1e6).toFixed(0)} MB`;
  const rows = {
    Device: adapter,
    'A run': `${milliseconds(figures.median_s)} (${figures.runs_s.map(milliseconds).join(', ')})`,
    'Building pipelines': milliseconds(figures.pipelines_s),
    'The first run': milliseconds(figures.first_s),
    'Once a picture': milliseconds(figures.once_s),
    Work: `${figures.gflop.toFixed(1)} GFLOP, ${figures.gflop_per_s.toFixed(0)} GFLOP/s`,
    Weights: megabytes(figures.weight_bytes),
    'Beside them': megabytes(figures.scratch_bytes),
    Dispatches: figures.dispatches ?? '–',
    Pipelines: `${figures.pipelines ?? '–'}, ${(figures.wgsl_bytes / 1e3).toFixed(0)} kB of WGSL`,
    'The thread is busy': figures.busy_s_per_launch === null ? milliseconds(figures.busy_s)
      : `${milliseconds(figures.busy_s)}, ${(figures.busy_s_per_launch * 1e6).toFixed(0)} µs a launch`,
    'The device is idle': figures.idle_share === null ? '–' : `${(figures.idle_share * 100).toFixed(0)} %`,
  };
  for (const kernel of figures.kernels) {
    rows[kernel.name] = `${kernel.launches} × ${kernel.seconds === null ? '' : `, ${milliseconds(kernel.seconds)}`}`;
  }
  for (const [label, value] of Object.entries(rows)) tell(label, value);
  document.getElementById('json').textContent = JSON.stringify(figures, null, 1);
  say(`${figures.name}: done.`);
}

function tell(label, value) {
  const row = document.getElementById('figures').insertRow();
  row.insertCell().textContent = label;
  row.insertCell().textContent = value;
}

function say(text) {
  document.getElementById('state').textContent = text;
}
