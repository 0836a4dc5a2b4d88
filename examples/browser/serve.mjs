// node examples/browser/serve.mjs: hands out the page, the library, ONNX Runtime for browsers and the starter pack.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { dirname, extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = dirname(fileURLToPath(import.meta.url));
const folderOf = (name) => dirname(fileURLToPath(import.meta.resolve(name)));
const FOLDERS = {
  twostep: folderOf('twostep-image'),
  pack: folderOf('twostep-image/packs/starter/pack.json'),
  ort: folderOf('onnxruntime-web'),
};
const TYPES = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
};

const server = createServer(async (request, response) => {
  const path = normalize(new URL(request.url ?? '/', 'http://localhost').pathname).slice(1) || 'index.html';
  const [first = '', ...rest] = path.split('/');
  const file = first in FOLDERS ? join(FOLDERS[first], ...rest) : join(HERE, path);
  try {
    const bytes = await readFile(file);
    response.setHeader('Content-Type', TYPES[extname(file)] ?? 'application/octet-stream').end(bytes);
  } catch {
    response.writeHead(404).end();
  }
});
server.listen(Number(process.env['PORT'] ?? 8080), '127.0.0.1', () =>
  console.log(`http://127.0.0.1:${server.address().port}/`),
);
