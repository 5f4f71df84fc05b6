// Fails, with the reason as its last line, if Dawn does not accept the Vulkan driver that is here.

import { startDawn } from './support/engine.mjs';

const { features } = await startDawn().catch(() => ({ features: [] }));
const works = features.includes('shader-f16');
if (!works) console.error('Dawn finds no lavapipe with shader-f16');
process.exit(works ? 0 : 1);
