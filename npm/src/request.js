// What a picture is asked for with: checked, completed from the model's own values, put into the engine's words.

import { invalid, unknown } from './errors.js';
import { FIELDS } from './fields.js';

const ROWS = Object.entries(FIELDS);

const CHECKS = {
  text: (field, value) => {
    if (typeof value !== 'string') throw invalid(field, value, 'it must be a text');
  },
  int: (field, value, { min, max, step }) => {
    if (!Number.isInteger(value) || value < min) throw invalid(field, value, `it must be a whole number of at least ${min}`);
    if (value > max) throw invalid(field, value, `it must be at most ${max}`, `Give ${max} or less.`);
    if (value % step === 0) return;
    const below = value - (value % step);
    throw invalid(field, value, `it must be a multiple of ${step}`, `Give ${below} or ${below + step}.`);
  },
  float: (field, value, { above, min = -Infinity, max = Infinity }) => {
    const isAbove = above === undefined || value > above;
    if (Number.isFinite(value) && isAbove && value >= min && value <= max) return;
    if (above !== undefined) throw invalid(field, value, `it must be a number above ${above}, and at most ${max}`);
    throw invalid(field, value, max === Infinity ? 'it must be a number' : `it must be a number from ${min} to ${max}`);
  },
  wide: (field, value, { max }) => { toWide(field, value, max); },
  image: () => {}, // What it is shows when it is read.
};
CHECKS.choice = CHECKS.text; // What there is to choose is the model's.

/** The fields that are given, and none that is not known. Throws `invalid-request` before anything is loaded. */
export function checked(request) {
  if (typeof (request ?? {}) !== 'object') {
    throw invalid('request', request, 'it must be an object', 'Give an object such as { prompt: \'a lighthouse\' }.');
  }
  // Adapters are apart (adapters.js).
  const isGiven = ([field, value]) => value !== undefined && value !== null && field !== 'adapters';
  const given = Object.entries(request ?? {}).filter(isGiven);
  for (const [field, value] of given) {
    if (!Object.hasOwn(FIELDS, field)) throw unknown(field, [...Object.keys(FIELDS), 'adapters']);
    CHECKS[FIELDS[field].kind](field, value, FIELDS[field]);
  }
  const known = Object.fromEntries(given);
  for (const [field, { requires }] of ROWS) {
    if (requires === undefined || known[field] === undefined || known[requires] !== undefined) continue;
    throw invalid(field, 'given', `it has a meaning only with ${requires}`, `Give ${requires} too, or leave ${field} out.`);
  }
  return known;
}

/** A checked request, with the model's values where nothing was said: as the caller gets it back, to make the same again. */
export function completed(request, sheet) {
  const { schedulers } = sheet;
  const all = {};
  for (const [field, row] of ROWS) {
    // What belongs to a picture to begin with; the pictures themselves, not copies: who paints on a canvas
    // afterwards asks for another picture.
    if ((row.kind === 'image' || row.requires) && request.image === undefined) continue;
    if (row.requires && request[row.requires] === undefined) continue;
    const value = valueOf(field, row, request, sheet);
    if (value !== undefined) all[field] = value;
    // Only the schedulers depend on the model.
    const names = row.values ?? schedulers.map(([name]) => name);
    if (row.kind === 'choice' && request[field] && !names.includes(value)) {
      throw invalid(field, value, `it must be one of ${names.join(', ')}`);
    }
  }
  return all;
}

/** The value of a row among the engine’s. @param {any} params @param {{ name: string, offset?: number }} row */
export function valueFrom(params, { name, offset }) {
  return offset ? params[name] + offset : params[name];
}

/** @param {any} row */
function valueOf(field, row, request, sheet) {
  const { kind, max, default: rule } = row;
  const given = request[field];
  if (kind === 'wide' && given !== undefined) return toWide(field, given, max);
  if (given !== undefined && !(kind === 'choice' && given === '')) return given;
  switch (rule) {
    case 'model':
      return valueFrom(sheet.defaults, row);
    case 'random':
      return String(crypto.getRandomValues(new Uint32Array(1))[0]);
    default:
      if (typeof rule !== 'object') return rule;
      return request.mask === undefined ? rule.without : rule.masked;
  }
}

/** The engine's own form of a completed request. `engine` fits its pictures. */
export async function wired(all, engine) {
  const { width, height, image, mask } = all;
  const values = ROWS.filter(([field, { kind }]) => kind !== 'image' && all[field] !== undefined);
  // A row with an offset counts otherwise than the engine: the package converts here and in `valueFrom`.
  const wire = Object.fromEntries(values.map(([field, { name, offset }]) => [name, offset ? all[field] - offset : all[field]]));
  if (image === undefined) return wire;
  const initImage = { image: await engine.fitImage(image, width, height), mask: null };
  if (mask !== undefined) initImage.mask = await engine.fitMask(mask, width, height);
  return { ...wire, init_image: initImage };
}

/** What the engine finds wrong with a request, with the field's name as it was given. */
export function inOwnWords(error) {
  const { field, value, reason } = Object.fromEntries(error.details);
  const [own] = ROWS.find(([, { name }]) => name === field) ?? [field];
  if (error.code !== 'invalid-request' || own === field) return error;
  return { ...error, message: { text: `${own} is ${value}: ${reason}.` }, details: new Map(error.details).set('field', own) };
}

/** As text: JavaScript's numbers cannot hold every value. */
function toWide(field, given, max) {
  const wrong = invalid(field, given, `it must be a whole number from 0 to ${max}; beyond 2^53 as bigint or text`);
  if (typeof given === 'number' && !Number.isSafeInteger(given)) throw wrong;
  if (typeof given === 'string' && !/^\s*\d+\s*$/.test(given)) throw wrong;
  if (!['number', 'bigint', 'string'].includes(typeof given)) throw wrong;
  const value = BigInt(given);
  if (value < 0n || value > max) throw wrong;
  return value.toString();
}
