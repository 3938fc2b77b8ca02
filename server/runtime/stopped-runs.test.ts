import { describe, expect, it } from 'vitest'
import { createStoppedRuns } from './stopped-runs.ts'

/** Node-RED's hooks, as far as they are used here. */
function rig() {
  const hooks: ((event: unknown) => unknown)[] = []
  const halted: [string, string][] = []
  const stopped = createStoppedRuns({ hooks: { add: (_name: string, hook: (event: unknown) => unknown) => void hooks.push(hook) } } as never, (runId, reason) =>
    halted.push([runId, reason]),
  )
  return { stopped, halted, hooks, goesOn: (msg: object) => hooks.every((hook) => hook({ msg }) !== false) }
}

describe('what was stopped', () => {
  it('goes no further, however it came, and says why', () => {
    const { stopped, halted, goesOn } = rig()
    stopped.runs(['run_1'], 'wrong part')
    expect(goesOn({ _run: 'run_1' })).toBe(false)
    expect(goesOn({ _run: 'run_2' })).toBe(true)
    expect(halted).toEqual([['run_1', 'wrong part']])
    expect([stopped.isStopped('run_1'), stopped.isStopped('run_2')]).toEqual([true, false])
  })

  it('of a job is what carries it, not the news of its end', () => {
    const { stopped, halted, goesOn } = rig()
    stopped.jobs(['job_1'])
    expect(goesOn({ _run: 'run_1', job: { id: 'job_1', name: 'cut' } })).toBe(false)
    expect(goesOn({ _run: 'run_1', job: { id: 'job_1', name: 'cut', state: 'cancelled' } })).toBe(true)
    expect(goesOn({ _run: 'run_1', job: { id: 'job_2', name: 'cut' } })).toBe(true)
    expect(goesOn({ _run: 'run_1', job: 'mine' })).toBe(true)
    expect(goesOn({ _run: 'run_1' })).toBe(true)
    // the run goes on
    expect(halted).toEqual([])
  })

  it('costs the others nothing before there is any', () => {
    const { stopped, hooks } = rig()
    stopped.runs([], 'nothing')
    expect(hooks).toHaveLength(0)
    stopped.runs(['run_1'], 'one')
    stopped.jobs(['job_1'])
    expect(hooks).toHaveLength(1)
  })
})
