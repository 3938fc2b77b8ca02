import { Button, PasswordInput, Skeleton, TextInput } from '@mantine/core'
import { Building2, KeyRound, LayoutGrid, LogIn } from 'lucide-react'
import { type FormEvent, useEffect, useState } from 'react'
import { getMe, getSetup, listPinPeople, type Me } from '../../server/api/people.ts'
import { beginProviderSignIn, linkOwnSignIn, listSignInWays, signInAtDirectory } from '../../server/api/sign-in.ts'
import { ApiError, call, post } from '../shared/api.ts'
import { Doorway } from './doorway.tsx'
import { nextPage } from './next.ts'
import { type Person, PinSignIn, useBadge, useSignInText, Wrong } from './pin-sign-in.tsx'
import { refusedText } from './refused.ts'

type Ways = Awaited<ReturnType<typeof ways>>
type Provider = Ways['providers'][number]
/** What fills the middle: tiles, a form for a password of ours or of a directory, or nothing but the buttons below it. */
type Way = { kind: 'pin' } | { kind: 'password' } | { kind: 'directory'; provider: Provider } | { kind: 'buttons' }

const NO_WAYS = { providers: [], passwords: 'everybody' as const }
/** Without them everybody still has their password. */
const ways = () => call(listSignInWays).catch(() => NO_WAYS)

export function SignInPage() {
  const text = useSignInText()
  const [people, setPeople] = useState<Person[]>()
  const [offered, setOffered] = useState<Ways>(NO_WAYS)
  const [way, setWay] = useState<Way>()
  const [isSetupNeeded, setSetupNeeded] = useState(false)
  const [refused] = useState(() => refusedText(location.search))
  const [error, setError] = useState<string | undefined>(refused?.code === 'name-taken' ? undefined : refused?.text)
  const [links, setLinks] = useState(refused?.code === 'name-taken')
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
    const peopleHere = call(listPinPeople).catch((problem: ApiError) => {
      setError(problem.message)
      return []
    })
    void Promise.all([peopleHere, ways()]).then(([found, offers]) => {
      setPeople(found)
      setOffered(offers)
      setWay((before) => before ?? firstWay(found.length > 0, offers, refused?.code))
    })
  }, [refused])

  const choose = (next: Way) => {
    setError(undefined)
    setWay(next)
  }
  const { providers, passwords } = offered
  const others: { next: Way; label: string; icon: typeof KeyRound; id: string }[] = [
    ...(way?.kind !== 'pin' ? [{ next: { kind: 'pin' } as const, label: text.withPin, icon: LayoutGrid, id: 'other-way' }] : []),
    ...(way?.kind !== 'password'
      ? [
          {
            next: { kind: 'password' } as const,
            label: passwords === 'administrators' ? text.forAdmins : providers.length ? text.ownPassword : text.withPassword,
            icon: KeyRound,
            id: way?.kind === 'pin' ? 'other-way' : 'to-password',
          },
        ]
      : []),
  ]
  return (
    <Doorway>
      {isSetupNeeded ? (
        <p className="sign-in-note" data-state="action">
          <KeyRound size={20} aria-hidden /> {text.setupNeeded}
        </p>
      ) : (
        <>
          {error && <Wrong>{error}</Wrong>}
          {links && (
            <p className="sign-in-note" data-state="action" role="status" data-testid="link-note">
              <KeyRound size={20} aria-hidden /> {text.link}
            </p>
          )}
          {way === undefined && <Skeleton height={320} radius="md" />}
          {way?.kind === 'password' && (
            <PasswordForm
              key="own"
              title={providers.length ? text.ownPassword : text.title}
              signIn={(userName, password) => withPassword(userName, password, links)}
            />
          )}
          {way?.kind === 'directory' && (
            <PasswordForm
              key={way.provider.id}
              title={text.at(way.provider.name)}
              signIn={async (userName, password) => {
                try {
                  goOn(await call(signInAtDirectory, { params: { providerId: way.provider.id }, body: { userName, password } }))
                } catch (problem) {
                  if (!(problem instanceof ApiError) || problem.code !== 'name-taken') throw problem
                  setLinks(true)
                  choose({ kind: 'password' })
                }
              }}
            />
          )}
          {way?.kind === 'pin' && people && <PinSignIn people={people} onSignedIn={goOn} />}
          {way && providers.length > 0 && (
            <Providers
              providers={providers.filter(({ id }) => way.kind !== 'directory' || way.provider.id !== id)}
              onDirectory={(provider) => choose({ kind: 'directory', provider })}
              onProblem={setError}
            />
          )}
          {way &&
            others.map(({ next, label, icon: Icon, id }) => (
              <Button
                key={next.kind}
                className="sign-in-other"
                variant="subtle"
                size="md"
                leftSection={<Icon size={18} aria-hidden />}
                onClick={() => choose(next)}
                data-testid={id}
              >
                {label}
              </Button>
            ))}
        </>
      )}
    </Doorway>
  )
}

function firstWay(hasPins: boolean, { providers, passwords }: Ways, refused: string | undefined): Way {
  if (refused === 'name-taken') return { kind: 'password' }
  if (hasPins) return { kind: 'pin' }
  const [only, another] = providers
  if (only?.kind === 'ldap' && !another) return { kind: 'directory', provider: only }
  return passwords === 'administrators' && providers.length ? { kind: 'buttons' } : { kind: 'password' }
}

/** A button each; as large as everything that gloves press. */
function Providers({
  providers,
  onDirectory,
  onProblem,
}: {
  providers: Provider[]
  onDirectory: (provider: Provider) => void
  onProblem: (message: string) => void
}) {
  const text = useSignInText()
  const [busy, setBusy] = useState<string>()
  if (providers.length === 0) return null
  const begin = async (provider: Provider) => {
    if (provider.kind === 'ldap') return onDirectory(provider)
    setBusy(provider.id)
    try {
      const next = new URLSearchParams(location.search).get('next')
      const { url } = await call(beginProviderSignIn, { params: { providerId: provider.id }, body: next ? { next: next.slice(0, 2000) } : {} })
      location.assign(url)
    } catch (problem) {
      setBusy(undefined)
      if (!(problem instanceof ApiError)) throw problem
      onProblem(problem.message)
    }
  }
  return (
    <section className="sign-in-providers" aria-label={text.company}>
      {providers.map((provider) => (
        <Button
          key={provider.id}
          variant="default"
          size="lg"
          loading={busy === provider.id}
          disabled={busy !== undefined && busy !== provider.id}
          leftSection={<Building2 size={20} aria-hidden />}
          onClick={() => void begin(provider)}
          data-testid={`provider-${provider.id}`}
        >
          {text.through(provider.name)}
        </Button>
      ))}
    </section>
  )
}

/** @param links the person who was at a provider becomes one with who signs in now */
async function withPassword(username: string, password: string, links: boolean): Promise<void> {
  await post('/api/auth/sign-in/username', { username, password })
  const me = await call(getMe)
  // somebody else signed in, or it took too long: they are signed in all the same
  if (links) await call(linkOwnSignIn, { body: {} }).catch(() => undefined)
  goOn(me)
}

function goOn(me: Me | undefined) {
  location.assign(nextPage(location.search, location.origin, me))
}

function PasswordForm({ title, signIn }: { title: string; signIn: (userName: string, password: string) => Promise<void> }) {
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
      await signIn(userName.trim(), password)
    } catch (problem) {
      setBusy(false)
      setError(wordsFor(problem, text))
    }
  }
  return (
    <form className="sign-in-card" onSubmit={submit}>
      <h1>{title}</h1>
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
