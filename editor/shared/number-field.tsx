/** A number as people type it: comma or point, the unit beside it, empty while there is none. */
import { NumberInput, type NumberInputProps } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import { useLanguage } from './text/index.ts'

/** A number field; empty while nothing is typed. */
export type Num = number | ''

export interface NumberFieldProps {
  label: string
  unit?: string
  description?: ReactNode
  value: Num
  onChange: (value: Num) => void
  error?: string | undefined
  /** @defaultValue 3 */
  digits?: number
  min?: number
  max?: number
  placeholder?: string
  testId?: string
}

/** What is typed so far as a number: `-` and nothing are none yet. */
const numberOf = (typed: string | number): Num => (typed === '' || typed === '-' || Number.isNaN(Number(typed)) ? '' : Number(typed))

export function NumberField({ label, unit, description, value, onChange, error, digits = 3, min, max, placeholder, testId }: NumberFieldProps) {
  const language = useLanguage()
  /** As it stands in the field: `-`, `1.` and `0.0` on the way to a number. */
  const [typed, setTyped] = useState<string | number>(value)
  const props: Partial<NumberInputProps> = {
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    ...(placeholder === undefined ? {} : { placeholder }),
    ...(unit ? { rightSection: <span className="cw-unit">{unit}</span>, rightSectionWidth: unit.length > 4 ? 74 : 44, rightSectionPointerEvents: 'none' } : {}),
  }
  return (
    <NumberInput
      label={label}
      description={description}
      value={numberOf(typed) === value ? typed : value}
      onChange={(next) => {
        setTyped(next)
        onChange(numberOf(next))
      }}
      error={error}
      decimalScale={digits}
      decimalSeparator={language === 'de' ? ',' : '.'}
      allowedDecimalSeparators={['.', ',']}
      hideControls
      classNames={{ input: 'cw-numbers' }}
      data-testid={testId}
      {...props}
    />
  )
}
