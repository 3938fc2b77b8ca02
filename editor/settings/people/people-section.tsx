/** People: the list, one of them, somebody new, and what roles let them do. What is shown stands in the address. */
import './people.css'
import { Button } from '@mantine/core'
import { ArrowLeft } from 'lucide-react'
import { listRoles } from '../../../server/api/accounts.ts'
import { listAccounts } from '../../../server/api/people.ts'
import { call } from '../../shared/api.ts'
import { useMe } from '../../shared/me.ts'
import { useLoad } from '../../shared/use-load.ts'
import { NotRead } from '../not-read.tsx'
import { AddPerson } from './add-person.tsx'
import { PeopleList } from './people-list.tsx'
import { PersonView } from './person-view.tsx'
import { RoleForm } from './role-form.tsx'
import { RoleMatrix } from './role-matrix.tsx'
import { usePeopleText } from './words.ts'

const NEW = '+new'
const ROLES = '+roles'

export function PeopleSection({ rest, go }: { rest: readonly string[]; go: (...rest: string[]) => void }) {
  const text = usePeopleText()
  const { me } = useMe()
  const people = useLoad('people', () => call(listAccounts))
  const roles = useLoad('roles', () => call(listRoles))
  const [what, part] = rest
  if (people.value === undefined || roles.value === undefined || !me) {
    const refresh = () => {
      people.refresh()
      roles.refresh()
    }
    return <NotRead error={people.error ?? roles.error} onAgain={refresh} words={text} />
  }
  const back = (label: string, ...to: string[]) => (
    <Button variant="subtle" className="people-back" leftSection={<ArrowLeft size={16} aria-hidden />} onClick={() => go(...to)} data-testid="people-back">
      {label}
    </Button>
  )
  const known = { people: people.value, roles: roles.value, me }
  if (what === NEW)
    return (
      <>
        {back(text.back)}
        <AddPerson {...known} onAdded={people.refresh} onDone={(userId) => (userId === undefined ? go() : go(userId))} />
      </>
    )
  if (what === ROLES && part !== undefined)
    return (
      <>
        {back(text.role.back, ROLES)}
        <RoleForm
          key={part}
          {...known}
          role={part === NEW ? undefined : roles.value.find(({ id }) => id === part)}
          onDone={() => {
            roles.refresh()
            go(ROLES)
          }}
        />
      </>
    )
  if (what === ROLES)
    return (
      <>
        {back(text.back)}
        <RoleMatrix {...known} onMake={() => go(ROLES, NEW)} onChange={(id) => go(ROLES, id)} />
      </>
    )
  if (what !== undefined) {
    const gone = () => {
      people.refresh()
      go()
    }
    const person = people.value.find(({ id }) => id === what)
    return (
      <>
        {back(text.back)}
        {person ? (
          <PersonView key={person.id} person={person} {...known} onChange={people.refresh} onGone={gone} />
        ) : (
          <p className="settings-dim">{text.person.gone}</p>
        )}
      </>
    )
  }
  return <PeopleList {...known} onAdd={() => go(NEW)} onRoles={() => go(ROLES)} onChoose={(id) => go(id)} />
}
