// Checkpoint of SD 1.5 whose weight files have headers and no content: enough to build its pipelines.

import { cpSync, mkdtempSync, openSync, closeSync, ftruncateSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const FILES = { unet: 'unet/diffusion_pytorch_model', vae: 'vae/diffusion_pytorch_model', text_encoder: 'text_encoder/model' };

/** Makes the checkpoint: { folder, remove() }. */
export function hollowCheckpoint() {
  const folder = mkdtempSync(join(tmpdir(), 'hearth-hollow-'));
  cpSync(join(ROOT, 'tests/large/sd15'), folder, { recursive: true });
  for (const file of ['tests/golden/data/clip/vocab.json', 'www/clip/merges.txt']) {
    cpSync(join(ROOT, file), join(folder, 'tokenizer', file.split('/').at(-1)));
  }
  const { sd1 } = JSON.parse(readFileSync(join(ROOT, 'tests/golden/data/keys.json'), 'utf8')).checkpoints;
  for (const [component, file] of Object.entries(FILES)) {
    writeHollow(join(folder, `${file}.safetensors`), sd1[component].rows.map((row) => row.split(' ')));
  }
  return { folder, remove: () => rmSync(folder, { recursive: true }) };
}

/** Writes the header of a safetensors file of f16 tensors, [name, shape] each; the rest is a hole. */
function writeHollow(path, tensors) {
  let end = 0;
  const header = Object.fromEntries(tensors.map(([name, text]) => {
    const shape = text.split('x').map(Number);
    const begin = end;
    end += 2 * shape.reduce((count, side) => count * side, 1);
    return [name, { dtype: 'F16', shape, data_offsets: [begin, end] }];
  }));
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  const file = openSync(path, 'w');
  writeSync(file, Buffer.concat([length, json]));
  ftruncateSync(file, 8 + json.length + end);
  closeSync(file);
}
