import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { OperationalError, UserError } from '../../base/errors.ts'
import { newId } from '../../base/ids.ts'
import { createLog } from '../../base/log.ts'
import type { RpcNotice, RpcParams } from '../../base/rpc.ts'
import { socketPath } from '../../base/run-dir.ts'
import type { Job } from '../api/index.ts'
import { guardSocketName } from '../launcher/contract.ts'
import { type GuardDouble, startGuardDouble } from '../machines/guard-double.ts'
import { createHolders, createMachines, createPrograms, type MachineRegistry } from '../machines/index.ts'
import { createRuns, type RunsPart } from '../runs/index.ts'
import type { runtimeRpc } from '../runtime/contract.ts'
import { startTestStore, type TestStore } from '../store/testing.ts'
import { openPostgresBull } from './bull-postgres.ts'
import { createDispatch } from './dispatch.ts'
import { createJobs, type JobsPart } from './index.ts'
import { insertJob } from './rows.ts'

const log = createLog('test', process.env.TEST_LOG ?? 'silent')
const caller = { userId: 'u1', userName: 'ann', name: 'Ann', role: 'operator', capabilities: new Set(), via: 'session', session: 's' } as const

/** The flow runtime as the gateway sees it. */
function runtimeDouble() {
  const listeners: ((isConnected: boolean) => void)[] = []
  let isThere = false
  const heard: { method: string; params: unknown }[] = []
  const asked: RpcParams<typeof runtimeRpc, 'runJob'>[] = []
  const double = {
    heard,
    asked,
    refuse: undefined as Error | undefined,
    ends: () => heard.filter((notice) => notice.method === 'jobEnded').map((notice) => notice.params as RpcNotice<typeof runtimeRpc, 'jobEnded'>),
    be(connected: boolean) {
      isThere = connected
      for (const listener of [...listeners]) listener(connected)
    },
    runtime: {
      onConnection: (listener: (isConnected: boolean) => void) => void listeners.push(listener),
      peer() {
        if (!isThere) throw new OperationalError({ code: 'runtime-away', message: 'The flow runtime is away.' })
        return {
          closed: new Promise<void>(() => {}),
          close: () => {},
          notify: (method: string, params: unknown) => void heard.push({ method, params }),
          async call(_method: string, params: unknown) {
            if (double.refuse) throw double.refuse
            asked.push(params as never)
            return null
          },
        } as never
      },
    },
  }
  return double
}

/** Generous: other tests may keep the machine busy. */
const eventually = <T>(fact: () => T | Promise<T>) => expect.poll(fact, { timeout: 15_000 })

