/** One's own password: the old one is asked for. */
import { Button, PasswordInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useState } from 'react'
import { changeOwnPassword } from '../../../server/api/own-account.ts'
import { call } from '../../shared/api.ts'
import { useDoing } from '../../shared/use-doing.ts'
import { isPassword } from '../people/add-person.tsx'
import { useAccountText } from './words.ts'

export function OwnPassword({ hasPassword, onChange }: { hasPassword: boolean; onChange: () => void }) {
  const text = useAccountText().password
  const [current, setCurrent] = useState('')
  const [password, setPassword] = useState('')
  const [isTried, setTried] = useState(false)
  const { isBusy, problem, run } = useDoing()
  const change = () =>
    run(async () => {
      const { ended } = await call(changeOwnPassword, { body: { current, password } })
      setCurrent('')
      setPassword('')
      setTried(false)
      onChange()
      notifications.show({ message: text.changed(ended) })
    })
  return (
    <section className="settings-card" aria-labelledby="own-password-title">
      <h3 id="own-password-title">{text.title}</h3>
      <p className="settings-dim">{hasPassword ? text.hint : text.none}</p>
      {hasPassword && (
        <form
          noValidate
          onSubmit={(event) => {
            event.preventDefault()
            setTried(true)
            if (current && isPassword(password)) void change()
          }}
        >
          <div className="settings-fields">
            <PasswordInput
              label={text.current}
              value={current}
              autoComplete="current-password"
              error={isTried && !current && text.missing}
              onChange={(event) => setCurrent(event.currentTarget.value)}
              data-testid="current-password"
            />
            <PasswordInput
              label={text.new}
              description={text.newHint}
              value={password}
              autoComplete="new-password"
              error={isTried && !isPassword(password) && text.short}
              onChange={(event) => setPassword(event.currentTarget.value)}
              data-testid="own-new-password"
            />
          </div>
          {problem && (
            <p className="settings-problem" role="alert">
              {problem}
            </p>
          )}
          <Button type="submit" loading={isBusy} data-testid="change-password">
            {text.change}
          </Button>
        </form>
      )}
    </section>
  )
}
