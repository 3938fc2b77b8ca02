/** A field of a dialog that is typed into: a number by the keypad beside it, a text by a keyboard. */

export interface TypedFieldProps {
  label: string
  unit?: string | undefined
  /** Comma and point are the same, and no keyboard of the tablet comes up. */
  isNumber: boolean
  value: string
  /** The keypad types into it. */
  isChosen: boolean
  testId: string
  onChoose?: () => void
  onChange: (value: string) => void
  onEnter?: () => void
}

export function TypedField({ label, unit, isNumber, value, isChosen, testId, onChoose, onChange, onEnter }: TypedFieldProps) {
  return (
    <label data-chosen={isChosen || undefined}>
      {label}
      <span>
        <input
          data-testid={testId}
          className="cw-numbers"
          inputMode={isNumber ? 'none' : 'text'}
          value={value}
          onFocus={onChoose}
          onChange={({ currentTarget: { value: raw } }) => onChange(isNumber ? raw.replace(',', '.') : raw)}
          onKeyDown={(event) => event.key === 'Enter' && onEnter?.()}
        />
        {unit}
      </span>
    </label>
  )
}