describe('jobs', () => {
  let test: TestStore
  let dir: string
  let machines: MachineRegistry
  let guard: GuardDouble
  let runs: RunsPart
  let jobs: JobsPart
  let runtime: ReturnType<typeof runtimeDouble>
  let programId: string
  let machineCount = 0
  let machineId = ''
  const sends: { result: () => Promise<{ reference: string }>; asked: string[]; givenUp: string[] } = {
    result: async () => ({ reference: 'x' }),
    asked: [],
    givenUp: [],
  }
  const programs = () => createPrograms({ store: test.store, filesDir: join(dir, 'files') })
  const live = { provide: () => {}, publish: () => {} }

  const startJobs = async (reconciling?: Parameters<typeof createJobs>[0]['reconciling']) => {
    const part = await createJobs({
      store: test.store,
      log,
      live,
      machines,
      programs: programs(),
      runtime: runtime.runtime,
      runs,
      holders: createHolders(),
      audit: { record: () => {} },
      database: test.database,
      ...(reconciling ? { reconciling } : {}),
    })
    await part.start({
      async send(outboxId) {
        sends.asked.push(outboxId)
        return sends.result()
      },
      async givenUp(outboxId) {
        sends.givenUp.push(outboxId)
      },
    })
    return part
  }
  const restart = async () => {
    await jobs.close()
    jobs = await startJobs()
  }
  const start = (more: Partial<Parameters<JobsPart['startProgram']>[0]> = {}) => jobs.startProgram({ machineId, programId, requestedBy: 'Ann', ...more })
  const state = async (job: Job) => (await jobs.get(job.id)).state
  const becomes = (job: Job, wanted: Job['state']) => eventually(() => state(job)).toBe(wanted)
  /** The machine has it: from then on the guard double can end it. */
  const isAtMachine = (job: Job) => eventually(() => guard.active).toBe(job.id)
  const storyOf = async (runId: string) => (await test.store.db.selectFrom('run').select('summary').where('id', '=', runId).executeTakeFirst())?.summary ?? ''
  const cancel = (job: Job) => jobs.routes.find(({ route }) => route.id === 'cancelJob')!.run({ params: { jobId: job.id }, caller } as never) as Promise<Job>

  beforeAll(async () => {
    test = await startTestStore()
    dir = mkdtempSync(join(tmpdir(), 'cw-jobs-'))
    machines = await createMachines({
      store: test.store,
      secrets: { seal: (text) => text, open: (text) => text },
      runDir: dir,
      guardToken: 't',
      tellLauncher: () => {},
      log,
    })
    const program = await programs().upload({ name: 'pocket.nc', content: Readable.from([Buffer.from('G21\nG0 X1\n')]), maxBytes: 1e6, by: 'Ann' })
    programId = program.id
  })
  afterAll(async () => {
    machines?.close()
    await test?.close()
    rmSync(dir, { recursive: true, force: true })
  })
  beforeEach(async () => {
    // a machine of its own for each test: nothing of another one waits in its queue
    machineCount += 1
    machineId = `m${machineCount}`
    guard = await startGuardDouble({ socket: socketPath(dir, guardSocketName(machineId)), machineId })
    await machines.add(
      { id: machineId, name: 'Mill 1', link: { kind: 'virtual', timeScale: 1 }, envelopeMm: { min: [0, 0, 0], max: [1, 1, 1] }, whenRequesterGone: 'finish' },
      'test',
    )
    runtime = runtimeDouble()
    runs = createRuns({ store: test.store, log, live, runtime: runtime.runtime })
    sends.asked = []
    sends.givenUp = []
    jobs = await startJobs()
  })
  afterEach(async () => {
    await jobs.close()
    await runs.close()
    await guard.die()
  })

  describe('of a machine', () => {
    it('run one after the other, each with its outcome, its progress and its place in the run', async () => {
      await runs.open({ id: `run_${machineId}`, trigger: { nodeId: 'n', nodeType: 'cw-button' } })
      const changes: Job[] = []
      jobs.onChange((job) => changes.push(job))
      const first = await start({ runId: `run_${machineId}` })
      const second = await start()
      await isAtMachine(first)
      guard.progress(3)
      await eventually(() => changes.some((job) => job.progress?.done === 3)).toBe(true)
      expect(await state(second)).toBe('waiting')
      expect(guard.started).toEqual([first.id])
      guard.end('completed')
      await becomes(first, 'completed')
      await isAtMachine(second)
      guard.end('completed')
      await becomes(second, 'completed')
      expect(guard.started).toEqual([first.id, second.id])
      expect(await jobs.get(first.id)).toMatchObject({
        outcome: { linesSent: 10, text: 'All lines ran.', isPositionTrusted: true },
        progress: { done: 10, total: 10 },
      })
      const links = await test.store.db.selectFrom('runLink').selectAll().where('runId', '=', `run_${machineId}`).orderBy('at').execute()
      expect(links.map((link) => link.text)).toEqual(['program pocket.nc queued for Mill 1', 'program pocket.nc ran 10 lines on Mill 1'])
    })

    it('with the same key are one job', async () => {
      const [one, two, three] = await Promise.all([start({ key: `k-${machineId}` }), start({ key: `k-${machineId}` }), start({ key: `k-${machineId}` })])
      expect(new Set([one.id, two.id, three.id]).size).toBe(1)
      await isAtMachine(one)
      guard.end('completed')
      await becomes(one, 'completed')
      expect((await start({ key: `k-${machineId}` })).id).toBe(one.id)
      const other = await start()
      await isAtMachine(other)
      expect(guard.started).toEqual([one.id, other.id])
      guard.end('completed')
    })

    it('refused by the guard fail with its words, and the next one has its turn', async () => {
      guard.next = 'refuse'
      const refused = await start()
      const next = await start()
      await becomes(refused, 'failed')
      expect((await jobs.get(refused.id)).reason).toBe('Line 3 leaves the envelope in X.')
      await isAtMachine(next)
      guard.end('completed')
      await becomes(next, 'completed')
    })

    it('go on when the guard is lost from sight and found again', async () => {
      const job = await start()
      await becomes(job, 'active')
      await isAtMachine(job)
      await guard.die()
      await guard.live()
      await eventually(() => machines.get(machineId).guard).toBe('running')
      guard.end('completed')
      await becomes(job, 'completed')
      expect(guard.started).toEqual([job.id])
    })

    it('end as the journal says when they ended out of sight', async () => {
      const job = await start()
      const follower = await start()
      await becomes(job, 'active')
      await isAtMachine(job)
      await guard.die()
      guard.end('interrupted', 6)
      await guard.live()
      await becomes(job, 'interrupted')
      expect(await jobs.get(job.id)).toMatchObject({ outcome: { linesSent: 6, isPositionTrusted: false }, reason: 'It was interrupted after line 6.' })
      await becomes(follower, 'cancelled')
      expect((await jobs.get(follower.id)).reason).toMatch(/^It was waiting when pocket.nc on Mill 1 was interrupted/)
      expect(guard.started).toEqual([job.id])
    })

    it.each([
      ['before it took the job: interrupted, never sent again', 'die-before', 0],
      ['after it took the job: followed to its end, never sent again', 'die-after', 1],
    ] as const)('whose guard dies %s', async (_name, how, starts) => {
      guard.next = how
      const job = await start()
      await eventually(() => guard.next).toBe('run')
      await eventually(() => machines.get(machineId).guard).toBe('gone')
      await guard.live()
      if (starts === 0) {
        await becomes(job, 'interrupted')
        expect((await jobs.get(job.id)).reason).toContain('Nothing is sent again')
      } else {
        await eventually(() => machines.get(machineId).guard).toBe('running')
        guard.end('completed')
        await becomes(job, 'completed')
      }
      expect(guard.started).toHaveLength(starts)
    })

    it('stopped by a person take what waited with them, and a later one runs', async () => {
      const job = await start()
      const follower = await start()
      await isAtMachine(job)
      await cancel(job)
      await becomes(job, 'stopped')
      await becomes(follower, 'cancelled')
      const later = await start()
      await becomes(later, 'active')
      await isAtMachine(later)
      guard.end('completed')
      await becomes(later, 'completed')
      expect(guard.started).toEqual([job.id, later.id])
      await expect(cancel(later)).rejects.toThrow(/ended already/)
    })

    it('cancelled while they wait never run', async () => {
      const job = await start()
      const waiting = await start()
      expect((await cancel(waiting)).state).toBe('cancelled')
      await isAtMachine(job)
      guard.end('completed')
      const last = await start()
      await isAtMachine(last)
      guard.end('completed')
      await becomes(last, 'completed')
      expect(guard.started).toEqual([job.id, last.id])
    })

    it('outlive the gateway: followed on, and what waited has its turn after', async () => {
      const job = await start()
      const waiting = await start()
      await isAtMachine(job)
      await eventually(() => guard.started.length).toBe(1)
      await restart()
      expect(await state(job)).toBe('active')
      const asked = await start()
      expect(await state(waiting)).toBe('waiting')
      guard.end('completed')
      await becomes(job, 'completed')
      await isAtMachine(waiting)
      guard.end('completed')
      await isAtMachine(asked)
      guard.end('completed')
      await becomes(asked, 'completed')
      expect(guard.started).toEqual([job.id, waiting.id, asked.id])
    })

    it('that ended while the gateway was away end as the guard says', async () => {
      const job = await start()
      await isAtMachine(job)
      await jobs.close()
      guard.end('completed')
      jobs = await startJobs()
      await becomes(job, 'completed')
    })

    it('that nobody knows of after a restart are interrupted, and nothing that waited starts by itself', async () => {
      const job = await start()
      const waiting = await start()
      await isAtMachine(job)
      await jobs.close()
      guard.forget()
      jobs = await startJobs()
      await becomes(job, 'interrupted')
      await becomes(waiting, 'cancelled')
      expect(guard.started).toEqual([job.id])
    })

    it('asked for as the gateway died are cancelled, not started to somebody’s surprise', async () => {
      const runId = newId('run')
      await runs.open({ id: runId, trigger: { nodeId: 'n', nodeType: 'cw-button' } })
      const { row } = await insertJob(test.store.db, {
        kind: 'program',
        queue: `machine-${machineId}`,
        name: 'pocket.nc',
        machineId,
        programId,
        request: { programName: 'pocket.nc', sha256: 'x' },
        runId,
        requestedBy: 'Ann',
      })
      await restart()
      await eventually(async () => (await jobs.get(row.id)).state).toBe('cancelled')
      expect(guard.started).toEqual([])
      await eventually(() => storyOf(runId)).toMatch(/pocket\.nc was not run: It was asked for just as the gateway went away/)
    })

    it('that a flow asks about after a lost answer are the ones it had asked for, and what was not queued is not queued then', async () => {
      const { runProgram } = jobs.rpc.requests
      const asked = { machineId, program: 'pocket.nc', key: 'k', nodeId: `n_${machineId}` }
      await expect(runProgram({ ...asked, isRepeat: true })).rejects.toMatchObject({ code: 'job-not-found' })
      const { jobId } = await runProgram(asked)
      expect(await runProgram({ ...asked, isRepeat: true })).toEqual({ jobId })
      await eventually(() => guard.active).toBe(jobId)
      guard.end('completed')
      await eventually(async () => (await jobs.get(jobId)).state).toBe('completed')
      expect(guard.started).toEqual([jobId])
    })

    it('that the queue has forgotten are queued again, once', async () => {
      await jobs.close()
      jobs = await startJobs({ everyMs: 100, youngMs: 500 })
      const job = await start()
      await isAtMachine(job)
      const waiting = await start()
      const other = createDispatch(await openPostgresBull({ database: test.database }), log)
      await other.remove(`machine-${machineId}`, waiting.id)
      await eventually(() => other.stateOf(`machine-${machineId}`, waiting.id)).toBe('waiting')
      await other.close()
      guard.end('completed')
      await isAtMachine(waiting)
      guard.end('completed')
      await becomes(waiting, 'completed')
      expect(guard.started).toEqual([job.id, waiting.id])
    })

    it('are ended in the database as soon as it is back', async () => {
      const job = await start()
      await isAtMachine(job)
      test.postgres.freeze()
      try {
        guard.end('completed')
        await eventually(() => test.store.isAway).toBe(true)
      } finally {
        test.postgres.thaw()
      }
      await becomes(job, 'completed')
      const next = await start()
      await becomes(next, 'active')
      await isAtMachine(next)
      guard.end('completed')
      await becomes(next, 'completed')
    })

    it('tell the node that asks how they ended, when it was away and when it asks again', async () => {
      runtime.be(true)
      const ask = () => jobs.rpc.requests.runProgram({ machineId, program: 'pocket.nc', key: 'a', nodeId: `n-${machineId}` })
      const { jobId } = await ask()
      await eventually(() => guard.active).toBe(jobId)
      runtime.be(false)
      await eventually(() => guard.told.requesterGone).toEqual([jobId])
      guard.end('completed')
      await eventually(async () => (await jobs.get(jobId)).state).toBe('completed')
      expect(runtime.ends()).toEqual([])
      runtime.be(true)
      expect(await jobs.rpc.requests.jobState({ jobId })).toMatchObject({ state: 'completed', outcome: { linesSent: 10 } })
      expect((await ask()).jobId).toBe(jobId)
      await eventually(() => runtime.ends()).toMatchObject([{ jobId, state: 'completed', outcome: { linesSent: 10 } }])
      expect(guard.started).toEqual([jobId])
    })

    it('tell the guard that the flow is gone also while it still looks at the program', async () => {
      const looking = Promise.withResolvers<{ totalLines: number }>()
      guard.answer('startJob', () => looking.promise)
      runtime.be(true)
      const { jobId } = await jobs.rpc.requests.runProgram({ machineId, program: 'pocket.nc', key: 'b', nodeId: `n-${machineId}` })
      await eventually(() => guard.asked.some(({ method }) => method === 'startJob')).toBe(true)
      runtime.be(false)
      await eventually(() => guard.told.requesterGone).toEqual([jobId])
      looking.reject(new UserError({ code: 'stopped-before-start', message: 'Nothing was started.' }))
      await eventually(async () => (await jobs.get(jobId)).state).toBe('failed')
    })
  })

  describe('of a flow', () => {
    const enqueue = (more: object = {}) => jobs.enqueueFlow({ name: 'report', payload: { part: 7 }, requestedBy: 'test', ...more })

    it('wait for the runtime, run in a run of their own, and end as the flow says', async () => {
      const job = await enqueue()
      expect(runtime.asked).toEqual([])
      runtime.be(true)
      await eventually(() => runtime.asked).toMatchObject([{ jobId: job.id, name: 'report', payload: { part: 7 } }])
      expect(await state(job)).toBe('active')
      await jobs.rpc.requests.finishJob({ jobId: job.id, state: 'completed', outcome: { pages: 3 } })
      await becomes(job, 'completed')
      expect((await jobs.get(job.id)).outcome).toEqual({ pages: 3 })
      const run = await test.store.db.selectFrom('run').selectAll().where('id', '=', runtime.asked[0]!.runId).executeTakeFirstOrThrow()
      expect(run).toMatchObject({ triggerNodeType: 'cw-job-in', triggerNodeName: 'report' })
      await expect(jobs.rpc.requests.finishJob({ jobId: job.id, state: 'failed' })).rejects.toThrow(/ended already/)
    })

    it('without a node of their name fail and say so', async () => {
      runtime.be(true)
      runtime.refuse = new UserError({ code: 'no-job-in', message: 'No flow takes jobs named "report".' })
      const job = await enqueue()
      await becomes(job, 'failed')
      expect((await jobs.get(job.id)).reason).toBe('No flow takes jobs named "report".')
    })

    it('are interrupted when the runtime goes, unless the flow ended them all the same', async () => {
      runtime.be(true)
      const job = await enqueue()
      await eventually(() => runtime.asked).toHaveLength(1)
      runtime.be(false)
      await becomes(job, 'interrupted')
      runtime.be(true)
      expect(runtime.asked).toHaveLength(1)
      await jobs.rpc.requests.finishJob({ jobId: job.id, state: 'completed' })
      await becomes(job, 'completed')
    })

    it('that wait over a restart of the gateway are handed on, those in a flow are interrupted', async () => {
      runtime.be(true)
      const inFlow = await enqueue()
      await eventually(() => runtime.asked).toHaveLength(1)
      runtime.be(false)
      await becomes(inFlow, 'interrupted')
      const waiting = await enqueue()
      await restart()
      runtime.be(true)
      await eventually(() => runtime.asked.map((asked) => asked.jobId)).toEqual([inFlow.id, waiting.id])
      await jobs.close()
      jobs = await startJobs()
      await becomes(waiting, 'interrupted')
      expect(runtime.asked).toHaveLength(2)
    })
  })

  describe('that bring confirmations', () => {
    it('are tried until they are there', async () => {
      let tries = 0
      sends.result = async () => {
        tries += 1
        if (tries < 3) throw new OperationalError({ code: 'away', message: 'The share is away.' })
        return { reference: '/out/a.json' }
      }
      const job = await jobs.enqueueConfirmation({ outboxId: `out_${machineId}`, connectionId: 'c', name: 'confirmation of 1' })
      await eventually(async () => (await jobs.get(job.id)).reason).toBe('The share is away.')
      expect((await jobs.enqueueConfirmation({ outboxId: `out_${machineId}`, connectionId: 'c', name: 'confirmation of 1' })).id).toBe(job.id)
      await becomes(job, 'completed')
      expect((await jobs.get(job.id)).outcome).toEqual({ reference: '/out/a.json' })
      expect(tries).toBe(3)
    })

    it('are finished in the same try when the database goes away in the middle', async () => {
      let tries = 0
      sends.result = async () => {
        tries += 1
        if (tries < 3) throw new OperationalError({ code: 'store-away', message: 'The database is away.' })
        return { reference: 'r' }
      }
      const job = await jobs.enqueueConfirmation({ outboxId: `out_${machineId}`, connectionId: 'c', name: 'confirmation of 1' })
      await becomes(job, 'completed')
      expect((await jobs.get(job.id)).reason).toBeUndefined()
      expect(tries).toBe(3)
    })

    it('survive a restart of the gateway in the middle', async () => {
      sends.result = () => new Promise(() => {})
      const job = await jobs.enqueueConfirmation({ outboxId: `out_${machineId}`, connectionId: 'c', name: 'confirmation of 1' })
      await eventually(() => sends.asked).toHaveLength(1)
      sends.result = async () => ({ reference: 'r' })
      await restart()
      await becomes(job, 'completed')
    })

    it('are given up only when a retry cannot help', async () => {
      sends.result = async () => {
        throw new UserError({ code: 'order-closed', message: 'The ERP has closed this order.' })
      }
      const job = await jobs.enqueueConfirmation({ outboxId: `out_${machineId}`, connectionId: 'c', name: 'confirmation of 1' })
      await becomes(job, 'failed')
      expect(sends.givenUp).toEqual([`out_${machineId}`])
      expect((await jobs.get(job.id)).reason).toBe('The ERP has closed this order.')
    })
  })
})
