/** The panel as it is, with engines that the test commands: `window.scene` steers them. */
import { mountPanel } from '../../ui/panel/mount.js';
import { createScene } from './scene-engine.js';

const scene = {
  panel: createScene('panel'),
  page: createScene('page', { state: 'absent', why: 'unsupported', detail: '' }),
  companion: createScene('companion', { state: 'unpaired' }, false),
};

Object.assign(window, {
  scene: {
    ...scene,
    session: mountPanel(document.getElementById('panel') as HTMLElement, [scene.companion, scene.page, scene.panel]),
  },
});
