/** A passphrase that is given for the first time: typed twice, since one that was typed wrong once locks a back-up for good. */
import { PasswordInput } from '@mantine/core'
import { useBackupText } from './words.ts'

export interface TypedPassphrase {
  first: string
  again: string
}
export const NO_PASSPHRASE: TypedPassphrase = { first: '', again: '' }
const SHORTEST = 12

/** What was typed, when it may be used: long enough, and twice the same. */
export const usable = ({ first, again }: TypedPassphrase): string | undefined => ([...first].length >= SHORTEST && first === again ? first : undefined)

interface PassphraseProps {
  value: TypedPassphrase
  onChange: (value: TypedPassphrase) => void
  /** In place of the usual one. */
  hint?: string
  testId: string
}

export function NewPassphrase({ value, onChange, hint, testId }: PassphraseProps) {
  const text = useBackupText()
  const isOther = value.again !== '' && !value.first.startsWith(value.again) && value.again !== value.first
  return (
    <div className="settings-fields">
      <PasswordInput
        label={text.passphrase}
        description={hint ?? text.passphraseHint}
        value={value.first}
        autoComplete="new-password"
        onChange={(event) => onChange({ ...value, first: event.currentTarget.value })}
        data-testid={testId}
      />
      <PasswordInput
        label={text.passphraseAgain}
        value={value.again}
        autoComplete="new-password"
        error={isOther && text.passphraseOther}
        onChange={(event) => onChange({ ...value, again: event.currentTarget.value })}
        data-testid={`${testId}-again`}
      />
    </div>
  )
}
