/** How often something of a kind has changed since this page was opened: what is shown is read again. */
import { useLive } from '../shared/live.ts'

export function useNews(what: 'study' | 'sampling'): number {
  const { value } = useLive<'quality', { revision?: number }>('quality', (before, news) =>
    news.kind === 'changed' && news.what === what ? { revision: (before.revision ?? 0) + 1 } : before,
  )
  return value?.revision ?? 0
}
