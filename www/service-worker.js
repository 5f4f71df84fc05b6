// Keeps the page's own files, so that it opens without a network. Weights are not its matter: the
// engine keeps them in IndexedDB.
//
// scripts/shell.mjs fills in the files of a build with their digests. Whatever changes in them changes
// this file, which is how a browser notices a new release.

const FILES = {}; // path → 'sha256-…'
const MORE = {}; // The same for files that a first visit does not need before its first picture.
const RELEASE = '';

const HOME = new URL('./', self.location).href;
// Another copy of the page on the same host has caches of its own.
const PREFIX = `hearth-shell ${HOME} `;
const CACHE = PREFIX + RELEASE;
// Which release was active when, { now, before }: names of caches.
const MEMORY = `${HOME}releases`;
const kept = new Set(Object.keys(FILES).map((path) => new URL(path, HOME).href));
const more = new Set(Object.keys(MORE).map((path) => new URL(path, HOME).href));

self.addEventListener('install', (event) => event.waitUntil(install()));
self.addEventListener('activate', (event) => event.waitUntil(forgetOldReleases()));
self.addEventListener('fetch', (event) => {
  const answer = ours(event.request);
  if (answer) event.respondWith(answer);
});

self.addEventListener('message', (event) => {
  // The page asks for this when its user has agreed to the new release.
  if (event.data === 'take-over') self.skipWaiting();
  // And for this after a picture.
  if (event.data === 'keep-more') event.waitUntil(keepMore());
});

/** What cannot be had now is asked for after the next picture. */
async function keepMore() {
  const cache = await caches.open(CACHE);
  const missing = Object.entries(MORE).map(async ([path, integrity]) => {
    const url = new URL(path, HOME).href;
    if (await cache.match(url)) return;
    const response = await fetch(url, { cache: 'no-cache', integrity, credentials: 'same-origin' });
    if (response.ok) await cache.put(url, response);
  });
  await Promise.allSettled(missing);
}

/** All files or none: a release with a file of another would be broken. */
async function install() {
  const wasThere = await caches.has(CACHE);
  try {
    await fill(await caches.open(CACHE));
  } catch (error) {
    if (!wasThere) await caches.delete(CACHE);
    throw error;
  }
}

async function fill(cache) {
  await Promise.all(Object.entries(FILES).map(async ([path, integrity]) => {
    const url = new URL(path, HOME).href;
    const before = await caches.match(url);
    if (before && hasFixedContent(path)) return cache.put(url, before);
    // A name with a digest never changes its content, so the browser's own cache will do.
    const mode = hasFixedContent(path) ? 'force-cache' : 'no-cache';
    // Hosts with short addresses answer index.html with a redirection, which no navigation may get.
    const address = path === 'index.html' ? HOME : url;
    const response = await fetch(address, { cache: mode, integrity, credentials: 'same-origin' });
    if (!response.ok) throw new Error(`${path} answered with ${response.status}`);
    return cache.put(url, response);
  }));
}

function hasFixedContent(path) {
  return /-[0-9a-f]{16}(_bg)?[./]/.test(path);
}

/**
 * The release before this one stays: a tab that was opened with it may yet have to start its engine
 * again.
 */
async function forgetOldReleases() {
  const memory = await caches.open(`${PREFIX}memory`);
  const { now = null, before = null } = (await (await memory.match(MEMORY))?.json()) ?? {};
  const next = { now: CACHE, before: now === CACHE ? before : now };
  await memory.put(MEMORY, new Response(JSON.stringify(next)));
  const wanted = [next.now, next.before, `${PREFIX}memory`];
  const others = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && !wanted.includes(name));
  await Promise.all(others.map((name) => caches.delete(name)));
}

/** The answer to a request for one of the page's own files; nothing for all others. */
function ours(request) {
  if (request.method !== 'GET') return null;
  const url = new URL(request.url);
  url.hash = '';
  url.search = ''; // What stands there is for the page's program.
  const isHome = url.href === HOME || url.href === `${HOME}index.html`;
  if (request.mode === 'navigate' && isHome) return fromCache(`${HOME}index.html`, request);
  if (kept.has(url.href) || isEngine(url)) return fromCache(url.href, request);
  if (more.has(url.href)) return fromCacheOrNetwork(url.href, request);
  return null;
}

/** Also the engine of the release before. */
function isEngine(url) {
  return url.href.startsWith(`${HOME}engine-`);
}

async function fromCache(url, request) {
  const own = await caches.open(CACHE);
  return (await own.match(url)) ?? (await caches.match(url)) ?? fetch(request);
}

/** That of another release only where there is no network. */
async function fromCacheOrNetwork(url, request) {
  const own = await caches.open(CACHE);
  return (await own.match(url)) ?? fetch(request).catch(async () => (await caches.match(url)) ?? Response.error());
}
