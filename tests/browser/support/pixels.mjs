// What tests ask of pictures and of PNG files.

import { inflateSync } from 'node:zlib';

/** Mean colour of the outermost `part` of a picture, as [r, g, b]. */
export function borderColour({ width, height, rgba }, part = 1 / 16) {
  const [x, y] = [Math.ceil(width * part), Math.ceil(height * part)];
  const isBorder = (i) => {
    const [column, row] = [i % width, Math.floor(i / width)];
    return column < x || column >= width - x || row < y || row >= height - y;
  };
  return meanColour(rgba, isBorder);
}

function meanColour(rgba, isWanted) {
  const sum = [0, 0, 0];
  let count = 0;
  for (let i = 0; i * 4 < rgba.length; i += 1) {
    if (!isWanted(i)) continue;
    count += 1;
    for (const channel of [0, 1, 2]) sum[channel] += rgba[i * 4 + channel];
  }
  return sum.map((value) => value / count);
}

/** The name in `palette` (name → [r, g, b]) whose colour is nearest. */
export function nearestColour(colour, palette) {
  const distance = (other) => other.reduce((sum, value, channel) => sum + (value - colour[channel]) ** 2, 0);
  return Object.entries(palette).sort(([, a], [, b]) => distance(a) - distance(b))[0][0];
}

/** How far two pictures are apart: { mean, max }, in steps of 255. */
export function difference(a, b) {
  if (a.width !== b.width || a.height !== b.height) return { mean: Infinity, max: Infinity };
  let [sum, max] = [0, 0];
  for (let i = 0; i < a.rgba.length; i += 1) {
    const apart = Math.abs(a.rgba[i] - b.rgba[i]);
    sum += apart;
    max = Math.max(max, apart);
  }
  return { mean: sum / ((a.rgba.length / 4) * 3), max };
}

/** Whether a picture shows anything: more than a few colours, and none transparent. */
export function isPicture({ rgba }) {
  const colours = new Set();
  for (let i = 0; i < rgba.length; i += 4) {
    if (rgba[i + 3] !== 255) return false;
    colours.add(rgba.readUInt32BE(i));
  }
  return colours.size > 32;
}

/** A PNG file's size, its texts by keyword, and its RGB rows; throws if it is not sound. */
export function readPng(file) {
  if (file.subarray(0, 8).toString('latin1') !== '\x89PNG\r\n\x1a\n') throw new Error('this is no PNG');
  const texts = {};
  const data = [];
  let header;
  let isWhole = false;
  for (let at = 8; at < file.length;) {
    const length = file.readUInt32BE(at);
    const type = file.toString('latin1', at + 4, at + 8);
    const body = file.subarray(at + 8, at + 8 + length);
    if (crc32(file.subarray(at + 4, at + 8 + length)) !== file.readUInt32BE(at + 8 + length)) {
      throw new Error(`the checksum of ${type} is wrong`);
    }
    if (type === 'IHDR') header = { width: body.readUInt32BE(0), height: body.readUInt32BE(4), depth: body[8], colour: body[9] };
    if (type === 'IDAT') data.push(body);
    if (type === 'IEND') isWhole = true;
    if (type === 'tEXt' || type === 'iTXt') {
      const end = body.indexOf(0);
      const start = type === 'tEXt' ? end + 1 : body.indexOf(0, body.indexOf(0, end + 3) + 1) + 1;
      texts[body.toString('latin1', 0, end)] = body.toString(type === 'tEXt' ? 'latin1' : 'utf8', start);
    }
    at += 12 + length;
  }
  if (!isWhole || !header) throw new Error('the PNG is not whole');
  const channels = { 2: 3, 6: 4 }[header.colour];
  const rows = inflateSync(Buffer.concat(data));
  return { ...header, channels, texts, rgb: unfiltered(rows, header, channels) };
}

function unfiltered(rows, { width, height }, channels) {
  const stride = width * channels;
  if (rows.length !== height * (stride + 1)) throw new Error('the PNG has too many or too few pixels');
  const pixels = Buffer.alloc(height * stride);
  for (let y = 0; y < height; y += 1) {
    const filter = rows[y * (stride + 1)];
    for (let x = 0; x < stride; x += 1) {
      const left = x >= channels ? pixels[y * stride + x - channels] : 0;
      const up = y > 0 ? pixels[(y - 1) * stride + x] : 0;
      const corner = x >= channels && y > 0 ? pixels[(y - 1) * stride + x - channels] : 0;
      const predicted = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter];
      pixels[y * stride + x] = rows[y * (stride + 1) + 1 + x] + predicted;
    }
  }
  return pixels;
}

function paeth(left, up, corner) {
  const guess = left + up - corner;
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
  if (a <= b && a <= c) return left;
  return b <= c ? up : corner;
}

function crc32(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}
