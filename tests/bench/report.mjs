// Puts results into a document, each between its markers: `<!-- browser-gpu -->` to `<!-- /browser-gpu -->`.
//
// report.mjs DOCUMENT.md RESULT.json...

import { readFile, writeFile } from 'node:fs/promises';

const [document, ...results] = process.argv.slice(2);
let text = await readFile(document, 'utf8');
for (const path of results) {
  const result = JSON.parse(await readFile(path, 'utf8'));
  const { kind } = result;
  const marked = new RegExp(`(<!-- ${kind} -->\n)[^]*?(<!-- /${kind} -->)`);
  if (!marked.test(text)) throw new Error(`${document} has no place for ${kind}`);
  const written = kind.startsWith('browser') ? browser(result) : native(result);
  text = text.replace(marked, (_, begin, end) => `${begin}${written}\n${end}`);
}
await writeFile(document, text);

/** Hearth and onnxruntime-web, case by case. */
function browser({ cases }) {
  const rows = cases.map(({ name, gflop, ratio, ratios, hearth = {}, peer = {} }) => [
    name, number(gflop, 1),
    spread(hearth), spread(peer), spread({ median_s: ratio, turns_s: ratios }, 1, 2),
    both(hearth, peer, overhead, 1),
    number(hearth.busy_s_per_launch * 1000, 3), number(hearth.idle_share * 100, 0),
    both(hearth, peer, (one) => one.dispatches), both(hearth, peer, (one) => one.pipelines),
    both(hearth, peer, (one) => one.peak_bytes / 1e6),
    [hearth, peer].map(({ max_error }) => max_error?.toExponential(0) ?? '–').join(' / '),
  ]);
  const heads = [
    'case', 'GFLOP', 'Hearth, s', 'onnxruntime-web, s', 'ratio', 'pipelines and first run, more than a run, s',
    'CPU a launch, ms', 'device idle, %', 'dispatches', 'pipelines',
    'GPU buffers at most, MB', 'error',
  ];
  const failures = cases.flatMap(({ name, hearth, peer }) => Object.entries({ Hearth: hearth, 'onnxruntime-web': peer })
    .filter(([, one]) => one?.failed).map(([engine, one]) => `\n${name}, ${engine}: ${one.failed.split('\n')[0]}`));
  return [captions(cases), '', table(heads, rows), ...failures].join('\n');
}

/** When and where, said once if it is the same for all. */
function captions(cases) {
  const said = cases.filter(({ peer }) => peer?.engine).map(({ date, rounds, peer }) => {
    const where = `Chromium ${peer.chromium}, ${peer.adapter ?? 'one thread of the CPU'}`;
    return `${date}, ${where}, against ${peer.engine}, ${rounds} turns each.`;
  });
  return [...new Set(said)].join('\n');
}

/** One network on one GPU, engine by engine. */
function native({ date, adapter, versions, name, gflop, engines }) {
  const ours = (dtype) => engines[`hearth ${dtype}`]?.median_s;
  const rows = Object.entries(engines).map(([engine, one]) => [
    engine, spread(one, 1000), number(gflop / one.median_s / 1000, 1), number(ours(one.dtype) / one.median_s, 2),
    number(one.first_s, 1), one.max_error?.toExponential(0) ?? '–',
  ]);
  const failures = Object.entries(engines).filter(([, one]) => one.failed).map(([engine, one]) => `\n${engine}: ${one.failed.split('\n')[0]}`);
  const against = Object.entries(versions).map((pair) => pair.join(' ')).join(', ');
  return [
    `${date}, ${adapter}, ${name}, ${number(gflop, 0)} GFLOP, ${against}.`, '',
    table(['engine', 'ms', 'TFLOP/s', 'Hearth / it', 'first run, s', 'error'], rows), ...failures,
  ].join('\n');
}

function overhead({ pipelines_s = 0, first_s, median_s }) {
  return pipelines_s + first_s - median_s;
}

function both(hearth, peer, of, digits = 0) {
  return `${number(of(hearth), digits)} / ${number(of(peer), digits)}`;
}

/** The median, and from where to where the turns or runs went. */
function spread({ median_s, turns_s }, scale = 1, precision = null) {
  if (!(median_s > 0)) return '–';
  const [from, to] = [Math.min(...turns_s) * scale, Math.max(...turns_s) * scale];
  const digits = precision ?? (median_s * scale < 1 ? 3 : median_s * scale < 100 ? 2 : 0);
  return `${number(median_s * scale, digits)} (${number(from, digits)} to ${number(to, digits)})`;
}

function number(value, digits) {
  return Number.isFinite(value) ? value.toFixed(digits) : '–';
}

function table(heads, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(heads), line(heads.map((_, column) => (column ? '---:' : '---'))), ...rows.map(line)].join('\n');
}
