/** Move in: bring something, read its report, pick what comes along. */
import './move-in.css'
import { Button } from '@mantine/core'
import { useState } from 'react'
import { getMoveIn, type MoveIn } from '../../../server/api/move-in.ts'
import { call } from '../../shared/api.ts'
import { useLoad } from '../../shared/use-load.ts'
import { ReportView } from './report-view.tsx'
import { StartView } from './start-view.tsx'
import { useMoveInText } from './words.ts'

export function MoveInSection({ rest, go }: { rest: readonly string[]; go: (...rest: string[]) => void }) {
  const [id] = rest
  const [latest, setLatest] = useState<MoveIn>()
  const show = (report: MoveIn) => {
    setLatest(report)
    go(report.id)
  }
  if (id === undefined || id === '') return <StartView onBrought={show} />
  // a report that has just come is shown at once
  return <Report key={id} id={id} known={latest?.id === id ? latest : undefined} onLeave={() => go()} />
}

function Report({ id, known, onLeave }: { id: string; known: MoveIn | undefined; onLeave: () => void }) {
  const text = useMoveInText()
  const [given, setGiven] = useState(known)
  const { value, error, refresh } = useLoad(given ? undefined : id, () => call(getMoveIn, { params: { moveInId: id } }))
  const report = given ?? value
  if (report) return <ReportView report={report} onReport={setGiven} onLeave={onLeave} />
  if (error === undefined) return <div className="settings-skeleton" aria-hidden />
  return (
    <div className="settings-card" role="alert">
      <p className="settings-problem">{error}</p>
      <div className="settings-actions">
        <Button variant="default" onClick={refresh}>
          {text.again}
        </Button>
        <Button variant="subtle" color="gray" onClick={onLeave}>
          {text.back}
        </Button>
      </div>
    </div>
  )
}
