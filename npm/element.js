// Importing this defines <stable-diffusion>.

import { StableDiffusionElement } from './src/element/element.js';

export { StableDiffusionElement };
export { HearthError } from './src/errors.js';

/** Defines the element, once; also under another name if this one is taken. */
export function defineElement(name = 'stable-diffusion') {
  if (customElements.get(name)) return;
  // A class can have only one name.
  const isFirst = customElements.getName?.(StableDiffusionElement) == null;
  customElements.define(name, isFirst ? StableDiffusionElement : class extends StableDiffusionElement {});
}

defineElement();
