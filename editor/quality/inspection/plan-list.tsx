/** All inspection plans. */
import '../list/list.css'
import { Button, Switch } from '@mantine/core'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { listInspectionPlans } from '../../../server/api/quality/index.ts'
import { call } from '../../shared/api.ts'
import { may, useMe } from '../../shared/me.ts'
import { useLoad } from '../../shared/use-load.ts'
import { BackTo } from '../back-to.tsx'
import { Refusal } from '../refusal.tsx'
import { hashOf } from '../section.ts'
import { useFormats } from '../use-quality-text.ts'
import { useInspectionText } from './words.ts'

export function PlanList({ go }: { go: (place: string) => void }) {
  const all = useInspectionText()
  const text = all.plan
  const format = useFormats()
  const { me } = useMe()
  const [withRetired, setWithRetired] = useState(false)
  const { value: plans, error } = useLoad('plans', () => call(listInspectionPlans, { query: { retired: true } }))
  const shown = plans?.filter(({ definition }) => withRetired || !definition.isRetired)
  return (
    <section className="quality-pad" aria-labelledby="plans-title">
      <BackTo label={all.back} onBack={() => go('')} />
      <header className="quality-head">
        <h1 id="plans-title">{all.plans}</h1>
        {may(me, 'quality.edit') && (
          <div className="quality-actions">
            <Button leftSection={<Plus size={16} aria-hidden />} onClick={() => go('plans/new')} data-testid="add-inspection-plan">
              {text.add}
            </Button>
          </div>
        )}
      </header>
      <Refusal>{error}</Refusal>
      {!plans && !error && <div className="list-skeleton" aria-hidden />}
      {plans?.some(({ definition }) => definition.isRetired) && (
        <div className="quality-tools">
          <Switch label={text.showRetired} checked={withRetired} onChange={(event) => setWithRetired(event.currentTarget.checked)} />
        </div>
      )}
      {shown?.length === 0 && <p className="quality-dim">{text.none}</p>}
      {shown && shown.length > 0 && (
        <table className="quality-list cw-numbers">
          <tbody>
            {shown.map(({ id, revision, definition, by, at }) => (
              <tr key={id} onClick={() => go(`plans/${encodeURIComponent(id)}`)}>
                <th scope="row">
                  <a href={`#${hashOf('inspection', `plans/${encodeURIComponent(id)}`)}`}>
                    {[definition.part, definition.partRevision].filter(Boolean).join(' / ')}
                  </a>
                  <small>{definition.partName}</small>
                </th>
                <td>
                  {definition.isFirstArticle ? all.firstArticle : all.plain}
                  {definition.isRetired && <small>{text.retired}</small>}
                </td>
                <td>{text.balloonsOf(format.number(definition.balloons.length))}</td>
                <td data-column="due">
                  {text.revision(String(revision))}
                  <small>
                    {by}, {format.dateTime(at)}
                  </small>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  )
}
