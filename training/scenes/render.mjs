// Renders SVG icons to PNG files: `node render.mjs PACKAGES SIDE < jobs.json`, a job being [package, icon, file].
// Prints each job's number before it starts, since resvg panics on some pictures and ends the process.
import { createRequire } from "node:module";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [packages, side] = process.argv.slice(2);
const { Resvg } = createRequire(join(packages, "package.json"))("@resvg/resvg-js");
const sets = new Map();

function iconSet(name) {
  if (!sets.has(name)) {
    const folder = join(packages, "node_modules", "@iconify-json", name);
    sets.set(name, JSON.parse(readFileSync(join(folder, "icons.json"), "utf8")));
  }
  return sets.get(name);
}

JSON.parse(readFileSync(0, "utf8")).forEach(([name, icon, file], number) => {
  process.stdout.write(`${number}\n`);
  const set = iconSet(name);
  const { body, width = set.width ?? 16, height = set.height ?? 16 } = set.icons[icon];
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 ${width} ${height}">${body}</svg>`;
  writeFileSync(file, new Resvg(svg, { fitTo: { mode: "width", value: Number(side) } }).render().asPng());
});
