// What tests know about the model that ships with the page.

import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { DIST } from './server.mjs';

/** Where it lies on the disk. */
export const FOLDER = join(DIST, 'models', 'emoji');

/** Its sheet. */
export const sheet = JSON.parse(readFileSync(join(FOLDER, 'hearth.json'), 'utf8'));

/** Every weight file: { path, size }. */
export const weights = weightsIn(FOLDER);

/** The UNet's weights: the largest file. */
export const unet = weights.find(({ path }) => path.startsWith('unet/'));

export const WEIGHTS = /\.safetensors$/;
export const UNET = /\/unet\/[^/]+\.safetensors$/;

/** Every weight file of a checkpoint in a folder. */
export function weightsIn(folder) {
  return readdirSync(folder, { recursive: true })
    .filter((path) => path.endsWith('.safetensors'))
    .map((path) => ({ path, size: statSync(join(folder, path)).size }));
}

/** What a quick run on the CPU needs. */
export const QUICK = { prompt: 'a red apple on a blue background', steps: 3, seed: 1 };

/** What a run on a software GPU can bear: a quarter of the usual picture. */
export const SMALL = { ...QUICK, steps: 2, width: 64, height: 64 };
