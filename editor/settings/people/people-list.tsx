/** Everybody who can sign in: who they are, what they may do, by what they come in, and when they last did. */
import { Button, Select, TextInput } from '@mantine/core'
import { CircleSlash, Search, ShieldCheck, UserRoundPlus } from 'lucide-react'
import { useState } from 'react'
import type { RoleView } from '../../../server/api/accounts.ts'
import type { Account, Me } from '../../../server/api/people.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { usePeopleText, useRoleName } from './words.ts'

export interface Known {
  people: readonly Account[]
  roles: readonly RoleView[]
  me: Me
}

export function PeopleList({
  people,
  roles,
  me,
  onAdd,
  onRoles,
  onChoose,
}: Known & { onAdd: () => void; onRoles: () => void; onChoose: (userId: string) => void }) {
  const text = usePeopleText()
  const roleName = useRoleName()
  const format = formats(useLanguage())
  const [typed, setTyped] = useState('')
  const [way, setWay] = useState(ALL)
  const providers = new Map(people.flatMap(({ provider }) => (provider ? [[provider.id, provider.name]] : [])))
  const words = typed.trim().toLowerCase().split(/\s+/)
  const found = people.filter((person) => {
    const all = `${person.name} ${person.userName} ${roleName(person.role, roles)} ${person.isDisabled ? text.off : ''}`.toLowerCase()
    return words.every((word) => all.includes(word)) && comesBy(person, way)
  })
  return (
    <>
      <p className="settings-dim">{text.intro}</p>
      <div className="people-tools">
        <TextInput
          className="people-search"
          aria-label={text.search}
          placeholder={text.search}
          leftSection={<Search size={16} aria-hidden />}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          data-testid="people-search"
        />
        <Select
          className="people-way"
          aria-label={text.columns.ways}
          data={[
            { value: ALL, label: text.by.all },
            ...[...providers].map(([id, name]) => ({ value: `${PROVIDER}${id}`, label: text.by.provider(name) })),
            { value: 'password', label: text.by.password },
            { value: 'pin', label: text.by.pin },
            { value: 'none', label: text.by.none },
          ]}
          value={way}
          allowDeselect={false}
          onChange={(next) => next && setWay(next)}
          data-testid="people-way"
        />
        <Button variant="default" leftSection={<ShieldCheck size={16} aria-hidden />} onClick={onRoles} data-testid="to-roles">
          {text.roles}
        </Button>
        <Button leftSection={<UserRoundPlus size={16} aria-hidden />} onClick={onAdd} data-testid="add-person">
          {text.add}
        </Button>
      </div>
      <p className="settings-only-read" role="status">
        {text.count(format.number(found.length))}
      </p>
      {found.length === 0 && <p className="settings-dim">{text.noMatch}</p>}
      {found.length > 0 && (
        <table className="people-table" data-testid="people">
          <thead>
            <tr>
              <th scope="col">{text.columns.name}</th>
              <th scope="col">{text.columns.role}</th>
              <th scope="col">{text.columns.ways}</th>
              <th scope="col">{text.columns.seen}</th>
              <th scope="col">{text.columns.sessions}</th>
            </tr>
          </thead>
          <tbody>
            {found.map((person) => (
              // the link in it is for the keyboard; the whole row is for the hand
              <tr key={person.id} data-off={person.isDisabled || undefined} onClick={() => onChoose(person.id)} data-testid={`person-${person.userName}`}>
                <th scope="row">
                  <a
                    href={`#people/${encodeURIComponent(person.id)}`}
                    onClick={(event) => {
                      event.stopPropagation()
                    }}
                  >
                    {person.name}
                  </a>
                  {person.id === me.userId && <span className="people-tag">{text.you}</span>}
                  {person.isDisabled && (
                    <span className="people-off">
                      <CircleSlash size={14} aria-hidden /> {text.off}
                    </span>
                  )}
                  <div className="settings-dim">{person.userName}</div>
                </th>
                <td data-label={text.columns.role}>
                  {roleName(person.role, roles)}
                  {person.provider && <div className="settings-dim">{person.provider.givesRole ? text.roleFrom(person.provider.name) : text.roleByHand}</div>}
                </td>
                <td data-label={text.columns.ways}>{waysOf(person, text.ways)}</td>
                <td data-label={text.columns.seen}>
                  {person.lastSignInAt ? format.dateTime(person.lastSignInAt) : <span className="settings-dim">{text.never}</span>}
                </td>
                <td data-label={text.columns.sessions}>
                  {person.sessions ? text.places(person.sessions) : <span className="settings-dim">{text.nowhere}</span>}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  )
}

const ALL = 'all'
const PROVIDER = 'provider '

/** Does somebody sign in by it? Whoever has several ways is found by each of them. */
function comesBy(person: Account, way: string): boolean {
  if (way === ALL) return true
  if (way === 'password') return person.hasPassword
  if (way === 'pin') return person.hasPin || person.hasBadge
  if (way === 'none') return !person.provider && !person.hasPassword && !person.hasPin && !person.hasBadge
  return person.provider !== undefined && way === `${PROVIDER}${person.provider.id}`
}

function waysOf(person: Account, words: { password: string; pin: string; badge: string; link: string; none: string }): string {
  const ways = [
    person.provider?.name,
    person.hasPassword && words.password,
    person.linkEndsAt !== undefined && words.link,
    person.hasPin && words.pin,
    person.hasBadge && words.badge,
  ].filter(Boolean)
  return ways.length ? ways.join(', ') : words.none
}
