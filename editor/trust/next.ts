/** Where a device goes once it trusts the server. Only paths of this very server: an address from elsewhere leads nowhere. */
export function secureAddress(place: { protocol: string; host: string; search: string }): string {
  const next = new URLSearchParams(place.search).get('next') ?? '/'
  const base = `https://${place.host}`
  // a path, and none that begins another address (//elsewhere, /\elsewhere)
  if (!/^\/(?![/\\])/.test(next)) return `${base}/`
  const url = URL.parse(next, base)
  return url?.origin === base ? url.href : `${base}/`
}
