/** All gauge studies, newest first. */
import '../list/list.css'
import './studies.css'
import { Button } from '@mantine/core'
import { Plus, Scale } from 'lucide-react'
import type { MouseEvent } from 'react'
import { listStudies, type Study } from '../../../server/api/quality/studies.ts'
import { call } from '../../shared/api.ts'
import { ListEmpty } from '../../shared/list-page/list-page.tsx'
import { may, useMe } from '../../shared/me.ts'
import { useLoad } from '../../shared/use-load.ts'
import { Refusal } from '../refusal.tsx'
import { hashOf } from '../section.ts'
import { useNews } from '../use-news.ts'
import { useFormats } from '../use-quality-text.ts'
import { StudyPill } from './state-pill.tsx'
import { kindOf, useStudyText } from './words.ts'

export function StudyList({ go }: { go: (place: string) => void }) {
  const text = useStudyText()
  const { me } = useMe()
  const news = useNews('study')
  const { value: list, error } = useLoad(`studies ${news}`, () => call(listStudies))
  const adding = may(me, 'quality.edit') && (
    <Button leftSection={<Plus size={16} aria-hidden />} onClick={() => go('new')} data-testid="add-study">
      {text.add}
    </Button>
  )
  return (
    <section className="quality-pad" aria-labelledby="studies-title">
      <header className="quality-head">
        <h1 id="studies-title">{text.title}</h1>
        {list && list.length > 0 && <div className="quality-actions">{adding}</div>}
      </header>
      <Refusal>{error}</Refusal>
      {!list && !error && <div className="list-skeleton" aria-hidden />}
      {list?.length === 0 && (
        <ListEmpty icon={Scale} title={text.empty.title} text={text.empty.text} steps={text.empty.steps} testId="studies-empty">
          <div className="quality-actions">{adding}</div>
        </ListEmpty>
      )}
      {list && list.length > 0 && (
        <>
          <p className="quality-dim">{text.lead}</p>
          <table className="quality-list cw-numbers">
            <thead>
              <tr>
                {(['name', 'gauge', 'state', 'progress'] as const).map((column) => (
                  <th key={column} scope="col">
                    {text.columns[column]}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {list.map((study) => (
                <Line key={study.id} study={study} go={go} />
              ))}
            </tbody>
          </table>
        </>
      )}
    </section>
  )
}

function Line({ study, go }: { study: Study; go: (place: string) => void }) {
  const text = useStudyText()
  const format = useFormats()
  const { id, definition, readings, of, at } = study
  const place = encodeURIComponent(id)
  // the whole line leads there; its name is the link for keys and for who does not see it
  const follow = (event: MouseEvent) => {
    if (event.target instanceof Element && event.target.closest('a')) return
    go(place)
  }
  return (
    <tr onClick={follow} data-testid={`study-${id}`}>
      <th scope="row">
        <a href={`#${hashOf('studies', place)}`}>{definition.name}</a>
        <small>
          {text.kinds[kindOf(definition.design)]} · {definition.characteristic}
        </small>
      </th>
      <td>{definition.gauge}</td>
      <td>
        <StudyPill study={study} />
      </td>
      <td>
        {text.progress(format.number(readings), format.number(of))}
        <small>{format.dateTime(at)}</small>
      </td>
    </tr>
  )
}
