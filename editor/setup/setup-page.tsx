import '../sign-in/sign-in.css'
import './setup.css'
import { Button, Loader, PasswordInput, Skeleton, TextInput } from '@mantine/core'
import { CircleAlert, Factory, SquareDashed } from 'lucide-react'
import { type FormEvent, useEffect, useState } from 'react'
import { startDemo } from '../../server/api/flows.ts'
import { createOwner, getMe, getSetup } from '../../server/api/people.ts'
import { ApiError, call, post } from '../shared/api.ts'
import { setup as de } from '../shared/text/de/sign-in.ts'
import { setup as en } from '../shared/text/en/sign-in.ts'
import { catalogue } from '../shared/text/index.ts'
import { useCommonText } from '../shared/theme.tsx'
import { Doorway } from '../sign-in/doorway.tsx'

const useText = catalogue(en, de)

type Stage = { at: 'asking' } | { at: 'account' } | { at: 'done' } | { at: 'unreachable'; message: string } | { at: 'beginning'; name: string }

export function SetupPage() {
  const text = useText()
  const common = useCommonText()
  const [stage, setStage] = useState<Stage>({ at: 'asking' })

  useEffect(() => {
    document.title = `${text.title} · Cellwright`
  }, [text])
  useEffect(() => {
    void stageNow().then(setStage)
  }, [])

  return (
    <Doorway>
      {stage.at === 'asking' && <Skeleton height={420} width={400} radius="md" />}
      {stage.at === 'unreachable' && (
        <>
          <Wrong>{stage.message}</Wrong>
          <Button onClick={() => location.reload()}>{common.retry}</Button>
        </>
      )}
      {stage.at === 'done' && (
        <div className="sign-in-card">
          <h1>{text.title}</h1>
          <p className="setup-text">{text.done}</p>
          <Button component="a" href="/sign-in" size="md">
            {text.toSignIn}
          </Button>
        </div>
      )}
      {stage.at === 'account' && <AccountForm onMade={(name) => setStage({ at: 'beginning', name })} />}
      {stage.at === 'beginning' && <Beginning name={stage.name} />}
    </Doorway>
  )
}

/** A reload after the account was made leads back to the choice, as long as the session is there. */
async function stageNow(): Promise<Stage> {
  try {
    const setup = await call(getSetup)
    return setup.isNeeded ? { at: 'account' } : { at: 'done' }
  } catch (problem) {
    return { at: 'unreachable', message: (problem as ApiError).message }
  }
}

function Wrong({ children }: { children: string }) {
  return (
    <p className="sign-in-note" data-state="alarm" role="alert">
      <CircleAlert size={20} aria-hidden /> {children}
    </p>
  )
}

function AccountForm({ onMade }: { onMade: (name: string) => void }) {
  const text = useText()
  const fromUrl = new URLSearchParams(location.search).get('code') ?? ''
  const [code, setCode] = useState(fromUrl)
  const [name, setName] = useState('')
  const [userName, setUserName] = useState('')
  const [password, setPassword] = useState('')
  const [isTried, setTried] = useState(false)
  const [isBusy, setBusy] = useState(false)
  const [error, setError] = useState<string>()

  const wrong = {
    name: name.trim() === '' && text.nameMissing,
    userName: !/^[A-Za-z0-9._-]{2,40}$/.test(userName) && text.userNameWrong,
    password: (password.length < 8 || password.length > 128) && text.passwordShort,
  }
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (wrong.name || wrong.userName || wrong.password) return
    setBusy(true)
    setError(undefined)
    try {
      await call(createOwner, { body: { code: code.trim(), name: name.trim(), userName, password } })
      await post('/api/auth/sign-in/username', { username: userName, password })
      // the code is used up and need not stay in the address bar
      history.replaceState(null, '', '/setup')
      onMade((await call(getMe)).name)
    } catch (problem) {
      setBusy(false)
      if (!(problem instanceof ApiError)) throw problem
      setError(problem.message)
    }
  }
  return (
    <form className="sign-in-card" onSubmit={submit} noValidate>
      <h1>{text.title}</h1>
      <p className="setup-text">{text.intro}</p>
      {fromUrl === '' && (
        <TextInput
          label={text.code}
          description={text.noCode}
          size="md"
          value={code}
          onChange={(event) => setCode(event.currentTarget.value)}
          data-testid="code"
        />
      )}
      <TextInput
        label={text.name}
        description={text.nameHint}
        size="md"
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        error={isTried && wrong.name}
        autoComplete="name"
        autoFocus
        data-testid="name"
      />
      <TextInput
        label={text.userName}
        description={text.userNameHint}
        size="md"
        value={userName}
        onChange={(event) => setUserName(event.currentTarget.value)}
        error={isTried && wrong.userName}
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        data-testid="user-name"
      />
      <PasswordInput
        label={text.password}
        description={text.passwordHint}
        size="md"
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
        error={isTried && wrong.password}
        autoComplete="new-password"
        data-testid="password"
      />
      {error && <Wrong>{error}</Wrong>}
      <Button type="submit" size="md" loading={isBusy} data-testid="create-owner">
        {isBusy ? text.creating : text.create}
      </Button>
    </form>
  )
}

function Beginning({ name }: { name: string }) {
  const text = useText()
  const common = useCommonText()
  const [isBusy, setBusy] = useState(false)
  const [error, setError] = useState<string>()
  const demo = async () => {
    setBusy(true)
    setError(undefined)
    try {
      await call(startDemo, { body: { timeScale: 10 } })
      location.assign('/')
    } catch (problem) {
      setBusy(false)
      if (!(problem instanceof ApiError)) throw problem
      setError(`${text.start.failed}: ${problem.message}`)
    }
  }
  return (
    <section className="setup-start" aria-labelledby="start">
      <h1 id="start">{text.start.title(name)}</h1>
      {error && <Wrong>{error}</Wrong>}
      <div className="setup-choices">
        <button type="button" className="setup-choice" data-main onClick={demo} disabled={isBusy} data-testid="start-demo">
          <Factory size={32} aria-hidden />
          <strong>{error ? common.retry : text.start.demo}</strong>
          <span>{text.start.demoText}</span>
          <em>{text.start.recommended}</em>
        </button>
        <button type="button" className="setup-choice" onClick={() => location.assign('/')} disabled={isBusy} data-testid="start-empty">
          <SquareDashed size={32} aria-hidden />
          <strong>{text.start.empty}</strong>
          <span>{text.start.emptyText}</span>
        </button>
      </div>
      <p className="setup-progress" role="status">
        {isBusy && (
          <>
            <Loader size="sm" /> {text.start.demoSteps}
          </>
        )}
      </p>
    </section>
  )
}
