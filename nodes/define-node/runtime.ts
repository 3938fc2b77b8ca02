/** From a declaration to a Node-RED runtime type: config check at start, input with done, status in words, close, errors to Catch. */
import { messageOf, OperationalError, UserError } from '../../base/errors.ts'
import { type CellwrightServices, cellwrightServices } from '../services.ts'
import { type FlowNode, isConfigNode, type NodeBehaviour, type NodeContext, type NodeDeclaration, type Status, type UncaughtError } from './declare.ts'
import { serveLists } from './lists.ts'
import { evaluateMessageValue } from './message-value.ts'
import { readConfig } from './read-config.ts'
import type { Message, Red, RedConfig, RedNode, RedStatus } from './red.ts'
import { fieldsOf, type MessageSetting } from './schema.ts'
import { onUncaughtError } from './uncaught.ts'
import { hasInputWire } from './wires.ts'

const CONFIG = Symbol.for('cellwright.config')
type WithConfig = RedNode & { [CONFIG]?: Record<string, unknown> }

export const NOT_CONNECTED = 'not connected to Cellwright'

/**
 * The function a Node-RED node module exports; the entry that build/nodes.ts writes calls it.
 * @public
 */
export function nodeRedModule(declaration: NodeDeclaration): (red: Red) => void {
  return (red) => {
    serveLists(red)
    red.nodes.registerType(declaration.type, function construct(this: RedNode, stored: RedConfig) {
      red.nodes.createNode(this, stored)
      const read = readConfig(declaration, stored)
      if (read.config) (this as WithConfig)[CONFIG] = read.config
      const problem = read.errors.map((error) => error.message).join(' ')
      if (isConfigNode(declaration)) {
        if (problem) this.error(`${nameOf(this, declaration)} is not set up: ${problem}`)
        return
      }
      if (!read.config) {
        refuseAll(
          this,
          { alarm: `not set up: ${problem}` },
          () => new UserError({ code: 'node-not-set-up', message: `${nameOf(this, declaration)} is not set up: ${problem}` }),
        )
        this.error(`${nameOf(this, declaration)} is not set up: ${problem}`)
        return
      }
      const services = cellwrightServices(red)
      if (!services) {
        refuseAll(this, { off: NOT_CONNECTED }, notConnected)
        return
      }
      run({ red, node: this, declaration, config: read.config, services })
    })
  }
}

const notConnected = () =>
  new OperationalError({
    code: 'not-connected',
    message: 'This node works only inside Cellwright: here is a Node-RED of its own, without machines, jobs and connections. Deploy the flow in Cellwright.',
  })

const nameOf = (node: RedNode, declaration: NodeDeclaration): string => (node.name ? `"${node.name}"` : `The ${declaration.label} node`)

/** A node that cannot work says why, and gives every message back to the flow as an error. */
function refuseAll(node: RedNode, status: Status, why: () => Error): void {
  node.status(toRedStatus(status))
  node.on('input', (_message, _send, done) => done(why()))
}

