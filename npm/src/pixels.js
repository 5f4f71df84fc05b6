// Pictures on their way to the engine, which reads and fits them, and out of it.

import { HearthError, clause } from './errors.js';

/** The engine's pixels as the browser draws them. */
export function toImageData({ width, height, rgba }) {
  return new ImageData(new Uint8ClampedArray(rgba.buffer, rgba.byteOffset, rgba.byteLength), width, height);
}

/** As diffusers' load_image: upright by EXIF, no colour conversion, transparency dropped. @type {ImageBitmapOptions} */
const UNCHANGED = { imageOrientation: 'from-image', colorSpaceConversion: 'none', premultiplyAlpha: 'none' };

/** What of a picture is posted to the engine: a Blob or ImageData as it is, else its pixels as an ImageBitmap. */
export async function toPosted(source, field) {
  if (source instanceof Blob || source instanceof ImageData) return source;
  const isImage = isA(source, 'HTMLImageElement');
  const kinds = ['ImageBitmap', 'HTMLCanvasElement', 'OffscreenCanvas', 'HTMLVideoElement'];
  if (!isImage && !kinds.some((kind) => isA(source, kind))) {
    throw unreadable(field, 'it is neither Blob, ImageData, ImageBitmap, image nor canvas');
  }
  try {
    if (isImage) await source.decode();
    const [width, height] = [source.naturalWidth ?? source.videoWidth ?? source.width, source.naturalHeight ?? source.videoHeight ?? source.height];
    if (!(width > 0 && height > 0)) throw unreadable(field, 'it has no pixels');
    checkOrigin(source);
    return isA(source, 'ImageBitmap') ? source : await bitmap(source, width, height);
  } catch (cause) {
    if (cause instanceof HearthError) throw cause;
    if (cause.name === 'SecurityError') throw unreadable(field, 'it comes from another origin, without CORS', cause);
    throw unreadable(field, cause.message, cause);
  }
}

/** Its pixels. A canvas that nobody has drawn on makes no ImageBitmap in some browsers. */
function bitmap(source, width, height) {
  return createImageBitmap(source, UNCHANGED).catch(() => {
    const context = canvas(width, height).getContext('2d');
    context.drawImage(source, 0, 0);
    return context.getImageData(0, 0, width, height);
  });
}

/** What the engine says of a picture that it cannot read. */
export function unreadable(field, reason, cause) {
  return new HearthError('image', `The ${field} cannot be read: ${clause(reason)}.`, {
    nextStep: `Give the ${field} as a Blob, ImageData, ImageBitmap, image or canvas of the page’s own origin.`,
    details: { field },
    cause,
  });
}

/** Throws a SecurityError if the page may not read the pixels: then they cannot be posted either. */
function checkOrigin(source) {
  const context = canvas(1, 1).getContext('2d');
  context.drawImage(source, 0, 0, 1, 1, 0, 0, 1, 1);
  context.getImageData(0, 0, 1, 1);
}

function isA(value, kind) {
  return typeof globalThis[kind] === 'function' && value instanceof globalThis[kind];
}

function canvas(width, height) {
  if (typeof OffscreenCanvas === 'function') return new OffscreenCanvas(width, height);
  return Object.assign(document.createElement('canvas'), { width, height });
}
