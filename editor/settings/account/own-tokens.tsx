/** API tokens of one's own: made with a role and an end, shown once, revoked at once. */
import { Button, Select, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useState } from 'react'
import { listRoles } from '../../../server/api/accounts.ts'
import { type ApiToken, createToken, listTokens, type Me, revokeToken } from '../../../server/api/people.ts'
import { call } from '../../shared/api.ts'
import { useDoing } from '../../shared/use-doing.ts'
import { useLoad } from '../../shared/use-load.ts'
import { ShownOnce } from '../people/shown-once.tsx'
import { useRoleName } from '../people/words.ts'
import { TokenList } from './token-list.tsx'
import { useAccountText } from './words.ts'

const ENDS = ['30', '90', '365', 'never'] as const

export function OwnTokens({ me }: { me: Me }) {
  const text = useAccountText().tokens
  const roleName = useRoleName()
  const tokens = useLoad('tokens', () => call(listTokens))
  const roles = useLoad('roles', () => call(listRoles)).value
  const [name, setName] = useState('')
  const [role, setRole] = useState(me.ownRole?.id ?? me.role)
  const [end, setEnd] = useState<string>('90')
  const [isTried, setTried] = useState(false)
  const [made, setMade] = useState<{ name: string; token: string }>()
  const { busy, problem, run } = useDoing()
  const make = () =>
    run(async () => {
      const { token, info } = await call(createToken, {
        body: { name: name.trim(), role, ...(end === 'never' ? {} : { expiresInDays: Number(end) }) },
      })
      setMade({ name: info.name, token })
      setName('')
      setTried(false)
      tokens.refresh()
    }, 'make')
  const revoke = ({ id, name: its }: ApiToken) =>
    void run(async () => {
      await call(revokeToken, { params: { tokenId: id } })
      tokens.refresh()
      notifications.show({ message: text.revoked(its) })
    }, id)
  const mayGive = (roles ?? []).filter(({ capabilities }) => capabilities.every((one) => me.capabilities.includes(one)))
  return (
    <section className="settings-card" aria-labelledby="tokens-title">
      <h3 id="tokens-title">{text.title}</h3>
      <p className="settings-dim">{text.hint}</p>
      {made && <ShownOnce title={text.shown(made.name)} hint={text.shownHint} secret={made.token} words={text} onDone={() => setMade(undefined)} />}
      <TokenList tokens={tokens.value} error={tokens.error} roles={roles} none={text.none} busy={busy} onRevoke={revoke} />
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
