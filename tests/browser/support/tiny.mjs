// The golden checkpoint `sd1` in the place of the model that ships: random weights of 1.2 MB, loaded and
// run by the same code, for tests that do not look at what a picture shows. It has what `model.mjs` and
// `server.mjs` have, so that a test chooses its model by its imports.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { weightsIn } from './model.mjs';
import { DIST, serve as servePlain } from './server.mjs';

export { QUICK, SMALL, UNET, WEIGHTS } from './model.mjs';

/** Where it lies on the disk. */
export const FOLDER = fileURLToPath(new URL('../../golden/data/sd1', import.meta.url));
/** The page asks for what the model that ships knows. */
const KNOWLEDGE = join(DIST, 'models/emoji/knowledge.json');
/** The goldens have no sheet: it gives the model a name and a size. */
const SHEET = fileURLToPath(new URL('tiny/hearth.json', import.meta.url));
/** DDIM, which unlike the golden's PNDM takes as many steps as it is asked for. */
const SCHEDULER = fileURLToPath(new URL('tiny/scheduler_config.json', import.meta.url));

/** Its sheet. */
export const sheet = JSON.parse(readFileSync(SHEET, 'utf8'));

/** Every weight file: { path, size }. */
export const weights = weightsIn(FOLDER);

/** The UNet's weights: the largest file. */
export const unet = weights.find(({ path }) => path.startsWith('unet/'));

/** The sheet as a server would send it if it gave the UNet's digest. */
export function sheetWithDigest() {
  const digest = createHash('sha256').update(readFileSync(join(FOLDER, unet.path))).digest('hex');
  return JSON.stringify({ ...sheet, sha256: { [unet.path]: digest } });
}

/** Starts a server for `root` on a free port, whose models called emoji are this one. */
export async function serve(root = DIST) {
  const server = await servePlain(root);
  // The page's own, and that of the npm package.
  for (const path of ['/models/emoji/', '/hearth/models/emoji/']) mount(server, path);
  return server;
}

/** From now on `server` has it at this path. */
export function mount(server, path) {
  server.mount(path, FOLDER);
  server.replace(new RegExp(`^${path}hearth\\.json$`), SHEET);
  server.replace(new RegExp(`^${path}knowledge\\.json$`), KNOWLEDGE);
  server.replace(new RegExp(`^${path}scheduler/scheduler_config\\.json$`), SCHEDULER);
}
