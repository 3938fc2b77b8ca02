/** A role of the shop: its name and rights, never more than those of whoever makes it. */
import { Button, Checkbox, Select, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useState } from 'react'
import { type Capability, ROLE_NAMES, type Role } from '../../../server/api/access.ts'
import { addRole, changeRole, type RoleView, removeRole } from '../../../server/api/accounts.ts'
import { ApiError, call } from '../../shared/api.ts'
import { useDoing } from '../../shared/use-doing.ts'
import type { Known } from './people-list.tsx'
import { AREAS } from './role-matrix.tsx'
import { useCapabilityText, usePeopleText, useRoleName } from './words.ts'

export function RoleForm({ roles, me, role, onDone }: Known & { role: RoleView | undefined; onDone: () => void }) {
  const text = usePeopleText().role
  const words = useCapabilityText()
  const roleName = useRoleName()
  const mayGive = (capability: Capability) => me.capabilities.includes(capability)
  const rightsOf = (id: string) => (roles.find((one) => one.id === id)?.capabilities ?? []).filter(mayGive)
  const [name, setName] = useState(role?.name ?? '')
  const [basedOn, setBasedOn] = useState<Role>(role?.basedOn ?? 'operator')
  const [rights, setRights] = useState<readonly Capability[]>(role?.capabilities ?? rightsOf('operator'))
  const { busy, problem, run } = useDoing<'save' | 'remove'>((failed) => inUseOf(failed, text) ?? (failed as Error).message)
  const [isTried, setTried] = useState(false)
  const act = (what: 'save' | 'remove', work: () => Promise<string>) =>
    run(async () => {
      notifications.show({ message: await work() })
      onDone()
    }, what)
  const save = async () => {
    const body = { name: name.trim(), basedOn, capabilities: [...rights] }
    const saved = await (role ? call(changeRole, { params: { roleId: role.id }, body }) : call(addRole, { body }))
    return text.saved(saved.name)
  }
  return (
    <section className="settings-card" aria-labelledby="role-title">
      <h3 id="role-title">{role ? text.change(role.name) : text.new}</h3>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          setTried(true)
          if (name.trim()) void act('save', save)
        }}
      >
        <div className="settings-fields">
          <TextInput
            label={text.name}
            value={name}
            maxLength={60}
            required
            error={isTried && !name.trim() && text.nameMissing}
            onChange={(event) => setName(event.currentTarget.value)}
            data-testid="role-name"
          />
          <Select
            label={text.basedOn}
            description={text.basedOnHint}
            value={basedOn}
            allowDeselect={false}
            data={ROLE_NAMES.map((id) => ({ value: id, label: roleName(id, roles) }))}
            onChange={(value) => {
              if (!value) return
              setBasedOn(value as Role)
              setRights(rightsOf(value))
            }}
            data-testid="role-based-on"
          />
        </div>
        <fieldset className="people-rights">
          <legend>{text.rights}</legend>
          {AREAS.map(([area, capabilities]) => (
            <fieldset key={area}>
              <legend>{words.areas[area] ?? area}</legend>
              {capabilities.map((capability) => (
                <Checkbox
                  key={capability}
                  label={words.may[capability]}
                  {...(mayGive(capability) ? {} : { description: text.beyond })}
                  disabled={!mayGive(capability)}
                  checked={rights.includes(capability)}
                  onChange={(event) => setRights(event.currentTarget.checked ? [...rights, capability] : rights.filter((one) => one !== capability))}
                  data-testid={`right-${capability}`}
                />
              ))}
            </fieldset>
          ))}
        </fieldset>
        {problem && (
          <p className="settings-problem" role="alert">
            {problem}
          </p>
        )}
        <div className="settings-actions">
          <Button type="submit" loading={busy === 'save'} data-testid="save-role">
            {text.save}
          </Button>
          <Button variant="default" onClick={onDone}>
            {text.cancel}
          </Button>
          {role && (
            <Button
              variant="default"
              loading={busy === 'remove'}
              onClick={() =>
                void act('remove', async () => {
                  await call(removeRole, { params: { roleId: role.id } })
                  return text.removed(role.name)
                })
              }
              data-testid="remove-role"
            >
              {text.remove}
            </Button>
          )}
        </div>
      </form>
    </section>
  )
}

function inUseOf(error: unknown, text: { inUse: (who: string) => string; token: (name: string) => string }): string | undefined {
  if (!(error instanceof ApiError) || error.code !== 'role-in-use') return undefined
  const { people = [], tokens = [] } = error.details as { people?: string[]; tokens?: string[] }
  return text.inUse([...people, ...tokens.map((name) => text.token(name))].join(', '))
}
