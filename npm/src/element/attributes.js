// The element's attributes, and the properties that mirror them.

const text = {
  read: (value) => value ?? '',
  write: String,
};
const number = {
  read: (value) => (value === null || value.trim() === '' || Number.isNaN(Number(value)) ? null : Number(value)),
  write: String,
};
/** Text, because JavaScript's numbers cannot hold every seed. */
const seed = {
  read: (value) => (value === null || value.trim() === '' ? null : value.trim()),
  write: String,
};
const flag = {
  read: (value) => value !== null,
  write: (value) => (value ? '' : null),
};

/** Attribute → property and its type. */
export const ATTRIBUTES = {
  model: ['model', text],
  prompt: ['prompt', text],
  'negative-prompt': ['negativePrompt', text],
  width: ['width', number],
  height: ['height', number],
  steps: ['steps', number],
  'guidance-scale': ['guidanceScale', number],
  seed: ['seed', seed],
  scheduler: ['scheduler', text],
  strength: ['strength', number],
  device: ['device', text],
  controls: ['controls', flag],
  autostart: ['autostart', flag],
};

/** Defines on `prototype` a property for each attribute. */
export function defineProperties(prototype) {
  for (const [attribute, [property, { read, write }]] of Object.entries(ATTRIBUTES)) {
    Object.defineProperty(prototype, property, {
      configurable: true,
      enumerable: true,
      get() {
        return read(this.getAttribute(attribute));
      },
      set(value) {
        const written = value === null || value === undefined ? null : write(value);
        if (written === null) this.removeAttribute(attribute);
        else this.setAttribute(attribute, written);
      },
    });
  }
}

/** Properties that were set before the element was defined hide those of its class: they are set again. */
export function upgrade(element, properties) {
  for (const property of properties) {
    if (!Object.hasOwn(element, property)) continue;
    const value = element[property];
    delete element[property];
    element[property] = value;
  }
}

/**
 * The request that the element makes where `given` leaves something open. What is not a number stays as it
 * is: the error shall show it.
 */
export function requestOf(element, given) {
  if (typeof (given ?? {}) !== 'object') return given;
  const said = Object.fromEntries(Object.entries(given ?? {}).filter(([, value]) => value !== undefined));
  const isWithout = said.image === null; // Whoever says so wants none of the element's pictures.
  const raw = (attribute) => element.getAttribute(attribute) ?? undefined;
  const numeric = (attribute) => {
    const value = raw(attribute);
    if (value === undefined || value.trim() === '') return undefined;
    return Number.isNaN(Number(value)) ? value : Number(value);
  };
  return {
    prompt: raw('prompt'),
    negativePrompt: raw('negative-prompt'),
    width: numeric('width'),
    height: numeric('height'),
    steps: numeric('steps'),
    guidanceScale: numeric('guidance-scale'),
    seed: element.seed ?? undefined,
    scheduler: raw('scheduler'),
    image: element.image ?? undefined,
    mask: isWithout ? undefined : element.mask ?? undefined,
    // It may stand there before there is a picture.
    strength: !isWithout && (said.image ?? element.image) ? numeric('strength') : undefined,
    ...said,
  };
}
