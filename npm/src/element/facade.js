// What `element.api(1)` gives: a few words that will mean the same in every later release.

/** Version 1. */
export function facade(element) {
  return Object.freeze({
    version: 1,
    generate: (request, options) => element.generate(request, options),
    abort: () => element.abort(),
    purge: () => element.purge(),
    get state() {
      return element.state;
    },
  });
}
