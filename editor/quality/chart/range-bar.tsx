/** A range of points that was drawn: limits from it, what is said of all of it, and a closer look. */
import { Button } from '@mantine/core'
import { useState } from 'react'
import type { ChartView } from '../../../server/api/quality/index.ts'
import { may, useMe } from '../../shared/me.ts'
import { LimitsFromRange } from '../limits/limits-from-range.tsx'
import type { ListedCharacteristic } from '../list/use-characteristics.ts'
import { useChartsText, useFormats } from '../use-quality-text.ts'
import { MarkForm } from './mark-form.tsx'

/** The API takes so many at once. */
const MOST_MARKED = 1000

export interface RangeBarProps {
  characteristic: ListedCharacteristic
  view: ChartView
  /** Places in the view. */
  range: { from: number; to: number }
  onZoom: () => void
  onDrop: () => void
  onChanged: () => void
}

export function RangeBar({ characteristic, view, range, onZoom, onDrop, onChanged }: RangeBarProps) {
  const { range: text } = useChartsText()
  const format = useFormats()
  const { me } = useMe()
  const [doing, does] = useState<'limits' | 'exclude' | 'comment'>()
  const subgroups = view.points.subgroup.slice(range.from, range.to + 1)
  const [from = 0, to = from] = [subgroups[0], subgroups.at(-1)]
  const isTooMany = subgroups.length > MOST_MARKED
  const turn = (what: typeof doing) => does(doing === what ? undefined : what)
  return (
    <section className="quality-range" aria-label={text.title(String(from), String(to), format.number(subgroups.length))} data-testid="range">
      <div className="quality-actions">
        <strong className="cw-numbers">{text.title(String(from), String(to), format.number(subgroups.length))}</strong>
        {may(me, 'quality.edit') && (
          <Button size="xs" variant={doing === 'limits' ? 'filled' : 'default'} onClick={() => turn('limits')} data-testid="range-limits">
            {text.setLimits}
          </Button>
        )}
        {may(me, 'quality.edit') && (
          <Button
            size="xs"
            variant={doing === 'exclude' ? 'filled' : 'default'}
            onClick={() => turn('exclude')}
            disabled={isTooMany}
            data-testid="range-exclude"
          >
            {text.exclude}
          </Button>
        )}
        {may(me, 'quality.enter') && (
          <Button size="xs" variant={doing === 'comment' ? 'filled' : 'default'} onClick={() => turn('comment')} disabled={isTooMany}>
            {text.comment}
          </Button>
        )}
        <Button size="xs" variant="default" onClick={onZoom}>
          {text.zoom}
        </Button>
        <Button size="xs" variant="subtle" onClick={onDrop} data-testid="range-drop">
          {text.drop}
        </Button>
      </div>
      {doing === 'limits' && <LimitsFromRange characteristicId={characteristic.id} from={from} to={to} onDone={onChanged} onCancel={() => does(undefined)} />}
      {(doing === 'exclude' || doing === 'comment') && (
        <MarkForm key={doing} characteristicId={characteristic.id} kind={doing} subgroups={subgroups} onDone={onChanged} onCancel={() => does(undefined)} />
      )}
    </section>
  )
}
