/** The package brings no types. '' where no proxy is meant for the address. */
declare module 'proxy-from-env' {
  export function getProxyForUrl(url: string): string;
}
