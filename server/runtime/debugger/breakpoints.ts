/** The breakpoints of the running flows: one for a place at most. */
import { UserError } from '../../../base/errors.ts'
import type { Breakpoint, BreakpointPlace } from '../../api/debugger.ts'
import type { NodeRed } from '../node-red.ts'
import { checkCondition } from './condition.ts'
import type { DebuggerOrder } from './contract.ts'
import { motionOf } from './motion.ts'

const MAX_BREAKPOINTS = 200

export interface Breakpoints {
  list(): Breakpoint[]
  readonly isAnyOn: boolean
  /** What is on at a node and at the wire that a message came over. */
  at(nodeId: string, from: { id: string; port: number } | undefined): Breakpoint[]
  /** @throws UserError condition-invalid, never-held, too-many-breakpoints */
  set(order: Extract<DebuggerOrder, { do: 'set-breakpoint' }>): void
  remove(id: string): void
  switchOff(): void
  clear(): void
}

export function createBreakpoints(red: Pick<NodeRed, 'nodes' | 'util'>, first: readonly Breakpoint[]): Breakpoints {
  const all = new Map(first.map((breakpoint) => [breakpoint.id, { ...breakpoint, hits: 0 }]))
  return {
    list: () => [...all.values()],
    get isAnyOn() {
      for (const { isOn } of all.values()) if (isOn) return true
      return false
    },
    at(nodeId, from) {
      const found: Breakpoint[] = []
      if (all.size === 0) return found
      const onWire = from && all.get(breakpointId({ kind: 'wire', from: from.id, port: from.port, to: nodeId }))
      if (onWire?.isOn) found.push(onWire)
      const atNode = all.get(nodeId)
      if (atNode?.isOn) found.push(atNode)
      return found
    },
    set({ at, condition, isOn, by }) {
      const id = breakpointId(at)
      const source = condition?.trim()
      if (source) checkCondition(red.util, source)
      const before = all.get(id)
      if (!before && all.size >= MAX_BREAKPOINTS)
        throw new UserError({ code: 'too-many-breakpoints', message: `There are ${MAX_BREAKPOINTS} breakpoints already. Remove some first.` })
      const running = red.nodes.getNode(at.kind === 'node' ? at.nodeId : at.to)
      if (running && motionOf(red, running).role === 'protects')
        throw new UserError({
          code: 'never-held',
          message: 'This node makes a machine stand, or tells it whether it is safe. Its messages are never held back; set the breakpoint at another node.',
        })
      all.set(id, { id, at, ...(source ? { condition: source } : {}), isOn, hits: before?.hits ?? 0, by })
    },
    remove: (id) => void all.delete(id),
    switchOff() {
      for (const breakpoint of all.values()) breakpoint.isOn = false
    },
    clear: () => all.clear(),
  }
}

function breakpointId(at: BreakpointPlace): string {
  return at.kind === 'node' ? at.nodeId : `${at.from}:${at.port}:${at.to}`
}
