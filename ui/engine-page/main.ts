/** The engine page: inside a panel it only answers it; opened by itself it has a prompt of its own. */
import { serveParent } from './embed.js';
import { createHost } from './host.js';
import { startLink } from './link.js';
import { showPage } from './view.js';

const script = 'Suspending' in WebAssembly ? 'worker-jspi.js' : 'worker-asyncify.js';
const host = createHost('gpu' in navigator ? ['webgpu', 'wasm'] : ['wasm'], (provider) => startLink(script, provider));
if (window.parent === window) showPage(host, document);
else serveParent(host, window);
