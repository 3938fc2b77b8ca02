/**
 * A sign-in of one's own with what stands in the form, before anybody depends on it. At a provider of OpenID Connect it happens in a window of its
 * own, so that the form stays as it is.
 */
import { Button, PasswordInput, TextInput } from '@mantine/core'
import { type FormEvent, useEffect, useState } from 'react'
import { beginSignInTrial, getSignInTrial, type SignInTrial, trySignInAtDirectory } from '../../../server/api/sign-in-trials.ts'
import { call } from '../../shared/api.ts'
import { useLoad } from '../../shared/use-load.ts'
import { TrialView } from './trial-view.tsx'
import { useProviderText } from './words.ts'

/** How often the form asks whether the window has come back. */
const ASK_MS = 1500

interface Given {
  settings: Record<string, unknown>
  secret?: string
}

export function TrialCard({ kind, providerId, given }: { kind: 'oidc' | 'ldap'; providerId: string | undefined; given: () => Given }) {
  const words = useProviderText().trial
  return (
    <section className="settings-card" aria-labelledby="trial">
      <h3 id="trial">{words.title}</h3>
      <p className="settings-dim">{words.hint}</p>
      {kind === 'ldap' ? (
        <AtDirectory providerId={providerId} given={given} />
      ) : providerId === undefined ? (
        <p className="settings-dim">{words.saveFirst}</p>
      ) : (
        <AtProvider providerId={providerId} given={given} />
      )}
    </section>
  )
}

/** One trial at a time; its trouble is said where it happened. */
function useTrial() {
  const [isBusy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string>()
  const [trial, setTrial] = useState<SignInTrial>()
  const work = async (what: () => Promise<void>) => {
    setBusy(true)
    setProblem(undefined)
    setTrial(undefined)
    try {
      await what()
    } catch (failed) {
      setProblem((failed as Error).message)
    } finally {
      setBusy(false)
    }
  }
  return { isBusy, problem, setProblem, trial, setTrial, work }
}

function AtDirectory({ providerId, given }: { providerId: string | undefined; given: () => Given }) {
  const words = useProviderText().trial
  const [userName, setUserName] = useState('')
  const [password, setPassword] = useState('')
  const { isBusy, problem, trial, setTrial, work } = useTrial()
  const submit = (event: FormEvent) => {
    event.preventDefault()
    void work(async () => {
      setTrial(
        await call(trySignInAtDirectory, { body: { ...given(), ...(providerId === undefined ? {} : { providerId }), userName: userName.trim(), password } }),
      )
      setPassword('')
    })
  }
  return (
    <form onSubmit={submit}>
      <div className="settings-fields">
        <TextInput
          label={words.userName}
          value={userName}
          onChange={(event) => setUserName(event.currentTarget.value)}
          required
          withAsterisk={false}
          autoComplete="off"
          spellCheck={false}
          data-testid="trial-user-name"
        />
        <PasswordInput
          label={words.password}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          required
          withAsterisk={false}
          autoComplete="off"
          data-testid="trial-password"
        />
      </div>
      {trial && <TrialView trial={trial} />}
      <Problem problem={problem} />
      <div className="settings-actions">
        <Button type="submit" variant="default" loading={isBusy} data-testid="try-provider">
          {words.tryDirectory}
        </Button>
      </div>
    </form>
  )
}

function AtProvider({ providerId, given }: { providerId: string; given: () => Given }) {
  const words = useProviderText().trial
  const { isBusy, problem, setProblem, trial, setTrial, work } = useTrial()
  const [open, setOpen] = useState<{ id: string; url: string | undefined }>()
  const isWaiting = trial?.state === 'waiting'
  useEffect(() => {
    if (!open || !isWaiting) return
    let isOver = false
    let timer: number | undefined
    const look = async () => {
      try {
        const found = await call(getSignInTrial, { params: { trialId: open.id } })
        if (!isOver && found.state === 'done') return setTrial(found)
      } catch (failed) {
        // away for a moment, or over: only the second is an end
        if (!isOver && (failed as { code?: unknown }).code === 'trial-over') {
          setTrial(undefined)
          return setProblem((failed as Error).message)
        }
      }
      if (!isOver) timer = window.setTimeout(() => void look(), ASK_MS)
    }
    void look()
    return () => {
      isOver = true
      window.clearTimeout(timer)
    }
  }, [open, isWaiting, setTrial, setProblem])
  const begin = () => {
    // opened by the press itself, else the browser takes it for a nuisance
    const there = window.open('about:blank')
    void work(async () => {
      try {
        const { id, url } = await call(beginSignInTrial, { body: { ...given(), providerId } })
        setOpen({ id, url: there ? undefined : url })
        setTrial(url === undefined ? await call(getSignInTrial, { params: { trialId: id } }) : { ...WAITING })
        if (url === undefined) there?.close()
        else if (there) {
          there.opener = null
          there.location.replace(url)
        }
      } catch (failed) {
        there?.close()
        throw failed
      }
    })
  }
  return (
    <>
      {isWaiting && open?.url !== undefined && (
        <p>
          {words.blocked}{' '}
          <a href={open.url} target="_blank" rel="noreferrer">
            {words.openThere}
          </a>
        </p>
      )}
      {trial && <TrialView trial={trial} />}
      <Problem problem={problem} />
      <div className="settings-actions">
        <Button variant="default" loading={isBusy} onClick={begin} data-testid="try-provider">
          {isWaiting ? words.anew : words.tryProvider}
        </Button>
      </div>
    </>
  )
}

const WAITING: SignInTrial = { state: 'waiting', isUsable: false, findings: [], used: [], others: [], groups: [] }

function Problem({ problem }: { problem: string | undefined }) {
  return problem === undefined ? null : (
    <p className="settings-problem" role="alert" data-testid="trial-problem">
      {problem}
    </p>
  )
}

/** Where the window ends that was opened for a trial. */
export function TrialPage({ trialId }: { trialId: string }) {
  const text = useProviderText()
  const loaded = useLoad(trialId, () => call(getSignInTrial, { params: { trialId } }))
  return (
    <section className="settings-card" aria-labelledby="trial">
      <h3 id="trial">{text.trial.title}</h3>
      {loaded.value ? <TrialView trial={loaded.value} /> : loaded.error === undefined && <div className="settings-skeleton" aria-hidden />}
      <Problem problem={loaded.error} />
      {loaded.value && <p className="settings-dim">{text.trial.closeThis}</p>}
    </section>
  )
}
