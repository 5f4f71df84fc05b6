// Starts the engine's worker, from wherever this module was loaded.

/** A running worker. */
export function startWorker() {
  // Browsers start workers only from the page's own origin; a module may come from a CDN. A worker of
  // the page's own that does nothing but import the real one is allowed.
  const here = import.meta.url;
  if (new URL(here).origin !== globalThis.location.origin) {
    const program = new URL('../engine/worker_loader.js', here).href;
    const script = new Blob([`import ${JSON.stringify(program)};`], { type: 'text/javascript' });
    const address = URL.createObjectURL(script);
    const worker = new Worker(address, { type: 'module', name: 'hearth' });
    // The browser fetches it before it says anything.
    worker.addEventListener('message', () => URL.revokeObjectURL(address), { once: true });
    return worker;
  }
  // Vite and webpack recognise exactly these words, and bundle the worker.
  return new Worker(new URL('../engine/worker_loader.js', import.meta.url), { type: 'module', name: 'hearth' });
}
