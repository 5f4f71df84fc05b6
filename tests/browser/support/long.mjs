// Whether this is `make test-long`. `make test` checks a part of what takes long.

export const isLong = Boolean(process.env.HEARTH_LONG);
