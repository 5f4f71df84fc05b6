// Which model is meant, and where it shall run.

import { HearthError, invalid } from './errors.js';

/**
 * What a model is called, where to run, and how its files are read: as the engine takes it.
 *
 * @param {{ model?: any, vae?: any, device?: string, predictionType?: string, fullPrecision?: boolean, lowMemory?: boolean, preview?: string }} [options]
 */
export function wish({
  model, vae, device = 'auto', predictionType = '', fullPrecision = false, lowMemory = false, preview = '',
} = {}) {
  oneOf('device', device, ['auto', 'webgpu', 'cpu'], 'it must be auto, webgpu or cpu');
  oneOf('predictionType', predictionType, ['', 'epsilon', 'v_prediction'], 'it must be epsilon, v_prediction or empty');
  for (const [field, flag] of Object.entries({ fullPrecision, lowMemory })) {
    oneOf(field, flag, [true, false], 'it must be true or false');
  }
  if (typeof preview !== 'string') throw invalid('preview', preview, 'it must be a text, an address');
  const place = { kind: 'address', text: isNone(model) ? ownModel() : absoluteAddress('model', model), base: base() };
  const options = { prediction_type: predictionType, full_precision: fullPrecision, low_memory: lowMemory, preview, merges: MERGES };
  if (isNone(vae)) return { choice: { place, options }, device, key: JSON.stringify({ place, options }) };
  const choice = { place, vae: isFile(vae) ? picked(vae) : placeOf('vae', vae), options };
  if (!isFile(vae)) return { choice, device, key: JSON.stringify(choice) };
  return { choice, device, key: `${JSON.stringify(choice)} ${numberOf(vae)}`, vaeFiles: [[vae.name, vae]] };
}

/** Numbers of files: two may have one name. */
const NUMBERS = new WeakMap();
let lastNumber = 0;

function numberOf(file) {
  if (!NUMBERS.has(file)) NUMBERS.set(file, lastNumber += 1);
  return NUMBERS.get(file);
}

/** What the engine opens a file by. @returns {import('./protocol.js').Place} */
export function picked(file) {
  return { kind: 'picked', name: file.name };
}

/** Also one of another frame. */
export function isFile(value) {
  return Object.prototype.toString.call(value) === '[object File]';
}

function oneOf(field, value, known, reason) {
  if (!known.includes(value)) throw invalid(field, value, reason);
}

/** CLIP's vocabulary, which single files lack. Bundlers recognise these words and copy the file. */
const MERGES = new URL('../clip/merges.txt', import.meta.url).href;

/** Where something is that `field` names: on the Hub, or at an address. @returns {import('./protocol.js').Place} */
export function placeOf(field, given) {
  return { kind: 'address', text: absoluteAddress(field, given), base: base() };
}

function base() {
  return globalThis.document?.baseURI ?? globalThis.location.href;
}

/** An address relative to the page, made absolute; names on the Hub stay as they are. */
function absoluteAddress(field, given) {
  if (typeof given !== 'string' && !(given instanceof URL)) {
    throw new HearthError('invalid-request', `${field} must be a text: owner/name on the Hub, or an address.`, {
      nextStep: `Give another ${field === 'model' ? 'model' : 'address'}.`, details: { field },
    });
  }
  const typed = String(given).trim();
  const isRelative = /^\.{0,2}\//.test(typed) || (typed.endsWith('/') && !typed.includes('://'));
  return isRelative ? absolute(field, typed) : typed;
}

function absolute(field, typed) {
  try {
    return new URL(typed, base()).href;
  } catch {
    throw invalid(field, typed, 'it is no address', `Name ${field === 'model' ? 'a model of the Hub as owner/name' : 'it as owner/name/file.safetensors on the Hub'}, or give an address.`);
  }
}

function isNone(model) {
  return model === undefined || model === null || model === '';
}

/** The small model that comes with the package. */
function ownModel() {
  const here = import.meta.url; // A folder, which no bundler could follow.
  return new URL('../models/emoji/', here).href;
}
