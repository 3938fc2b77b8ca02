/** A number as people type it: comma or point, the unit beside it, empty while there is none. */
import { NumberInput, type NumberInputProps } from '@mantine/core'
import { type ClipboardEvent, type ReactNode, useState } from 'react'
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
  /** @defaultValue false */
  isRequired?: boolean
  /** @defaultValue 3 */
  digits?: number
  min?: number
  max?: number
  placeholder?: string
  testId?: string
}

/** What is typed so far as a number: `-` and nothing are none yet. */
const numberOf = (typed: string | number): Num => (typed === '' || typed === '-' || Number.isNaN(Number(typed)) ? '' : Number(typed))

/**
 * What a field holds once a text is pasted into it; undefined: that is no number, or nobody can say which of its marks is the decimal
 * one. The field itself drops the mark of the other language: 48,4 would be 484.
 */
export function pasted(text: string, into: { value: string; from: number; to: number }): number | undefined {
  const whole = (into.value.slice(0, into.from) + text.trim() + into.value.slice(into.to)).replace(',', '.')
  return /^[-+]?(\d+\.?\d*|\.\d+)$/.test(whole) ? Number(whole) : undefined
}

export function NumberField({
  label,
  unit,
  description,
  value,
  onChange,
  error,
  isRequired = false,
  digits = 3,
  min,
  max,
  placeholder,
  testId,
}: NumberFieldProps) {
  const language = useLanguage()
  /** As it stands in the field: `-`, `1.` and `0.0` on the way to a number. */
  const [typed, setTyped] = useState<string | number>(value)
  const paste = (event: ClipboardEvent<HTMLInputElement>) => {
    event.preventDefault()
    const { value: there, selectionStart, selectionEnd } = event.currentTarget
    const next = pasted(event.clipboardData.getData('text'), { value: there, from: selectionStart ?? there.length, to: selectionEnd ?? there.length })
    if (next === undefined) return
    const kept = Number(next.toFixed(digits))
    setTyped(kept)
    onChange(kept)
  }
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
      onPaste={paste}
      error={error}
      withAsterisk={isRequired}
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
