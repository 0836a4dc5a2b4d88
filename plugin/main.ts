/** What Figma runs. The compiler checks here that its API is what host.ts says. */
import { startCanvas } from './canvas.js';

startCanvas(figma, __html__);
