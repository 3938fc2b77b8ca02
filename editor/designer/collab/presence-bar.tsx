/** The others who have the designer open: their initials, where they are, and what they are at. */
import { Popover, UnstyledButton } from '@mantine/core'
import type { Present } from '../../../server/api/together.ts'
import { useMe } from '../../shared/me.ts'
import { useDeployText } from '../deploy/text.ts'
import { titleOf } from '../deploy/title-of.ts'
import { useHost } from '../host/use-host.ts'
import { useWorkspace } from '../use-workspace.ts'
import { initialsOf, toneOf } from './initials.ts'
import { usePeople } from './use-people.ts'

const MOST = 4

export function PresenceBar() {
  const text = useDeployText().people
  const people = usePeople()
  if (people.length === 0) return null
  return (
    <section className="people" aria-label={text.label} data-testid="people">
      {people.slice(0, MOST).map((person) => (
        <Person key={person.client} person={person} />
      ))}
      {people.length > MOST && (
        <span className="people-more" title={text.more(people.length - MOST)}>
          +{people.length - MOST}
        </span>
      )}
    </section>
  )
}

function Person({ person }: { person: Present }) {
  const text = useDeployText().people
  const host = useHost()
  const { me } = useMe()
  const workspace = useWorkspace('model', 'types')
  const { model, types } = workspace
  const nameOf = (id: string | undefined) => {
    const node = id === undefined ? undefined : model.get(id)
    return node && titleOf(node, types)
  }
  const name = person.userId === me?.userId ? text.you : person.name
  const place = nameOf(person.place)
  const editing = nameOf(person.editing)
  const says = [place && text.looks(place), editing && text.edits(editing), text.changes(person.changes)].filter(Boolean)
  const target = [person.editing, person.nodes[0], person.place].find((id) => id !== undefined && model.get(id) !== undefined)
  return (
    <Popover position="bottom-end" shadow="md" width={260}>
      <Popover.Target>
        <UnstyledButton className="person" data-tone={toneOf(person.userId)} aria-label={`${name}: ${says.join(', ')}`} data-testid={`person-${person.userId}`}>
          {initialsOf(person.name)}
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown>
        <strong>{name}</strong>
        {says.map((line) => (
          <p key={line} className="person-says">
            {line}
          </p>
        ))}
        {target !== undefined && (
          <UnstyledButton
            className="person-go"
            onClick={() => {
              workspace.reveal(target)
              host.focus()
            }}
          >
            {text.go(name)}
          </UnstyledButton>
        )}
      </Popover.Dropdown>
    </Popover>
  )
}
