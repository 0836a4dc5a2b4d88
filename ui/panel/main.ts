/** The panel as Figma and the playground load it. */
import { mountPanel } from './mount.js';

mountPanel(document.getElementById('panel') as HTMLElement, []);
