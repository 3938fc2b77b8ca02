/** A run's hops as steps: how long each took, what it sent, and how two runs differ. No DOM. */
import type { Run } from '../../server/api/runs.ts'

export type Hop = Run['detail'][number]

export interface Step {
  hop: Hop
  name: string
  /** Where its bar ends; undefined: it never said that it was done. */
  endMs: number | undefined
  tookMs: number | undefined
  /** Steps that were given what it sent. */
  outputs: Hop[]
}

/** A node by its name; one without, by its type as it reads: `cw-for-each` is `for each`. */
export const nameOf = ({ nodeName, nodeType }: Pick<Hop, 'nodeName' | 'nodeType'>): string =>
  nodeName || (nodeType.startsWith('cw-') ? nodeType.slice(3).replaceAll('-', ' ') : nodeType)

/** What a node sent belongs to the last message that it was given before. */
export function stepsOf(detail: readonly Hop[]): Step[] {
  const steps: Step[] = detail.map((hop) => ({
    hop,
    name: nameOf(hop),
    endMs: hop.doneMs,
    tookMs: hop.doneMs === undefined ? undefined : Math.max(0, hop.doneMs - hop.atMs),
    outputs: [],
  }))
  const lastOf = new Map<string, Step>()
  for (const step of steps) {
    if (step.hop.from !== undefined) lastOf.get(step.hop.from)?.outputs.push(step.hop)
    lastOf.set(step.hop.nodeId, step)
  }
  return steps
}

/**
 * How long the run is drawn, in ms: to its last sign of life.
 * @param now of a run that goes on, epoch ms
 */
export function lengthOf(run: Pick<Run, 'detail' | 'startedAt' | 'endedAt'>, now?: number): number {
  const end = run.endedAt === undefined ? now : Date.parse(run.endedAt)
  const whole = end === undefined ? 0 : end - Date.parse(run.startedAt)
  return run.detail.reduce((most, { atMs, doneMs }) => Math.max(most, atMs, doneMs ?? 0), Math.max(whole, 0.1))
}

type Difference = 'missing' | 'outcome' | 'error' | 'input' | 'slower' | 'faster'
export interface Pair {
  first: Step | undefined
  second: Step | undefined
  differences: Difference[]
}

/** Less is noise of the computer. */
const NOTICEABLE_MS = 20
const NOTICEABLE_RATIO = 1.5

/**
 * Lays two runs beside each other: the steps of the same node in the same order of visits.
 * @param inputOf what a step was given as text, where it is kept
 */
export function compareRuns(first: readonly Step[], second: readonly Step[], inputOf: (side: 0 | 1, seq: number) => string | undefined): Pair[] {
  const visits = (steps: readonly Step[]) => {
    const counts = new Map<string, number>()
    return steps.map((step) => {
      const visit = counts.get(step.hop.nodeId) ?? 0
      counts.set(step.hop.nodeId, visit + 1)
      return { key: `${step.hop.nodeId} ${visit}`, step }
    })
  }
  const others = new Map(visits(second).map(({ key, step }) => [key, step]))
  const pairs: Pair[] = visits(first).map(({ key, step }) => {
    const other = others.get(key)
    others.delete(key)
    return { first: step, second: other, differences: other ? differencesOf(step, other, inputOf) : ['missing'] }
  })
  for (const step of others.values()) {
    // where it happened in the second run: after the step that came before it there
    const before = second[second.indexOf(step) - 1]
    const place = before ? pairs.findIndex((pair) => pair.second === before) : -1
    pairs.splice(place + 1, 0, { first: undefined, second: step, differences: ['missing'] })
  }
  return pairs
}

function differencesOf(one: Step, other: Step, inputOf: (side: 0 | 1, seq: number) => string | undefined): Difference[] {
  const found: Difference[] = []
  if (one.hop.outcome !== other.hop.outcome) found.push('outcome')
  else if (one.hop.error !== other.hop.error) found.push('error')
  const inputs = [inputOf(0, one.hop.seq), inputOf(1, other.hop.seq)]
  if (inputs[0] !== undefined && inputs[1] !== undefined && inputs[0] !== inputs[1]) found.push('input')
  if (one.tookMs !== undefined && other.tookMs !== undefined) {
    const [short, long] = one.tookMs < other.tookMs ? [one.tookMs, other.tookMs] : [other.tookMs, one.tookMs]
    if (long - short > NOTICEABLE_MS && long > short * NOTICEABLE_RATIO) found.push(other.tookMs > one.tookMs ? 'slower' : 'faster')
  }
  return found
}

/** Messages as they are compared: without the id that each has of its own. */
export function comparable(msg: unknown): string {
  if (typeof msg !== 'object' || msg === null) return JSON.stringify(msg)
  const { _msgid, ...rest } = msg as Record<string, unknown>
  return JSON.stringify(rest)
}
