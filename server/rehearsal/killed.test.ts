/** Whatever is ended, and however, nothing of a rehearsal lives on: no process, no network namespace, no directory. */
import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { createLog } from '../../base/log.ts'
import { type FlowNode, getRehearsal, type Rehearsal, startRehearsal, stopRehearsal } from '../api/index.ts'
import { startTestStore, type TestStore } from '../store/testing.ts'
import type { RehearsalPlan } from './plan.ts'
import { createRunner } from './runner.ts'
import { ENDLESS, FLOWS, startTestPart, type TestPart } from './testing.ts'

const at = { z: 'tab', x: 1, y: 1 }
/** Its second node never lets anything else happen. */
const BUSY: FlowNode[] = [
  ...FLOWS.slice(0, 1),
  { id: 'in', type: 'inject', ...at, props: [{ p: 'payload' }], payload: '5', payloadType: 'num', wires: [['busy']] },
  { id: 'busy', type: 'function', ...at, func: 'for (;;) {}', outputs: 1, libs: [], timeout: 0, noerr: 0, initialize: '', finalize: '', wires: [[]] },
]
const steps = [
  { do: 'give' as const, nodeId: 'in' },
  { do: 'wait' as const, s: 3_000_000 },
]

/** A host and a shadow runtime are started for each; on a busy computer beside everything else. */
const COMES_WITHIN_MS = 90_000

interface Seen {
  pid: number
  ppid: number
  what: 'host' | 'shadow'
}

/** The processes of rehearsals under a directory; hosts by whose child they are. */
function processes(dir: string): Seen[] {
  return readdirSync('/proc').flatMap((name): Seen[] => {
    if (!/^\d+$/.test(name)) return []
    try {
      const command = readFileSync(`/proc/${name}/cmdline`, 'utf8')
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
      const [state, ppid] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      if (state === 'Z') return []
      const seen = { pid: Number(name), ppid: Number(ppid) }
      if (command.includes(`--allow-fs-write=${dir}`)) return [{ ...seen, what: 'shadow' }]
      return command.includes('rehearsal/host/main.ts') && Number(ppid) === process.pid ? [{ ...seen, what: 'host' }] : []
    } catch {
      // it has ended meanwhile
      return []
    }
  })
}
const pidOf = (dir: string, what: Seen['what']) => processes(dir).find((each) => each.what === what)?.pid

