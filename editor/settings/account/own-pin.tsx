/** One's own PIN: set with the password, or, without one, with the PIN there is. */
import { Button, PasswordInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useState } from 'react'
import { changeOwnPin, type OwnAccount } from '../../../server/api/own-account.ts'
import { call } from '../../shared/api.ts'
import { useDoing } from '../../shared/use-doing.ts'
import { isPin } from '../people/add-person.tsx'
import { useAccountText } from './words.ts'

export function OwnPin({ own, onChange }: { own: OwnAccount; onChange: () => void }) {
  const text = useAccountText().pin
  const [current, setCurrent] = useState('')
  const [pin, setPin] = useState('')
  const { busy, problem, run } = useDoing<'set' | 'clear'>()
  const needsProof = own.hasPassword || own.hasPin
  const change = (next: string | null) =>
    run(
      async () => {
        await call(changeOwnPin, { body: { pin: next, ...(needsProof ? { current } : {}) } })
        setCurrent('')
        setPin('')
        onChange()
        notifications.show({ message: next === null ? text.cleared : text.isSet })
      },
      next === null ? 'clear' : 'set',
    )
  const hasProof = !needsProof || current !== ''
  return (
    <section className="settings-card" aria-labelledby="own-pin-title">
      <h3 id="own-pin-title">{text.title}</h3>
      <p className="settings-dim">
        {text.hint} <span data-testid="own-pin-state">{own.hasPin ? text.has : text.none}</span>
      </p>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          if (hasProof && isPin(pin)) void change(pin)
        }}
      >
        <div className="settings-fields">
          {needsProof && (
            <PasswordInput
              label={own.hasPassword ? text.proofPassword : text.proofPin}
              value={current}
              autoComplete={own.hasPassword ? 'current-password' : 'off'}
              onChange={(event) => setCurrent(event.currentTarget.value)}
              data-testid="pin-proof"
            />
          )}
          <PasswordInput
            label={text.new}
            description={text.newHint}
            value={pin}
            inputMode="numeric"
            autoComplete="off"
            onChange={(event) => setPin(event.currentTarget.value.replace(/\D/g, '').slice(0, 8))}
            data-testid="own-new-pin"
          />
        </div>
        {problem && (
          <p className="settings-problem" role="alert">
            {problem}
          </p>
        )}
        <div className="settings-actions">
          <Button type="submit" disabled={!hasProof || !isPin(pin)} loading={busy === 'set'} data-testid="set-own-pin">
            {text.set}
          </Button>
          {own.hasPin && (
            <Button variant="default" disabled={!hasProof} loading={busy === 'clear'} onClick={() => void change(null)} data-testid="clear-own-pin">
              {text.clear}
            </Button>
          )}
        </div>
      </form>
    </section>
  )
}
