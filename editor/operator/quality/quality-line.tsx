/** Today's quality of one machine in a line: measured, out of tolerance, out of control. */
import './quality.css'
import { CircleCheck, CircleX, Ruler, TriangleAlert } from 'lucide-react'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { usePanelText } from '../use-operator-text.ts'
import { qualityOf } from './of-machine.ts'
import { useQuality } from './use-quality.ts'

export function QualityLine({ machineId, isLarge = false }: { machineId: string; isLarge?: boolean }) {
  const text = usePanelText().quality
  const format = formats(useLanguage())
  const list = useQuality()
  if (!list) return null
  const { measured, outOfTolerance, outOfControl } = qualityOf(list, machineId)
  const isBad = outOfTolerance > 0
  const isOdd = (outOfControl ?? 0) > 0
  const Icon = measured === 0 ? Ruler : isBad ? CircleX : isOdd ? TriangleAlert : CircleCheck
  return (
    <span
      className="op-quality-line cw-numbers"
      data-tone={measured === 0 ? 'none' : isBad ? 'alarm' : isOdd ? 'warning' : 'good'}
      data-large={isLarge || undefined}
      data-testid="quality-line"
    >
      <Icon size={20} aria-hidden />
      {measured === 0 ? (
        <span>{text.nothing}</span>
      ) : (
        <span>
          {text.measured(format.number(measured))} · {text.outOfTolerance(format.number(outOfTolerance))}
          {outOfControl !== undefined && ` · ${text.outOfControl(format.number(outOfControl))}`}
          {outOfControl === undefined && isLarge && <small> · {text.notJudged}</small>}
        </span>
      )}
    </span>
  )
}
