// Adapters (LoRA and its kin) of a request: which ones, and how much of each.

import { invalid } from './errors.js';
import { FIELDS } from './fields.js';
import { valueFrom } from './request.js';
import { isFile, picked, placeOf } from './wish.js';

/**
 * @typedef {{ adapter: string | URL | File, weight: number, textEncoderWeight: number }} AdapterWish
 */

const REMEDY = 'Give a list such as [{ adapter: \'owner/name/file.safetensors\', weight: 0.8 }].';

/** The adapters of a request with their weights; `null`: the model's own. @returns {AdapterWish[] | null} */
export function checkedAdapters(given) {
  if (given === undefined || given === null) return null;
  if (!Array.isArray(given)) throw invalid('adapters', given, 'it must be a list', REMEDY);
  return given.map(checkedAdapter);
}

/** One of them. @returns {AdapterWish} */
export function checkedAdapter(one) {
  const isPlain = typeof one === 'string' || one instanceof URL || isFile(one);
  const { adapter, weight = 1, textEncoderWeight = weight } = isPlain ? { adapter: one } : one ?? {};
  const isPlace = (typeof adapter === 'string' && adapter.trim() !== '') || adapter instanceof URL || isFile(adapter);
  if (!isPlace) throw invalid('adapters', adapter, 'an adapter must be an address, owner/name/file.safetensors on the Hub, or a File', REMEDY);
  for (const value of [weight, textEncoderWeight]) {
    if (!Number.isFinite(value)) throw invalid('adapters', value, 'a weight must be a number', 'Give 1 for the whole effect.');
  }
  return { adapter, weight, textEncoderWeight };
}

/** The adapters in an attribute: "address:0.8, address2:1:0.5". */
export function adaptersInText(text) {
  const parts = text.split(',').map((part) => part.trim()).filter(Boolean);
  return parts.map((part) => {
    // An address has colons too, but no number at its end.
    const [, adapter, weight, textEncoderWeight] = /^(.+?)(?::(-?[\d.]+))?(?::(-?[\d.]+))?$/.exec(part);
    if (weight === undefined) return { adapter };
    if (textEncoderWeight === undefined) return { adapter, weight: Number(weight) };
    return { adapter, weight: Number(weight), textEncoderWeight: Number(textEncoderWeight) };
  });
}

/**
 * What the engine opens it by, and the key that tells it from others.
 *
 * @returns {{ place: import('./protocol.js').Place, files?: [string, File][], key: unknown }}
 */
export function adapterPlace(adapter) {
  if (!isFile(adapter)) {
    const place = placeOf('adapters', adapter);
    return { place, key: JSON.stringify(place) };
  }
  return { place: picked(adapter), files: [[adapter.name, adapter]], key: adapter };
}

/** Whether this is the name of the adapter that comes with a model. @param {unknown} adapter @param {import('./protocol.js').ModelSheet} sheet */
export function isOwn(adapter, sheet) {
  return sheet.adapter !== undefined && adapter === sheet.adapter.name;
}

/**
 * The model's default parameters for a request with these adapters.
 *
 * @param {import('./protocol.js').ModelSheet} sheet
 * @param {AdapterWish[] | null} adapters
 */
export function defaultsWith(sheet, adapters) {
  const isUsed = adapters === null || adapters.some(({ adapter }) => isOwn(adapter, sheet));
  return isUsed ? { ...sheet.defaults, ...sheet.adapter?.suggestion?.params } : sheet.defaults;
}

/** The engine's description, in JavaScript's names. @param {import('./protocol.js').AdapterCard} card */
export function described(card) {
  const { name, place, title = null, is_embedding: isEmbedding, description, left_out, trigger_words: triggerWords, has_text_encoder: hasTextEncoder, bytes } = card;
  return Object.freeze({
    name, isEmbedding, place, title, description: description.text, leftOut: left_out?.text ?? null,
    triggerWords: Object.freeze([...triggerWords]), hasTextEncoder, bytes, suggestion: suggested(card.suggestion),
  });
}

/** Settings for few steps, as fields of a request. */
function suggested(suggestion) {
  if (!suggestion) return null;
  const rows = Object.entries(FIELDS).filter(([, { name }]) => suggestion.params[name] !== undefined);
  const request = Object.fromEntries(rows.map(([field, row]) => [field, valueFrom(suggestion.params, row)]));
  return Object.freeze({ method: suggestion.method, request: Object.freeze(request) });
}
