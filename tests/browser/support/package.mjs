// The npm package, unpacked from its file as a user would, and pages that use it.

import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const PACKED = resolve(process.env.HEARTH_PACKAGE ?? join(ROOT, 'target', 'hearth.tgz'));

/** Quick on any device. */
export const TINY = { steps: 2, width: 64, height: 64, seed: '1' };

/** Unpacks the package: { folder, remove(), example(name), project(name), page(files) }. */
export function unpack() {
  const temporary = mkdtempSync(join(tmpdir(), 'hearth-package-'));
  execFileSync('tar', ['-xzf', PACKED, '-C', temporary]);
  const folder = join(temporary, 'package');
  let sites = 0;
  const site = () => {
    sites += 1;
    const path = join(temporary, `site-${sites}`);
    mkdirSync(path);
    return path;
  };
  return {
    folder,
    /** A copy of an example with the package where it expects it. */
    example(name) {
      const path = site();
      cpSync(join(ROOT, 'examples', name), path, { recursive: true });
      symlinkSync(folder, join(path, 'hearth'));
      return path;
    },
    /** A copy of an example that is a project, with the package and the tools that npm would install. */
    project(name, ...tools) {
      const path = site();
      cpSync(join(ROOT, 'examples', name), path, { recursive: true });
      const installed = join(path, 'node_modules');
      // A copy, as npm makes one: a development server does not follow links out of its folder.
      cpSync(folder, join(installed, 'hearth'), { recursive: true });
      for (const tool of tools) symlinkSync(join(process.env.HEARTH_NODE_MODULES, tool), join(installed, tool));
      return path;
    },
    /** A folder with these files, name → text, and the package in `hearth/`. */
    page(files) {
      const path = site();
      for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
      symlinkSync(folder, join(path, 'hearth'));
      return path;
    },
    remove: () => rmSync(temporary, { recursive: true, force: true, maxRetries: 5 }),
  };
}

/**
 * In the page: gives the element these properties, presses Generate, and waits for the event that ends it.
 * { picture: { width, height, colours }, png (base64), request, timings, events }
 */
export function pressGenerate(page, properties) {
  return page.evaluate(async (properties) => {
    const element = document.querySelector('stable-diffusion');
    await customElements.whenDefined('stable-diffusion');
    Object.assign(element, properties);
    const events = [];
    for (const type of ['load-progress', 'progress', 'image']) {
      element.addEventListener(type, ({ detail }) => events.push(`${type} ${detail.phase ?? ''}`.trim()));
    }
    const ended = new Promise((done, fail) => {
      document.addEventListener('image', ({ detail }) => done(detail), { once: true });
      document.addEventListener('error', ({ detail }) => fail(new Error(`${detail.code}: ${detail.message}`)), { once: true });
    });
    element.shadowRoot.querySelector('[part~=generate]').click();
    const { imageData, blob, request, timings } = await ended;
    const colours = new Set(new Uint32Array(imageData.data.buffer)).size;
    const canvas = element.shadowRoot.querySelector('canvas');
    const shown = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
    const isShown = !canvas.hidden && shown.every((byte, i) => byte === imageData.data[i]);
    const png = btoa(String.fromCharCode(...new Uint8Array(await blob.arrayBuffer())));
    const { width, height } = imageData;
    return { picture: { width, height, colours }, isShown, png, request, timings, events: [...new Set(events)] };
  }, properties);
}
