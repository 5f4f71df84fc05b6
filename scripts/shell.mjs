// shell.mjs FOLDER: tells a built page's service worker which files the page consists of.

import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

const [folder] = process.argv.slice(2);
const WORKER = 'service-worker.js';
// Models go to IndexedDB; the measuring page is for developers.
const LEFT_OUT = [/^models\//, /^bench(\/|\.html$)/, /NOTICE$/];
// What the page asks of the bundled model, but not before its first picture.
const MORE = /^models\/[^/]+\/knowledge\.json$/;

const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => relative(folder, join(entry.parentPath ?? entry.path, entry.name)).split(sep).join('/'))
  .sort();
const files = digests(paths.filter((path) => path !== WORKER && !LEFT_OUT.some((pattern) => pattern.test(path))));
const more = digests(paths.filter((path) => MORE.test(path)));
const release = createHash('sha256').update(JSON.stringify([files, more])).digest('hex').slice(0, 16);

const template = readFileSync(join(folder, WORKER), 'utf8');
const filled = template
  .replace('const FILES = {};', () => `const FILES = ${JSON.stringify(files, null, 2)};`)
  .replace('const MORE = {};', () => `const MORE = ${JSON.stringify(more, null, 2)};`)
  .replace("const RELEASE = '';", `const RELEASE = '${release}';`);
if (!filled.includes(release) || !files['index.html']) throw new Error(`${WORKER} could not be filled in`);
writeFileSync(join(folder, WORKER), filled);

function digests(paths) {
  return Object.fromEntries(paths.map((path) => [path, digest(readFileSync(join(folder, path)))]));
}

function digest(bytes) {
  return `sha256-${createHash('sha256').update(bytes).digest('base64')}`;
}
