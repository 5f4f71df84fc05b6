// Hearth and onnxruntime-web in the same Chromium, in turns, each turn in a browser that has kept nothing.
// No time counts before the output equals diffusers'.
//
// compare.mjs [--rounds 3] [--runs 5] [--device gpu|cpu] [--engines hearth,peer] OUT.json CASE...
//
// (site.mjs says which variables it reads.) Cases that OUT.json holds already are kept, or measured anew if
// they are named. Fails if an engine fails, or computes something else.

import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';

import { launch } from '../browser/support/browser.mjs';
import { open, prepared } from './site.mjs';

/** max |error| / max |reference|, in f32. */
const TOLERANCE = 1e-3;
/** A software GPU takes its time. */
const LONG = 60 * 60_000;

const PAGES = {
  hearth: { gpu: 'bench.html?cases=cases/&device=wgpu', cpu: 'bench.html?cases=cases/&device=cpu' },
  peer: { gpu: 'peer/peer.html?provider=webgpu', cpu: 'peer/peer.html?provider=wasm' },
};

const { values: { rounds, runs, device, engines }, positionals: [out, ...names] } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '3' },
    runs: { type: 'string', default: '5' },
    device: { type: 'string', default: 'gpu' },
    engines: { type: 'string', default: 'hearth,peer' },
  },
});

const before = JSON.parse(await readFile(out, 'utf8').catch(() => '{"cases": []}'));
const result = { kind: `browser-${device}`, cases: before.cases };
const site = await open();
try {
  for (const name of names) {
    const measured = await compare(name);
    result.cases = [...result.cases.filter((one) => one.name !== name), measured];
    await writeFile(out, `${JSON.stringify(result, null, 1)}\n`);
    console.log(summary(measured));
  }
} finally {
  await site.close();
}

/** All turns of a case, and what they amount to. */
async function compare(name) {
  const { gflop, parameters } = await prepared(name);
  const turns = Object.fromEntries(engines.split(',').map((engine) => [engine, []]));
  for (let round = 0; round < Number(rounds); round += 1) {
    for (const [engine, list] of Object.entries(turns)) {
      const turn = await take(engine, name).catch((error) => ({ failed: error.message }));
      if (turn.failed) process.exitCode = 1;
      console.log(`${name}, ${engine}: ${turn.failed ?? `${turn.median_s.toFixed(3)} s, the first ${turn.first_s?.toFixed(2)} s`}`);
      list.push(turn);
    }
  }
  const sums = Object.fromEntries(Object.entries(turns).map(([engine, list]) => [engine, sum(list)]));
  // What else the machine does changes from round to round, and both engines feel it: ratios are a round's.
  const { hearth, peer } = sums;
  const ratios = hearth?.turns_s && peer?.turns_s && hearth.turns_s.map((ours, round) => ours / peer.turns_s[round]);
  const date = new Date().toISOString().slice(0, 10);
  return { name, gflop, parameters, date, rounds: Number(rounds), ratios, ratio: ratios && median(ratios), ...sums };
}

/** One turn: what the engine says of the case. */
async function take(engine, name) {
  const browser = await launch({ gpu: device === 'gpu' });
  try {
    browser.context.setDefaultTimeout(LONG);
    const studio = await browser.open(`${site.url}${PAGES[engine][device]}&case=${name}&runs=${runs}`);
    await studio.page.waitForFunction(() => window.benchResult);
    const { cases, ...said } = await studio.page.evaluate(() => window.benchResult);
    const figures = cases.find((one) => one.name === name);
    assert.ok(figures.max_error <= TOLERANCE, `the output is wrong: ${figures.max_error}`);
    return { ...said, chromium: browser.context.browser().version(), ...figures };
  } finally {
    await browser.close();
  }
}

/** An engine's turns as one: medians of the times, the rest as the last turn said it. */
function sum(turns) {
  const failed = turns.find((turn) => turn.failed);
  if (failed) return failed;
  const all = turns.flatMap(({ runs_s }) => runs_s);
  const middle = (key) => (turns.every((turn) => key in turn) ? { [key]: median(turns.map((turn) => turn[key])) } : {});
  return {
    ...turns.at(-1),
    runs_s: all,
    turns_s: turns.map(({ median_s }) => median_s),
    median_s: median(all),
    ...middle('first_s'),
    ...middle('session_s'),
    max_error: Math.max(...turns.map(({ max_error }) => max_error)),
  };
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}

function summary({ name, ratio }) {
  return ratio ? `== ${name}: Hearth takes ${ratio.toFixed(2)} of the peer's time` : `== ${name}`;
}
