/** One provider: its settings, a test of them before they count, and its end. */
import { Button, CopyButton, PasswordInput, Switch, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { type FormEvent, useState } from 'react'
import type { RoleView } from '../../../server/api/accounts.ts'
import {
  addSignInProvider,
  changeSignInProvider,
  type LdapSettings,
  type OidcSettings,
  recheckPeople,
  removeSignInProvider,
  type SignInProvider,
  type SignInTest,
  testSignInProvider,
} from '../../../server/api/sign-in.ts'
import { call } from '../../shared/api.ts'
import { useDoing } from '../../shared/use-doing.ts'
import { type Draft, newDraft, settingsOf } from './drafts.ts'
import { LdapFields, OidcFields, PeopleFields } from './fields.tsx'
import { Findings } from './findings.tsx'
import { TrialCard } from './trial-card.tsx'
import { useProviderText } from './words.ts'

const draftOf = ({ kind, name, isOn, settings }: SignInProvider): Draft => ({
  ...newDraft(kind, name),
  isOn,
  ...(kind === 'oidc' ? { oidc: settings as OidcSettings } : { ldap: settings as LdapSettings }),
})

const looksEvery = ({ bindDn, recheckMinutes }: LdapSettings) => (bindDn.trim() === '' || recheckMinutes === 0 ? undefined : recheckMinutes)

/** As it is sent: lines that were left empty are none. */
function cleaned(draft: Draft): Record<string, unknown> {
  const settings = settingsOf(draft)
  const roles = settings.roles.filter(({ group }) => group.trim() !== '').map(({ group, role }) => ({ group: group.trim(), role }))
  return { ...settings, roles, ...('servers' in settings ? { servers: settings.servers.map((one) => one.trim()).filter(Boolean) } : {}) }
}

export function ProviderForm({
  kind,
  provider,
  roles,
  onSaved,
  onRemoved,
}: {
  kind: SignInProvider['kind']
  /** Absent: a new one. */
  provider: SignInProvider | undefined
  roles: readonly RoleView[]
  onSaved: (provider: SignInProvider) => void
  onRemoved: () => void
}) {
  const text = useProviderText()
  const words = text.form
  const [draft, setDraft] = useState<Draft>(() => (provider ? draftOf(provider) : newDraft(kind, '')))
  const [about, setAbout] = useState('')
  const [found, setFound] = useState<SignInTest>()
  const { busy, problem, run } = useDoing<'save' | 'test' | 'recheck' | 'remove'>()
  const secret = draft.secret === '' ? {} : { secret: draft.secret }

  const save = (event: FormEvent) => {
    event.preventDefault()
    void run(async () => {
      const body = { kind: draft.kind, name: draft.name.trim(), isOn: draft.isOn, settings: cleaned(draft), ...secret }
      const saved = provider ? await call(changeSignInProvider, { params: { providerId: provider.id }, body }) : await call(addSignInProvider, { body })
      setDraft(draftOf(saved))
      notifications.show({ message: words.saved })
      onSaved(saved)
    }, 'save')
  }
  const test = () =>
    run(async () => {
      setFound(undefined)
      const wanted = about.trim()
      const of = wanted === '' ? {} : kind === 'ldap' ? { person: wanted } : { groups: wanted.split(',').map((one) => one.trim()) }
      setFound(await call(testSignInProvider, { body: { kind, settings: cleaned(draft), ...secret, ...of, ...(provider ? { providerId: provider.id } : {}) } }))
    }, 'test')

  return (
    <>
      <section className="settings-card" aria-label={provider?.name ?? text.kinds[kind]}>
        <h3>{provider?.name ?? text.kinds[kind]}</h3>
        <form onSubmit={save}>
          <TextInput
            label={words.name}
            required
            withAsterisk={false}
            value={draft.name}
            onChange={(event) => setDraft({ ...draft, name: event.currentTarget.value })}
            data-testid="field-name"
          />
          {draft.kind === 'oidc' ? (
            <OidcFields value={draft.oidc} onChange={(oidc) => setDraft({ ...draft, oidc })} />
          ) : (
            <LdapFields value={draft.ldap} onChange={(ldap) => setDraft({ ...draft, ldap })} isNew={!provider} />
          )}
          <PasswordInput
            label={kind === 'oidc' ? words.secret : words.bindSecret}
            description={provider?.hasSecret ? words.secretKept : undefined}
            value={draft.secret}
            onChange={(event) => setDraft({ ...draft, secret: event.currentTarget.value })}
            autoComplete="new-password"
            data-testid="field-secret"
          />
          {draft.kind === 'oidc' ? (
            <PeopleFields value={draft.oidc} onChange={(oidc) => setDraft({ ...draft, oidc })} roles={roles} looksEveryMin={undefined} />
          ) : (
            <PeopleFields value={draft.ldap} onChange={(ldap) => setDraft({ ...draft, ldap })} roles={roles} looksEveryMin={looksEvery(draft.ldap)} />
          )}
          <Switch
            label={words.isOn}
            checked={draft.isOn}
            onChange={(event) => setDraft({ ...draft, isOn: event.currentTarget.checked })}
            data-testid="field-isOn"
          />
          {kind === 'oidc' && <Addresses provider={provider} />}
          <TextInput
            label={kind === 'ldap' ? words.testPerson : words.testGroups}
            value={about}
            onChange={(event) => setAbout(event.currentTarget.value)}
            data-testid="test-about"
          />
          {found && (
            <Findings
              label={words.tested}
              verdict={found.isUsable ? words.usable : words.unusable}
              findings={found.findings}
              isUsable={found.isUsable}
              testId="test-result"
            />
          )}
          {problem && (
            <p className="settings-problem" role="alert" data-testid="provider-problem">
              {problem}
            </p>
          )}
          <div className="settings-actions">
            <Button type="submit" loading={busy === 'save'} disabled={busy !== undefined} data-testid="save-provider">
              {words.save}
            </Button>
            <Button variant="default" loading={busy === 'test'} disabled={busy !== undefined} onClick={() => void test()} data-testid="test-provider">
              {words.test}
            </Button>
            {provider?.kind === 'ldap' && provider.isOn && looksEvery(provider.settings as LdapSettings) !== undefined && (
              <Button
                variant="default"
                loading={busy === 'recheck'}
                disabled={busy !== undefined}
                onClick={() =>
                  void run(async () => {
                    const { looked, out, changed } = await call(recheckPeople, { params: { providerId: provider.id }, body: {} })
                    notifications.show({ message: words.rechecked(looked, out.join(', '), changed.join(', ')) })
                  }, 'recheck')
                }
                data-testid="recheck-people"
              >
                {words.recheck}
              </Button>
            )}
          </div>
        </form>
      </section>
      <TrialCard kind={kind} providerId={provider?.id} given={() => ({ settings: cleaned(draft), ...secret })} />
      {provider && (
        <section className="settings-card" aria-label={words.removeProvider}>
          <p className="settings-dim">{words.removeHint(provider.people)}</p>
          <Button
            variant="default"
            loading={busy === 'remove'}
            disabled={provider.isOn || busy !== undefined}
            onClick={() =>
              void run(async () => {
                await call(removeSignInProvider, { params: { providerId: provider.id } })
                onRemoved()
              }, 'remove')
            }
            data-testid="remove-provider"
          >
            {words.removeProvider}
          </Button>
        </section>
      )}
    </>
  )
}

function Addresses({ provider }: { provider: SignInProvider | undefined }) {
  const words = useProviderText().form
  if (!provider?.redirectUri) return <p className="settings-dim">{words.redirectLater}</p>
  return (
    <div className="sign-in-addresses">
      <h4>{words.redirect}</h4>
      <dl className="settings-facts">
        {[
          [words.redirectUri, provider.redirectUri],
          [words.signedOutUri, provider.signedOutUri ?? ''],
        ].map(([label, address = '']) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>
              <code>{address}</code>{' '}
              <CopyButton value={address}>
                {({ copied, copy }) => (
                  <Button size="compact-sm" variant="default" onClick={copy} aria-label={`${words.copy}: ${label}`}>
                    {copied ? words.copied : words.copy}
                  </Button>
                )}
              </CopyButton>
            </dd>
          </div>
        ))}
      </dl>
    </div>
  )
}
