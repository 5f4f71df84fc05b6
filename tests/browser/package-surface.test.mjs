// What the package promises: its types say what is there, and nothing of it changes by accident.
//
// After a change that is meant: HEARTH_UPDATE_SURFACE=1, and the difference is part of the review.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { launch } from './support/browser.mjs';
import { unpack } from './support/package.mjs';
import { serve } from './support/server.mjs';

const SUPPORT = fileURLToPath(new URL('./support/', import.meta.url));
const SNAPSHOT = join(SUPPORT, 'surface.snapshot.json');
const modules = process.env.HEARTH_NODE_MODULES;
const ts = createRequire(modules ? `${modules}/` : import.meta.url)('typescript');

let pack, server, browser, studio, surface, declared;

before(async () => {
  pack = unpack();
  server = await serve(pack.page({ 'index.html': '<!doctype html><title>Surface</title><link rel="icon" href="data:,">' }));
  browser = await launch({ gpu: false });
  studio = await browser.open(server.url);
  surface = await studio.page.evaluate(async () => {
    const index = await import('/hearth/index.js');
    const { Model } = await import('/hearth/src/model.js');
    const entry = await import('/hearth/element.js');
    const { prototype, observedAttributes } = entry.StableDiffusionElement;
    const callbacks = ['constructor', 'connectedCallback', 'disconnectedCallback', 'attributeChangedCallback'];
    const members = Object.getOwnPropertyNames(prototype).filter((name) => !callbacks.includes(name)).sort();
    const { shadowRoot } = document.createElement('stable-diffusion');
    const sheet = { sheet: { schedulers: [], defaults: {} }, device: '' };
    const model = new Model({ retain() {} }, {}, sheet);
    return {
      'hearth': Object.keys(index).sort(),
      'hearth/element': Object.keys(entry).sort(),
      Model: [...Object.keys(model), ...Object.getOwnPropertyNames(Model.prototype)].filter((name) => name !== 'constructor').sort(),
      attributes: [...observedAttributes].sort(),
      members,
      parts: [...new Set([...shadowRoot.querySelectorAll('[part]')].flatMap((node) => [...node.part]))].sort(),
      'custom properties': [...new Set([...shadowRoot.adoptedStyleSheets[0].cssRules].flatMap((rule) => rule.cssText.match(/--hearth-[a-z-]+/g) ?? []))].sort(),
      'api(1)': Object.keys(document.createElement('stable-diffusion').api(1)).sort(),
    };
  });
  declared = { ...declarations('index.d.ts'), ...declarations('element.d.ts') };
});

after(async () => {
  await browser?.close();
  await server?.close();
  pack?.remove();
});

/** Names of what a .d.ts file declares, and of its members: { name: [member] }. */
function declarations(file) {
  const source = ts.createSourceFile(file, text(file), ts.ScriptTarget.Latest, true);
  const found = {};
  for (const statement of source.statements) {
    if (ts.isExportDeclaration(statement)) {
      for (const { name } of statement.exportClause.elements) found[`${file} ${name.text}`] = [];
    }
    if (!statement.name?.text) continue;
    const isValue = ts.isClassDeclaration(statement) || ts.isFunctionDeclaration(statement);
    const members = (statement.members ?? []).map(({ name }) => name?.text).filter(Boolean);
    found[isValue ? `${file} ${statement.name.text}` : statement.name.text] = [...new Set(members)].sort();
  }
  return found;
}

function text(file) {
  return readFileSync(join(pack.folder, file), 'utf8');
}

test('the types declare what is there, and nothing else', () => {
  const values = (file) => Object.keys(declared).filter((name) => name.startsWith(`${file} `)).map((name) => name.slice(file.length + 1)).sort();
  assert.deepEqual(values('index.d.ts'), surface.hearth);
  assert.deepEqual(values('element.d.ts'), surface['hearth/element']);
  assert.deepEqual(declared.Model, surface.Model);
  assert.deepEqual(declared['element.d.ts StableDiffusionElement'].filter((name) => name !== 'addEventListener'), surface.members);
  assert.deepEqual(declared.StableDiffusionApi1, surface['api(1)']);
});

test('a TypeScript program compiles with them', () => {
  const folder = pack.page({ 'tsconfig.json': JSON.stringify({
    compilerOptions: {
      strict: true, noEmit: true, target: 'es2022', module: 'esnext', moduleResolution: 'bundler', lib: ['es2022', 'dom'], types: [], skipLibCheck: false,
    },
    files: ['usage.ts'],
  }) });
  copyFileSync(join(SUPPORT, 'types', 'usage.ts'), join(folder, 'usage.ts'));
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(pack.folder, join(folder, 'node_modules', 'hearth'));
  try {
    execFileSync(process.execPath, [join(modules, 'typescript', 'bin', 'tsc'), '-p', folder], { encoding: 'utf8', stdio: 'pipe' });
  } catch (error) {
    assert.fail(error.stdout);
  }
});

test('the client of the worker fits the types of its messages', () => {
  const folder = pack.page({ 'tsconfig.json': JSON.stringify({
    compilerOptions: {
      allowJs: true, checkJs: true, noEmit: true, target: 'es2022', module: 'esnext', moduleResolution: 'bundler', lib: ['es2022', 'dom', 'dom.iterable'], types: [],
    },
    files: [join(pack.folder, 'src', 'engine.js')],
  }) });
  try {
    execFileSync(process.execPath, [join(modules, 'typescript', 'bin', 'tsc'), '-p', folder], { encoding: 'utf8', stdio: 'pipe' });
  } catch (error) {
    assert.fail(error.stdout);
  }
});

test('the surface is that of the snapshot', () => {
  const types = (file) => text(file).replaceAll(/\/\*\*.*?\*\//gs, '').split('\n').map((line) => line.trim()).filter(Boolean);
  const files = readdirSync(pack.folder, { recursive: true }).map((path) => path.replaceAll('\\', '/'))
    .filter((path) => !/^(models|src)\//.test(path) && statSync(join(pack.folder, path)).isFile()).sort();
  const { exports, sideEffects } = JSON.parse(text('package.json'));
  const { StableDiffusionEventMap: events } = declared;
  const found = { ...surface, events, exports, sideEffects, files, 'index.d.ts': types('index.d.ts'), 'element.d.ts': types('element.d.ts') };
  if (process.env.HEARTH_UPDATE_SURFACE) writeFileSync(SNAPSHOT, `${JSON.stringify(found, null, 1)}\n`);
  assert.deepEqual(found, JSON.parse(readFileSync(SNAPSHOT, 'utf8')));
});

test('the package runs nothing when it is installed', () => {
  const { scripts, dependencies, version } = JSON.parse(text('package.json'));
  assert.deepEqual([scripts, dependencies], [undefined, undefined]);
  assert.match(readFileSync(fileURLToPath(new URL('../../Cargo.toml', import.meta.url)), 'utf8'), new RegExp(`^version = "${version}"`, 'm'));
});

test('there were no errors', () => studio.close());
