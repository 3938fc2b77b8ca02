/** Which runs of a list are shown. */
import type { RunSummary } from '../../server/api/work.ts'

export interface RunFilter {
  text: string
  state: RunSummary['state'] | undefined
}

/** Every word of the text must stand somewhere: trigger, flow, summary or id. */
export function filterRuns(runs: readonly RunSummary[], { text, state }: RunFilter): RunSummary[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  return runs.filter((run) => {
    if (state && run.state !== state) return false
    const { nodeName, nodeType, flowName } = run.trigger
    const hay = [run.id, nodeName, nodeType, flowName, run.summary].join(' ').toLowerCase()
    return words.every((word) => hay.includes(word))
  })
}

/** Milliseconds as people say them: `0.4 s`, `12.3 s`, `4 min 05 s`. */
export function duration(milliseconds: number): string {
  const seconds = milliseconds / 1000
  if (seconds < 60) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`
}

/** Newest first, each id once: live runs and pages of older ones put together. */
export function mergeRuns(newer: readonly RunSummary[], older: readonly RunSummary[]): RunSummary[] {
  const byId = new Map([...older, ...newer].map((run) => [run.id, run]))
  return [...byId.values()].sort((a, b) => (a.startedAt < b.startedAt ? 1 : a.startedAt > b.startedAt ? -1 : 0))
}
