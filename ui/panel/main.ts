/** The panel as Figma and the playground load it. */
import { PORTS } from '../../models/api.js';
import { createCompanionOffer } from '../engines/companion-offer.js';
import { createPageOffer, ENGINE_PAGE } from '../engines/page-offer.js';
import { createWasmOffer, readEmbedded } from '../engines/wasm/offer.js';
import { createCanvasStorage } from './canvas-storage.js';
import { mountPanel } from './mount.js';
import { createPort } from './port.js';

const storage = createCanvasStorage(createPort(window));
const served = location.protocol.startsWith('http');

const companion = createCompanionOffer({
  // A page that the companion serves has it at its own address.
  urls: [...(served ? [location.origin] : []), ...PORTS.map((port) => `http://localhost:${port}`)],
  token: () => storage.load('token'),
  keepToken: (token) => storage.save('token', token),
  // A page that the companion served may ask it at once: nobody else hears of it.
  isOwn: served,
  name: served ? 'Playground' : 'Figma panel',
});

const embedded = readEmbedded(document);
const enginePage = served ? `${location.origin}/engine/` : ENGINE_PAGE;
const offers = [
  companion,
  ...(enginePage ? [createPageOffer(enginePage, window)] : []),
  ...(embedded ? [createWasmOffer(embedded)] : []),
];
const session = mountPanel(document.getElementById('panel') as HTMLElement, offers);

// The companion opens the playground with its code in the address; whoever follows that link asks to be connected.
const code = /^#pair=([A-Za-z0-9-]{1,40})$/.exec(location.hash)?.[1];
if (code !== undefined) void session.pair('companion', code);
