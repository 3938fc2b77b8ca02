/**
 * Cases that have passed, by everything that their result depends on: the flows that take part, the case, machines and programs.
 * A deploy right after its tests passed in the designer need not run them once more.
 */
import { createHash } from 'node:crypto'
import type { RehearsalExpectation } from '../api/index.ts'
import { prepare } from './host/prepare.ts'
import type { Resolved } from './resolve.ts'

const KEPT = 500
/** The world goes on: what a test found is not for ever. */
const GOOD_FOR_MS = 3_600_000
/** Where a node lies is nothing that it does. */
const DRAWN: ReadonlySet<string> = new Set(['x', 'y', 'w', 'h', 'info', 'style', 'g', 'l', 'icon'])

export interface Passed {
  keyOf(resolved: Resolved, expect: readonly RehearsalExpectation[], surroundings: unknown): string
  /** ISO, when it passed. */
  at(key: string): string | undefined
  note(key: string): void
}

export function createPassed(now: () => number = Date.now): Passed {
  const passed = new Map<string, number>()
  return {
    keyOf({ request, answers }, expect, surroundings) {
      const { flows } = prepare({ request, answers })
      const { steps, tabs } = request
      const hash = createHash('sha256')
      for (const node of flows) {
        const shown = node.type === 'group'
        hash.update(JSON.stringify(shown ? [node.id, node.env] : Object.entries(node).filter(([name]) => !DRAWN.has(name))))
      }
      return hash.update(JSON.stringify({ steps, tabs, answers, expect, surroundings })).digest('hex')
    },
    at(key) {
      const at = passed.get(key)
      return at === undefined || now() - at > GOOD_FOR_MS ? undefined : new Date(at).toISOString()
    },
    note(key) {
      passed.delete(key)
      passed.set(key, now())
      const [oldest] = passed.keys()
      if (passed.size > KEPT && oldest !== undefined) passed.delete(oldest)
    },
  }
}
