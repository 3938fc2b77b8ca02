import './sign-in.css'
import { Button, PasswordInput, Skeleton, TextInput } from '@mantine/core'
import { CircleAlert, Delete, KeyRound, LayoutGrid, LogIn } from 'lucide-react'
import { type FormEvent, useEffect, useState } from 'react'
import { getMe, getSetup, listPinPeople, type Me, signInWithPin } from '../../server/api/people.ts'
import { ApiError, call, post } from '../shared/api.ts'
import { Logo } from '../shared/logo.tsx'
import { signIn as de } from '../shared/text/de/sign-in.ts'
import { signIn as en } from '../shared/text/en/sign-in.ts'
import { catalogue } from '../shared/text/index.ts'
import { useCommonText } from '../shared/theme.tsx'
import { nextPage } from './next.ts'

const useText = catalogue(en, de)
interface Person {
  userId: string
  name: string
}

export function SignInPage() {
  const text = useText()
  const [people, setPeople] = useState<Person[]>()
  const [way, setWay] = useState<'pin' | 'password'>()
  const [isSetupNeeded, setSetupNeeded] = useState(false)
  const [error, setError] = useState<string>()

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
    <main className="sign-in">
      <div className="sign-in-brand">
        <Logo size={36} />
        <span>Cellwright</span>
      </div>
      {isSetupNeeded ? (
        <p className="sign-in-note" data-state="action">
          <KeyRound size={20} aria-hidden /> {text.setupNeeded}
        </p>
      ) : (
        <>
          {error && <Wrong>{error}</Wrong>}
          {way === undefined && <Skeleton height={320} radius="md" />}
          {way === 'password' && <PasswordForm />}
          {way === 'pin' && people && <PinSignIn people={people} />}
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
    </main>
  )
}

function goOn(me: Me | undefined) {
  location.assign(nextPage(location.search, location.origin, me))
}

function Wrong({ children }: { children: string }) {
  return (
    <p className="sign-in-note" data-state="alarm" role="alert">
      <CircleAlert size={20} aria-hidden /> {children}
    </p>
  )
}

function PasswordForm() {
  const text = useText()
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
function wordsFor(problem: unknown, text: typeof en): string {
  if (!(problem instanceof ApiError)) throw problem
  if (problem.status === 401) return text.wrong
  return problem.status === 429 ? text.tooMany : problem.message
}

function PinSignIn({ people }: { people: Person[] }) {
  const text = useText()
  const [person, setPerson] = useState<Person>()
  if (person) return <PinPad person={person} onBack={() => setPerson(undefined)} />
  return (
    <section className="sign-in-people" aria-labelledby="who">
      <h1 id="who">{text.who}</h1>
      {people.length === 0 && <p className="sign-in-note">{text.nobody}</p>}
      <ul>
        {people.map((one) => (
          <li key={one.userId}>
            <button type="button" className="sign-in-tile" onClick={() => setPerson(one)} data-testid={`person-${one.userId}`}>
              <span className="sign-in-initials" aria-hidden>
                {initials(one.name)}
              </span>
              {one.name}
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}

function initials(name: string): string {
  const words = name.trim().split(/\s+/)
  return (words.length > 1 ? [words[0], words.at(-1)] : words)
    .map((word) => word?.[0] ?? '')
    .join('')
    .toUpperCase()
}

const SHORTEST = 4
const LONGEST = 8

function PinPad({ person, onBack }: { person: Person; onBack: () => void }) {
  const text = useText()
  const common = useCommonText()
  const [pin, setPin] = useState('')
  const [isBusy, setBusy] = useState(false)
  const [error, setError] = useState<string>()

  const press = (digit: string) => {
    setError(undefined)
    setPin((before) => (before.length < LONGEST ? before + digit : before))
  }
  const erase = () => setPin((before) => before.slice(0, -1))
  const submit = async () => {
    if (pin.length < SHORTEST || isBusy) return
    setBusy(true)
    try {
      goOn(await call(signInWithPin, { body: { userId: person.userId, pin } }))
    } catch (problem) {
      setBusy(false)
      setPin('')
      if (!(problem instanceof ApiError)) throw problem
      setError(problem.message)
    }
  }
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return
      if (/^[0-9]$/.test(event.key)) press(event.key)
      else if (event.key === 'Backspace') erase()
      else if (event.key === 'Enter' && !(event.target instanceof HTMLButtonElement)) void submit()
      else if (event.key === 'Escape') onBack()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  })

  return (
    <section className="sign-in-pad" aria-labelledby="pin-of">
      <h1 id="pin-of">{text.pinOf(person.name)}</h1>
      <output className="sign-in-dots" aria-live="polite" aria-label={text.pinDigits(pin.length)}>
        {Array.from({ length: Math.max(SHORTEST, pin.length) }, (_, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the dots are alike and only their number counts
          <span key={index} data-filled={index < pin.length || undefined} />
        ))}
      </output>
      {error && <Wrong>{error}</Wrong>}
      <div className="sign-in-keys">
        {['1', '2', '3', '4', '5', '6', '7', '8', '9'].map((digit) => (
          <button key={digit} type="button" onClick={() => press(digit)} disabled={isBusy} aria-label={text.digit(digit)} data-testid={`pin-${digit}`}>
            {digit}
          </button>
        ))}
        <button type="button" onClick={erase} disabled={isBusy || pin === ''} aria-label={text.erase}>
          <Delete size={30} aria-hidden />
        </button>
        <button type="button" onClick={() => press('0')} disabled={isBusy} aria-label={text.digit('0')} data-testid="pin-0">
          0
        </button>
        <button
          type="button"
          className="sign-in-enter"
          onClick={submit}
          disabled={isBusy || pin.length < SHORTEST}
          aria-label={text.enter}
          data-testid="pin-enter"
        >
          <LogIn size={30} aria-hidden />
        </button>
      </div>
      <div className="sign-in-back">
        <Button variant="default" size="lg" onClick={onBack}>
          {isBusy ? common.loading : text.back}
        </Button>
      </div>
    </section>
  )
}
