/** A condition that is being edited, looked at with the values as they are now: by the node's own check and its own rules. */
import type { TagValue } from '../../adapters/contract.ts'
import { readConfig } from '../../nodes/define-node/read-config.ts'
import type { MachineState } from '../../nodes/motion/machine.ts'
import { compare } from '../../nodes/triggers/condition/engine.ts'
import { joined, MESSAGE, type Row, rowValue, TAG } from '../../nodes/triggers/condition/rows.ts'
import conditionTrigger from '../../nodes/triggers/condition-trigger.node.ts'
import type { BodyOf, previewCondition, ResponseOf } from '../api/index.ts'

/** How things are, as far as this host knows. */
export interface ValuesNow {
  machine(machineId: string): MachineState | undefined
  tags(connectionId: string, tags: readonly string[]): TagValue[]
}

export function lookAtCondition(
  { config, machineId }: BodyOf<typeof previewCondition>,
  { valuesNow, now, withMessages }: { valuesNow: ValuesNow; now: number /** Whoever asks may see what is in messages. */; withMessages: boolean },
): ResponseOf<typeof previewCondition> {
  const read = readConfig(conditionTrigger, config)
  if (!read.config) return { rows: [], problem: read.errors[0]?.message ?? '' }
  const { conditions, connection, together, knownFor, also } = read.config as unknown as {
    conditions: Row[]
    connection?: string
    together: 'all' | 'any'
    knownFor: number
    also?: unknown
  }
  const wanted = [...new Set(conditions.flatMap(({ what, tag }) => (what === TAG && tag ? [tag] : [])))]
  const tags = new Map(connection === undefined ? [] : valuesNow.tags(connection, wanted).map((tag) => [tag.tag, tag]))
  const machine = machineId === undefined ? undefined : valuesNow.machine(machineId)
  const truths: (boolean | undefined)[] = []
  const rows = conditions.map((row) => {
    // of a message nothing is known before it comes
    if (row.what === MESSAGE) {
      truths.push(undefined)
      return { unknown: 'message' as const }
    }
    const { value, unknown, at } = rowValue(row, { now, machine, message: {}, tags }, knownFor * 1000)
    const truth = unknown ? undefined : compare({ operator: row.operator, to: row.to, hysteresis: row.hysteresis ?? 0 }, value, false)
    truths.push(truth)
    return {
      ...(row.what !== TAG || withMessages ? { value: value ?? null } : {}),
      ...(unknown ? { unknown } : {}),
      ...(at === undefined ? {} : { at: at === null ? null : new Date(at).toISOString() }),
      ...(truth === undefined ? {} : { isTrue: truth }),
    }
  })
  const all = joined(truths, together)
  return { rows, ...(all === undefined || (also && all) ? {} : { isTrue: all }) }
}
