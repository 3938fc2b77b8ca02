import { describe, expect, it } from 'vitest'
import type { RunSummary } from '../../server/api/runs.ts'
import { duration, filterIn, filterRuns, mergeRuns, NO_FILTER, searchOf } from './run-filter.ts'

const run = (id: string, facts: Partial<RunSummary> = {}): RunSummary => ({
  id,
  state: 'completed',
  trigger: { nodeId: 'n', nodeType: 'cw-button', nodeName: 'Cut the part' },
  startedAt: `2026-11-22T10:00:0${id}.000Z`,
  hops: 3,
  endedBySettling: false,
  ...facts,
})

describe('the list of runs', () => {
  it('finds by every word, in any order, without regard to capitals', () => {
    const runs = [run('1', { summary: 'Ann pressed; pocket.nc ran' }), run('2', { summary: 'Ben pressed' })]
    expect(filterRuns(runs, { text: 'POCKET ann', state: undefined }).map((r) => r.id)).toEqual(['1'])
  })

  it('shows one state only when asked', () => {
    const runs = [run('1', { state: 'failed' }), run('2')]
    expect(filterRuns(runs, { text: '', state: 'failed' }).map((r) => r.id)).toEqual(['1'])
  })

  it('shows the runs of one flow, and keeps flow, job and trigger in the address', () => {
    const runs = [run('1', { trigger: { nodeId: 'n', nodeType: 'inject', flowId: 'a' } }), run('2')]
    expect(filterRuns(runs, { ...NO_FILTER, flow: 'a' }).map((r) => r.id)).toEqual(['1'])
    expect(filterIn('?flow=a&job=job_1&other=x')).toEqual({ ...NO_FILTER, flow: 'a', job: 'job_1' })
    expect(searchOf({ ...NO_FILTER, text: 'not kept', trigger: 'n 1' })).toBe('?trigger=n+1')
    expect(searchOf(NO_FILTER)).toBe('')
  })

  it('takes the newer word on a run that stands in both lists', () => {
    const merged = mergeRuns([run('2', { state: 'failed' })], [run('2', { state: 'active' }), run('1')])
    expect(merged.map((r) => [r.id, r.state])).toEqual([
      ['2', 'failed'],
      ['1', 'completed'],
    ])
  })

  it('says durations as people do', () => {
    expect(duration(420)).toBe('0.4 s')
    expect(duration(245_000)).toBe('4 min 05 s')
  })
})
