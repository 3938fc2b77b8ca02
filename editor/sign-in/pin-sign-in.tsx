/** Signing in at a panel: by name tile and PIN, or by a badge at any time. */
import './sign-in.css'
import { Button } from '@mantine/core'
import { CircleAlert, Delete, LogIn } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { type Me, signInWithBadge, signInWithPin } from '../../server/api/people.ts'
import { ApiError, call } from '../shared/api.ts'
import { signIn as de } from '../shared/text/de/sign-in.ts'
import { signIn as en } from '../shared/text/en/sign-in.ts'
import { catalogue } from '../shared/text/index.ts'
import { useCommonText } from '../shared/theme.tsx'
import { createBadgeReader } from './badge-reader.ts'

export const useSignInText = catalogue(en, de)
export interface Person {
  userId: string
  name: string
}

/** Listens for a badge reader. What it types goes nowhere else once its Enter came. */
export function useBadge(onSignedIn: (me: Me) => void, onProblem: (message: string) => void): void {
  const told = useRef({ onSignedIn, onProblem })
  told.current = { onSignedIn, onProblem }
  useBadgeCode((code) => {
    call(signInWithBadge, { body: { code } }).then(
      (me) => told.current.onSignedIn(me),
      (error: Error) => told.current.onProblem(error.message),
    )
  })
}

/** Whoever wants badges, the last one first: a dialog that pairs one takes it from the page behind it. */
const takers: ((code: string) => void)[] = []
let isListening = false
function listen(): void {
  if (isListening) return
  isListening = true
  const reader = createBadgeReader()
  addEventListener(
    'keydown',
    (event) => {
      const code = reader.key(event.key, event.timeStamp)
      const taker = takers.at(-1)
      if (code === undefined || !taker) return
      event.preventDefault()
      event.stopImmediatePropagation()
      taker(code)
    },
    { capture: true },
  )
}

/** The code of every badge that is held to the reader, while `isOn`. */
export function useBadgeCode(onCode: (code: string) => void, isOn = true): void {
  const told = useRef(onCode)
  told.current = onCode
  useEffect(() => {
    if (!isOn) return
    listen()
    const taker = (code: string) => told.current(code)
    takers.push(taker)
    return () => void takers.splice(takers.indexOf(taker), 1)
  }, [isOn])
}

export function Wrong({ children }: { children: string }) {
  return (
    <p className="sign-in-note" data-state="alarm" role="alert">
      <CircleAlert size={20} aria-hidden /> {children}
    </p>
  )
}

/** The people who can sign in with a PIN, then the keys. */
export function PinSignIn({ people, onSignedIn }: { people: Person[]; onSignedIn: (me: Me) => void }) {
  const text = useSignInText()
  const [person, setPerson] = useState<Person>()
  if (person) return <PinPad person={person} onSignedIn={onSignedIn} onBack={() => setPerson(undefined)} />
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

function PinPad({ person, onSignedIn, onBack }: { person: Person; onSignedIn: (me: Me) => void; onBack: () => void }) {
  const text = useSignInText()
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
      onSignedIn(await call(signInWithPin, { body: { userId: person.userId, pin } }))
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
