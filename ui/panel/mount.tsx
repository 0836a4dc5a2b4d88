/** Puts the panel into a document, with the engines that it is given. */
import { render } from 'preact';
import type { EngineOffer } from '../engines/offer.js';
import { App } from './app.js';
import { createPictures } from './pictures.js';
import { createPort } from './port.js';
import { createSession, type Session } from './session.js';

export function mountPanel(root: HTMLElement, offers: readonly EngineOffer[]): Session {
  const port = createPort(window);
  const session = createSession({ offers, port, pictures: createPictures(document), now: () => Date.now() });
  render(<App session={session} />, root);
  session.start();
  return session;
}
