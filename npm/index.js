// Stable Diffusion in this page. Importing this does nothing; see README.md.

import { engine } from './src/engine.js';
import { engineError, told } from './src/errors.js';
import { Model } from './src/model.js';
import { modelOptions } from './src/options.js';
import { wish } from './src/wish.js';

export { HearthError } from './src/errors.js';

/** Loads a model. Without `model`: the small one that comes with the package. */
export function load(options) {
  return told(async () => {
    const { signal, onProgress, ...which } = modelOptions(options);
    const wanted = wish(which);
    return new Model(engine, wanted, await engine.load(wanted, { signal, onProgress }));
  });
}

/** Says what a model is and what it takes, and loads nothing of its weights. */
export function inspect(options) {
  return told(async () => {
    const { signal, ...which } = modelOptions(options);
    const { name, rows, problems, plan } = await engine.inspect(wish(which), { signal });
    const { in_turn: inTurn, room = null, ...rest } = plan ?? {};
    const obstacles = plan?.obstacles.map((error) => engineError(error));
    return {
      name, rows: rows.map((row) => row.map(({ text }) => text)), problems: problems.map((error) => engineError(error)),
      plan: plan ? { ...rest, room, inTurn, obstacles } : null,
    };
  });
}

/** What this browser keeps of models, for this origin. */
export function kept() {
  return told(async () => {
    const { models, room, refused } = await engine.kept();
    return {
      models: models.map(({ place, name, bytes, complete, last_used, is_adapter, is_vae }) => ({
        place, name, bytes, complete, lastUsed: new Date(last_used), isAdapter: is_adapter, isVae: is_vae,
      })),
      room: room ?? null,
      refused: refused ? engineError(refused) : null,
    };
  });
}

/** Removes the kept weights of `model`, or without one everything that is kept. */
export function purge(model) {
  return told(() => engine.remove(model === undefined ? undefined : wish({ model })));
}
