/** Signing in through the company: the providers, who waits to be let in, and who signs in with a password of ours. */
import './sign-in.css'
import { Button, Radio } from '@mantine/core'
import { ArrowLeft, Plus } from 'lucide-react'
import { listRoles } from '../../../server/api/accounts.ts'
import { getSignInSettings, letIn, type SignInOverview, setPasswordSignIn, turnAway } from '../../../server/api/sign-in.ts'
import { call } from '../../shared/api.ts'
import { useDoing } from '../../shared/use-doing.ts'
import { useLoad } from '../../shared/use-load.ts'
import { NotRead } from '../not-read.tsx'
import { useRoleName } from '../people/words.ts'
import { ProviderForm } from './provider-form.tsx'
import { TrialPage } from './trial-card.tsx'
import { useProviderText } from './words.ts'

const NEW = { '+oidc': 'oidc', '+ldap': 'ldap' } as const

export function SignInSection({ rest, go }: { rest: readonly string[]; go: (...rest: string[]) => void }) {
  const text = useProviderText()
  const all = useLoad('sign-in', () => call(getSignInSettings))
  const roles = useLoad('roles', () => call(listRoles))
  const [what, trialId] = rest
  if (!all.value || !roles.value) {
    const refresh = () => {
      all.refresh()
      roles.refresh()
    }
    return <NotRead error={all.error ?? roles.error} onAgain={refresh} words={text} />
  }
  const { providers } = all.value
  const kind = what === undefined ? undefined : NEW[what as keyof typeof NEW]
  const provider = providers.find(({ id }) => id === what)
  if (provider && trialId !== undefined)
    return (
      <>
        <Button variant="subtle" leftSection={<ArrowLeft size={16} aria-hidden />} onClick={() => go(provider.id)} data-testid="trial-back">
          {provider.name}
        </Button>
        <TrialPage trialId={trialId} />
      </>
    )
  if (kind || provider)
    return (
      <>
        <Button variant="subtle" leftSection={<ArrowLeft size={16} aria-hidden />} onClick={() => go()} data-testid="providers-back">
          {text.back}
        </Button>
        <ProviderForm
          key={what}
          kind={provider?.kind ?? kind ?? 'oidc'}
          provider={provider}
          roles={roles.value}
          onSaved={(saved) => {
            all.refresh()
            if (saved.id !== what) go(saved.id)
          }}
          onRemoved={() => {
            all.refresh()
            go()
          }}
        />
      </>
    )
  return (
    <>
      <section className="settings-card" aria-label={text.back}>
        <div className="settings-head">
          <p>{text.intro}</p>
          <div className="settings-actions">
            <Button leftSection={<Plus size={16} aria-hidden />} onClick={() => go('+oidc')} data-testid="add-oidc">
              {text.addOidc}
            </Button>
            <Button variant="default" leftSection={<Plus size={16} aria-hidden />} onClick={() => go('+ldap')} data-testid="add-ldap">
              {text.addLdap}
            </Button>
          </div>
        </div>
        {providers.length === 0 ? (
          <p className="settings-empty">{text.empty}</p>
        ) : (
          <ul className="settings-list">
            {providers.map((one) => (
              <li key={one.id}>
                <div>
                  <strong>{one.name}</strong>
                  <div className="settings-dim">
                    {text.kinds[one.kind]} · {one.isOn ? text.on : text.off} · {text.people(one.people)}
                  </div>
                </div>
                <Button variant="default" onClick={() => go(one.id)} aria-label={`${text.open}: ${one.name}`} data-testid={`open-${one.id}`}>
                  {text.open}
                </Button>
              </li>
            ))}
          </ul>
        )}
      </section>
      <Waiting all={all.value} onChanged={all.refresh} />
      <Passwords all={all.value} onChanged={all.refresh} />
    </>
  )
}

/** One action at a time; its trouble is said where it happened. */
function useWork(onDone: () => void) {
  const { isBusy, problem, run } = useDoing()
  return { isBusy, problem, work: (what: () => Promise<unknown>) => void run(() => what().then(onDone)) }
}

function Waiting({ all: { waiting, providers }, onChanged }: { all: SignInOverview; onChanged: () => void }) {
  const text = useProviderText().waiting
  const roleName = useRoleName()
  const { isBusy, problem, work } = useWork(onChanged)
  if (waiting.length === 0) return null
  return (
    <section className="settings-card" aria-labelledby="waiting">
      <h3 id="waiting">{text.title}</h3>
      <p className="settings-dim">{text.hint}</p>
      <ul className="settings-list">
        {waiting.map(({ providerId, subject, userName, name, mail, role, sameName }) => (
          <li key={`${providerId} ${subject}`}>
            <div>
              <strong>{name}</strong> ({userName})
              <div className="settings-dim">
                {[providers.find(({ id }) => id === providerId)?.name, mail, text.would(roleName(role, undefined))].filter(Boolean).join(' · ')}
              </div>
              {sameName && <div>{text.same(sameName.name)}</div>}
            </div>
            <div className="settings-actions">
              <Button
                variant="default"
                disabled={isBusy}
                onClick={() => work(() => call(letIn, { body: { providerId, subject, ...(sameName ? { userId: sameName.userId } : {}) } }))}
                data-testid={`let-in-${subject}`}
              >
                {sameName ? text.asSame(sameName.name) : text.asNew}
              </Button>
              <Button variant="subtle" disabled={isBusy} onClick={() => work(() => call(turnAway, { body: { providerId, subject } }))}>
                {text.away}
              </Button>
            </div>
          </li>
        ))}
      </ul>
      {problem && (
        <p className="settings-problem" role="alert">
          {problem}
        </p>
      )}
    </section>
  )
}

function Passwords({ all: { passwords }, onChanged }: { all: SignInOverview; onChanged: () => void }) {
  const text = useProviderText().passwords
  const { isBusy, problem, work } = useWork(onChanged)
  return (
    <section className="settings-card" aria-labelledby="passwords">
      <h3 id="passwords">{text.title}</h3>
      <p className="settings-dim">{text.hint}</p>
      <Radio.Group
        aria-labelledby="passwords"
        value={passwords}
        onChange={(next) => work(() => call(setPasswordSignIn, { body: { passwords: next === 'administrators' ? 'administrators' : 'everybody' } }))}
      >
        <div className="sign-in-more">
          <Radio value="everybody" label={text.everybody} disabled={isBusy} />
          <Radio value="administrators" label={text.administrators} disabled={isBusy} data-testid="passwords-administrators" />
        </div>
      </Radio.Group>
      {problem && (
        <p className="settings-problem" role="alert" data-testid="passwords-problem">
          {problem}
        </p>
      )}
    </section>
  )
}
