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
  /** Every request since `forget()`: { method, path, range, status, sent, at }. */
  requests = [];
  /** Whether `Range` is understood; without, every answer is the whole file. */
  ranges = true;
  /** Sent with every answer. */
  headers = {};
  #rules = [];
  #replaced = [];
  #mounted = [];
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

  /** From now on every file below `path`, which ends in a slash, comes from this folder on the disk. */
  mount(path, folder) {
    this.#mounted.push({ path, folder });
  }

  /** From now on the files that match come from this one on the disk. */
  replace(pattern, file) {
    this.#replaced.push({ pattern, file });
  }

  /**
   * From now on the files that match `pattern` are served badly, in one of these ways:
   *   { status: 404 }           that status and no file; with `retryAfter: 2`, that wish in seconds
   *   { instead: '…' }          200 and this text
   *   { html: true }            200 and a page, as servers of single-page programs do for what they lack
   *   { flip: 1234 }            the byte at this offset has other bits
   *   { truncate: 1000 }        only so many bytes, as if the file were so short
   *   { cut: 1000 }             the connection breaks at this offset
   *   { stall: 1000 }           the connection falls silent at this offset
   *   { unranged: true }        the whole file, whatever part was asked for
   *   { length: 10 }            `Content-Length` says so many bytes too many, or too few
   *   { total: 10 }             `Content-Range` says that the file is so much longer, or shorter
   *   { etag: '"…"' }           another mark of its version
   *   { pause: 5 }              milliseconds between any two pieces
   *   { hold: promise }         nothing before the promise is fulfilled
   * `times: 1` does so for so many answers; `when: ({ path, from, to }) => …` for those alone, of the
   * bytes `from..to` of a file. The rule may be a function of these that gives one.
   */
  spoil(pattern, rule) {
    const rules = typeof rule === 'function' ? { make: rule } : rule;
    this.#rules.push({ pattern, ...rules, left: rules.times ?? Infinity });
  }

  /** Everything is served well again. */
  heal() {
    this.#rules.length = 0;
  }

  /** What happens to an answer with these bytes, and is used up by it. */
  #rule(bytes) {
    const matching = this.#rules.filter(({ pattern, left, when, cut, stall }) => {
      const breaks = cut ?? stall;
      const reaches = breaks === undefined || (bytes.from <= breaks && breaks < bytes.to);
      return left > 0 && pattern.test(bytes.path) && reaches && (!when || when(bytes));
    });
    for (const rule of matching) rule.left -= 1;
    return Object.assign({}, ...matching.map((rule) => (rule.make ? rule.make(bytes) : rule)));
  }

  async #answer(request, response) {
    const asked = decodeURIComponent(new URL(request.url, this.url).pathname);
    const path = asked.replace(/^\/at\/[^/]+\//, '/');
    const record = { method: request.method, path, range: request.headers.range, status: 0, sent: 0, at: Date.now() };
    this.requests.push(record);

    const file = path.endsWith('/') ? `${path}index.html` : path;
    const mounted = this.#mounted.find((one) => file.startsWith(one.path));
    const root = mounted?.folder ?? this.root;
    const own = join(root, normalize(`/${file.slice(mounted?.path.length ?? 0)}`));
    const replaced = this.#replaced.findLast(({ pattern }) => pattern.test(path))?.file;
    const local = replaced ?? own;
    const found = (replaced || own.startsWith(root)) && (await stat(local).catch(() => null));
    const parts = this.ranges && /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
    const whole = found && found.isFile() ? found.size : 0;
    const bytes = { path, from: 0, to: whole };
    if (parts) Object.assign(bytes, { from: Number(parts[1]), to: parts[2] ? Math.min(whole, Number(parts[2]) + 1) : whole });
    const rule = this.#rule(bytes);
    await rule.hold;

    const end = (status, headers = {}, body = '') => {
      record.status = status;
      response.writeHead(status, { ...this.headers, ...headers }).end(body);
    };
    if (rule.status) {
      // As proxies do it: with a page that tells of the failure.
      const headers = { 'content-type': TYPES['.html'], ...(rule.retryAfter !== undefined && { 'retry-after': rule.retryAfter }) };
      return end(rule.status, headers, `<!doctype html><title>${rule.status}</title>`);
    }
    if (rule.instead) return end(200, { 'content-type': TYPES[extname(path)] }, rule.instead);
    if (rule.html) return end(200, { 'content-type': TYPES['.html'] }, '<!doctype html><title>Home</title>');
    if (!found || !found.isFile()) return end(404, { 'content-type': 'text/plain' }, 'not found');

    const size = Math.min(whole, rule.truncate ?? Infinity);
    const headers = {
      'content-type': TYPES[extname(local)] ?? 'application/octet-stream',
      etag: rule.etag ?? `"${found.size}-${found.mtimeMs}"`,
      'cache-control': 'no-cache',
    };
    let [from, to] = [0, size];
    const ranged = parts && !rule.unranged;
    if (ranged) {
      [from, to] = [bytes.from, Math.min(bytes.to, size)];
      if (from >= size) return end(416, { 'content-range': `bytes */${size}` });
      headers['content-range'] = `bytes ${from}-${to - 1}/${size + (rule.total ?? 0)}`;
    }
    headers['content-length'] = to - from + (rule.length ?? 0);
    if (rule.length) headers.connection = 'close';
    record.status = ranged ? 206 : 200;
    response.writeHead(record.status, { ...this.headers, ...headers });
    if (request.method === 'HEAD' || from === to) return response.end();
    await this.#send(response, local, { from, to, rule, record });
  }

  async #send(response, file, { from, to, rule, record }) {
    const breaks = rule.cut ?? rule.stall ?? Infinity;
    const last = Math.max(from, Math.min(to, breaks));
    let offset = from;
    if (offset < last) {
      // Where nothing is slowed down, pieces are large: the engine has 19 MB.
      const highWaterMark = rule.pause ? 1 << 16 : 1 << 20;
      for await (const piece of createReadStream(file, { start: from, end: last - 1, highWaterMark })) {
        if (response.destroyed) return;
        const at = rule.flip - offset;
        if (at >= 0 && at < piece.length) piece[at] ^= 0xff;
        offset += piece.length;
        record.sent += piece.length;
        if (!response.write(piece)) await drained(response);
        if (rule.pause) await sleep(rule.pause);
      }
    }
    if (rule.stall < to) return;
    if (last === to && !rule.length) return response.end();
    // Soon: what was written shall arrive before the connection breaks.
    response.socket?.destroySoon();
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
