/** API tokens of one's own: made with a role and an end, shown once, revoked at once. */
import { Button, Select, TextInput } from '@mantine/core'
import { KeyRound } from 'lucide-react'
import { useState } from 'react'
import { listRoles } from '../../../server/api/accounts.ts'
import { createToken, listTokens, type Me, revokeToken } from '../../../server/api/people.ts'
import { call } from '../../shared/api.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { useLoad } from '../../shared/use-load.ts'
import { ShownOnce } from '../people/shown-once.tsx'
import { useRoleName } from '../people/words.ts'
import { useAct } from './use-act.ts'
import { useAccountText } from './words.ts'

const ENDS = ['30', '90', '365', 'never'] as const

export function OwnTokens({ me }: { me: Me }) {
  const text = useAccountText().tokens
  const format = formats(useLanguage())
  const roleName = useRoleName()
  const tokens = useLoad('tokens', () => call(listTokens))
  const roles = useLoad('roles', () => call(listRoles)).value
  const [name, setName] = useState('')
  const [role, setRole] = useState(me.ownRole?.id ?? me.role)
  const [end, setEnd] = useState<string>('90')
  const [isTried, setTried] = useState(false)
  const [made, setMade] = useState<{ name: string; token: string }>()
  const { busy, problem, act } = useAct()
  const make = () =>
    act('make', async () => {
      const { token, info } = await call(createToken, {
        body: { name: name.trim(), role, ...(end === 'never' ? {} : { expiresInDays: Number(end) }) },
      })
      setMade({ name: info.name, token })
      setName('')
      setTried(false)
      tokens.refresh()
      return undefined
    })
  const mayGive = (roles ?? []).filter(({ capabilities }) => capabilities.every((one) => me.capabilities.includes(one)))
  return (
    <section className="settings-card" aria-labelledby="tokens-title">
      <h3 id="tokens-title">{text.title}</h3>
      <p className="settings-dim">{text.hint}</p>
      {made && <ShownOnce title={text.shown(made.name)} hint={text.shownHint} secret={made.token} words={text} onDone={() => setMade(undefined)} />}
      {tokens.error && (
        <p className="settings-problem" role="alert">
          {tokens.error}
        </p>
      )}
      {tokens.value?.length === 0 && <p className="settings-empty">{text.none}</p>}
      <ul className="settings-list" data-testid="tokens">
        {tokens.value?.map((token) => (
          <li key={token.id}>
            <div className="people-session">
              <KeyRound size={20} aria-hidden />
              <div>
                <strong>{token.name}</strong> <span className="people-tag">{roleName(token.role, roles)}</span>
                <div className="settings-dim">
                  {[
                    text.made(format.dateTime(token.createdAt)),
                    token.lastUsedAt ? text.used(format.dateTime(token.lastUsedAt)) : text.unused,
                    token.expiresAt ? text.endsAt(format.dateTime(token.expiresAt)) : text.endsNever,
                  ].join(' · ')}
                </div>
              </div>
            </div>
            <Button
              variant="default"
              aria-label={text.revokeNamed(token.name)}
              loading={busy === token.id}
              onClick={() =>
                void act(token.id, async () => {
                  await call(revokeToken, { params: { tokenId: token.id } })
                  tokens.refresh()
                  return text.revoked(token.name)
                })
              }
              data-testid="revoke-token"
            >
              {text.revoke}
            </Button>
          </li>
        ))}
      </ul>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          setTried(true)
          if (name.trim()) void make()
        }}
      >
        <div className="settings-fields">
          <TextInput
            label={text.name}
            placeholder={text.namePlaceholder}
            value={name}
            maxLength={80}
            required
            error={isTried && !name.trim() && text.nameMissing}
            onChange={(event) => setName(event.currentTarget.value)}
            data-testid="token-name"
          />
          <Select
            label={text.role}
            value={role}
            allowDeselect={false}
            data={mayGive.map(({ id }) => ({ value: id, label: roleName(id, roles) }))}
            onChange={(value) => value && setRole(value)}
            data-testid="token-role"
          />
          <Select
            label={text.days}
            value={end}
            allowDeselect={false}
            data={ENDS.map((value) => ({ value, label: text.ends[value] ?? value }))}
            onChange={(value) => value && setEnd(value)}
            data-testid="token-end"
          />
        </div>
        {problem && (
          <p className="settings-problem" role="alert">
            {problem}
          </p>
        )}
        <Button type="submit" loading={busy === 'make'} data-testid="make-token">
          {text.make}
        </Button>
      </form>
    </section>
  )
}
