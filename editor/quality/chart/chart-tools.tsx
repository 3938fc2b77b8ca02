/** Above a chart: which points, closer and further, ranges. */
import { ActionIcon, Button, NativeSelect, TextInput, Tooltip } from '@mantine/core'
import { BoxSelect, ChevronFirst, ChevronLast, Filter, type LucideIcon, Maximize2, SkipForward, ZoomIn, ZoomOut } from 'lucide-react'
import { type RefObject, useState } from 'react'
import type { PlotHandle } from '../plot/plot-view.tsx'
import { useChartsText, useFormats } from '../use-quality-text.ts'
import { type ChartRange, EVERYTHING } from './use-chart.ts'

const CHOICES = [100, 500, 5_000, EVERYTHING]
const CLOSER = 0.6

export interface ChartToolsProps {
  range: ChartRange
  total: number
  plot: RefObject<PlotHandle | null>
  isBrush: boolean
  isEmpty: boolean
  onRange: (range: ChartRange) => void
  onBrush: (isOn: boolean) => void
  onMark: (way: 1 | -1) => void
}

export function ChartTools({ range, total, plot, isBrush, isEmpty, onRange, onBrush, onMark }: ChartToolsProps) {
  const { chart: text } = useChartsText()
  const format = useFormats()
  const isNarrow = range.from !== undefined || range.to !== undefined || range.lot !== undefined
  const [isOpen, setOpen] = useState(isNarrow)
  return (
    <div className="quality-chart-tools">
      <div className="quality-chart-tools-row">
        <NativeSelect
          aria-label={text.range}
          value={String(range.last)}
          onChange={(event) => onRange({ ...range, last: Number(event.currentTarget.value) })}
          data={CHOICES.map((count) => ({ value: String(count), label: count === EVERYTHING ? text.everything : text.last(format.number(count)) }))}
          data-testid="chart-last"
        />
        <Button
          variant={isNarrow ? 'light' : 'default'}
          leftSection={<Filter size={16} aria-hidden />}
          onClick={() => setOpen(!isOpen)}
          aria-expanded={isOpen}
          data-testid="chart-narrow"
        >
          {isNarrow ? text.narrowed : text.narrow}
        </Button>
        <div className="quality-chart-buttons">
          <Tool icon={ChevronFirst} label={text.previousMark} onPress={() => onMark(-1)} isOff={isEmpty} testId="chart-previous" />
          <Tool icon={ChevronLast} label={text.nextMark} onPress={() => onMark(1)} isOff={isEmpty} testId="chart-next" />
          <Tool icon={ZoomIn} label={text.zoomIn} onPress={() => plot.current?.zoom(CLOSER)} isOff={isEmpty} testId="chart-closer" />
          <Tool icon={ZoomOut} label={text.zoomOut} onPress={() => plot.current?.zoom(1 / CLOSER)} isOff={isEmpty} testId="chart-further" />
          <Tool icon={Maximize2} label={text.showAll} onPress={() => plot.current?.showAll()} isOff={isEmpty} testId="chart-all" />
          <Tool icon={SkipForward} label={text.showNewest} onPress={() => plot.current?.showNewest()} isOff={isEmpty} testId="chart-newest" />
        </div>
        <Tooltip label={text.chooseHelp}>
          <Button
            variant={isBrush ? 'filled' : 'default'}
            leftSection={<BoxSelect size={16} aria-hidden />}
            onClick={() => onBrush(!isBrush)}
            aria-pressed={isBrush}
            disabled={isEmpty}
            data-testid="chart-brush"
          >
            {text.choose}
          </Button>
        </Tooltip>
      </div>
      {isOpen && <Narrow range={range} total={total} onRange={onRange} />}
    </div>
  )
}

function Tool({ icon: Icon, label, onPress, isOff, testId }: { icon: LucideIcon; label: string; onPress: () => void; isOff: boolean; testId: string }) {
  return (
    <Tooltip label={label}>
      <ActionIcon variant="default" size={36} aria-label={label} onClick={onPress} disabled={isOff} data-testid={testId}>
        <Icon size={18} aria-hidden />
      </ActionIcon>
    </Tooltip>
  )
}

/** By time and lot. What is typed counts when it is left or Enter is pressed. */
function Narrow({ range, onRange }: { range: ChartRange; total: number; onRange: (range: ChartRange) => void }) {
  const { chart: text } = useChartsText()
  const [lot, setLot] = useState(range.lot ?? '')
  const put = (part: Partial<Record<'from' | 'to' | 'lot', string | undefined>>) => {
    const next = { ...range, ...part }
    onRange(Object.fromEntries(Object.entries(next).filter(([, value]) => value !== undefined && value !== '')) as unknown as ChartRange)
  }
  const dayOf = (iso: string | undefined) => (iso === undefined ? '' : localDay(new Date(iso)))
  return (
    <div className="quality-chart-tools-row">
      <TextInput type="date" label={text.from} value={dayOf(range.from)} onChange={(event) => put({ from: isoOf(event.currentTarget.value, 'T00:00:00') })} />
      <TextInput type="date" label={text.to} value={dayOf(range.to)} onChange={(event) => put({ to: isoOf(event.currentTarget.value, 'T23:59:59.999') })} />
      <TextInput
        label={text.lot}
        value={lot}
        onChange={(event) => setLot(event.currentTarget.value)}
        onBlur={() => put({ lot: lot.trim() })}
        onKeyDown={(event) => event.key === 'Enter' && put({ lot: lot.trim() })}
        maxLength={120}
      />
      <Button
        variant="subtle"
        onClick={() => {
          setLot('')
          onRange({ last: range.last })
        }}
      >
        {text.widen}
      </Button>
    </div>
  )
}

const isoOf = (day: string, time: string): string | undefined => (day === '' ? undefined : new Date(`${day}${time}`).toISOString())
const localDay = (at: Date): string => [at.getFullYear(), String(at.getMonth() + 1).padStart(2, '0'), String(at.getDate()).padStart(2, '0')].join('-')
