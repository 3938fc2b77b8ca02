/** What became of a value: at once, large, in words. */
import { CircleCheck, OctagonAlert, TriangleAlert } from 'lucide-react'
import { useEffect, useRef } from 'react'
import type { Characteristic, EntryResult } from '../../../server/api/quality/index.ts'
import { ruleInWords, ruleName, useChartsText } from '../../quality/use-quality-text.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { useEntryText } from './words.ts'

const LOOKS = {
  bad: { icon: OctagonAlert, state: 'alarm' },
  signal: { icon: TriangleAlert, state: 'warning' },
  flagged: { icon: TriangleAlert, state: 'warning' },
  good: { icon: CircleCheck, state: 'good' },
} as const

export function Verdict({ result, characteristic: { definition } }: { result: EntryResult; characteristic: Characteristic }) {
  const { verdict: text, flags } = useEntryText()
  const charts = useChartsText()
  const format = formats(useLanguage())
  const { lower, upper, decimals, unit, chart } = definition
  const worst = result.measurements.find(({ isInTolerance }) => !isInTolerance)
  const signals = result.signals.filter(({ rule }) => rule !== 'out-of-tolerance')
  const kind = worst ? 'bad' : signals.length ? 'signal' : result.flags.length ? 'flagged' : 'good'
  const { icon: Icon, state } = LOOKS[kind]
  const shown = useRef<HTMLDivElement>(null)
  // at once means in sight, also on a small screen
  useEffect(() => {
    // newer browsers answer with a promise, which is no way to end an effect
    void shown.current?.scrollIntoView({ block: 'nearest' })
  }, [])
  const by = (distance: number) => `${format.number(distance, decimals)} ${unit}`
  const missed =
    worst && (upper !== null && worst.value > upper ? text.above(by(worst.value - upper)) : lower !== null ? text.below(by(lower - worst.value)) : '')
  return (
    <div ref={shown} className="op-verdict" data-state={state} role={state === 'good' ? 'status' : 'alert'} data-testid="verdict">
      <Icon size={36} aria-hidden />
      <div>
        <strong>{text[kind]}</strong>
        <p>
          {result.measurements.map(({ value }) => `${format.number(value, decimals)} ${unit}`).join(', ')}
          {missed ? `: ${missed}` : ''}. {result.isRepeat ? text.again : text.kept}
        </p>
        {signals.map((signal) => (
          <p key={signal.id} data-testid="verdict-rule">
            {ruleInWords(charts, signal.rule, chart.conventions)} ({ruleName(charts, signal.rule)})
          </p>
        ))}
        {result.flags.map(({ code }) => (
          <p key={code}>{flags[code]}</p>
        ))}
        {(kind === 'bad' || kind === 'signal') && <p>{text.goOn}</p>}
      </div>
    </div>
  )
}
