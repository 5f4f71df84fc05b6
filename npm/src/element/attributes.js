// The element's attributes, and the properties that mirror them.

import { adaptersInText } from '../adapters.js';
import { FIELDS } from '../fields.js';

const text = {
  read: (value) => value ?? '',
  write: String,
};
const number = {
  read: (value) => (value === null || value.trim() === '' || Number.isNaN(Number(value)) ? null : Number(value)),
  write: String,
};
/** Text, because JavaScript's numbers cannot hold every value. */
const wide = {
  read: (value) => (value === null || value.trim() === '' ? null : value.trim()),
  write: String,
};
const flag = {
  read: (value) => value !== null,
  write: (value) => (value ? '' : null),
};

const TYPES = { text, choice: text, int: number, float: number, wide };

/** Parameters that have an attribute: their names, and their rows. */
const PARAMETERS = Object.entries(FIELDS).filter(([, { attribute }]) => attribute !== undefined);

/** Attribute → property and its type. */
export const ATTRIBUTES = {
  model: ['model', text],
  vae: ['vae', text],
  ...Object.fromEntries(PARAMETERS.map(([field, { attribute, kind }]) => [attribute, [field, TYPES[kind]]])),
  adapters: ['adapters', text],
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
  const image = said.image ?? element.image ?? undefined;
  const valueOf = ([field, { attribute, kind, requires }]) => {
    // It may stand there before there is a picture.
    if (requires === 'image' && (isWithout || image === undefined)) return [field, undefined];
    const value = element.getAttribute(attribute) ?? undefined;
    if (kind === 'wide') return [field, element[field] ?? undefined];
    if (value === undefined || TYPES[kind] === text) return [field, value];
    if (value.trim() === '') return [field, undefined];
    return [field, Number.isNaN(Number(value)) ? value : Number(value)];
  };
  return {
    ...Object.fromEntries(PARAMETERS.map(valueOf)),
    // Without the attribute the model's own adapter is used; an empty one means none.
    adapters: element.hasAttribute('adapters') ? adaptersInText(element.adapters) : undefined,
    image: element.image ?? undefined,
    mask: isWithout ? undefined : element.mask ?? undefined,
    ...said,
  };
}
