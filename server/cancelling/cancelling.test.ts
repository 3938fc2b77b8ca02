/** Cancelling over the real database, jobs, runs and steps; the flow runtime and the guard are doubles that say what they were asked. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { OperationalError } from '../../base/errors.ts'
import { newId } from '../../base/ids.ts'
import { createLog } from '../../base/log.ts'
import { socketPath } from '../../base/run-dir.ts'
import type { CancelResult, CancelView, Job, Run } from '../api/index.ts'
import { createJobs, type JobsPart } from '../jobs/index.ts'
import { guardSocketName } from '../launcher/contract.ts'
import { type GuardDouble, startGuardDouble } from '../machines/guard-double.ts'
import { createHolders, createMachines, createPrograms, type MachineRegistry } from '../machines/index.ts'
import { createOrchestration, type OrchestrationPart } from '../orchestration/index.ts'
import { createRuns, type RunsPart } from '../runs/index.ts'
import { batch, ENDED, FOURTH, THREE_HOPS } from '../runs/testing.ts'
import { startTestStore, type TestStore } from '../store/testing.ts'
import { createCancelling } from './index.ts'

const log = createLog('test', process.env.TEST_LOG ?? 'silent')
const live = { provide: () => {}, publish: () => {} }
const ann = { userId: 'u1', userName: 'ann', name: 'Ann', role: 'operator', capabilities: new Set(['machines.stop']), via: 'session', session: 's' }
const MACHINE = 'mill'
const eventually = <T>(fact: () => T | Promise<T>) => expect.poll(fact)

describe('cancelling', () => {
  let test: TestStore
  let dir: string
  let machines: MachineRegistry
  let guard: GuardDouble
  let runs: RunsPart
  let jobs: JobsPart
  let steps: OrchestrationPart
  let routes: ReturnType<typeof createCancelling>['routes']
  let programId: string
  const told: { method: string; params: { runIds?: string[]; jobIds?: string[]; jobId?: string; state?: string } }[] = []
  let awaited: string[] = []
  const sends = { isStuck: false, underWay: undefined as Promise<never> | undefined, givenUp: [] as string[] }

  const runtime = {
    onConnection: (listener: (isConnected: boolean) => void) => void setTimeout(() => listener(true)),
    peer: () =>
      ({
        closed: new Promise<void>(() => {}),
        close: () => {},
        notify: (method: string, params: object) => void told.push({ method, params }),
        async call(method: string, params: object) {
          told.push({ method, params })
          return method === 'halt' ? { awaited } : null
        },
      }) as never,
  }
  const ask = (id: string, params: object, body: object = {}, caller: object = ann) =>
    routes.find(({ route }) => route.id === id)!.run({ params, body, query: {}, caller } as never)
  const stateOf = async (job: Job) => (await jobs.get(job.id)).state
  const halts = () => told.filter(({ method }) => method === 'halt').map(({ params }) => params)
  const runOf = async (runId: string) => {
    await runs.flush()
    return test.store.db.selectFrom('run').select(['state', 'summary', 'held']).where('id', '=', runId).executeTakeFirstOrThrow()
  }
  const aRun = async () => {
    const id = newId('run')
    await runs.open({ id, trigger: { nodeId: 'n', nodeType: 'cw-button', nodeName: 'Cut part' } })
    return id
  }
  const aStep = (runId: string, message: object = {}) =>
    (steps.rpc.requests as unknown as Record<string, (params: object) => Promise<unknown>>).openStep?.({
      id: newId('stp'),
      runId,
      nodeId: 'wait',
      nodeType: 'cw-wait-until',
      kind: 'person',
      message: JSON.stringify({ _run: runId, ...message }),
      data: '{}',
      text: 'Ann to measure',
      isOut: false,
      life: 'life1',
    })
  const program = (more: object = {}) => jobs.startProgram({ machineId: MACHINE, programId, requestedBy: 'flow', ...more })
  const flow = (more: object = {}) => jobs.enqueueFlow({ name: 'cut', payload: 1, requestedBy: 'flow', ...more })

  beforeAll(async () => {
    test = await startTestStore()
    dir = mkdtempSync(join(tmpdir(), 'cw-cancel-'))
    const { store } = test
    machines = await createMachines({
      store,
      secrets: { seal: (text) => text, open: (text) => text },
      runDir: dir,
      guardToken: 't',
      tellLauncher: () => {},
      log,
    })
    guard = await startGuardDouble({ socket: socketPath(dir, guardSocketName(MACHINE)), machineId: MACHINE })
    await machines.add(
      { id: MACHINE, name: 'Mill 1', link: { kind: 'virtual', timeScale: 1 }, envelopeMm: { min: [0, 0, 0], max: [1, 1, 1] }, whenRequesterGone: 'finish' },
      { author: { name: 'test' } },
    )
    const programs = createPrograms({ store, filesDir: join(dir, 'files') })
    programId = (await programs.upload({ name: 'pocket.nc', content: Readable.from([Buffer.from('G21\nG0 X1\n')]), maxBytes: 1e6, by: 'Ann' })).id
    runs = createRuns({ store, log, live, runtime, graceMs: 50 })
    await runs.start()
    const audit = { record: () => {} } as never
    jobs = await createJobs({ store, log, live, machines, programs, runtime, runs, holders: createHolders(), audit, database: test.database })
    steps = createOrchestration({
      store,
      log,
      live: { ...live, refresh: () => {} } as never,
      runtime,
      runs,
      audit,
      jobs,
      currentFlows: async () => ({ flows: [], rev: '1' }),
    })
    await steps.start()
    await jobs.start({
      send: async () => {
        await sends.underWay
        if (sends.isStuck) throw new OperationalError({ code: 'away', message: 'The folder is away.' })
        return { reference: 'x' }
      },
      async givenUp(outboxId) {
        sends.givenUp.push(outboxId)
      },
      takenUp: async () => {},
    })
    routes = createCancelling({ runs, jobs: jobs.cancelling, steps, runtime, machines, audit, log }).routes
  })
  afterAll(async () => {
    await jobs?.close()
    await steps?.close()
    await runs?.close()
    machines?.close()
    await guard?.die()
    await test?.close()
    rmSync(dir, { recursive: true, force: true })
  })
  beforeEach(() => {
    told.length = 0
    awaited = []
    sends.isStuck = false
  })

  it('a run ends as cancelled with its waits and what it asked for, and its program runs to its end', async () => {
    const runId = await aRun()
    await aStep(runId)
    const running = await program({ runId, nodeId: 'run' })
    await eventually(() => guard.active).toBe(running.id)
    const waiting = await program({ runId, nodeId: 'run2' })
    const other = await program()
    const asked = await flow({ runId, nodeId: 'enq' })
    await eventually(() => stateOf(asked)).toBe('active')

    const view = (await ask('viewCancelRun', { runId })) as CancelView
    expect(view).toMatchObject({
      runId,
      isSharedRun: false,
      steps: ['Ann to measure'],
      active: [{ jobId: asked.id }],
      waiting: [{ jobId: waiting.id }],
      waitingTotal: 1,
      programs: [{ jobId: running.id, machineId: MACHINE, machineName: 'Mill 1', isVirtual: true }],
      confirmations: 0,
    })
    const result = (await ask('cancelRun', { runId }, { why: 'wrong part' })) as CancelResult
    expect(result).toMatchObject({ runId, steps: 1, jobs: 2, programs: [{ jobId: running.id, did: 'finishes' }], problems: [] })
    expect(halts()).toEqual([{ runIds: [runId], jobIds: [], reason: 'Cancelled by Ann: wrong part' }])
    expect(await runOf(runId)).toMatchObject({ state: 'cancelled', held: null })
    expect((await runOf(runId)).summary).toContain('Cancelled by Ann: wrong part')
    expect(await stateOf(waiting)).toBe('cancelled')
    expect(await stateOf(asked)).toBe('cancelled')
    expect(await stateOf(running)).toBe('active')
    expect(await stateOf(other)).toBe('waiting')
    expect(guard.told.stops).toBe(0)
    guard.end('completed')
    await eventually(() => stateOf(running)).toBe('completed')
    // what is not of the run has its turn
    await eventually(() => guard.active).toBe(other.id)
    guard.end('completed')
    await eventually(() => stateOf(other)).toBe('completed')
  })

  it('stays cancelled, whatever the runtime still tells of it, and nothing more is queued or kept for it', async () => {
    const { ids, notice } = batch([{ detail: THREE_HOPS }])
    const runId = ids[0] ?? ''
    runs.rpc.notifications.trace(notice)
    await ask('cancelRun', { runId })
    const late = batch([{ id: runId, isNew: false, firstSeq: 3, detail: FOURTH, end: ENDED }])
    runs.rpc.notifications.trace(late.notice)
    expect(await runOf(runId)).toMatchObject({ state: 'cancelled' })
    await expect(flow({ runId })).rejects.toMatchObject({ code: 'run-cancelled' })
    await expect(program({ runId })).rejects.toMatchObject({ code: 'run-cancelled' })
    await expect(aStep(runId)).rejects.toMatchObject({ code: 'run-cancelled' })
    expect(await test.store.db.selectFrom('step').select('id').where('runId', '=', runId).execute()).toEqual([])
    await expect(ask('cancelRun', { runId })).rejects.toMatchObject({ code: 'run-ended' })
    await expect(ask('cancelRun', { runId: 'run_none' })).rejects.toMatchObject({ code: 'run-not-found' })
  })

  it.each([
    ['hold', 'held'],
    ['stop', 'stopped'],
  ] as const)('a machine is asked to %s only when the person said so, and may', async (machine, did) => {
    const runId = await aRun()
    const running = await program({ runId })
    await eventually(() => guard.active).toBe(running.id)
    await expect(ask('cancelRun', { runId }, { machine }, { ...ann, capabilities: new Set() })).rejects.toMatchObject({ code: 'not-allowed' })
    expect((await runOf(runId)).state).toBe('active')
    const result = (await ask('cancelRun', { runId }, { machine })) as CancelResult
    expect(result.programs).toEqual([{ jobId: running.id, machineId: MACHINE, did }])
    if (machine === 'hold') {
      expect(guard.told.holds).toBe(1)
      expect(await stateOf(running)).toBe('active')
      guard.end('completed')
    }
    await eventually(() => stateOf(running)).toBe(machine === 'stop' ? 'stopped' : 'completed')
  })

  it('a flow job of its own ends with its run; what it asked for and has not begun ends too', async () => {
    const job = await flow()
    await eventually(() => stateOf(job)).toBe('active')
    await eventually(async () => (await jobs.get(job.id)).runId).toBeDefined()
    const { runId = '' } = await jobs.get(job.id)
    const later = { plan: { notBefore: new Date(Date.now() + 3_600_000).toISOString() } }
    const child = await flow({ runId, nodeId: 'enq', parentJob: job.id, ...later })
    const ended = (await ask('cancelJob', { jobId: job.id }, { why: 'no material' })) as Job
    expect(ended).toMatchObject({ state: 'cancelled', reason: 'Cancelled by Ann: no material' })
    expect((await runOf(runId)).state).toBe('cancelled')
    expect(await stateOf(child)).toBe('cancelled')
    // its place is free, and what the flow says of it later changes nothing
    await expect(jobs.rpc.requests.finishJob({ jobId: job.id, state: 'completed' })).rejects.toMatchObject({ code: 'job-ended' })
    expect(await stateOf(job)).toBe('cancelled')
  })

  it('a flow job in the run of another flow ends alone: whoever waits for it hears so, its children and waits end, the run goes on', async () => {
    const runId = await aRun()
    const job = await flow({ runId, nodeId: 'enq' })
    const sibling = await flow({ runId, nodeId: 'enq2' })
    await eventually(() => stateOf(job)).toBe('active')
    await eventually(() => stateOf(sibling)).toBe('active')
    const later = { plan: { notBefore: new Date(Date.now() + 3_600_000).toISOString() } }
    const child = await flow({ runId, nodeId: 'enq', parentJob: job.id, ...later })
    const grandchild = await flow({ runId, nodeId: 'enq', parentJob: child.id, ...later })
    await aStep(runId, { job: { id: job.id, name: 'cut' } })
    await aStep(runId, { job: { id: sibling.id, name: 'cut' } })
    // news of a job that ended is not that job's message
    await aStep(runId, { job: { id: job.id, name: 'cut', state: 'failed' } })
    expect(await ask('viewCancelJob', { jobId: job.id })).toMatchObject({ isSharedRun: true, steps: ['Ann to measure'], waitingTotal: 2, active: [] })
    awaited = [job.id]
    expect(await ask('cancelJob', { jobId: job.id })).toMatchObject({ state: 'cancelled' })
    expect(halts()).toEqual([{ runIds: [], jobIds: [job.id], reason: 'Cancelled by Ann' }])
    expect(told).toContainEqual({ method: 'jobEnded', params: expect.objectContaining({ jobId: job.id, state: 'cancelled' }) })
    expect([await stateOf(child), await stateOf(grandchild), await stateOf(sibling)]).toEqual(['cancelled', 'cancelled', 'active'])
    expect((await steps.waits(runId)).length).toBe(2)
    expect((await runOf(runId)).state).toBe('active')
    await ask('cancelRun', { runId })
    expect(await stateOf(sibling)).toBe('cancelled')
  })

  it('a run of which a job was cancelled that nobody waited for ends as cancelled when it ends well', async () => {
    const { ids, notice } = batch([{ detail: THREE_HOPS }])
    const runId = ids[0] ?? ''
    runs.rpc.notifications.trace(notice)
    await runs.flush()
    const job = await flow({ runId, nodeId: 'enq' })
    await eventually(() => stateOf(job)).toBe('active')
    await ask('cancelJob', { jobId: job.id })
    expect((await runOf(runId)).state).toBe('active')
    runs.rpc.notifications.trace(batch([{ id: runId, isNew: false, firstSeq: 3, detail: FOURTH, end: ENDED }]).notice)
    expect((await runOf(runId)).state).toBe('cancelled')
  })

  it('messages to outside systems go out unless they are taken back', async () => {
    sends.isStuck = true
    const first = await aRun()
    const kept = await jobs.enqueueConfirmation({ outboxId: 'out1', connectionId: 'c', name: 'confirm', runId: first })
    await eventually(() => stateOf(kept)).toBe('waiting')
    await ask('cancelRun', { runId: first })
    expect(await stateOf(kept)).not.toBe('cancelled')
    const second = await aRun()
    const taken = await jobs.enqueueConfirmation({ outboxId: 'out2', connectionId: 'c', name: 'confirm', runId: second })
    await eventually(async () => ((await stateOf(taken)) === 'waiting' ? (await jobs.get(taken.id)).reason : undefined)).toBe('The folder is away.')
    await ask('cancelRun', { runId: second }, { takeBack: true })
    // one that is being tried just then ends after that try
    await eventually(() => stateOf(taken)).toBe('cancelled')
    await eventually(() => sends.givenUp).toEqual(['out2'])
    sends.isStuck = false
    await eventually(() => stateOf(kept)).toBe('completed')
  })

  it('a message to an outside system that is being tried as it is taken back is not tried again', async () => {
    const trying = Promise.withResolvers<never>()
    sends.underWay = trying.promise
    const runId = await aRun()
    const job = await jobs.enqueueConfirmation({ outboxId: 'out3', connectionId: 'c', name: 'confirm', runId })
    await eventually(() => stateOf(job)).toBe('active')
    expect(await ask('cancelRun', { runId }, { takeBack: true })).toMatchObject({ jobs: 1 })
    sends.underWay = undefined
    trying.reject(new OperationalError({ code: 'away', message: 'The folder is away.' }))
    await eventually(() => stateOf(job)).toBe('cancelled')
    expect(sends.givenUp).toContain('out3')
  })

  it('a run that another gateway cancelled is kept from going on in this one’s runtime', async () => {
    const { ids, notice } = batch([{ detail: THREE_HOPS }])
    const runId = ids[0] ?? ''
    runs.rpc.notifications.trace(notice)
    await runs.flush()
    await test.store.db.updateTable('run').set({ state: 'cancelled' }).where('id', '=', runId).execute()
    runs.rpc.notifications.trace(batch([{ id: runId, isNew: false, firstSeq: 3, detail: FOURTH }]).notice)
    await runs.flush()
    await eventually(() => halts().flatMap(({ runIds }) => runIds)).toEqual([runId])
    const run: Pick<Run, 'state'> = await runOf(runId)
    expect(run.state).toBe('cancelled')
  })
})
