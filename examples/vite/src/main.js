import { load } from 'hearth';

const byId = (id) => document.getElementById(id);
const query = new URLSearchParams(location.search);
const say = (text) => { byId('status').textContent = text; };

let model = null; // A promise, once it was asked for.
let run = null;

byId('stop').addEventListener('click', () => run?.abort());
byId('form').addEventListener('submit', async (event) => {
  event.preventDefault();
  run?.abort();
  const mine = new AbortController();
  run = mine;
  byId('stop').disabled = false;
  try {
    model ??= load({ model: './models/emoji/', device: query.get('device') ?? 'auto', onProgress: show });
    const { imageData, request, timings } = await (await model).generate(
      { prompt: byId('prompt').value, steps: Number(query.get('steps') ?? 20) },
      { signal: mine.signal, onProgress: show },
    );
    paint(imageData);
    say(`Seed ${request.seed}, ${timings.generate.toFixed(1)} s`);
  } catch (error) {
    // A model that could not be loaded is asked for again the next time.
    if (error.code !== 'cancelled') {
      model?.then((loaded) => loaded.close(), () => {});
      model = null;
    }
    say(`${error.message} ${error.nextStep ?? ''}`);
  }
  if (run === mine) byId('stop').disabled = true;
});

function show(event) {
  if (event.phase === 'download') say(`Fetching the model: ${Math.floor((100 * event.received) / event.total)} %`);
  if (event.phase === 'prepare') say(event.message);
  if (event.phase === 'step') say(`Step ${event.done} of ${event.total}`);
  if (event.preview) paint(event.preview);
}

function paint(imageData) {
  const canvas = byId('picture');
  Object.assign(canvas, { width: imageData.width, height: imageData.height });
  canvas.getContext('2d').putImageData(imageData, 0, 0);
}
