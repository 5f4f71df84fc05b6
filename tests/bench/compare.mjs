// Hearth and onnxruntime-web in the same Chromium, in turns, each turn in a browser that has kept nothing.
// No time counts before the output equals diffusers'.
//
// compare.mjs [--rounds 3] [--runs 5] [--device gpu|cpu] [--engines hearth,peer] [--out FILE.json] CASE...
//
// (site.mjs says which variables it reads.) Prints JSON, or writes it to FILE; the table goes to stderr.

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';

import { launch } from '../browser/support/browser.mjs';
import { open, prepared } from './site.mjs';

/** max |error| / max |reference|, in f32. */
const TOLERANCE = 1e-3;
/** A software GPU takes its time. */
const LONG = 30 * 60_000;

const PAGES = {
  hearth: { gpu: 'bench.html?device=wgpu', cpu: 'bench.html?device=cpu' },
  peer: { gpu: 'peer/peer.html?provider=webgpu', cpu: 'peer/peer.html?provider=wasm' },
};

const { values: { rounds, runs, device, engines, out }, positionals: names } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '3' },
    runs: { type: 'string', default: '5' },
    device: { type: 'string', default: 'gpu' },
    engines: { type: 'string', default: 'hearth,peer' },
    out: { type: 'string' },
  },
});

const site = await open();
const result = { date: new Date().toISOString().slice(0, 10), browser: '', adapter: null, device, engines: {}, cases: [] };
try {
  for (const name of names) {
    const { gflop, parameters } = await prepared(name);
    const turns = Object.fromEntries(engines.split(',').map((engine) => [engine, []]));
    for (let round = 0; round < Number(rounds); round += 1) {
      for (const engine of Object.keys(turns)) turns[engine].push(await take(engine, name));
    }
    const sums = Object.entries(turns).map(([engine, list]) => [engine, sum(list)]);
    result.cases.push({ name, gflop, parameters, ...Object.fromEntries(sums) });
    console.error(line(result.cases.at(-1)));
  }
} finally {
  await site.close();
}
const text = `${JSON.stringify(result, null, 1)}\n`;
await (out ? writeFile(out, text) : process.stdout.write(text));

/** One turn: what the engine says of the case. */
async function take(engine, name) {
  const browser = await launch({ gpu: device === 'gpu' });
  try {
    browser.context.setDefaultTimeout(LONG);
    const { page } = await browser.open(`${site.url}${PAGES[engine][device]}&case=${name}&runs=${runs}`);
    const said = await page.evaluate(() => window.benchResult);
    const figures = said.cases.find((one) => one.name === name);
    assert.ok(figures.max_error <= TOLERANCE, `${said.engine} computes ${name} wrongly: ${figures.max_error}`);
    result.browser ||= `Chromium ${browser.context.browser()?.version() ?? await version(page)}`;
    result.adapter ??= said.adapter;
    result.engines[engine] = said.engine;
    console.error(`${name}, ${said.engine}: ${figures.median_s.toFixed(3)} s, first ${figures.first_s.toFixed(2)} s, `
      + `error ${figures.max_error.toExponential(1)}`);
    return figures;
  } finally {
    await browser.close();
  }
}

function version(page) {
  return page.evaluate(() => /Chrome\/([\d.]+)/.exec(navigator.userAgent)[1]);
}

/** All turns of an engine as one: medians of the times, the rest as the last turn said it. */
function sum(turns) {
  const all = turns.flatMap(({ runs_s }) => runs_s);
  return {
    ...turns.at(-1),
    runs_s: all,
    turns_s: turns.map(({ median_s }) => median_s),
    median_s: median(all),
    first_s: median(turns.map(({ first_s }) => first_s)),
    ...(turns.every(({ session_s }) => session_s) && { session_s: median(turns.map(({ session_s }) => session_s)) }),
    max_error: Math.max(...turns.map(({ max_error }) => max_error)),
  };
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}

function line({ name, hearth, peer }) {
  const ratio = hearth && peer && `ours / peer's: ${(hearth.median_s / peer.median_s).toFixed(2)}, overhead of the first run `
    + `${((hearth.first_s - hearth.median_s) / (peer.first_s - peer.median_s)).toFixed(2)}`;
  return `== ${name} ${ratio ?? ''}`;
}
