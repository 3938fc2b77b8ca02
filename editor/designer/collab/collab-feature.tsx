/** Other people in the designer: tells them about this window, and marks on the canvas what they are at. */
import './collab.css'
import { notifications } from '@mantine/notifications'
import { useEffect, useRef } from 'react'
import type { Present } from '../../../server/api/together.ts'
import { live } from '../../shared/live.ts'
import { may, useMe } from '../../shared/me.ts'
import type { NodeMark } from '../canvas/layers.ts'
import { useDeployText } from '../deploy/text.ts'
import { useCanvas } from '../host/use-canvas.ts'
import { useHost } from '../host/use-host.ts'
import { initialsOf } from './initials.ts'
import { overlaps } from './overlaps.ts'
import { presenceOf, usePeople } from './use-people.ts'

export function CollabFeature() {
  const text = useDeployText().people
  const host = useHost()
  const canvas = useCanvas()
  const { me } = useMe()
  const mayView = may(me, 'flows.view')
  const people = usePeople()
  useEffect(() => {
    if (!mayView) return
    const presence = presenceOf(host)
    presence.start()
    const end = live().subscribe(
      'presence',
      (everybody) => presence.heard(everybody),
      (everybody) => presence.heard(everybody),
    )
    const leave = () => presence.leave()
    addEventListener('pagehide', leave)
    return () => {
      removeEventListener('pagehide', leave)
      end()
      presence.close()
    }
  }, [host, mayView])

  useEffect(() => {
    if (!canvas) return
    const at = marksOf(people, me?.userId, (id) => host.workspace.model.dirty.has(id), text)
    return canvas.addMarks((id) => at(id))
  }, [canvas, people, me, host, text])

  // one word of warning for each person, when both begin to change the same
  const warned = useRef(new Set<string>())
  useEffect(
    () =>
      host.workspace.on('model', () => {
        const presence = presenceOf(host)
        for (const { name, userId, ids } of overlaps(presence.people, host.workspace.model.dirty)) {
          if (userId === me?.userId || warned.current.has(userId)) continue
          warned.current.add(userId)
          notifications.show({ id: `overlap-${userId}`, color: 'yellow', message: text.bothSaid(name, ids.length), autoClose: 12_000 })
          host.say(text.bothSaid(name, ids.length))
        }
      }),
    [host, me, text],
  )
  return null
}

type Words = ReturnType<typeof useDeployText>['people']

function marksOf(
  people: readonly Present[],
  self: string | undefined,
  isDirty: (id: string) => boolean,
  text: Words,
): (id: string) => readonly NodeMark[] | undefined {
  const open = new Map<string, Present[]>()
  const selected = new Map<string, Present[]>()
  const changed = new Map<string, Present[]>()
  const add = (map: Map<string, Present[]>, id: string, person: Present) => map.set(id, [...(map.get(id) ?? []), person])
  for (const person of people) {
    if (person.editing !== undefined) add(open, person.editing, person)
    for (const id of person.nodes) add(selected, id, person)
    if (person.userId !== self) for (const id of person.changed) add(changed, id, person)
  }
  const nameOf = (person: Present) => (person.userId === self ? text.you : person.name)
  return (id) => {
    const marks: NodeMark[] = []
    const seen = new Set<string>()
    const mark = (kind: string, list: readonly Present[] | undefined, title: (who: string) => string) => {
      for (const person of list ?? []) {
        if (seen.has(person.client)) continue
        seen.add(person.client)
        marks.push({ kind, text: initialsOf(person.name), title: title(nameOf(person)) })
      }
    }
    if (isDirty(id)) mark('person-both', changed.get(id), text.both)
    mark('person-open', open.get(id), text.editing)
    mark('person-here', selected.get(id), text.selected)
    mark('person-changed', changed.get(id), text.changing)
    return marks.length > 0 ? marks : undefined
  }
}
