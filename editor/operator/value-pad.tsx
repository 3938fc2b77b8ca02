/** A keypad for one number, for gloves; a real keyboard works too. */
import { Delete } from 'lucide-react'
import { useOperatorText } from './use-operator-text.ts'

const KEYS = ['7', '8', '9', '4', '5', '6', '1', '2', '3', '±', '0', '.'] as const

/** What a key makes of the text: at most one decimal sign, a minus only in front. */
export function typed(before: string, key: string): string {
  if (key === '±') return before.startsWith('-') ? before.slice(1) : `-${before}`
  if (key === '.' && before.includes('.')) return before
  return before.length >= 14 ? before : before + key
}

/** @param props.isFresh the value was proposed: the first key takes its place */
export function ValuePad({ value: shown, onChange, isFresh = false }: { value: string; onChange: (value: string) => void; isFresh?: boolean }) {
  const value = isFresh ? '' : shown
  const text = useOperatorText()
  const names: Partial<Record<string, string>> = { '±': text.sign, '.': text.decimal }
  return (
    <div className="op-pad">
      {KEYS.map((key) => (
        <button
          key={key}
          type="button"
          aria-label={names[key] ?? key}
          onPointerDown={() => onChange(typed(value, key))}
          onClick={(event) => event.detail === 0 && onChange(typed(value, key))}
        >
          {key}
        </button>
      ))}
      <button
        type="button"
        className="op-pad-erase"
        aria-label={text.erase}
        onPointerDown={() => onChange(value.slice(0, -1))}
        onClick={(event) => event.detail === 0 && onChange(value.slice(0, -1))}
      >
        <Delete size={26} aria-hidden />
      </button>
    </div>
  )
}
