/** Choosing a password by a link, which then signs in. The code is behind `#`: it reaches no log of any server. */
import { Button, PasswordInput, Skeleton } from '@mantine/core'
import { KeyRound } from 'lucide-react'
import { type FormEvent, useEffect, useState } from 'react'
import { lookAtPasswordLink, usePasswordLink as spendLink } from '../../server/api/accounts.ts'
import { call, post } from '../shared/api.ts'
import { welcome as de } from '../shared/text/de/sign-in.ts'
import { welcome as en } from '../shared/text/en/sign-in.ts'
import { catalogue } from '../shared/text/index.ts'
import { Doorway } from '../sign-in/doorway.tsx'
import { Wrong } from '../sign-in/pin-sign-in.tsx'

const useText = catalogue(en, de)

export function WelcomePage() {
  const text = useText()
  const [code] = useState(() => location.hash.slice(1))
  const [who, setWho] = useState<{ userName: string; name: string }>()
  const [problem, setProblem] = useState<string>()
  useEffect(() => {
    document.title = `${text.title} · Cellwright`
  }, [text])
  useEffect(() => {
    // a link that was cut on its way is no link
    call(lookAtPasswordLink, { body: { code: code.padEnd(20, '-').slice(0, 100) } }).then(setWho, (error: Error) => setProblem(error.message))
  }, [code])
  return (
    <Doorway>
      {!who && !problem && <Skeleton height={320} width={400} radius="md" />}
      {problem && (
        <>
          <Wrong>{problem}</Wrong>
          <Button component="a" href="/sign-in" variant="default" size="md">
            {text.toSignIn}
          </Button>
        </>
      )}
      {who && <Choose code={code} {...who} />}
    </Doorway>
  )
}

function Choose({ code, userName, name }: { code: string; userName: string; name: string }) {
  const text = useText()
  const [password, setPassword] = useState('')
  const [again, setAgain] = useState('')
  const [isTried, setTried] = useState(false)
  const [isBusy, setBusy] = useState(false)
  const [error, setError] = useState<string>()
  const wrong = {
    password: (password.length < 8 || password.length > 128) && text.short,
    again: again !== password && text.different,
  }
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (wrong.password || wrong.again) return
    setBusy(true)
    setError(undefined)
    try {
      await call(spendLink, { body: { code, password } })
      // the code is used up and need not stay in the address bar
      history.replaceState(null, '', '/welcome')
      await post('/api/auth/sign-in/username', { username: userName, password })
      location.assign('/')
    } catch (problem) {
      setBusy(false)
      setError((problem as Error).message)
    }
  }
  return (
    <form className="sign-in-card" onSubmit={submit} noValidate>
      <h1>{text.hello(name)}</h1>
      <p>{text.intro(userName)}</p>
      {/* for the browser's own store of passwords */}
      <input type="text" name="username" autoComplete="username" value={userName} readOnly hidden />
      <PasswordInput
        label={text.password}
        description={text.hint}
        size="md"
        value={password}
        autoComplete="new-password"
        autoFocus
        error={isTried && wrong.password}
        onChange={(event) => setPassword(event.currentTarget.value)}
        data-testid="password"
      />
      <PasswordInput
        label={text.again}
        size="md"
        value={again}
        autoComplete="new-password"
        error={isTried && wrong.again}
        onChange={(event) => setAgain(event.currentTarget.value)}
        data-testid="password-again"
      />
      {error && <Wrong>{error}</Wrong>}
      <Button type="submit" size="md" loading={isBusy} leftSection={<KeyRound size={18} aria-hidden />} data-testid="choose-password">
        {text.choose}
      </Button>
    </form>
  )
}
