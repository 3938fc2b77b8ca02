import { Button, PasswordInput, Skeleton, TextInput } from '@mantine/core'
import { KeyRound, LayoutGrid, LogIn } from 'lucide-react'
import { type FormEvent, useEffect, useState } from 'react'
import { getMe, getSetup, listPinPeople, type Me } from '../../server/api/people.ts'
import { ApiError, call, post } from '../shared/api.ts'
import { Doorway } from './doorway.tsx'
import { nextPage } from './next.ts'
import { type Person, PinSignIn, useBadge, useSignInText, Wrong } from './pin-sign-in.tsx'

export function SignInPage() {
  const text = useSignInText()
  const [people, setPeople] = useState<Person[]>()
  const [way, setWay] = useState<'pin' | 'password'>()
  const [isSetupNeeded, setSetupNeeded] = useState(false)
  const [error, setError] = useState<string>()
  useBadge(goOn, setError)

  useEffect(() => {
    document.title = `${text.title} · Cellwright`
  }, [text])
  useEffect(() => {
    call(getSetup).then(
      (setup) => setSetupNeeded(setup.isNeeded),
      () => {
        // the people list below tells the same trouble
      },
    )
    call(listPinPeople).then(
      (found) => {
        setPeople(found)
        setWay((before) => before ?? (found.length ? 'pin' : 'password'))
      },
      (problem: ApiError) => {
        setPeople([])
        setWay('password')
        setError(problem.message)
      },
    )
  }, [])

  return (
    <Doorway>
      {isSetupNeeded ? (
        <p className="sign-in-note" data-state="action">
          <KeyRound size={20} aria-hidden /> {text.setupNeeded}
        </p>
      ) : (
        <>
          {error && <Wrong>{error}</Wrong>}
          {way === undefined && <Skeleton height={320} radius="md" />}
          {way === 'password' && <PasswordForm />}
          {way === 'pin' && people && <PinSignIn people={people} onSignedIn={goOn} />}
          {way && (
            <Button
              className="sign-in-other"
              variant="subtle"
              size="md"
              leftSection={way === 'pin' ? <KeyRound size={18} aria-hidden /> : <LayoutGrid size={18} aria-hidden />}
              onClick={() => setWay(way === 'pin' ? 'password' : 'pin')}
              data-testid="other-way"
            >
              {way === 'pin' ? text.withPassword : text.withPin}
            </Button>
          )}
        </>
      )}
    </Doorway>
  )
}

function goOn(me: Me | undefined) {
  location.assign(nextPage(location.search, location.origin, me))
}

function PasswordForm() {
  const text = useSignInText()
  const [userName, setUserName] = useState('')
  const [password, setPassword] = useState('')
  const [isBusy, setBusy] = useState(false)
  const [error, setError] = useState<string>()

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    setError(undefined)
    try {
      await post('/api/auth/sign-in/username', { username: userName.trim(), password })
      goOn(await call(getMe))
    } catch (problem) {
      setBusy(false)
      setError(wordsFor(problem, text))
    }
  }
  return (
    <form className="sign-in-card" onSubmit={submit}>
      <h1>{text.title}</h1>
      <TextInput
        label={text.userName}
        size="md"
        value={userName}
        onChange={(event) => setUserName(event.currentTarget.value)}
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        required
        withAsterisk={false}
        autoFocus
        data-testid="user-name"
      />
      <PasswordInput
        label={text.password}
        size="md"
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
        autoComplete="current-password"
        required
        withAsterisk={false}
        data-testid="password"
      />
      {error && <Wrong>{error}</Wrong>}
      <Button type="submit" size="md" loading={isBusy} leftSection={<LogIn size={18} aria-hidden />} data-testid="sign-in">
        {text.submit}
      </Button>
    </form>
  )
}

/** The sign-in library says 401 for a wrong name as for a wrong password, which is right: say both. */
function wordsFor(problem: unknown, text: ReturnType<typeof useSignInText>): string {
  if (!(problem instanceof ApiError)) throw problem
  if (problem.status === 401) return text.wrong
  return problem.status === 429 ? text.tooMany : problem.message
}
