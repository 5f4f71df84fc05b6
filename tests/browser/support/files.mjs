// Picture files for tests, and the ways in which a user brings them.

import { deflateSync } from 'node:zlib';

/** A PNG file of `width` × `height`; `pixel(x, y)` gives [r, g, b] or [r, g, b, a]. */
export function png(width, height, pixel) {
  const rows = Buffer.alloc(height * (1 + width * 4)); // Each row begins with its filter, none.
  for (let y = 0, to = 0; y < height; y += 1) {
    to += 1;
    for (let x = 0; x < width; x += 1, to += 4) {
      const [r, g, b, a = 255] = pixel(x, y);
      rows[to] = r;
      rows[to + 1] = g;
      rows[to + 2] = b;
      rows[to + 3] = a;
    }
  }
  return file(width, height, rows);
}

/** A PNG file of a few bytes that promises `width` × `height` pixels. */
export function boast(width, height) {
  return file(width, height, Buffer.from([0, 255, 255, 255, 255]));
}

/** A picture in which every pixel differs from its neighbours. */
export const marked = (x, y) => [(x * 37) % 256, (y * 53) % 256, (x * 11 + y * 7) % 256];

/** Chooses a file in the section's dialogue. */
export async function choose(page, name, mimeType, buffer) {
  await page.evaluate(() => document.querySelector('#start').setAttribute('open', ''));
  await page.setInputFiles('#start-file', { name, mimeType, buffer });
}

/** Opens a PNG file as the mask. */
export function openMask(page, name, buffer) {
  return page.setInputFiles('#mask-file', { name, mimeType: 'image/png', buffer });
}

/** Drops a file onto `selector`, or pastes it there. */
export function bring(page, event, selector, name, mimeType, buffer) {
  return page.evaluate(([event, selector, name, type, data]) => {
    const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
    const transfer = new DataTransfer();
    transfer.items.add(new File([bytes], name, { type }));
    const options = { bubbles: true, cancelable: true };
    const made = event === 'paste'
      ? new ClipboardEvent(event, { ...options, clipboardData: transfer })
      : new DragEvent(event, { ...options, dataTransfer: transfer });
    document.querySelector(selector).dispatchEvent(made);
  }, [event, selector, name, mimeType, buffer.toString('base64')]);
}

/** Waits until the section shows a picture that says so. */
export async function taken(page) {
  await page.waitForFunction(() => document.querySelector('#start-said').textContent === 'The picture is there.');
  await page.evaluate(() => { document.querySelector('#start-said').textContent = ''; });
}

/** Waits until the picture is fitted to the size that the form asks for. */
export function fitted(page) {
  return page.waitForFunction(() => document.querySelector('#start-reading').hidden);
}

function file(width, height, rows) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 6, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type, body) {
  const whole = Buffer.concat([Buffer.from(type, 'latin1'), body]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(body.length);
  sum.writeUInt32BE(crc32(whole));
  return Buffer.concat([length, whole, sum]);
}

function crc32(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}
