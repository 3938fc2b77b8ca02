/** Sends an inject node's message now, or fires a trigger: the button that Node-RED draws at the node. What it may move is said first. */
import { Button, Modal } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { Play } from 'lucide-react'
import { useMemo, useState } from 'react'
import { fireTrigger } from '../../../server/api/triggers.ts'
import { ApiError, call } from '../../shared/api.ts'
import { may, useMe } from '../../shared/me.ts'
import type { Action } from '../host/action.ts'
import type { DesignerHost } from '../host/designer-host.ts'
import { useActions, useHost } from '../host/use-host.ts'
import { type FlowNode, subflowOf, wiresOf } from '../model/raw.ts'
import { theOne } from './base-actions.ts'
import { definitionsOf } from './references.ts'
import { nameOf } from './search.ts'
import { type FindText, useFindText } from './text.ts'

export function InjectFeature() {
  const host = useHost()
  const text = useFindText()
  const { me } = useMe()
  const [asked, setAsked] = useState<{ node: FlowNode; moving: FlowNode[] }>()
  useActions(
    useMemo(
      (): Action[] => [
        {
          id: 'debug.inject',
          title: text.inject.title,
          group: 'debug',
          icon: Play,
          keys: ['I'],
          words: text.inject.words,
          on: ['node'],
          isShown: (target) => target === undefined || injectFor(host, theOne(host, target)) !== undefined,
          whyNot: (target) => {
            const node = injectFor(host, theOne(host, target))
            if (!node) return text.inject.noInject
            if (isTrigger(node)) {
              if (!may(me, 'panel.press') || !(node.type === MANUAL || may(me, 'flows.deploy'))) return text.inject.mayNotFire
            } else if (!may(me, 'flows.code')) return text.inject.mayNot
            return host.workspace.model.deployed().has(node.id) ? undefined : text.inject.notDeployed
          },
          run: (target) => {
            const node = injectFor(host, theOne(host, target))
            if (!node) return
            // what it asks for is entered there
            if (asksForValues(node)) {
              window.open(`/triggers#${encodeURIComponent(node.id)}`)
              return
            }
            const moving = movingFrom(host, node)
            if (moving.length > 0) setAsked({ node, moving })
            else void send(host, node, text)
          },
        },
      ],
      [host, text, me],
    ),
  )
  if (!asked) return null
  const close = () => {
    setAsked(undefined)
    host.focus()
  }
  return (
    <Modal
      opened
      onClose={close}
      title={text.inject.movesTitle(nameOf(host.workspace, asked.node))}
      size="md"
      transitionProps={{ duration: 0 }}
      returnFocus={false}
    >
      <p>{text.inject.moves}</p>
      <ul>
        {asked.moving.map((node) => (
          <li key={node.id}>{nameOf(host.workspace, node)}</li>
        ))}
      </ul>
      <div className="inject-buttons">
        <Button variant="default" onClick={close} data-autofocus>
          {text.inject.cancel}
        </Button>
        <Button
          onClick={() => {
            close()
            void send(host, asked.node, text)
          }}
          data-testid="inject-send"
        >
          {text.inject.send}
        </Button>
      </div>
    </Modal>
  )
}

const MANUAL = 'cw-manual-trigger'
const TRIGGERS = new Set([MANUAL, 'cw-time-trigger', 'cw-event-trigger', 'cw-condition-trigger'])
const isTrigger = (node: FlowNode): boolean => TRIGGERS.has(node.type)
const canBeSent = (node: FlowNode): boolean => node.type === 'inject' || isTrigger(node)
const asksForValues = (node: FlowNode): boolean => node.type === MANUAL && Array.isArray(node.fields) && node.fields.length > 0

/** The node that is meant, where it is an inject node or a trigger; with nothing meant, the only one on the flow. */
function injectFor({ workspace: { model, place } }: DesignerHost, id: string | undefined): FlowNode | undefined {
  if (id !== undefined) {
    const node = model.get(id)
    if (node && canBeSent(node)) return node
  }
  const all = place === undefined ? [] : model.childrenOf(place).filter(canBeSent)
  return all.length === 1 ? all[0] : undefined
}

/** Nodes of the motion family that the message can reach: over wires, links and into subflows, of what runs. */
function movingFrom({ workspace: { model, types } }: DesignerHost, start: FlowNode): FlowNode[] {
  const running = model.deployed()
  const seen = new Set<string>()
  const found: FlowNode[] = []
  const visit = (id: string) => {
    const node = running.get(id)
    if (!node || seen.has(id)) return
    seen.add(id)
    if (types.get(node.type)?.family === 'motion') found.push(node)
    for (const next of wiresOf(node).flat()) visit(next)
    for (const { node: other, how } of definitionsOf(model, node)) if (how === 'link') visit(other.id)
    const subflow = subflowOf(node)
    if (subflow !== undefined) for (const child of running.values()) if (child.z === subflow) visit(child.id)
  }
  visit(start.id)
  return found
}

async function send(host: DesignerHost, node: FlowNode, text: FindText): Promise<void> {
  const name = nameOf(host.workspace, node)
  // Node-RED's own address for it (@node-red/nodes, 20-inject.js: POST /inject/:id), through our proxy and its rights
  const failed = (why: string) => notifications.show({ color: 'red', title: text.inject.failed(name), message: why })
  if (isTrigger(node)) {
    try {
      await call(fireTrigger, { params: { triggerId: node.id }, body: { fireId: crypto.randomUUID(), values: {} } })
      host.say(text.inject.sent(name))
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      failed(error.message)
    }
    return
  }
  try {
    const response = await fetch(`/red/inject/${encodeURIComponent(node.id)}`, { method: 'POST' })
    if (response.ok) host.say(text.inject.sent(name))
    else failed(response.status === 404 ? text.inject.notRunning : `${response.status} ${response.statusText}`)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    failed(text.inject.noServer)
  }
}
