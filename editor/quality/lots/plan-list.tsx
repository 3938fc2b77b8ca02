/** All sampling plans: how severely the next lot of each is inspected, and what waits. */
import '../list/list.css'
import { Button, Switch } from '@mantine/core'
import { ClipboardCheck, Plus } from 'lucide-react'
import { type MouseEvent, useState } from 'react'
import { listSamplingPlans, type SamplingPlanView } from '../../../server/api/quality/lots.ts'
import { call } from '../../shared/api.ts'
import { ListEmpty } from '../../shared/list-page/list-page.tsx'
import { may, useMe } from '../../shared/me.ts'
import { useLoad } from '../../shared/use-load.ts'
import { Refusal } from '../refusal.tsx'
import { hashOf } from '../section.ts'
import { useNews } from '../use-news.ts'
import { useFormats } from '../use-quality-text.ts'
import { SeverityPill } from './pills.tsx'
import { useSamplingText, whyInWords } from './words.ts'

export function PlanList({ go }: { go: (place: string) => void }) {
  const text = useSamplingText()
  const { me } = useMe()
  const [withRetired, setWithRetired] = useState(false)
  const news = useNews('sampling')
  const { value: all, error } = useLoad(`${news}`, () => call(listSamplingPlans, { query: { retired: true } }))
  const shown = all?.filter(({ definition }) => withRetired || !definition.isRetired)
  const adding = may(me, 'quality.edit') && (
    <Button leftSection={<Plus size={16} aria-hidden />} onClick={() => go('new')} data-testid="add-plan">
      {text.add}
    </Button>
  )
  return (
    <section className="quality-pad" aria-labelledby="sampling-title">
      <header className="quality-head">
        <h1 id="sampling-title">{text.title}</h1>
        {all && all.length > 0 && <div className="quality-actions">{adding}</div>}
      </header>
      <Refusal>{error}</Refusal>
      {!all && !error && <div className="list-skeleton" aria-hidden />}
      {all?.length === 0 && (
        <ListEmpty icon={ClipboardCheck} title={text.empty.title} text={text.empty.text} steps={text.empty.steps} testId="sampling-empty">
          <div className="quality-actions">{adding}</div>
        </ListEmpty>
      )}
      {all && all.length > 0 && (
        <>
          <p className="quality-dim">{text.lead}</p>
          {all.some(({ definition }) => definition.isRetired) && (
            <div className="quality-tools">
              <Switch label={text.showRetired} checked={withRetired} onChange={(event) => setWithRetired(event.currentTarget.checked)} />
            </div>
          )}
          <table className="quality-list cw-numbers">
            <thead>
              <tr>
                {(['name', 'severity', 'aql', 'open', 'lots'] as const).map((column) => (
                  <th key={column} scope="col" data-column={column === 'lots' ? 'measured' : column}>
                    {text.columns[column]}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {shown?.map((plan) => (
                <Line key={plan.id} plan={plan} go={go} />
              ))}
            </tbody>
          </table>
        </>
      )}
    </section>
  )
}

function Line({ plan, go }: { plan: SamplingPlanView; go: (place: string) => void }) {
  const text = useSamplingText()
  const format = useFormats()
  const { id, definition, state, change, lots, openLots } = plan
  const place = encodeURIComponent(id)
  // the whole line leads there; its name is the link for keys and for who does not see it
  const follow = (event: MouseEvent) => {
    if (event.target instanceof Element && event.target.closest('a')) return
    go(place)
  }
  const about = [definition.part, definition.supplier].filter(Boolean)
  return (
    <tr onClick={follow} data-testid={`plan-${id}`}>
      <th scope="row">
        <a href={`#${hashOf('sampling', place)}`}>{definition.name}</a>
        {about.length > 0 && <small>{about.join(' · ')}</small>}
      </th>
      <td>
        <SeverityPill state={state} isRetired={definition.isRetired} />
        {change && <small>{whyInWords(text.why, change)}</small>}
      </td>
      <td>
        {format.number(definition.aql, 3)}
        <small>{definition.level}</small>
      </td>
      <td>{openLots > 0 ? <strong>{format.number(openLots)}</strong> : '–'}</td>
      <td data-column="measured">{format.number(lots)}</td>
    </tr>
  )
}
