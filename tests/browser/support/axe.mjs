// axe-core, and what a section of the page must satisfy.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';

const modules = process.env.HEARTH_NODE_MODULES;
export const axe = createRequire(modules ? `${modules}/` : import.meta.url)('axe-core');

/** What axe finds within `selector`, as sentences. */
export async function violations(page, selector) {
  await page.evaluate(axe.source);
  return page.evaluate(async (selector) => {
    const { violations } = await window.axe.run(selector, { resultTypes: ['violations'] });
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
  }, selector);
}

/** Asserts that a section has no violations of accessibility, and fits a phone. */
export async function isAccessibleOnPhones(page, selector) {
  assert.deepEqual(await violations(page, selector), []);
  await page.setViewportSize({ width: 360, height: 740 });
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'too wide for a phone');
}
