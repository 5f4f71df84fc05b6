// What a picture is asked for with: checked, completed from the model's own values, put into the engine's words.

import { invalid, unknown } from './errors.js';
import { toMask, toPixels } from './pixels.js';

/** As in diffusers: of a picture most is given up, under a mask everything. */
const STRENGTH = 0.8;
const MASKED_STRENGTH = 1;

const LARGEST_SEED = 2n ** 64n - 1n;
/** The engine's bound: beyond it a size is surely a mistake. */
const LONGEST_SIDE = 4096;
/** What the engine can count to. */
const LARGEST_COUNT = 2 ** 32 - 1;

const text = (field, value) => {
  if (typeof value !== 'string') throw invalid(field, value, 'it must be a text');
};
const whole = (least, most = LARGEST_COUNT) => (field, value) => {
  if (!Number.isInteger(value) || value < least) throw invalid(field, value, `it must be a whole number of at least ${least}`);
  if (value > most) throw invalid(field, value, `it must be at most ${most}`, `Give ${most} or less.`);
};
const side = (field, value) => {
  whole(8, LONGEST_SIDE)(field, value);
  if (value % 8 === 0) return;
  const below = value - (value % 8);
  throw invalid(field, value, 'it must be a multiple of 8', `Give ${below} or ${below + 8}.`);
};
const anything = () => {}; // What it is shows when it is read.

const FIELDS = {
  prompt: text,
  negativePrompt: text,
  scheduler: text,
  steps: whole(1),
  width: side,
  height: side,
  padding: whole(0),
  guidanceScale: (field, value) => {
    if (!Number.isFinite(value)) throw invalid(field, value, 'it must be a number');
  },
  strength: (field, value) => {
    if (!(typeof value === 'number' && value > 0 && value <= 1)) throw invalid(field, value, 'it must be a number above 0, and at most 1');
  },
  seed: (field, value) => { toSeed(value); },
  image: anything,
  mask: anything,
};

/** The fields that are given, and none that is not known. Throws `invalid-request` before anything is loaded. */
export function checked(request) {
  if (typeof (request ?? {}) !== 'object') {
    throw invalid('request', request, 'it must be an object', 'Give an object such as { prompt: \'a lighthouse\' }.');
  }
  const given = Object.entries(request ?? {}).filter(([, value]) => value !== undefined && value !== null);
  for (const [field, value] of given) {
    if (!Object.hasOwn(FIELDS, field)) throw unknown(field, Object.keys(FIELDS));
    FIELDS[field](field, value);
  }
  const known = Object.fromEntries(given);
  const needs = (field, other) => {
    if (known[field] === undefined || known[other] !== undefined) return;
    throw invalid(field, 'given', `it has a meaning only with ${other}`, `Give ${other} too, or leave ${field} out.`);
  };
  needs('mask', 'image');
  needs('strength', 'image');
  needs('padding', 'mask');
  return known;
}

/** A checked request, with the model's values where nothing was said: as the caller gets it back, to make the same again. */
export function completed(request, sheet) {
  const { prompt, negativePrompt = '', steps, guidanceScale, seed, scheduler, width, height } = request;
  const { schedulers } = sheet;
  if (scheduler && !schedulers.some(([name]) => name === scheduler)) {
    throw invalid('scheduler', scheduler, `it must be one of ${schedulers.map(([name]) => name).join(', ')}`);
  }
  const all = {
    prompt: prompt ?? sheet.default_prompt,
    negativePrompt,
    steps: steps ?? sheet.num_inference_steps,
    guidanceScale: guidanceScale ?? sheet.guidance_scale,
    seed: seed === undefined ? randomSeed() : toSeed(seed),
    scheduler: scheduler || sheet.scheduler,
    width: width ?? sheet.width,
    height: height ?? sheet.height,
  };
  const { image, mask, padding, strength = mask === undefined ? STRENGTH : MASKED_STRENGTH } = request;
  if (image === undefined) return all;
  // The pictures themselves, not copies: who paints on a canvas afterwards asks for another picture.
  return { ...all, image, ...(mask !== undefined && { mask }), strength, ...(padding !== undefined && { padding }) };
}

/** The engine's own form of a completed request. */
export async function wired(all) {
  const { width, height, image, mask } = all;
  const wire = {
    prompt: all.prompt,
    negative_prompt: all.negativePrompt,
    num_inference_steps: all.steps,
    guidance_scale: all.guidanceScale,
    seed: all.seed,
    scheduler: all.scheduler,
    width,
    height,
  };
  if (image === undefined) return wire;
  const start = { image: await toPixels(image, width, height), mask: null, strength: all.strength, padding: all.padding ?? null };
  if (mask !== undefined) start.mask = await toMask(mask, width, height);
  return { ...wire, start };
}

/** The fields that the engine calls otherwise. */
const OWN_NAMES = { negative_prompt: 'negativePrompt', num_inference_steps: 'steps', guidance_scale: 'guidanceScale' };

/** What the engine finds wrong with a request, with the field's name as it was given. */
export function inOwnWords(fault) {
  const { field, value, reason } = Object.fromEntries(fault.details);
  const own = OWN_NAMES[field];
  if (fault.code !== 'invalid-request' || !own) return fault;
  return { ...fault, message: { text: `${own} is ${value}: ${reason}.` }, details: new Map(fault.details).set('field', own) };
}

/** As text: JavaScript's numbers cannot hold every seed. */
function toSeed(seed) {
  const wrong = invalid('seed', seed, `it must be a whole number from 0 to ${LARGEST_SEED}; beyond 2^53 as bigint or text`);
  if (typeof seed === 'number' && !Number.isSafeInteger(seed)) throw wrong;
  if (typeof seed === 'string' && !/^\s*\d+\s*$/.test(seed)) throw wrong;
  if (!['number', 'bigint', 'string'].includes(typeof seed)) throw wrong;
  const value = BigInt(seed);
  if (value < 0n || value > LARGEST_SEED) throw wrong;
  return value.toString();
}

function randomSeed() {
  return String(crypto.getRandomValues(new Uint32Array(1))[0]);
}
