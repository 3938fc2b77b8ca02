/** A length or a feed of a machine that is typed: in the unit of the shop, told in mm or mm/min. What nobody types into stays to the digit. */
import { useState } from 'react'
import { type Num, NumberField, type NumberFieldProps } from './number-field.tsx'
import { digitsIn, toMm, within } from './units.ts'
import { useUnits } from './use-units.tsx'

export type LengthFieldProps = Omit<NumberFieldProps, 'unit'>

const rounded = (value: number, digits: number): number => Number(value.toFixed(digits))

function InMm({ isFeed, value, onChange, digits = isFeed ? 0 : 3, min, max, ...props }: LengthFieldProps & { isFeed: boolean }) {
  const { unit, feedUnit, fromMm } = useUnits()
  const shownDigits = digitsIn(unit, digits)
  /** What was typed last, and what it was in mm: shown as it was typed until something else is set. */
  const [typed, setTyped] = useState<{ shown: Num; mm: Num; unit: string }>()
  const shown = value === '' || unit === 'mm' ? value : typed?.mm === value && typed.unit === unit ? typed.shown : rounded(fromMm(value), shownDigits)
  const edge = (mm: number, towards: 1 | -1) => {
    const at = within(fromMm(mm), shownDigits)
    return towards > 0 && at < fromMm(mm) ? rounded(at + 10 ** -shownDigits, shownDigits) : at
  }
  return (
    <NumberField
      {...props}
      unit={isFeed ? feedUnit : unit}
      digits={shownDigits}
      value={shown}
      onChange={(next) => {
        const mm = next === '' ? '' : toMm(next, unit)
        setTyped({ shown: next, mm, unit })
        onChange(mm)
      }}
      {...(min === undefined ? {} : { min: edge(min, 1) })}
      {...(max === undefined ? {} : { max: edge(max, -1) })}
    />
  )
}

/** @param props.digits of a millimetre @defaultValue 3 */
export const LengthField = (props: LengthFieldProps) => <InMm {...props} isFeed={false} />
/** @param props.digits of mm/min @defaultValue 0 */
export const FeedField = (props: LengthFieldProps) => <InMm {...props} isFeed />
