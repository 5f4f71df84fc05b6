// A case for bench.html without Python: the UNet of the model that ships, with inputs of its own and no reference.

const SHAPES = { sample: [2, 4, 16, 16], timestep: [1], encoder_hidden_states: [2, 77, null] };

/** Answers `cases/…` of every page in `context` with the case `emoji-unet-128`. `width` is the text encoder's. */
export async function serveCase(context, width) {
  const files = new Map();
  const numbers = (name, shape) => {
    const values = new Float32Array(shape.reduce((product, side) => product * side, 1));
    for (let i = 0; i < values.length; i += 1) values[i] = Math.sin(i * 12.9898);
    files.set(`${name}.bin`, Buffer.from(values.buffer));
    return { file: `${name}.bin`, shape };
  };
  const inputs = Object.fromEntries(Object.entries(SHAPES)
    .map(([name, shape]) => [name, numbers(name, shape.map((side) => side ?? width))]));
  const output = { name: 'out_sample', ...numbers('output', SHAPES.sample) };
  const cases = [{ name: 'emoji-unet-128', network: 'unet', model: 'model/', inputs, output }];
  files.set('cases.json', Buffer.from(JSON.stringify({ cases })));
  await context.route('**/cases/**', (route) => {
    const { pathname, origin } = new URL(route.request().url());
    const name = pathname.split('/cases/')[1];
    if (files.has(name)) return route.fulfill({ body: files.get(name) });
    return route.continue({ url: `${origin}/models/emoji/${name.replace('model/', '')}` });
  });
}
