// The page speaks the user's language, and another one at a click.

import assert from 'node:assert/strict';
import { mkdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { QUICK, UNET } from './support/model.mjs';
import { isPicture } from './support/pixels.mjs';
import { browser, server, useBrowser } from './support/session.mjs';

const FOLDER = resolve(process.env.HEARTH_SCREENSHOTS
  ?? fileURLToPath(new URL('../../target/screenshots', import.meta.url)));
/** Names, formats and keys are the same in every language. */
const SAME = [
  'NoobAI',
  'Hearth Emoji', 'Hearth', 'EN', 'CFG', 'PNG', 'CPU', 'GPU', 'WebGPU', 'Ctrl', 'Enter', 'Esc', 'Hub', 'Hugging Face', 'owner/name', 'https://',
  'TAESD', 'AutoencoderTiny', 'AutoencoderKL', '.safetensors', 'diffusers', 'epsilon', 'v-prediction', 'UNet', 'VAE', 'CLIP',
  'DDIM', 'PNDM (PLMS)', 'Automatic', 'Euler a', 'Euler, flow matching', 'Euler', 'Heun, flow matching', 'Heun', 'DPM2 a', 'DPM2',
  'DPM++ 2M SDE', 'DPM++ 3M SDE', 'DPM++ 2M', 'DPM++ SDE', 'DPM++ 2S a', 'LCM', 'UniPC',
  'DEIS', 'LMS', 'IPNDM', 'DDPM', 'TCD', 'Restart', 'Uniform', 'Karras', 'Exponential', 'Polyexponential', 'Beta', 'Normal', 'SGM',
  'Simple', 'Align Your Steps', 'KL Optimal', 'Linear Quadratic', 'ComfyUI', 'leading', 'linspace', 'trailing', 'cpu', 'brownian', 'nv',
  'PyTorch', 'SDE', 'NVIDIA', 'DPM adaptive', 'DPM fast', 'LoRA', 'AUTOMATIC1111', 'A1111', '(word:1.2)', '[word]', 'BREAK', 'AND',
  'Clip skip', 'Delete', 'Shift', 'Stable Diffusion', 'MB', 'GB', 'kB', 'MB/s', 'F16', 'F32', 'M',
  // The bundled model reads English alone: it is offered instead of Chinese words.
  'a red apple',
];
const SUGGESTED = fileURLToPath(new URL('../../www/suggested-models.json', import.meta.url));
for (const model of JSON.parse(await readFile(SUGGESTED, 'utf8')).models) {
  SAME.push(model.name, model.repository, model.licence, model.family);
}
const HAN = /\p{Script=Han}/u;

let studio;

await useBrowser({ locale: 'zh-CN' });

before(async () => {
  await mkdir(FOLDER, { recursive: true });
  studio = await browser.open(`${server.url}?device=cpu`);
  await studio.ready();
});

/** What a reader sees, and what is said of it, that is not Chinese. */
async function foreign(within) {
  const texts = await studio.page.evaluate((within) => {
    const texts = [];
    const roots = [...document.querySelectorAll(within)];
    const elements = roots.flatMap((root) => [root, ...root.querySelectorAll('*')]);
    for (const element of elements) {
      if (!element.checkVisibility({ visibilityProperty: true }) && element.tagName !== 'OPTION') continue;
      if (element.closest('noscript, template, script, [lang=en]')) continue;
      for (const name of ['title', 'placeholder', 'aria-label', 'alt']) texts.push(element.getAttribute(name));
      for (const node of element.childNodes) if (node.nodeType === 3) texts.push(node.data);
    }
    return [...new Set(texts.filter(Boolean).map((text) => text.trim()))];
  }, within);
  const longestFirst = [...SAME].sort((a, b) => b.length - a.length);
  const rest = (text) => longestFirst.reduce((text, name) => text.replaceAll(name, ''), text);
  return texts.filter((text) => /\p{Script=Latin}{2,}/u.test(rest(text)));
}

const lang = () => studio.page.getAttribute('html', 'lang');
const text = (selector) => studio.page.textContent(selector);
const choose = (code) => studio.page.click(`#languages [lang=${code}]`);

test('a Chinese browser opens a Chinese page', async () => {
  assert.equal(await lang(), 'zh-Hans');
  assert.match(await studio.page.title(), HAN);
  assert.equal(await text('#generate'), '生成');
  assert.equal(await text('#status'), '就绪。');
  assert.match(await studio.page.getAttribute('meta[name=description]', 'content'), HAN);
});

test('a picture is made and described in Chinese', async () => {
  assert.ok(isPicture(await studio.generate({ ...QUICK, prompt: '一个苹果 🍎' })));
  assert.match(await text('#status'), /^完成，用时 [\d.]+ 秒。$/);
  assert.match(await studio.page.innerText('#recipe'), /随机种子[^]*采样器[^]*用时/);
  assert.match(await studio.page.getAttribute('#picture', 'aria-label'), /^图片：一个苹果/);
  const said = (await studio.said()).slice(1); // The first is of index.html.
  assert.deepEqual(said.filter((status) => status && status !== 'Starting…' && !HAN.test(status)), []);
});

test('no English is left on the page', async () => {
  assert.deepEqual(await foreign('body > :not(dialog)'), []);
});

test('a wrong value is named in Chinese beside its field, and again in English', async () => {
  await studio.fill({ width: 100 });
  await studio.page.click('#generate');
  assert.equal(await studio.message(/宽度/), '宽度不能是“100”：须为 8 的倍数，例如 96。');
  await choose('en');
  assert.equal(await studio.message(/Width/), 'Width is 100: it must be a multiple of 8, for instance 96.');
  await choose('zh-Hans');
  // Beside it stands the note that the model does not know the prompt's Chinese words.
  assert.equal((await studio.messages())[0], '宽度不能是“100”：须为 8 的倍数，例如 96。');
  await studio.fill({ width: 128 });
});

test('what a scheduler cannot do is said in Chinese too', async () => {
  const scheduler = await studio.page.inputValue('#scheduler');
  await studio.fill({ scheduler: 'lcm', steps: 60 });
  await studio.page.click('#generate');
  assert.equal(await studio.message(/LCM/), '步数不能是“60”：使用 LCM 时请选择 1 到 50。');
  await studio.fill({ scheduler, steps: 4 });
});

test('the panel speaks Chinese, with the card of a model', async () => {
  await studio.page.click('#choose-model');
  await studio.page.waitForSelector('#kept li');
  await studio.page.evaluate(() => { document.querySelector('#model-options').open = true; });
  await studio.page.fill('#model-address', `${server.another()}models/emoji/`);
  await studio.page.press('#model-address', 'Enter');
  await studio.page.waitForSelector('#card:not([hidden])[aria-busy=false]');
  const address = /^https?:\/\//;
  assert.deepEqual((await foreign('#model-panel')).filter((text) => !address.test(text)), []);
  await studio.page.screenshot({ path: join(FOLDER, 'chinese-panel.png') });
});

test('what cannot be used is said in Chinese in the panel', async () => {
  await studio.page.fill('#model-address', 'http://');
  await studio.page.press('#model-address', 'Enter');
  assert.equal(await studio.message(/网址/), '网址中没有服务器名。');
  await studio.page.fill('#model-address', '');
  await studio.page.click('#close-panel');
});

test('English comes at once, everywhere, and nothing moves', async () => {
  const frame = () => studio.page.locator('#frame').boundingBox();
  const before = await frame();
  await choose('en');
  assert.equal(await lang(), 'en');
  assert.equal(await text('#generate'), 'Generate');
  assert.match(await studio.page.innerText('#recipe'), /Sampler/);
  assert.match(await text('#sampler'), /the model’s own/);
  assert.match(await text('#languages [aria-pressed=true]'), /EN/);
  const [words] = await Promise.all([studio.page.innerText('main')]);
  assert.doesNotMatch(words.replaceAll('一个苹果', ''), HAN);
  const { x, y, width } = await frame();
  assert.deepEqual({ x, y, width }, { x: before.x, y: before.y, width: before.width });
});

test('what was chosen is remembered', async () => {
  await studio.page.reload();
  await studio.ready();
  assert.equal(await lang(), 'en');
  assert.equal(await text('#status'), 'Ready.');
});

test('the address decides before all else', async () => {
  const other = await browser.open(`${server.url}?device=cpu&lang=zh`);
  await other.ready();
  assert.equal(await other.page.textContent('#generate'), '生成');
  await other.close();
});

test('a broken download is told in Chinese, with what to do', async () => {
  server.spoil(UNET, { status: 403 });
  const other = await browser.open(`${server.another()}?device=cpu&lang=zh`);
  other.expectError(/403/);
  assert.match(await other.message(/403/), /^无法获取 http.*：服务器不允许访问（403.*）。请检查网址.*从磁盘打开。$/);
  server.heal();
  await other.close();
});

for (const [width, height] of [[1280, 900], [390, 844]]) {
  for (const code of ['en', 'zh-Hans']) {
    test(`${code} fits ${width} pixels`, async () => {
      await studio.page.setViewportSize({ width, height });
      await choose(code);
      await studio.page.evaluate(() => { document.querySelector('#advanced').open = true; });
      const cut = await studio.page.evaluate(() => [...document.querySelectorAll('body > :not(dialog) :is(button, select)')]
        .filter((element) => element.checkVisibility() && element.scrollWidth > element.clientWidth + 1)
        .map((element) => element.id || element.textContent));
      assert.deepEqual(cut, []);
      assert.ok(await studio.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
      await studio.page.screenshot({ path: join(FOLDER, `${code}-${width}.png`), fullPage: true, animations: 'disabled' });
    });
  }
}

test('what breaks in the engine reaches the page', async () => {
  await studio.page.setViewportSize({ width: 1280, height: 900 });
  await choose('en');
  studio.expectError(/a lost promise|a loose end/);
  const [engine] = studio.page.workers();
  await engine.evaluate(() => { setTimeout(() => { Promise.reject(new Error('a lost promise')); }); });
  assert.match(await studio.message(/a lost promise/), /^Something unexpected happened.*Please report it\.$/);
  await studio.waitForState('ready');
  await engine.evaluate(() => { setTimeout(() => { throw new Error('a loose end'); }); });
  assert.match(await studio.message(/a loose end/), /^The engine stopped unexpectedly.*Press Generate/);
  await studio.waitForState('failed');
  assert.ok(isPicture(await studio.generate(QUICK)), 'Generate starts it again');
});

test('there were no errors', () => studio.close());
