/** Which runs of a list are shown. */
import type { RunSummary } from '../../server/api/runs.ts'

export interface RunFilter {
  text: string
  state: RunSummary['state'] | undefined
  /** Id of the node that began the run. */
  trigger?: string | undefined
  /** Id of the tab of that node. */
  flow?: string | undefined
  /** Id of a job that a run asked for, or in which it was done. */
  job?: string | undefined
  /** ISO. */
  from?: string | undefined
  to?: string | undefined
}

export const NO_FILTER: RunFilter = { text: '', state: undefined }

export const isFiltered = ({ text, ...rest }: RunFilter): boolean => text.trim() !== '' || Object.values(rest).some((value) => value !== undefined)

const IN_ADDRESS = ['flow', 'job', 'trigger'] as const

/** What a link to the page narrows it to: `/runs?flow=…&job=…&trigger=…`. */
export function filterIn(search: string): RunFilter {
  const asked = new URLSearchParams(search)
  return { ...NO_FILTER, ...Object.fromEntries(IN_ADDRESS.flatMap((name) => (asked.get(name) ? [[name, asked.get(name)]] : []))) }
}

/** The same, to be kept in the address; empty for none. */
export function searchOf(filter: RunFilter): string {
  const kept = new URLSearchParams(IN_ADDRESS.flatMap((name) => (filter[name] === undefined ? [] : [[name, filter[name]]])))
  return kept.size ? `?${kept}` : ''
}

/**
 * Every word of the text must stand somewhere: trigger, flow, summary or id. The server judges by the same rule, and alone knows the
 * runs of a job.
 */
export function filterRuns(runs: readonly RunSummary[], { text, state, trigger, flow, from, to }: RunFilter): RunSummary[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  return runs.filter((run) => {
    if (state && run.state !== state) return false
    if (flow !== undefined && run.trigger.flowId !== flow) return false
    if (trigger !== undefined && run.trigger.nodeId !== trigger) return false
    const startedAt = Date.parse(run.startedAt)
    if (from !== undefined && startedAt < Date.parse(from)) return false
    if (to !== undefined && startedAt >= Date.parse(to)) return false
    const { nodeName, nodeType, flowName } = run.trigger
    const hay = [run.id, nodeName, nodeType, flowName, run.summary].join(' ').toLowerCase()
    return words.every((word) => hay.includes(word))
  })
}

type Digits = (value: number, digits: number) => string
const plain: Digits = (value, digits) => value.toFixed(digits)

/** Milliseconds as people say them: `0.4 s`, `12.3 s`, `4 min 05 s`. */
export function duration(milliseconds: number, number = plain): string {
  const seconds = milliseconds / 1000
  if (seconds < 60) return `${number(seconds, 1)} s`
  const whole = Math.round(seconds)
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`
}

/** The same for what is mostly short: `0.3 ms`, `45 ms`, then as {@link duration}. */
export function shortDuration(milliseconds: number, number = plain): string {
  if (milliseconds >= 1000) return duration(milliseconds, number)
  return milliseconds < 10 ? `${number(milliseconds, 1)} ms` : `${Math.round(milliseconds)} ms`
}

/** Newest first, each id once: live runs and pages of older ones put together. */
export function mergeRuns(newer: readonly RunSummary[], older: readonly RunSummary[]): RunSummary[] {
  const byId = new Map([...older, ...newer].map((run) => [run.id, run]))
  return [...byId.values()].sort((a, b) => (a.startedAt < b.startedAt ? 1 : a.startedAt > b.startedAt ? -1 : a.id < b.id ? 1 : -1))
}
