// A proxy that a browser sends everything through, and that writes down what it was.

import { createServer, request as ask } from 'node:http';

/** Starts a proxy on a free port. */
export async function proxy() {
  const proxy = new Proxy();
  await new Promise((done) => proxy.http.listen(0, '127.0.0.1', done));
  return proxy;
}

class Proxy {
  /** Every request: { method, origin, path, body } with the body's length in bytes. */
  requests = [];

  constructor() {
    this.http = createServer((request, response) => this.#pass(request, response));
    // What is encrypted would go this way; it is written down and refused.
    this.http.on('connect', (request, socket) => {
      this.requests.push({ method: 'CONNECT', origin: request.url, path: '', body: 0 });
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    });
    this.http.on('upgrade', (request, socket) => {
      this.requests.push({ method: 'UPGRADE', origin: request.headers.host, path: request.url, body: 0 });
      socket.destroy();
    });
  }

  get url() {
    return `http://127.0.0.1:${this.http.address().port}`;
  }

  async close() {
    this.http.closeAllConnections();
    await new Promise((done) => this.http.close(done));
  }

  #pass(request, response) {
    const { origin, pathname, search, hostname, port } = new URL(request.url);
    const { method, headers } = request;
    const record = { method, origin, path: pathname + search, body: 0 };
    this.requests.push(record);
    const onward = ask({ hostname, port, path: pathname + search, method, headers }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    request.on('data', (piece) => { record.body += piece.length; });
    request.pipe(onward);
  }
}
