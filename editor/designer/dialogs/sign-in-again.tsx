/** The session ended while there is work on the page: the same person signs in again without leaving it, and what waits goes on. */
import { Button, Modal, PasswordInput } from '@mantine/core'
import { type FormEvent, useEffect, useState } from 'react'
import { ApiError, post, stayWhenSignedOut } from '../../shared/api.ts'
import { useMe } from '../../shared/me.ts'
import { useDesignerText } from '../text.ts'

/** Above every other dialog of the page. */
const ON_TOP = 1_000

export function SignInAgain() {
  const { me } = useMe()
  const text = useDesignerText().signInAgain
  const [done, setDone] = useState<() => void>()
  const [password, setPassword] = useState('')
  const [isBusy, setBusy] = useState(false)
  const [error, setError] = useState<string>()
  // while nobody is known there is nothing to lose
  const isKnown = me !== undefined
  useEffect(() => {
    if (!isKnown) return
    return stayWhenSignedOut(
      () =>
        new Promise((resolve) => {
          setDone(() => resolve)
        }),
    )
  }, [isKnown])
  if (!me || !done) return null

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    setError(undefined)
    try {
      await post('/api/auth/sign-in/username', { username: me.userName, password })
      setPassword('')
      setDone(undefined)
      done()
    } catch (problem) {
      setError(problem instanceof ApiError && problem.status !== 401 ? problem.message : text.wrong)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Modal opened onClose={() => {}} withCloseButton={false} closeOnEscape={false} closeOnClickOutside={false} title={text.title} zIndex={ON_TOP}>
      <form className="form" onSubmit={submit} data-testid="sign-in-again">
        <p>{text.text(me.name)}</p>
        {/* a password manager fills in by the name */}
        <input type="text" value={me.userName} autoComplete="username" readOnly hidden />
        <PasswordInput
          label={text.password}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          autoComplete="current-password"
          error={error}
          required
          withAsterisk={false}
          data-autofocus
          data-testid="password-again"
        />
        <div className="form-line">
          <Button type="submit" loading={isBusy} data-testid="sign-in-again-go">
            {text.button}
          </Button>
          <Button component="a" href="/sign-in" variant="subtle" color="gray">
            {text.leave}
          </Button>
        </div>
      </form>
    </Modal>
  )
}
