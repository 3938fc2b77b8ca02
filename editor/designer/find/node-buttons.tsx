/** The buttons beside nodes, as in Node-RED: an inject node sends, a debug node is switched on and off. */
import { notifications } from '@mantine/notifications'
import { Bug } from 'lucide-react'
import { useEffect, useMemo } from 'react'
import { may, useMe } from '../../shared/me.ts'
import type { Action, ActionTarget } from '../host/action.ts'
import type { DesignerHost } from '../host/designer-host.ts'
import { useActions, useAllActions, useHost } from '../host/use-host.ts'
import { change } from '../model/commands.ts'
import type { FlowNode } from '../model/raw.ts'
import { theOne } from './base-actions.ts'
import { nameOf } from './search.ts'
import { type FindText, useFindText } from './text.ts'

export function NodeButtons() {
  const host = useHost()
  const text = useFindText()
  const mayCode = may(useMe().me, 'flows.code')
  useActions(
    useMemo(
      (): Action[] => [
        {
          id: 'debug.switch',
          title: text.debugSwitch.title,
          group: 'debug',
          icon: Bug,
          keys: ['Shift+D'],
          words: text.debugSwitch.words,
          on: ['node'],
          isShown: (target) => target === undefined || debugNodes(host, target).length > 0,
          whyNot: (target) => (debugNodes(host, target).length > 0 ? undefined : text.debugSwitch.none),
          run: (target) => void switchAll(host, debugNodes(host, target), { text, mayCode }),
        },
      ],
      [host, text, mayCode],
    ),
  )
  const actions = useAllActions()
  useEffect(() => {
    const press = (event: MouseEvent) => {
      const button = event.target instanceof Element ? event.target.closest<HTMLElement>('.flow-node-button') : null
      const id = button?.closest('.flow-node')?.id.replace(/^flow-node-/, '')
      if (!button || id === undefined) return
      const target: ActionTarget = { hit: { on: 'node', id }, at: { x: 0, y: 0 }, window: event }
      const action = actions.find((one) => one.id === (button.dataset.button === 'send' ? 'debug.inject' : 'debug.switch'))
      const why = action?.whyNot?.(target)
      if (why === undefined) action?.run(target)
      else notifications.show({ message: why })
      host.focus()
    }
    addEventListener('click', press)
    return () => removeEventListener('click', press)
  }, [actions, host])
  return null
}

/** What is pointed at, else what is selected. */
function debugNodes(host: DesignerHost, target: ActionTarget | undefined): FlowNode[] {
  const { model, selection } = host.workspace
  const one = target && theOne(host, target)
  return (one !== undefined && !selection.has(one) ? [one] : [...selection, ...(one === undefined ? [] : [one])])
    .map((id) => model.get(id))
    .filter((node, at, all) => all.findIndex((other) => other?.id === node?.id) === at)
    .filter((node) => node?.type === 'debug')
    .filter((node) => node !== undefined)
}

/** In the flow, and at once in what runs. Where all are on they are switched off. */
async function switchAll(host: DesignerHost, nodes: readonly FlowNode[], { text, mayCode }: { text: FindText; mayCode: boolean }): Promise<void> {
  const { model } = host.workspace
  const isOn = !nodes.every((node) => node.active !== false)
  const isDone = model.edit('change', () => {
    for (const node of nodes) change(model, node.id, { active: isOn })
  })
  if (!isDone) return
  const words = isOn ? text.debugSwitch.on : text.debugSwitch.off
  host.say(words(nodes.map((node) => nameOf(host.workspace, node)).join(', ')))
  const running = model.deployed()
  // Node-RED's own address for it (@node-red/nodes, 21-debug.js: POST /debug/:id/:state), through our proxy and its rights;
  // without them, and where it does not answer, the next deploy does it
  if (!mayCode) return
  await Promise.allSettled(
    nodes
      .filter((node) => running.has(node.id))
      .map((node) => fetch(`/red/debug/${encodeURIComponent(node.id)}/${isOn ? 'enable' : 'disable'}`, { method: 'POST' })),
  )
}
