/** Where packs and caches live on this machine, by the platform's custom. */
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Packs that the person imported or downloaded. `TWOSTEP_PACKS` moves it. */
export function userPackFolder(): string {
  return process.env['TWOSTEP_PACKS'] ?? join(dataFolder(), 'packs');
}

/** The upscaler that was imported. `TWOSTEP_UPSCALER` moves it. */
export function upscalerFolder(): string {
  return process.env['TWOSTEP_UPSCALER'] ?? join(dataFolder(), 'upscaler');
}

/** Jobs, pictures and tokens of the companion. `TWOSTEP_DATA` moves it. */
export function companionFolder(): string {
  return process.env['TWOSTEP_DATA'] ?? join(dataFolder(), 'companion');
}

/** Pictures for agents, which begin in any folder: where people look for pictures. */
export const pictureFolder = (): string => join(homedir(), 'Pictures', 'Twostep');

export function cacheFolder(): string {
  const chosen = process.env['TWOSTEP_CACHE'];
  if (chosen) return chosen;
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'twostep');
  if (process.platform === 'win32') return join(process.env['LOCALAPPDATA'] ?? homedir(), 'twostep', 'cache');
  return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'twostep');
}

function dataFolder(): string {
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'twostep');
  if (process.platform === 'win32') return join(process.env['LOCALAPPDATA'] ?? homedir(), 'twostep');
  return join(process.env['XDG_DATA_HOME'] ?? join(homedir(), '.local', 'share'), 'twostep');
}

/** Packs that come with the program: beside the bundle's folder (dist/../models/packs). */
export function embeddedPackFolder(): string {
  return (
    process.env['TWOSTEP_EMBEDDED_PACKS'] ?? join(dirname(fileURLToPath(import.meta.url)), '..', 'models', 'packs')
  );
}
