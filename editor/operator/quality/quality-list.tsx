/** Today's measurements of one machine by characteristic, each with its last values between its limits. */
import './quality.css'
import { CircleCheck, CircleX, TriangleAlert } from 'lucide-react'
import type { QualityOfDay } from '../../../server/api/quality/index.ts'
import { Sparkline } from '../../shared/sparkline.tsx'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { usePanelText } from '../use-operator-text.ts'
import { useQuality } from './use-quality.ts'

export function QualityList({ machineId }: { machineId: string }) {
  const text = usePanelText()
  const list = useQuality()
  if (!list) return <p className="op-why">{text.work.loading}</p>
  const here = list.filter((one) => one.machineId === machineId)
  const nowhere = list.filter((one) => one.machineId === undefined)
  return (
    <>
      {here.length ? <Rows list={here} testId="quality" /> : <p className="op-why">{text.quality.nothing}</p>}
      {nowhere.length > 0 && (
        <>
          <h3 className="op-quality-other">{text.quality.elsewhere}</h3>
          <Rows list={nowhere} testId="quality-elsewhere" />
        </>
      )}
    </>
  )
}

function Rows({ list, testId }: { list: readonly QualityOfDay[]; testId: string }) {
  const text = usePanelText()
  const format = formats(useLanguage())
  return (
    <ul className="op-quality" data-testid={testId}>
      {list.map((one) => {
        const isGood = one.lastIsInTolerance
        const Icon = isGood ? CircleCheck : CircleX
        return (
          <li key={one.name} data-good={isGood}>
            <div>
              <strong>{one.name}</strong>
              <span className="cw-numbers">{text.work.good(format.number(one.inTolerance), format.number(one.measured))}</span>
              {one.control === undefined ? (
                <small>{text.quality.notJudged}</small>
              ) : one.control.outside > 0 ? (
                <small className="op-quality-odd">
                  <TriangleAlert size={16} aria-hidden /> {text.quality.outOfControl(format.number(one.control.outside))}
                </small>
              ) : (
                <small>{text.quality.inControl}</small>
              )}
            </div>
            <Sparkline values={one.values} lower={one.lower ?? undefined} upper={one.upper ?? undefined} label={text.work.lastValues(one.name)} />
            <span className="op-quality-last cw-numbers">
              <Icon size={22} aria-hidden /> {format.number(one.last, 3)} {one.unit}
              <small>{isGood ? text.work.inTolerance : text.work.outOfTolerance}</small>
            </span>
          </li>
        )
      })}
    </ul>
  )
}
