// One site of what is measured: the built page, the peer under `peer/`, the prepared cases under `cases/`.
//
// HEARTH_DIST           the built page
// HEARTH_BENCH          the folder that prepare.py fills
// HEARTH_NODE_MODULES   where npm's tools are

import { mkdir, mkdtemp, readFile, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { DIST, serve } from '../browser/support/server.mjs';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const CACHE = process.env.HEARTH_BENCH;

/** What prepare.py wrote down about the case. */
export async function prepared(name) {
  const { cases } = JSON.parse(await readFile(join(CACHE, 'cases.json'), 'utf8'));
  const found = cases.find((one) => one.name === name);
  if (!found) throw new Error(`${name} is not prepared: prepare.py makes it`);
  return found;
}

/** Starts serving. Returns { url, close() }. */
export async function open() {
  const root = await mkdtemp(join(tmpdir(), 'hearth-bench-'));
  for (const name of await readdir(DIST)) await symlink(join(DIST, name), join(root, name));
  await symlink(CACHE, join(root, 'cases'));
  await mkdir(join(root, 'peer'));
  for (const name of ['peer.html', 'peer.mjs']) await symlink(join(HERE, name), join(root, 'peer', name));
  await symlink(join(HERE, '../../www/bench/meter.mjs'), join(root, 'peer', 'meter.mjs'));
  await symlink(join(process.env.HEARTH_NODE_MODULES, 'onnxruntime-web', 'dist'), join(root, 'peer', 'ort'));
  const server = await serve(root);
  const close = async () => {
    await server.close();
    await rm(root, { recursive: true });
  };
  return { url: server.url, close };
}
