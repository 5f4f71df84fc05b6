// A page with a second model beside its own: the same networks, with a vocabulary so long that the
// model is a large download. The long table is a hole in the file, so that it takes no room.

import { cp, mkdir, mkdtemp, open, readFile, readdir, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { DIST } from './server.mjs';

const VOCABULARY = 500_000;
const TABLE = 'text_model.embeddings.token_embedding.weight';

/** Makes it. Returns { root, model, bytes, remove() }: the model lies at `root`/`model`. */
export async function withLargeModel() {
  const root = await mkdtemp(join(tmpdir(), 'hearth-large-'));
  for (const name of await readdir(DIST)) {
    if (name !== 'models') await symlink(join(DIST, name), join(root, name));
  }
  await mkdir(join(root, 'models'));
  await symlink(join(DIST, 'models', 'emoji'), join(root, 'models', 'emoji'));
  const model = 'models/large/';
  const folder = join(root, model);
  await cp(join(DIST, 'models', 'emoji'), folder, { recursive: true });

  await edit(join(folder, 'text_encoder', 'config.json'), (config) => ({ ...config, vocab_size: VOCABULARY }));
  await edit(join(folder, 'hearth.json'), (sheet) => ({ ...sheet, name: 'Large', sha256: {} }));
  const encoder = join(folder, 'text_encoder');
  const file = (await readdir(encoder)).find((name) => name.endsWith('.safetensors'));
  const bytes = await lengthen(join(encoder, file));
  return { root, model, bytes, remove: () => rm(root, { recursive: true, force: true }) };
}

async function edit(path, change) {
  await writeFile(path, JSON.stringify(change(JSON.parse(await readFile(path, 'utf8')))));
}

/** Puts a longer table of the same width at the file's end. */
async function lengthen(path) {
  const old = await readFile(path);
  const length = Number(old.readBigUInt64LE(0));
  const header = JSON.parse(old.toString('utf8', 8, 8 + length));
  const data = old.subarray(8 + length);
  const [parts, tensors] = [[], {}];
  let end = 0;
  for (const [name, tensor] of Object.entries(header)) {
    if (name === TABLE || name === '__metadata__') continue;
    const [from, to] = tensor.data_offsets;
    parts.push(data.subarray(from, to));
    tensors[name] = { ...tensor, data_offsets: [end, end + to - from] };
    end += to - from;
  }
  const { dtype, shape: [, width] } = header[TABLE];
  const table = VOCABULARY * width * (dtype === 'F32' ? 4 : 2);
  tensors[TABLE] = { dtype, shape: [VOCABULARY, width], data_offsets: [end, end + table] };
  const text = Buffer.from(JSON.stringify(tensors));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(text.length));
  const whole = await open(path, 'w');
  await whole.write(Buffer.concat([size, text, ...parts]));
  await whole.truncate(8 + text.length + end + table);
  await whole.close();
  return 8 + text.length + end + table;
}

/**
 * A checkpoint as one file of full size whose tensors are a hole: what is to be known of it stands in its header.
 * `kind`: one of keys.json; `markers`: empty tensors, such as `v_pred`.
 */
export async function emptyCheckpoint(path, kind = 'sd1', markers = []) {
  const table = JSON.parse(await readFile(new URL('../../golden/data/keys.json', import.meta.url), 'utf8'));
  const header = Object.fromEntries(markers.map((name) => [name, { dtype: 'F16', shape: [0], data_offsets: [0, 0] }]));
  let end = 0;
  for (const { rows, prefix } of Object.values(table.checkpoints[kind]).filter(({ rows }) => rows)) {
    for (const row of rows) {
      const [own, , key, , sides] = row.split(' ');
      const name = prefix + (key === '=' ? own : key);
      if (header[name]) continue; // Several layers of one tensor.
      const shape = sides.split('x').map(Number);
      const begin = end;
      end += 2 * shape.reduce((all, side) => all * side, 1);
      header[name] = { dtype: 'F16', shape, data_offsets: [begin, end] };
    }
  }
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  await writeFile(path, Buffer.concat([length, json]));
  await truncate(path, 8 + json.length + end);
  return path;
}
