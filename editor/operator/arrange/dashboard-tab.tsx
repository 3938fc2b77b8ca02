/**
 * A page of FlowFuse Dashboard 2 as a tab. It runs in a frame without an origin: it does not reach the panel around it, nor anything
 * that its person may do here; its address lets it in as that person (server/flows/frames.ts).
 */
import { WifiOff } from 'lucide-react'
import { useEffect, useState } from 'react'
import { openDashboardPage } from '../../../server/api/panel-layouts.ts'
import { ApiError, call } from '../../shared/api.ts'
import { useArrangeText } from './words.ts'

/** How soon the tab says that the flows are gone, and finds them again. */
const LOOK_MS = 3_000

type Page = { kind: 'opening' } | { kind: 'open'; url: string; isAway: boolean } | { kind: 'gone' } | { kind: 'away' } | { kind: 'failed'; why: string }

/** @param who whoever is signed in: another person has another page */
export function DashboardTab({ pageId, name, who }: { pageId: string; name: string; who: string | undefined }) {
  const text = useArrangeText().dashboard
  const [page, setPage] = useState<Page>({ kind: 'opening' })
  // biome-ignore lint/correctness/useExhaustiveDependencies: somebody else gets an address of their own
  useEffect(() => {
    let isOver = false
    setPage({ kind: 'opening' })
    const look = async () => {
      try {
        const { url } = await call(openDashboardPage, { body: { pageId } })
        if (!isOver) setPage((before) => (before.kind === 'open' && before.url === url && !before.isAway ? before : { kind: 'open', url, isAway: false }))
      } catch (error) {
        if (isOver) return
        const { code, message } = error instanceof ApiError ? error : { code: '', message: String(error) }
        if (code === 'dashboard-page-gone') setPage({ kind: 'gone' })
        // what it shows stays under the words, and goes on by itself
        else if (code === 'runtime-away' || code === 'unreachable')
          setPage((before) => (before.kind === 'open' ? (before.isAway ? before : { ...before, isAway: true }) : { kind: 'away' }))
        else setPage({ kind: 'failed', why: message })
      }
    }
    void look()
    const timer = setInterval(look, LOOK_MS)
    return () => {
      isOver = true
      clearInterval(timer)
    }
  }, [pageId, who])
  const isAway = page.kind === 'away' || (page.kind === 'open' && page.isAway)
  return (
    <div className="op-dashboard" data-testid="dashboard" data-state={isAway ? 'away' : page.kind}>
      {page.kind === 'open' && (
        <iframe
          key={page.url}
          title={text.frame(name)}
          src={page.url}
          sandbox="allow-scripts allow-forms allow-modals allow-downloads"
          referrerPolicy="no-referrer"
          allow="fullscreen 'none'"
        />
      )}
      {page.kind === 'opening' && <p className="op-why">{text.loading}</p>}
      {isAway && (
        <p className="op-dashboard-away" role="alert">
          <WifiOff size={24} aria-hidden /> {text.away}
        </p>
      )}
      {page.kind === 'gone' && <p className="op-empty">{text.gone}</p>}
      {page.kind === 'failed' && (
        <p className="op-problem" role="alert">
          {text.failed} {page.why}
        </p>
      )}
    </div>
  )
}
