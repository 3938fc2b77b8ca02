/** Where to go after signing in. */
import type { Me } from '../../server/api/people.ts'

/**
 * The page that sent the stranger here, if it is one of ours; else the page that fits the role.
 * An address elsewhere is never followed.
 */
export function nextPage(search: string, origin: string, me: Pick<Me, 'capabilities'> | undefined): string {
  const wanted = new URLSearchParams(search).get('next')
  if (wanted && URL.canParse(wanted, origin)) {
    const url = new URL(wanted, origin)
    if (url.origin === origin && url.pathname !== '/sign-in') return url.pathname + url.search + url.hash
  }
  return me && !me.capabilities.includes('flows.view') ? '/operator' : '/'
}
