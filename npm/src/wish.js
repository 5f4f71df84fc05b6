// Which model is meant, and where it shall run.

import { HearthError, invalid } from './errors.js';

/** What a model is called, where to run, and how its files are read: as the engine takes it. */
export function wish({
  model, device = 'auto', predictionType = '', fullPrecision = false, lowMemory = false, preview = '',
} = {}) {
  oneOf('device', device, ['auto', 'webgpu', 'cpu'], 'it must be auto, webgpu or cpu');
  oneOf('predictionType', predictionType, ['', 'epsilon', 'v_prediction'], 'it must be epsilon, v_prediction or empty');
  for (const [field, flag] of Object.entries({ fullPrecision, lowMemory })) {
    oneOf(field, flag, [true, false], 'it must be true or false');
  }
  if (typeof preview !== 'string') throw invalid('preview', preview, 'it must be a text, an address');
  const base = globalThis.document?.baseURI ?? globalThis.location.href;
  const place = { kind: 'address', text: address(model, base), base };
  const options = { prediction_type: predictionType, full_precision: fullPrecision, low_memory: lowMemory, preview, merges: MERGES };
  const choice = { place, options };
  return { choice, device, key: JSON.stringify(choice) };
}

function oneOf(field, value, known, reason) {
  if (!known.includes(value)) throw invalid(field, value, reason);
}

/** CLIP's vocabulary, which single files lack. Bundlers recognise these words and copy the file. */
const MERGES = new URL('../clip/merges.txt', import.meta.url).href;

/** An address relative to the page, made absolute; names on the Hub stay as they are. */
function address(model, base) {
  if (model === undefined || model === null || model === '') return ownModel();
  if (typeof model !== 'string' && !(model instanceof URL)) {
    throw new HearthError('invalid-request', 'model must be a text: owner/name on the Hub, or an address.', {
      nextStep: 'Give another model.', details: { field: 'model' },
    });
  }
  const typed = String(model).trim();
  const isRelative = /^\.{0,2}\//.test(typed) || (typed.endsWith('/') && !typed.includes('://'));
  return isRelative ? absolute(typed, base) : typed;
}

function absolute(typed, base) {
  try {
    return new URL(typed, base).href;
  } catch {
    throw invalid('model', typed, 'it is no address', 'Name a model of the Hub as owner/name, or give an address.');
  }
}

/** The small model that comes with the package. */
function ownModel() {
  const here = import.meta.url; // A folder, which no bundler could follow.
  return new URL('../models/emoji/', here).href;
}
