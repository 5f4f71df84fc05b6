// A model is a folder that is fetched while the page runs: a bundler does not see it, so it goes to public/.

import { cp } from 'node:fs/promises';

await cp('node_modules/hearth/models', 'public/models', { recursive: true, dereference: true });
