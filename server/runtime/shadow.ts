/**
 * What makes a flow runtime a shadow: it tells every message that goes over a wire, gives messages to nodes when asked, lets its
 * clock be set, and hands whatever a node would send to the outside world to the rehearsal instead (type `cw-outside`, which the
 * rehearsal puts in the place of such nodes).
 */
import { messageOf, UserError } from '../../base/errors.ts'
import type { RpcHandlers } from '../../base/rpc.ts'
import { virtualClock } from '../rehearsal/shadow/clock-control.ts'
import type { runtimeRpc } from './contract.ts'
import type { GatewayLink } from './gateway-link.ts'
import type { LogRecord, Message, NodeRed, RunningNode, SendEvent } from './node-red.ts'
import { type CopyLimits, copyMessage } from './tap/copy.ts'

/** The type that stands in for a node that acts on the outside world. */
export const OUTSIDE_TYPE = 'cw-outside'
const GATHER_MS = 50
/** Beyond this the rest of a rehearsal is told without its messages. */
const MAX_COPIES = 5000
const LIMITS: CopyLimits = { wholeText: 500, partText: 500, items: 20, keys: 50, bytes: 32, size: 4000 }

type Handlers = Pick<RpcHandlers<typeof runtimeRpc>['requests'], 'shadowGive' | 'shadowSend' | 'shadowClock'>

export interface Shadow {
  handlers: Handlers
  close(): void
}

/** Call between `red.init` and `red.start`. */
export function attachShadow(red: NodeRed, { link }: { link: GatewayLink }): Shadow {
  const clock = virtualClock()
  if (!clock) throw new Error('A shadow runtime needs the clock of its preload.')
  const idOf = (node: RunningNode) => node._alias ?? node.id
  let sent: { atMs: number; from: string; port: number; to: string; message: unknown }[] = []
  let copies = 0
  let timer: NodeJS.Timeout | undefined
  const tell = () => {
    timer = undefined
    link.notify('shadowSent', sent)
    sent = []
  }
  red.hooks.add('preDeliver.shadow', ({ msg, source, destination }: SendEvent) => {
    copies += 1
    const message = copies <= MAX_COPIES ? copyMessage(msg, LIMITS).msg : undefined
    const to = destination.node ? idOf(destination.node) : destination.id
    sent.push({ atMs: clock.now(), from: idOf(source.node), port: source.port, to, message: message ?? null })
    timer ??= setTimeout(tell, GATHER_MS)
  })
  red.log.addHandler({
    emit(_event, record: LogRecord) {
      const nodeId = record._alias ?? record.id
      if (record.level > 30 || !nodeId) return
      link.notify('shadowError', { atMs: clock.now(), nodeId, text: messageOf(record.msg).slice(0, 2000) })
    },
  })

  // a constructor of the old kind, as Node-RED makes its nodes by prototype
  function Outside(this: RunningNode & { on(event: 'input', run: Input): void }, config: { isSource?: boolean }) {
    create(this, config)
    this.on('input', async (message, send, done) => {
      // what it would have brought in by itself
      if (config.isSource) {
        send(message)
        return done()
      }
      try {
        const answer = await link.call('outsideCall', { nodeId: idOf(this), message: copyMessage(message).msg })
        if (answer.error !== undefined) return done(new Error(answer.error))
        if (answer.message) send([...Array.from({ length: answer.output ?? 0 }, () => null), { ...message, ...answer.message }])
        done()
      } catch (error) {
        done(error)
      }
    })
  }
  const { createNode: create, registerType } = internals(red)
  registerType('cellwright/outside', OUTSIDE_TYPE, Outside)

  return {
    handlers: {
      shadowGive({ nodeId, message }) {
        const node = red.nodes.getNode(nodeId)
        if (!node) throw new UserError({ code: 'node-not-found', status: 404, message: 'This node is not part of what is rehearsed, or it is disabled.' })
        // what an inject node does when its button is pressed (@node-red/nodes/core/common/20-inject.js)
        node.receive(message as Message | undefined)
        return null
      },
      shadowSend({ nodeId, output, message }) {
        const node = red.nodes.getNode(nodeId) as (RunningNode & { send(messages: (object | null)[]): void }) | null
        if (!node) throw new UserError({ code: 'node-not-found', status: 404, message: 'This node is not part of what is rehearsed, or it is disabled.' })
        node.send([...Array.from({ length: output }, () => null), message])
        return null
      },
      shadowClock({ rate, jumpToMs }) {
        // whoever knows how late it is knows what happened until then
        if (timer) {
          clearTimeout(timer)
          tell()
        }
        if (rate !== undefined) clock.setRate(rate)
        if (jumpToMs !== undefined) clock.jumpTo(jumpToMs)
        const nextDueMs = clock.nextDue()
        return { nowMs: clock.now(), epochMs: Date.now(), ...(nextDueMs === undefined ? {} : { nextDueMs }) }
      },
    },
    close() {
      clearTimeout(timer)
      red.hooks.remove('*.shadow')
    },
  }
}

type Input = (message: Message, send: (message: object | (object | null)[]) => void, done: (error?: unknown) => void) => void

/** What Node-RED's runtime offers to its own nodes and not in its API (@node-red/runtime/lib/nodes/index.js). */
function internals(red: NodeRed) {
  return red.nodes as unknown as {
    createNode(node: object, config: object): void
    registerType(set: string, type: string, construct: (this: never, config: object) => void): void
  }
}
