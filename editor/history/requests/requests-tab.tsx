/** Changes of protected flows that wait for a second person, what was decided, and which flows are protected. */
import { Button } from '@mantine/core'
import { ShieldCheck } from 'lucide-react'
import { useState } from 'react'
import { type ChangeRequest, listChangeRequests } from '../../../server/api/protect.ts'
import { call } from '../../shared/api.ts'
import { useLive } from '../../shared/live.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { useLoad } from '../../shared/use-load.ts'
import { useHistoryText } from '../use-history-text.ts'
import { Protection } from './protection.tsx'
import { RequestDetail } from './request-detail.tsx'
import { RequestState, wordsOf } from './request-words.tsx'

const MOST = 200
export function RequestsTab({ chosen, onChoose }: { chosen: string | undefined; onChoose: (id: string | undefined) => void }) {
  const text = useHistoryText()
  const words = text.requests
  const [isAll, setAll] = useState(false)
  const live = useLive('change-requests', (_, change) => change)
  const flows = useLive('flows', (_, change) => change)
  const revision = `${live.value?.revision} ${flows.value?.rev}`
  const open = useLoad(revision, () => call(listChangeRequests, { query: { state: 'open', limit: MOST } }))
  const decided = useLoad(isAll ? revision : undefined, () => call(listChangeRequests, { query: { state: 'decided', limit: MOST } }))
  const error = open.error ?? decided.error
  const rows = (list: readonly ChangeRequest[] | undefined) =>
    list?.map((one) => <Line key={one.id} request={one} isChosen={one.id === chosen} onChoose={() => onChoose(one.id)} />)
  return (
    <div className="history-page" data-chosen={chosen === undefined ? undefined : true}>
      <section className="history-list" aria-label={words.list}>
        <header>
          <h1>{text.tabs.requests}</h1>
          <p>{words.intro}</p>
        </header>
        {error !== undefined && (
          <p className="history-problem" role="alert">
            {error}
          </p>
        )}
        {!open.value && error === undefined && <div className="history-skeleton" aria-hidden />}
        {open.value?.length === 0 && <p className="history-note">{words.none}</p>}
        <ol data-testid="requests">{rows(open.value)}</ol>
        <Button variant="subtle" size="compact-sm" aria-expanded={isAll} onClick={() => setAll(!isAll)} data-testid="decided">
          {words.decided}
        </Button>
        {isAll && decided.value?.length === 0 && <p className="history-note">{words.noneDecided}</p>}
        {isAll && <ol>{rows(decided.value)}</ol>}
        <Protection revision={revision} onAsked={onChoose} />
      </section>
      {chosen === undefined ? (
        <p className="history-detail history-choose">{words.choose}</p>
      ) : (
        <RequestDetail key={chosen} id={chosen} revision={revision} onBack={() => onChoose(undefined)} />
      )}
    </div>
  )
}

function Line({ request, isChosen, onChoose }: { request: ChangeRequest; isChosen: boolean; onChoose: () => void }) {
  const words = useHistoryText().requests
  const format = formats(useLanguage())
  return (
    <li data-chosen={isChosen || undefined} data-testid={`request-${request.id}`} data-state={request.state}>
      <button type="button" aria-pressed={isChosen} onClick={onChoose}>
        <ShieldCheck size={18} aria-hidden />
        <span className="history-line">
          <strong>{wordsOf(request, words)}</strong>
          {request.reason !== undefined && <span>{request.reason}</span>}
          <span className="history-quiet">{words.by(request.author, format.dateTime(request.at))}</span>
        </span>
        <span className="history-badges">
          <RequestState request={request} />
        </span>
      </button>
    </li>
  )
}
