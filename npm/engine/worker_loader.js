// The engine's worker. No `await` here: bundlers may turn this file into a classic script.

import init from './worker.js';

// A failure reaches the page as the worker's `error` event.
init().catch((error) => setTimeout(() => { throw error; }));
