// Everything that can go wrong, as one class with a stable code.

/** What went wrong: what happened (`message`), what to do (`nextStep`), and a `code` for programs. */
export class HearthError extends Error {
  /** @param {string} code @param {string} message @param {{ nextStep?: string, details?: object, cause?: unknown }} [more] */
  constructor(code, message, { nextStep = '', details = {}, cause } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.nextStep = nextStep;
    this.details = Object.freeze({ ...details });
  }

  /** `AbortError` for what was cancelled, as with `fetch`; else `HearthError`. */
  get name() {
    return this.code === 'cancelled' ? 'AbortError' : 'HearthError';
  }
}

/** A failure that the engine reports. Its messages have an id, arguments and an English `text`; its details come as a Map. */
export function engineError({ code, message, next_step, details }, more = {}) {
  const nextStep = next_step?.text ?? '';
  return new HearthError(code, message.text, { nextStep, details: { ...Object.fromEntries(details), ...more } });
}

/** A value of a request that cannot be used. */
export function invalid(field, value, reason, nextStep = `Give another value for ${field}.`) {
  return new HearthError('invalid-request', `${field} is ${shown(value)}: ${reason}.`, {
    nextStep,
    details: { field, value: shown(value) },
  });
}

/** A field that no request has. */
export function unknown(field, known) {
  const bare = (name) => name.toLowerCase().replace(/[^a-z]/g, '');
  const meant = known.find((name) => bare(name) === bare(field));
  return new HearthError('invalid-request', `${field} is no field of a request: it may have ${known.join(', ')}.`, {
    nextStep: meant ? `Write ${meant}.` : `Leave ${field} out.`,
    details: { field },
  });
}

/** What an aborted call is rejected with. The signal's own reason is the `cause`, and its words are kept. */
export function cancelled(signal) {
  const reason = signal?.reason;
  const isPlain = reason === undefined || reason?.name === 'AbortError';
  const words = isPlain ? '' : reason?.message ?? String(reason);
  return new HearthError('cancelled', words || 'Stopped.', { cause: reason });
}

/** What `work` comes to; whatever it throws is a `HearthError`. */
export async function told(work) {
  try {
    return await work();
  } catch (error) {
    throw asHearthError(error);
  }
}

/** Anything that was thrown, as a `HearthError`. */
export function asHearthError(error) {
  if (error instanceof HearthError) return error;
  const words = clause(shown(error?.message || error));
  return new HearthError('internal', `Something unexpected happened: ${words}.`, { nextStep: 'Please report it.', cause: error });
}

/** What a browser says, as a part of our own sentence: without its full stop. */
export function clause(words) {
  return words.trim().replace(/\.+$/, '');
}

function shown(value) {
  if (value === '') return 'empty';
  try {
    return typeof value === 'function' ? 'a function' : String(value);
  } catch {
    return typeof value;
  }
}
