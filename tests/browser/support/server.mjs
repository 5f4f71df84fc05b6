// A static server for the built page that counts what it is asked for and misbehaves on request.

import { createServer } from 'node:http';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { extname, join, normalize, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const DIST = resolve(process.env.HEARTH_DIST ?? fileURLToPath(new URL('../../../dist', import.meta.url)));

const TYPES = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.mjs': 'text/javascript', '.css': 'text/css',
  '.wasm': 'application/wasm', '.json': 'application/json', '.svg': 'image/svg+xml', '.png': 'image/png',
  '.txt': 'text/plain', '.webmanifest': 'application/manifest+json',
};

/** Starts a server for `root` on a free port. */
export async function serve(root = DIST) {
  const server = new Server(root);
  await server.listen();
  return server;
}

class Server {
  /** Every request since `forget()`: { method, path, range, status, sent }. */
  requests = [];
  /** Whether `Range` is understood; without, every answer is the whole file. */
  ranges = true;
  #rules = [];
  #others = 0;

  constructor(root) {
    this.root = root;
    this.http = createServer((request, response) => {
      this.#answer(request, response).catch(() => response.destroy());
    });
  }

  async listen() {
    await new Promise((done) => this.http.listen(0, '127.0.0.1', done));
    this.url = `http://127.0.0.1:${this.http.address().port}/`;
  }

  async close() {
    this.http.closeAllConnections();
    await new Promise((done) => this.http.close(done));
  }

  /** The page once more under another path, for which a browser has kept nothing yet. */
  another() {
    this.#others += 1;
    return `${this.url}at/${this.#others}/`;
  }

  /** The requests whose path matches. */
  asked(pattern) {
    return this.requests.filter(({ path }) => pattern.test(path));
  }

  forget() {
    this.requests.length = 0;
  }

  /**
   * From now on the files that match `pattern` are served badly, in one of these ways:
   *   { status: 404 }           that status and no file
   *   { instead: '…' }          200 and this text
   *   { html: true }            200 and a page, as servers of single-page programs do for what they lack
   *   { flip: 1234 }            the byte at this offset has other bits
   *   { truncate: 1000 }        only so many bytes, as if the file were so short
   *   { cut: 1000, times: 1 }   the connection breaks at this offset, so many times
   *   { pause: 5 }              milliseconds between any two pieces
   *   { hold: promise }         nothing before the promise is fulfilled
   */
  spoil(pattern, rule) {
    this.#rules.push({ pattern, times: Infinity, ...rule });
  }

  /** Everything is served well again. */
  heal() {
    this.#rules.length = 0;
  }

  #rule(path) {
    return Object.assign({}, ...this.#rules.filter(({ pattern }) => pattern.test(path)));
  }

  async #answer(request, response) {
    const asked = decodeURIComponent(new URL(request.url, this.url).pathname);
    const path = asked.replace(/^\/at\/[^/]+\//, '/');
    const rule = this.#rule(path);
    const record = { method: request.method, path, range: request.headers.range, status: 0, sent: 0 };
    this.requests.push(record);
    await rule.hold;

    const end = (status, headers = {}, body = '') => {
      record.status = status;
      response.writeHead(status, headers).end(body);
    };
    if (rule.status) return end(rule.status);
    if (rule.instead) return end(200, { 'content-type': TYPES[extname(path)] }, rule.instead);
    if (rule.html) return end(200, { 'content-type': TYPES['.html'] }, '<!doctype html><title>Home</title>');
    const file = join(this.root, normalize(path.endsWith('/') ? `${path}index.html` : path));
    const found = file.startsWith(this.root) && (await stat(file).catch(() => null));
    if (!found || !found.isFile()) return end(404, { 'content-type': 'text/plain' }, 'not found');

    const size = Math.min(found.size, rule.truncate ?? Infinity);
    const headers = {
      'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
      etag: `"${found.size}-${found.mtimeMs}"`,
      'cache-control': 'no-cache',
    };
    let [from, to] = [0, size];
    const range = this.ranges && /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
    if (range) {
      from = Number(range[1]);
      to = range[2] ? Math.min(size, Number(range[2]) + 1) : size;
      if (from >= size) return end(416, { 'content-range': `bytes */${size}` });
      headers['content-range'] = `bytes ${from}-${to - 1}/${size}`;
    }
    headers['content-length'] = to - from;
    record.status = range ? 206 : 200;
    response.writeHead(record.status, headers);
    if (request.method === 'HEAD' || from === to) return response.end();
    await this.#send(response, file, { from, to, rule, record });
  }

  async #send(response, file, { from, to, rule, record }) {
    const breaks = rule.cut < to && this.#takeOneCut(record.path);
    const last = breaks ? Math.max(from, Math.min(to, rule.cut)) : to;
    let offset = from;
    if (offset < last) {
      for await (const piece of createReadStream(file, { start: from, end: last - 1 })) {
        if (response.destroyed) return;
        const at = rule.flip - offset;
        if (at >= 0 && at < piece.length) piece[at] ^= 0xff;
        offset += piece.length;
        record.sent += piece.length;
        if (!response.write(piece)) await drained(response);
        if (rule.pause) await sleep(rule.pause);
      }
    }
    if (last === to) return response.end();
    // Soon: what was written shall arrive before the connection breaks.
    response.socket?.destroySoon();
  }

  #takeOneCut(path) {
    const rule = this.#rules.findLast(({ pattern, cut }) => cut !== undefined && pattern.test(path));
    if (!rule || rule.times <= 0) return false;
    rule.times -= 1;
    return true;
  }
}

function drained(response) {
  return new Promise((done) => {
    const go = () => {
      response.off('drain', go).off('close', go);
      done();
    };
    response.on('drain', go).on('close', go);
  });
}
