// The mask that is painted over a picture, which is as large as the one that is asked for.

import assert from 'node:assert/strict';

import { choose, marked, png, taken } from './files.mjs';
import { requested } from './stand-in.mjs';

/** What a test does with the mask of a page whose engine is a stand-in; `side`: of a square, in pixels. */
export class Mask {
  constructor(studio, side) {
    Object.assign(this, { studio, page: studio.page, side });
  }

  /** Starts over with a picture of the mask's size, none of which is painted over. */
  async begin() {
    await choose(this.page, 'picture.png', 'image/png', png(this.side, this.side, marked));
    await taken(this.page);
    await this.page.click('[data-scope=part]');
  }

  /** A place of the picture, in pixels of the page. */
  async place(x, y) {
    const box = await this.page.locator('#start-mask').boundingBox();
    return [box.x + (x / this.side) * box.width, box.y + (y / this.side) * box.height];
  }

  /** Draws from point to point with the mouse. */
  async stroke(...points) {
    const { mouse } = this.page;
    await this.page.locator('#start-mask').scrollIntoViewIfNeeded();
    await mouse.move(...await this.place(...points[0]));
    await mouse.down();
    for (const point of points.slice(1)) await mouse.move(...await this.place(...point), { steps: 5 });
    await mouse.up();
  }

  /** The brush's width. */
  brush(diameter) {
    return this.page.locator('#brush-size').fill(String(diameter));
  }

  /** The mask that the engine gets, as rows of `#` and `.`. */
  async rows() {
    const { side } = this;
    const { mask } = (await requested(this.studio)).init_image;
    assert.equal(mask.length, side * side);
    assert.ok(mask.every((byte) => byte === 0 || byte === 255));
    return Array.from({ length: side }, (_, y) => [...mask.subarray(y * side, (y + 1) * side)]
      .map((byte) => (byte ? '#' : '.')).join(''));
  }

  /** A part of it. */
  async part(left, top, width, height) {
    return (await this.rows()).slice(top, top + height).map((row) => row.slice(left, left + width));
  }

  /** How many of its pixels change. */
  async painted() {
    return (await this.rows()).join('').replaceAll('.', '').length;
  }

  /** Whether one of the tools, by its id, has nothing to do. */
  async isIdle(id) {
    return await this.page.getAttribute(id, 'aria-disabled') === 'true';
  }
}
