// Starts the engine's program, and says how much of it has come.

import init from './worker.js';

/** Bytes of the program; scripts/hash-engine.sh fills them in. */
const TOTAL = 0;

// The page asks for the progress (#progress) where it comes over the network. From the browser's own store it
// is there at once; and only what comes from `fetch` itself does the browser keep compiled.
const isSlow = TOTAL > 0 && location.hash === '#progress';
await init(isSlow ? { module_or_path: counted(new URL('worker_bg.wasm', import.meta.url)) } : undefined);

/** The response for `address`; the page learns how much has come. */
async function counted(address) {
  const response = await fetch(address);
  if (!response.ok || !response.body) return response;
  let received = 0;
  let told = -1;
  const count = new TransformStream({
    transform(piece, controller) {
      received = Math.min(TOTAL, received + piece.byteLength);
      const percent = Math.floor((100 * received) / TOTAL);
      if (percent > told) postMessage({ type: 'fetching', received, total: TOTAL });
      told = percent;
      controller.enqueue(piece);
    },
  });
  return new Response(response.body.pipeThrough(count), { headers: response.headers });
}
