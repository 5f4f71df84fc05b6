// What calls are given beside their request: checked, before anything is done.

import { invalid } from './errors.js';

/** { signal, onProgress, ...rest } of a call. `example` is what may be given. */
export function options(given, example) {
  const known = given ?? {};
  if (typeof known !== 'object') throw invalid('options', given, 'it must be an object', `Give ${example}.`);
  const { signal, onProgress } = known;
  if (signal != null && !isSignal(signal)) throw invalid('signal', signal, 'it must be an AbortSignal');
  if (onProgress != null && typeof onProgress !== 'function') throw invalid('onProgress', onProgress, 'it must be a function');
  return { ...known, signal: signal ?? undefined, onProgress: onProgress ?? undefined };
}

/** Of a call that may be stopped and tells how it goes. */
export const callOptions = (given) => options(given, 'an object such as { signal }');

/** Of a call that names a model. */
export const modelOptions = (given) => options(given, 'an object such as { model: \'owner/name\' }');

/** Also one of another frame. */
function isSignal(value) {
  try {
    return AbortSignal.any([value]) !== null;
  } catch {
    return false;
  }
}
