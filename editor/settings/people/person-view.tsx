/** One person: name and role, by what they come in, where they are signed in, and their end here. */
import { Button, Select, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { CircleSlash, ShieldCheck } from 'lucide-react'
import { useState } from 'react'
import { endSession, endSessions, listSessions, removeAccount } from '../../../server/api/accounts.ts'
import { type Account, changeAccount } from '../../../server/api/people.ts'
import { call } from '../../shared/api.ts'
import { useDoing } from '../../shared/use-doing.ts'
import type { Known } from './people-list.tsx'
import { SessionsList } from './sessions-list.tsx'
import { TokensOf } from './tokens-of.tsx'
import { WaysIn } from './ways-in.tsx'
import { usePeopleText, useRoleName } from './words.ts'

export function PersonView({ person, roles, me, onChange, onGone }: Known & { person: Account; onChange: () => void; onGone: () => void }) {
  const all = usePeopleText()
  const text = all.person
  const isMe = person.id === me.userId
  return (
    <>
      <div className="people-title">
        <h3 data-testid="person-title">{person.name}</h3>
        <span className="settings-dim">{person.userName}</span>
        {person.isDisabled && (
          <span className="people-off">
            <CircleSlash size={14} aria-hidden /> {all.off}
          </span>
        )}
        {person.isLastAdmin && (
          <span className="people-tag">
            <ShieldCheck size={14} aria-hidden /> {all.lastAdmin}
          </span>
        )}
      </div>
      {person.isLastAdmin && (
        <p className="settings-card people-note" data-testid="last-admin">
          {text.lastAdmin}
        </p>
      )}
      <Facts key={`${person.name} ${person.role}`} person={person} roles={roles} me={me} onChange={onChange} />
      {isMe ? (
        <section className="settings-card">
          <p>{text.own}</p>
          <Button component="a" href="#account" variant="default">
            {text.toOwn}
          </Button>
        </section>
      ) : (
        <WaysIn person={person} onChange={onChange} />
      )}
      <SessionsList
        title={all.sessions.title}
        listKey={person.id}
        load={() => call(listSessions, { params: { userId: person.id } })}
        endOne={(sessionId) => call(endSession, { params: { userId: person.id, sessionId } })}
        endAll={() => call(endSessions, { params: { userId: person.id } })}
        endAllLabel={all.sessions.endAll}
        onChange={onChange}
      />
      {!isMe && <TokensOf person={person} roles={roles} />}
      {!isMe && !person.isLastAdmin && <Leaving person={person} onChange={onChange} onGone={onGone} />}
    </>
  )
}

function Facts({ person, roles, me, onChange }: { person: Account; onChange: () => void } & Pick<Known, 'roles' | 'me'>) {
  const text = usePeopleText().person
  const words = usePeopleText().form
  const roleName = useRoleName()
  const [name, setName] = useState(person.name)
  const [role, setRole] = useState(person.role)
  const { isBusy, problem, run } = useDoing()
  const mayGive = roles.filter(({ id, capabilities }) => id === person.role || capabilities.every((one) => me.capabilities.includes(one)))
  const isChanged = name.trim() !== person.name || role !== person.role
  const save = () =>
    run(async () => {
      await call(changeAccount, {
        params: { userId: person.id },
        body: { ...(name.trim() === person.name ? {} : { name: name.trim() }), ...(role === person.role ? {} : { role }) },
      })
      notifications.show({ message: text.saved })
      onChange()
    })
  return (
    <section className="settings-card" aria-labelledby="facts-title">
      <h3 id="facts-title">{text.facts}</h3>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void save()
        }}
      >
        <div className="settings-fields">
          <TextInput
            label={words.name}
            value={name}
            maxLength={80}
            required
            onChange={(event) => setName(event.currentTarget.value)}
            data-testid="person-name"
          />
          <Select
            label={words.role}
            value={role}
            allowDeselect={false}
            disabled={person.isLastAdmin}
            data={mayGive.map(({ id }) => ({ value: id, label: roleName(id, roles) }))}
            onChange={(value) => value && setRole(value)}
            data-testid="person-role"
          />
        </div>
        {person.provider?.givesRole && <p className="settings-dim">{text.roleFollows(person.provider.name)}</p>}
        {role !== person.role && <p className="settings-dim">{text.roleEnds}</p>}
        {problem && (
          <p className="settings-problem" role="alert">
            {problem}
          </p>
        )}
        <Button type="submit" loading={isBusy} disabled={!isChanged || name.trim() === ''} data-testid="save-person">
          {text.save}
        </Button>
      </form>
    </section>
  )
}

function Leaving({ person, onChange, onGone }: { person: Account; onChange: () => void; onGone: () => void }) {
  const text = usePeopleText().person
  const cancel = usePeopleText().form.cancel
  const [isAsking, setAsking] = useState(false)
  const { busy, problem, run } = useDoing<'state' | 'remove'>()
  const change = async (isDisabled: boolean) => {
    await call(changeAccount, { params: { userId: person.id }, body: { isDisabled } })
    onChange()
    notifications.show({ message: (isDisabled ? text.switchedOff : text.switchedOn)(person.name) })
  }
  const remove = async () => {
    const { removed } = await call(removeAccount, { params: { userId: person.id } })
    notifications.show({ message: (removed === 'wholly' ? text.removed : text.removedAnonymous)(person.name) })
    onGone()
  }
  return (
    <section className="settings-card" aria-labelledby="leaving-title">
      <h3 id="leaving-title">{text.state}</h3>
      <p className="settings-dim">{person.isDisabled ? text.isOff : text.offHint}</p>
      <div className="settings-actions">
        <Button
          variant="default"
          loading={busy === 'state'}
          onClick={() => void run(() => change(!person.isDisabled), 'state')}
          data-testid={person.isDisabled ? 'switch-on' : 'switch-off'}
        >
          {person.isDisabled ? text.on : text.off}
        </Button>
        {!isAsking && (
          <Button variant="default" onClick={() => setAsking(true)} data-testid="remove-person">
            {text.remove}
          </Button>
        )}
      </div>
      {isAsking && (
        <section className="people-danger" aria-label={text.removeTitle(person.name)}>
          <h4>{text.removeTitle(person.name)}</h4>
          <p>{text.removeWhat}</p>
          <div className="settings-actions">
            <Button color="red" loading={busy === 'remove'} onClick={() => void run(remove, 'remove')} data-testid="remove-person-now">
              {text.removeNow(person.name)}
            </Button>
            <Button variant="default" onClick={() => setAsking(false)} autoFocus>
              {cancel}
            </Button>
          </div>
        </section>
      )}
      {problem && (
        <p className="settings-problem" role="alert">
          {problem}
        </p>
      )}
    </section>
  )
}
