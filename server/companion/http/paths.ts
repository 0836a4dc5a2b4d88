/** Addresses as clients put them together: a base address with a slash at its end, a route with one more, or without the `/v1`. */

/**
 * The path as routes have it: `/v1//images/generations/` is `/v1/images/generations`.
 * @param isPage whether a page lies at this very address; theirs may end in a slash
 */
export function plainPath(path: string, isPage: (path: string) => boolean): string {
  const single = path.replace(/\/{2,}/g, '/');
  return single.length > 1 && single.endsWith('/') && !isPage(single) ? single.slice(0, -1) : single;
}

/** Where something is, for a client whose base address lacks the `/v1` or has more than that in front. */
export function likelyPath(path: string, exists: (path: string) => boolean): string | undefined {
  const afterLast = path.slice(Math.max(0, path.lastIndexOf('/v1/')));
  const candidates = [`/v1${path}`, afterLast, `/v1${path.slice(path.lastIndexOf('/images/'))}`];
  return candidates.find((candidate) => candidate !== path && exists(candidate));
}
