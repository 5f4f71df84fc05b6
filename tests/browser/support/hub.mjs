// A server that plays the Hub, a mirror of it and Civitai for a browser that is told to look for them there.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { DIST } from './server.mjs';

const HOSTS = ['huggingface.co', 'hf-mirror.com', 'hub.example', 'civitai.com'];

// As the Hub answers other pages; a preflight comes before a request with a token.
const CORS = {
  'access-control-allow-origin': '*',
  'access-control-allow-headers': 'authorization, range',
  'access-control-expose-headers': 'X-Error-Code,X-Error-Message,ETag,Accept-Ranges,Content-Range',
};

const FILES = ['dreamshaper.safetensors', 'add_detail_lora.safetensors', 'model.gguf', 'old.ckpt', 'README.md'];

/** Starts it. `requests` has { host, path, headers } of each. */
export async function playHub() {
  const folder = mkdtempSync(join(tmpdir(), 'hearth-tls-'));
  const made = ['-keyout', `${folder}/key`, '-out', `${folder}/cert`, '-days', '9', '-subj', '/CN=huggingface.co'];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...made], { stdio: 'ignore' });
  const requests = [];
  const options = { key: readFileSync(`${folder}/key`), cert: readFileSync(`${folder}/cert`) };
  rmSync(folder, { recursive: true });
  const server = createServer(options, (request, response) => {
    const host = request.headers.host.split(':')[0];
    const path = new URL(request.url, 'https://a').pathname;
    if (request.method !== 'OPTIONS') requests.push({ host, path, headers: request.headers });
    answer(request, response, host, path).catch(() => response.destroy());
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const rules = HOSTS.map((host) => `MAP ${host}:443 127.0.0.1:${server.address().port}`);
  return {
    requests,
    args: [`--host-resolver-rules=${rules.join(', ')}`, '--ignore-certificate-errors'],
    async close() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

async function answer(request, response, host, path) {
  const end = (status, headers, body = '') => response.writeHead(status, headers).end(body);
  if (request.method === 'OPTIONS') return end(204, CORS);
  const refuse = (status, code) => end(status, { ...CORS, 'x-error-code': code }, code);
  const owner = path.split('/')[1];
  if (owner === 'nobody') return refuse(401, 'RepoNotFound');
  if (owner === 'withheld') return end(451, CORS);
  // A plain server, which says nothing but the status.
  const plain = { login: 401, forbidden: 403, busy: 429, broken: 500 }[owner];
  if (plain) return end(plain, { ...CORS, 'content-type': 'text/html' }, '<!doctype html>');
  if (owner === 'site') return end(200, { ...CORS, 'content-type': 'text/html; charset=utf-8' }, '<!doctype html>');
  const hasToken = request.headers.authorization === 'Bearer hf_test';
  if (owner === 'gated' && !hasToken) return refuse(401, 'GatedRepo');
  if (path === '/api/models/files/only') {
    return end(200, CORS, JSON.stringify({ siblings: FILES.map((rfilename) => ({ rfilename })) }));
  }
  if (path === '/api/models/files/several') {
    return end(200, CORS, JSON.stringify({ siblings: ['a_lora', 'b_lora'].map((name) => ({ rfilename: `${name}.safetensors` })) }));
  }
  if (path === '/api/models/files/vaes') {
    return end(200, CORS, JSON.stringify({ siblings: ['model', 'a.vae', 'b_vae'].map((name) => ({ rfilename: `${name}.safetensors` })) }));
  }
  if (path === '/api/models/hearth/emoji') {
    return end(200, CORS, JSON.stringify({ siblings: [{ rfilename: 'model_index.json' }] }));
  }
  const inside = /^\/(?:hearth|gated)\/emoji\/resolve\/main\/(.+)$/.exec(path);
  if (!inside) return host === 'civitai.com' ? end(200, {}) : refuse(404, 'EntryNotFound');
  let bytes;
  try {
    bytes = await readFile(join(DIST, 'models/emoji', decodeURIComponent(inside[1])));
  } catch {
    return refuse(404, 'EntryNotFound');
  }
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
  if (!range) return end(200, { ...CORS, 'content-length': bytes.length }, bytes);
  const from = Number(range[1]);
  const last = Math.min(range[2] ? Number(range[2]) : Infinity, bytes.length - 1);
  const headers = { 'content-range': `bytes ${from}-${last}/${bytes.length}`, 'content-length': last + 1 - from };
  return end(206, { ...CORS, ...headers }, bytes.subarray(from, last + 1));
}