function run({
  red,
  node,
  declaration,
  config,
  services,
}: {
  red: Red
  node: RedNode
  declaration: FlowNode
  config: Record<string, unknown>
  services: CellwrightServices
}): void {
  const ending = new AbortController()
  const status = connectionAwareStatus(node, services)
  const listening: (() => void)[] = [status.end]
  const fields = new Map(fieldsOf(declaration.config))

  const context = {
    id: node.id,
    type: node.type,
    name: node.name || declaration.label,
    config,
    services,
    signal: ending.signal,
    referenced(key: string) {
      const id = config[key]
      const found = typeof id === 'string' ? ((red.nodes.getNode(id) as WithConfig | null)?.[CONFIG] ?? null) : undefined
      if (found !== null) return found
      throw new UserError({
        code: 'config-node-missing',
        message: `${fields.get(key)?.title ?? key} is not set up, or was removed: choose one and deploy again.`,
      })
    },
    value(key: string, message: Message) {
      const field = fields.get(key)
      if (field?.widget !== 'message-value') throw new Error(`${declaration.type}: "${key}" is not a message value.`)
      return evaluateMessageValue({ red, node, message, field, setting: config[key] as MessageSetting | undefined })
    },
    status: status.set,
    send(output: number, message: Message) {
      node.send([...Array<null>(output).fill(null), message])
    },
    fail(error: unknown, message?: Message) {
      status.set({ alarm: messageOf(error) })
      node.error(error, message)
    },
    warn: (text: string) => node.warn(text),
    kept: <T>(make: () => T): T => keptBy(node.id, make),
    hasInputWire: () => hasInputWire(red, node),
    hasOutputWire: (output: number) => (node.wires?.[output]?.length ?? 0) > 0,
    onFlowsStarted(listener: () => void) {
      red.events.on('flows:started', listener)
      listening.push(() => red.events.removeListener('flows:started', listener))
    },
    onUncaughtError(listener: (failure: UncaughtError) => void) {
      listening.push(onUncaughtError(red, listener))
    },
  }

  let behaviour: NodeBehaviour | undefined
  try {
    behaviour = declaration.setup(context as unknown as NodeContext<never>)
  } catch (error) {
    status.end()
    refuseAll(node, { alarm: messageOf(error) }, () => (error instanceof Error ? error : new Error(String(error))))
    node.error(error)
    return
  }

  node.on('input', (message, _send, done) => {
    const input = behaviour?.input
    if (!input) return done()
    Promise.resolve()
      .then(() => input.call(behaviour, message))
      .then(
        () => done(),
        (error) => {
          status.set({ alarm: messageOf(error) })
          done(error)
        },
      )
  })
  node.on('close', (isRemoved, done) => {
    ending.abort()
    for (const end of listening) end()
    Promise.resolve()
      .then(() => behaviour?.close?.(isRemoved))
      .catch((error) => node.error(error))
      .finally(() => {
        if (isRemoved) kept.delete(node.id)
        done()
      })
  })
}

// What nodes keep while a deploy restarts them; the process ends it
const kept = new Map<string, unknown>()
function keptBy<T>(nodeId: string, make: () => T): T {
  if (!kept.has(nodeId)) kept.set(nodeId, make())
  return kept.get(nodeId) as T
}

/** A lost gateway shows on every node; when it is back, so is what the node said last. */
function connectionAwareStatus(node: RedNode, services: CellwrightServices): { set: (status: Status) => void; end: () => void } {
  let last: Status | undefined
  let hasEnded = false
  const show = () => {
    if (!services.isConnected) node.status(toRedStatus({ off: `${NOT_CONNECTED} just now` }))
    else node.status(last ? toRedStatus(last) : {})
  }
  const end = services.onConnection(show)
  if (!services.isConnected) show()
  return {
    set(status) {
      if (hasEnded) return
      last = status
      show()
    },
    end() {
      hasEnded = true
      end()
    },
  }
}

const LONGEST_STATUS = 120

/** The colour says what kind of news it is, the text what it is; never the colour alone. */
function toRedStatus(status: Status): RedStatus {
  const text = (words: string) => (words.length > LONGEST_STATUS ? `${words.slice(0, LONGEST_STATUS - 1)}…` : words)
  if ('ok' in status) return { fill: 'green', shape: 'dot', text: text(status.ok) }
  if ('info' in status) return { fill: 'grey', shape: 'dot', text: text(status.info) }
  if ('waiting' in status) return { fill: 'grey', shape: 'ring', text: text(status.waiting) }
  if ('asks' in status) return { fill: 'blue', shape: 'ring', text: text(status.asks) }
  if ('alarm' in status) return { fill: 'red', shape: 'ring', text: text(status.alarm) }
  return { fill: 'grey', shape: 'ring', text: text(status.off) }
}
