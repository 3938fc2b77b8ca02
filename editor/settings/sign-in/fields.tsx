/** The fields of a provider, by kind, and the table from groups to roles. */
import { ActionIcon, Button, NumberInput, Select, Switch, Textarea, TextInput } from '@mantine/core'
import { ArrowUp, Plus, X } from 'lucide-react'
import { ROLE_NAMES } from '../../../server/api/access.ts'
import type { RoleView } from '../../../server/api/accounts.ts'
import type { LdapSettings, OidcSettings } from '../../../server/api/sign-in.ts'
import { useRoleName } from '../people/words.ts'
import { PRESETS } from './drafts.ts'
import { useProviderText } from './words.ts'

type KeyOf<T, V> = { [K in keyof T]-?: T[K] extends V | undefined ? K : never }[keyof T] & string

/** Fields for one object of settings: text, switches, numbers, each by the name of what it changes. */
function useFields<T extends object>(value: T, onChange: (next: T) => void) {
  const text = useProviderText().form
  const labels = text as unknown as Record<string, string>
  const set = (key: keyof T, next: unknown) => onChange({ ...value, [key]: next })
  return {
    line: (key: KeyOf<T, string>, more: { hint?: string; required?: boolean } = {}) => (
      <TextInput
        key={key}
        label={labels[key]}
        description={more.hint}
        required={more.required ?? false}
        withAsterisk={false}
        value={String(value[key] ?? '')}
        onChange={(event) => set(key, event.currentTarget.value)}
        autoComplete="off"
        spellCheck={false}
        data-testid={`field-${key}`}
      />
    ),
    flag: (key: KeyOf<T, boolean>) => (
      <Switch
        key={key}
        label={labels[key]}
        checked={Boolean(value[key])}
        onChange={(event) => set(key, event.currentTarget.checked)}
        data-testid={`field-${key}`}
      />
    ),
    count: (key: KeyOf<T, number>, min: number, max: number) => (
      <NumberInput
        key={key}
        label={labels[key]}
        min={min}
        max={max}
        allowDecimal={false}
        value={Number(value[key])}
        onChange={(next) => typeof next === 'number' && set(key, next)}
        data-testid={`field-${key}`}
      />
    ),
    set,
    text,
  }
}

const Authority = ({ value, onChange }: { value: string; onChange: (next: string) => void }) => {
  const text = useProviderText().form
  return (
    <Textarea
      label={text.ca}
      description={text.caHint}
      placeholder="-----BEGIN CERTIFICATE-----"
      autosize
      minRows={2}
      maxRows={8}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      spellCheck={false}
      data-testid="field-ca"
    />
  )
}

export function OidcFields({ value, onChange }: { value: OidcSettings; onChange: (next: OidcSettings) => void }) {
  const { line, flag, count, set, text } = useFields(value, onChange)
  return (
    <>
      {line('issuer', { hint: text.issuerHint, required: true })}
      <div className="settings-fields">
        {line('clientId', { required: true })}
        {line('scopes')}
        {line('userNameClaim')}
        {line('groupsClaim')}
      </div>
      <details>
        <summary>{text.more}</summary>
        <div className="sign-in-more">
          <div className="settings-fields">
            {line('nameClaim')}
            {line('mailClaim')}
            {count('clockToleranceS', 0, 300)}
          </div>
          {flag('cutsAt')}
          {flag('asksAlways')}
          {flag('endsThere')}
          <Authority value={value.ca} onChange={(next) => set('ca', next)} />
        </div>
      </details>
    </>
  )
}