describe.skipIf(process.platform !== 'linux')('ended from outside', { timeout: 240_000 }, () => {
  let store: TestStore
  let its: TestPart
  beforeAll(async () => {
    store = await startTestStore()
    its = await startTestPart(store.store)
  })
  afterAll(async () => {
    await its?.close()
    await store?.close()
  })

  const begin = async (flows: readonly FlowNode[]) => (await its.call<Rehearsal>(startRehearsal, { body: { flows, steps } })).id
  const view = (id: string) => its.call<Rehearsal>(getRehearsal, { params: { rehearsalId: id } })
  const doing = (id: string, what: RegExp) => expect.poll(async () => (await view(id)).doing, { interval: 20, timeout: COMES_WITHIN_MS }).toMatch(what)
  const nothingIsLeft = async () => {
    await expect.poll(() => processes(its.workDir)).toEqual([])
    await expect.poll(() => readdirSync(its.workDir)).toEqual([])
  }

  // that moment or a later one: on a quick computer it passes by
  test.each(['Getting ready|Starting|Step', 'Starting the shadow|Step', 'Step'])('two are stopped at "%s"', async (moment) => {
    // two at once, each stopped twice
    const stopped = await Promise.all(
      [1, 2].map(async () => {
        const id = await begin(ENDLESS)
        await doing(id, new RegExp(moment))
        await its.call(stopRehearsal, { params: { rehearsalId: id } })
        await its.call(stopRehearsal, { params: { rehearsalId: id } })
        return its.ended(id)
      }),
    )
    for (const { report, error } of stopped) expect(report?.state ?? error).toMatch(/^stopped$|It was stopped/)
    await nothingIsLeft()
  })

  test('a flow that never rests is stopped within moments, with a report that says so', async () => {
    const id = await begin(BUSY)
    await doing(id, /Step 2|Step 1/)
    const began = performance.now()
    await its.call(stopRehearsal, { params: { rehearsalId: id } })
    const { report, error } = await its.ended(id)
    expect({ error, report }).toMatchObject({ error: undefined, report: { state: 'stopped' } })
    // what does not answer is given up after a minute otherwise
    expect(performance.now() - began).toBeLessThan(45_000)
    await nothingIsLeft()
  })

  test('the host is killed while its shadow is in an endless loop: the shadow goes with it', async () => {
    const id = await begin(BUSY)
    await doing(id, /Step/)
    const shadow = pidOf(its.workDir, 'shadow')
    expect(shadow).toBeDefined()
    process.kill(pidOf(its.workDir, 'host') as number, 'SIGKILL')
    expect((await its.ended(id)).error).toContain('SIGKILL')
    await nothingIsLeft()
  })

  test('the shadow is killed: the rehearsal ends and says so', async () => {
    const id = await begin(ENDLESS)
    await doing(id, /Step/)
    process.kill(pidOf(its.workDir, 'shadow') as number, 'SIGKILL')
    expect((await its.ended(id)).error).toContain('shadow runtime ended')
    await nothingIsLeft()
  })

  test('a page that was closed asks no more: its rehearsal ends', async () => {
    // the others ask on, and may come late for that on a machine that stands still
    const patient = its
    its = await startTestPart(store.store, { forgottenMs: 6000 })
    try {
      const id = await begin(ENDLESS)
      await doing(id, /Step/)
      await nothingIsLeft()
      await expect.poll(async () => (await view(id)).report).toMatchObject({ state: 'stopped', text: expect.stringContaining('nobody asked') })
    } finally {
      await its.close()
      its = patient
    }
  })

  test('the gateway is killed: host and shadow end, and the directory goes with them', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'cw-r-'))
    onTestFinished(() => rm(dir, { recursive: true, force: true }))
    const plan: RehearsalPlan = { request: { flows: BUSY, steps }, answers: {}, machines: [], programs: [], connections: [], allowedModules: [], dir }
    const script = join(its.workDir, 'gateway.ts')
    await writeFile(
      script,
      `import { startHost } from ${JSON.stringify(join(import.meta.dirname, 'host-process.ts'))}\nstartHost(${JSON.stringify(plan)}, (doing) => console.log(doing))\n`,
    )
    onTestFinished(() => rm(script, { force: true }))
    const gateway = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] })
    let said = ''
    gateway.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
    await expect.poll(() => said, { timeout: COMES_WITHIN_MS }).toContain('Step 1')
    const hosts = readdirSync(`/proc/${gateway.pid}/task/${gateway.pid}`).includes('children')
      ? readFileSync(`/proc/${gateway.pid}/task/${gateway.pid}/children`, 'utf8').trim().split(' ').map(Number)
      : []
    gateway.kill('SIGKILL')
    await expect.poll(() => processes(dir)).toEqual([])
    await expect.poll(() => hosts.filter((pid) => existsSync(`/proc/${pid}`))).toEqual([])
    await expect.poll(() => existsSync(dir)).toBe(false)
  })
})

test('what an earlier life of the gateway left behind is removed at its start', async () => {
  const workDir = await mkdtemp(join(tmpdir(), 'cw-r-'))
  onTestFinished(() => rm(workDir, { recursive: true, force: true }))
  await writeFile(join(workDir, 'left'), 'x')
  const runner = createRunner({
    log: createLog('test', 'silent'),
    machines: { list: () => [] },
    programs: { list: async () => [], find: () => Promise.reject(new Error('none')), path: () => '' },
    connections: async () => [],
    programsOf: async () => new Map(),
    allowedModules: () => [],
    paletteDir: '/nowhere',
    workDir,
  })
  await expect.poll(() => readdirSync(workDir)).toEqual([])
  await runner.close()
  expect(existsSync(workDir)).toBe(false)
})
