/** The section of gauges: their list, one of them, a new one. */
import { listGauges } from '../../../server/api/quality/index.ts'
import { call } from '../../shared/api.ts'
import { useLive } from '../../shared/live.ts'
import { useLiveList } from '../../shared/use-live-list.ts'
import type { SectionProps } from '../section.ts'
import { GaugeDetail } from './gauge-detail.tsx'
import { NewGauge } from './gauge-form.tsx'
import { GaugeList } from './gauge-list.tsx'

export function Gauges({ place, go }: SectionProps) {
  // counted: the news of gauges only
  const { value, isStale } = useLive<'quality', { revision?: number }>('quality', (before, news) =>
    news.kind === 'changed' && news.what === 'gauge' ? { revision: (before.revision ?? 0) + 1 } : before,
  )
  const known = useLiveList({ value: value && { revision: value.revision ?? 0 }, isStale }, () => call(listGauges, { query: { retired: true } }))
  if (place === '') return <GaugeList known={known} go={go} />
  if (place === 'new')
    return (
      <NewGauge
        onDone={(made) => {
          known.refresh()
          go(encodeURIComponent(made.id))
        }}
        onBack={() => go('')}
      />
    )
  return (
    <GaugeDetail
      key={place}
      id={decodeURIComponent(place)}
      newest={known.list?.find(({ id }) => id === decodeURIComponent(place))}
      onChanged={known.refresh}
      onBack={() => go('')}
    />
  )
}