export function LdapFields({ value, onChange, isNew }: { value: LdapSettings; onChange: (next: LdapSettings) => void; isNew: boolean }) {
  const { line, flag, count, set, text } = useFields(value, onChange)
  const names = Object.keys(PRESETS) as (keyof typeof PRESETS)[]
  return (
    <>
      {isNew && (
        <fieldset className="sign-in-presets">
          <legend>{text.preset}</legend>
          <div className="settings-actions">
            {names.map((name) => (
              <Button key={name} variant="default" onClick={() => onChange({ ...value, ...PRESETS[name] })} data-testid={`preset-${name}`}>
                {text.presets[name]}
              </Button>
            ))}
          </div>
        </fieldset>
      )}
      <Textarea
        label={text.servers}
        description={text.serversHint}
        autosize
        minRows={1}
        maxRows={4}
        required
        withAsterisk={false}
        value={value.servers.join('\n')}
        onChange={(event) => set('servers', event.currentTarget.value.split('\n'))}
        spellCheck={false}
        data-testid="field-servers"
      />
      <div className="settings-fields">
        {line('bindDn')}
        {line('baseDn', { required: true })}
      </div>
      {line('userFilter', { required: true })}
      <div className="settings-fields">
        <Select
          label={text.groups}
          data={[
            { value: 'search', label: text.groupWays.search },
            { value: 'memberOf', label: text.groupWays.memberOf },
          ]}
          value={value.groups}
          onChange={(next) => next && set('groups', next)}
          allowDeselect={false}
        />
        {value.groups === 'search' && line('groupBaseDn')}
      </div>
      {value.groups === 'search' && line('groupFilter')}
      <details>
        <summary>{text.more}</summary>
        <div className="sign-in-more">
          <div className="settings-fields">
            {line('userNameAttribute')}
            {line('nameAttribute')}
            {line('mailAttribute')}
            {line('idAttribute')}
            {count('timeoutS', 1, 60)}
            {count('recheckMinutes', 0, 1440)}
          </div>
          {flag('startTls')}
          {flag('allowsPlain')}
          <Authority value={value.ca} onChange={(next) => set('ca', next)} />
        </div>
      </details>
    </>
  )
}

type OfPeople = Pick<OidcSettings, 'roles' | 'otherwise' | 'followsRoles' | 'makesPeople' | 'sessionHours' | 'shortcutDays'>

/** What both kinds say of people: roles by groups, and how long a sign-in counts. */
export function PeopleFields<T extends OfPeople>({
  value,
  onChange,
  roles,
  looksEveryMin,
}: {
  value: T
  onChange: (next: T) => void
  roles: readonly RoleView[]
  /** Minutes after which a directory is asked again for whoever is signed in; undefined: never. */
  looksEveryMin: number | undefined
}) {
  const { flag, count, set, text } = useFields<OfPeople>(value, (next) => onChange({ ...value, ...next }))
  const roleName = useRoleName()
  const options = [...new Set([...ROLE_NAMES, ...roles.map(({ id }) => id)])].map((id) => ({ value: id, label: roleName(id, roles) }))
  const change = (at: number, line: Partial<OidcSettings['roles'][number]>) =>
    set(
      'roles',
      value.roles.map((one, index) => (index === at ? { ...one, ...line } : one)),
    )
  const up = (at: number) => {
    const next = [...value.roles]
    const [line] = next.splice(at, 1)
    if (line) next.splice(at - 1, 0, line)
    set('roles', next)
  }
  return (
    <>
      <fieldset className="sign-in-roles">
        <legend>{text.roles}</legend>
        <p className="settings-dim">{text.rolesHint}</p>
        {value.roles.map(({ group, role }, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two lines may be the same while they are typed
          <div className="sign-in-role" key={at}>
            <TextInput
              aria-label={text.group}
              placeholder={text.group}
              value={group}
              onChange={(event) => change(at, { group: event.currentTarget.value })}
              spellCheck={false}
              data-testid={`group-${at}`}
            />
            <Select
              aria-label={text.role}
              data={options}
              value={role}
              onChange={(next) => next && change(at, { role: next })}
              allowDeselect={false}
              data-testid={`role-${at}`}
            />
            <ActionIcon variant="default" size="lg" aria-label={text.up(group)} disabled={at === 0} onClick={() => up(at)}>
              <ArrowUp size={16} aria-hidden />
            </ActionIcon>
            <ActionIcon
              variant="default"
              size="lg"
              aria-label={text.remove(group)}
              onClick={() =>
                set(
                  'roles',
                  value.roles.filter((_, index) => index !== at),
                )
              }
            >
              <X size={16} aria-hidden />
            </ActionIcon>
          </div>
        ))}
        <Button
          variant="default"
          leftSection={<Plus size={16} aria-hidden />}
          onClick={() => set('roles', [...value.roles, { group: '', role: 'operator' }])}
          data-testid="add-role"
        >
          {text.addRole}
        </Button>
      </fieldset>
      <div className="settings-fields">
        <Select
          label={text.otherwise}
          data={[{ value: 'refuse', label: text.refuse }, ...options]}
          value={value.otherwise}
          onChange={(next) => next && set('otherwise', next)}
          allowDeselect={false}
        />
        {count('sessionHours', 1, 168)}
        {count('shortcutDays', 1, 365)}
      </div>
      <p className="settings-dim" data-testid="life-hint">
        {text.life(value.sessionHours, value.shortcutDays)} {looksEveryMin === undefined ? text.looksNever : text.looksAgain(looksEveryMin)}
      </p>
      {flag('followsRoles')}
      {flag('makesPeople')}
    </>
  )
}
