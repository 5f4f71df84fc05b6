// Pictures on their way into the engine and out of it.

import { HearthError, clause, invalid } from './errors.js';

/** The engine's pixels as the browser draws them. */
export function toImageData({ width, height, rgba }) {
  return new ImageData(new Uint8ClampedArray(rgba.buffer, rgba.byteOffset, rgba.byteLength), width, height);
}

/** A picture of this size in the engine's form. It fills the size and is cut where it is too long. */
export async function toPixels(source, width, height) {
  // What is transparent becomes white: the model knows no transparency.
  return { width, height, rgba: await fitted(source, width, height, '#fff', 'image') };
}

/** A mask of this size, a byte for each pixel: what is white is painted anew, black or transparent stays. */
export async function toMask(source, width, height) {
  const rgba = await fitted(source, width, height, '#000', 'mask');
  const mask = new Uint8Array(width * height);
  for (let i = 0; i < mask.length; i += 1) {
    const [r, g, b] = [rgba[4 * i], rgba[4 * i + 1], rgba[4 * i + 2]];
    mask[i] = Math.round(0.299 * r + 0.587 * g + 0.114 * b); // as PIL's convert("L")
  }
  if (mask.every((value) => value === 0)) {
    throw invalid('mask', 'black', 'nothing would be painted', 'Make white what is to be painted anew.');
  }
  return mask;
}

/** Its pixels, `[height, width, 4]`. */
async function fitted(source, width, height, ground, field) {
  const { image, close } = await drawable(source, field);
  const [w, h] = [image.naturalWidth ?? image.videoWidth ?? image.width, image.naturalHeight ?? image.videoHeight ?? image.height];
  if (!(w > 0 && h > 0)) throw unreadable(field, 'it has no pixels');
  const scale = Math.max(width / w, height / h);
  try {
    const context = canvas(width, height).getContext('2d', { willReadFrequently: true });
    context.fillStyle = ground;
    context.fillRect(0, 0, width, height);
    context.imageSmoothingQuality = 'high';
    context.drawImage(image, (width - w * scale) / 2, (height - h * scale) / 2, w * scale, h * scale);
    return new Uint8Array(context.getImageData(0, 0, width, height).data.buffer);
  } catch (cause) {
    if (cause.name === 'SecurityError') throw unreadable(field, 'it comes from another origin, without CORS', cause);
    throw unfitting(field, width, height, cause);
  } finally {
    close();
  }
}

async function drawable(source, field) {
  if (source instanceof Blob || source instanceof ImageData) {
    const bitmap = await createImageBitmap(source).catch((cause) => { throw unreadable(field, cause.message, cause); });
    return { image: bitmap, close: () => bitmap.close() };
  }
  const kept = () => {};
  if (isA(source, 'HTMLImageElement')) {
    await source.decode().catch((cause) => { throw unreadable(field, cause.message, cause); });
    return { image: source, close: kept };
  }
  const kinds = ['ImageBitmap', 'HTMLCanvasElement', 'OffscreenCanvas', 'HTMLVideoElement'];
  if (kinds.some((kind) => isA(source, kind))) return { image: source, close: kept };
  throw unreadable(field, 'it is neither Blob, ImageData, ImageBitmap, image nor canvas');
}

function isA(value, kind) {
  return typeof globalThis[kind] === 'function' && value instanceof globalThis[kind];
}

function canvas(width, height) {
  if (typeof OffscreenCanvas === 'function') return new OffscreenCanvas(width, height);
  return Object.assign(document.createElement('canvas'), { width, height });
}

function unreadable(field, reason, cause) {
  return new HearthError('image', `The ${field} cannot be read: ${clause(reason)}.`, {
    nextStep: `Give the ${field} as a Blob, ImageData, ImageBitmap, image or canvas of the page’s own origin.`,
    details: { field },
    cause,
  });
}

/** The browser gives no room for so many pixels, or did not say what it lacks. */
function unfitting(field, width, height, cause) {
  return new HearthError('image', `The ${field} cannot be fitted to ${width} × ${height} pixels: ${clause(cause.message)}.`, {
    nextStep: 'Choose a smaller size.',
    details: { field },
    cause,
  });
}
