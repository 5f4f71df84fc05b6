// The tiny model with a text encoder of many chunks: a tensor that no model reads is put behind its
// own, as old versions of transformers did with `position_ids`.

import { createCipheriv } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { FOLDER, sheet, weights } from './tiny.mjs';

/** What is kept of a download is kept in chunks of this size. */
export const CHUNK = 16 << 20;

const own = weights.find(({ path }) => path.startsWith('text_encoder/'));

/** The tensor that no model reads. */
const UNREAD = 'text_model.embeddings.position_ids';

/** The file's path on any server. Its first chunk has all that is read of it. */
export const LONG = /\/text_encoder\/model\.safetensors$/;

/**
 * Makes the file, `chunks` full chunks long and some bytes more, and has `server` send it.
 * { path, size, chunks, bytes, remove() }
 */
export function longFile(server, chunks = 2) {
  const bytes = lengthened(readFileSync(join(FOLDER, own.path)), chunks * CHUNK + 8000);
  const folder = mkdtempSync(join(tmpdir(), 'hearth-long-'));
  const file = join(folder, 'model.safetensors');
  writeFileSync(file, bytes);
  server.replace(LONG, file);
  // The sheet may give digests; this file has another.
  const { [own.path]: _, ...sha256 } = sheet.sha256 ?? {};
  const plain = join(folder, 'hearth.json');
  writeFileSync(plain, JSON.stringify({ ...sheet, sha256 }));
  server.replace(/\/hearth\.json$/, plain);
  const remove = () => rmSync(folder, { recursive: true, force: true });
  return { path: own.path, size: bytes.length, chunks: Math.ceil(bytes.length / CHUNK), bytes, remove };
}

function lengthened(model, size) {
  const start = 8 + Number(model.readBigUInt64LE());
  const { [UNREAD]: own, ...header } = JSON.parse(model.subarray(8, start));
  const parts = [];
  let end = 0;
  // The tensors close up where the model's own unread one was: a file may have no gaps.
  for (const tensor of Object.values(header).filter((tensor) => tensor.data_offsets)) {
    const [from, to] = tensor.data_offsets;
    parts.push(model.subarray(start + from, start + to));
    tensor.data_offsets = [end, end + to - from];
    end += to - from;
  }
  // The header grows by about this much; the rest of the size is the tensor.
  const extra = Math.floor((size - start - end - 1024) / 8) * 8;
  header[UNREAD] = { dtype: 'I64', shape: [1, extra / 8], data_offsets: [end, end + extra] };
  let json = JSON.stringify(header);
  json = json.padEnd(Math.ceil(json.length / 8) * 8);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, Buffer.from(json), ...parts, random(extra)]);
}

/** The same bytes every time. */
function random(length) {
  return createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16)).update(Buffer.alloc(length));
}
