import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { type KyselyPlugin, sql } from 'kysely'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { OperationalError, UserError } from '../../base/errors.ts'
import { newId } from '../../base/ids.ts'
import { createLog } from '../../base/log.ts'
import type { RpcNotice, RpcParams } from '../../base/rpc.ts'
import { socketPath } from '../../base/run-dir.ts'
import type { ProgramReport } from '../../nodes/motion/program.ts'
import type { Job, JobDetails, JobQueue, LetterGroups, LettersDone, QueueControl, QueuedJob } from '../api/index.ts'
import { aloneHost, type Hosts } from '../hosts/contract.ts'
import { createHosts } from '../hosts/registry.ts'
import { guardSocketName } from '../launcher/contract.ts'
import { type GuardDouble, startGuardDouble } from '../machines/guard-double.ts'
import { createHolders, createMachines, createPrograms, type MachineRegistry } from '../machines/index.ts'
import { createRuns, type RunsPart } from '../runs/index.ts'
import type { runtimeRpc } from '../runtime/contract.ts'
import { startTestStore, type TestStore } from '../store/testing.ts'
import { openPostgresBull } from './bull-postgres.ts'
import { createDispatch } from './dispatch.ts'
import { createJobs, type JobsPart } from './index.ts'
import { forgetOldJobs, insertJob } from './rows.ts'

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
const eventually = <T>(fact: () => T | Promise<T>) => expect.poll(fact)

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
  /** Why no program may begin. */
  let obstacle: string | undefined
  let machineId = ''
  const sends: { result: () => Promise<{ reference: string }>; asked: string[]; givenUp: string[]; takenUp: string[] } = {
    result: async () => ({ reference: 'x' }),
    asked: [],
    givenUp: [],
    takenUp: [],
  }
  const programs = () => createPrograms({ store: test.store, filesDir: join(dir, 'files') })
  const live = { provide: () => {}, publish: () => {} }

  const startJobs = async (reconciling?: Parameters<typeof createJobs>[0]['reconciling'], hosts?: Hosts, store = test.store) => {
    const part = await createJobs({
      store,
      log,
      live,
      machines,
      programs: programs(),
      runtime: runtime.runtime,
      runs,
      holders: createHolders(),
      audit: { record: () => {} },
      database: test.database,
      obstacle: () => obstacle,
      ...(reconciling ? { reconciling } : {}),
      ...(hosts ? { hosts } : {}),
    })
    await part.start({
      async send(outboxId) {
        sends.asked.push(outboxId)
        return sends.result()
      },
      async givenUp(outboxId) {
        sends.givenUp.push(outboxId)
      },
      async takenUp(outboxId) {
        sends.takenUp.push(outboxId)
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
  const cancel = (job: Job) => jobs.cancelling.one(job.id, { by: 'Ann', reason: 'Cancelled by Ann.' })

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
      { author: { name: 'test' } },
    )
    runtime = runtimeDouble()
    runs = createRuns({ store: test.store, log, live, runtime: runtime.runtime })
    sends.asked = []
    sends.givenUp = []
    sends.takenUp = []
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

    it('asked for while the disk is too full are refused before the guard is asked; one whose turn comes then fails, and what waits is held', async () => {
      const key = `kept-${machineId}`
      const first = await start({ key })
      const [second, third] = [await start(), await start()]
      await isAtMachine(first)
      obstacle = 'No program is begun: the disk is nearly full.'
      try {
        await expect(start()).rejects.toMatchObject({ code: 'disk-critical', status: 507, message: obstacle })
        // who asks again for what was taken hears of it
        expect((await start({ key })).id).toBe(first.id)
        guard.end('completed')
        await becomes(first, 'completed')
        await becomes(second, 'failed')
        expect(await jobs.get(second.id)).toMatchObject({ reason: obstacle, cause: 'guard-refused' })
        expect(guard.started).toEqual([first.id])
        const queue = await test.store.db.selectFrom('jobQueue').selectAll().where('name', '=', `machine-${machineId}`).executeTakeFirst()
        expect(queue).toMatchObject({ mode: 'held', why: expect.stringMatching(/nearly full.*Make room/) })
        expect(await state(third)).toBe('waiting')
      } finally {
        obstacle = undefined
      }
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
        isReady: false,
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
      // the worker may hold the delivery of one that follows; that of the next is still in the queue
      const follower = await start()
      const waiting = await start()
      const other = createDispatch(await openPostgresBull({ database: test.database }), log)
      await eventually(() => other.stateOf(`machine-${machineId}`, waiting.id)).toBe('waiting')
      await other.remove(`machine-${machineId}`, waiting.id)
      await eventually(() => other.stateOf(`machine-${machineId}`, waiting.id)).toBe('waiting')
      await other.close()
      guard.end('completed')
      await isAtMachine(follower)
      guard.end('completed')
      await isAtMachine(waiting)
      guard.end('completed')
      await becomes(waiting, 'completed')
      expect(guard.started).toEqual([job.id, follower.id, waiting.id])
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
      const told: Job[] = []
      jobs.onChange((job) => told.push(job))
      guard.end('completed')
      // its row ends a moment before anybody is told
      await eventually(() => told.some(({ id, state }) => id === jobId && state === 'completed')).toBe(true)
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

    it('are ended for their flow when that is stored, and once more when it did not hear the answer', async () => {
      runtime.be(true)
      const job = await enqueue()
      await eventually(() => runtime.asked).toHaveLength(1)
      const end = { jobId: job.id, state: 'completed', outcome: { pages: 3 } } as const
      let isAnswered = false
      const told = await test.store.db.transaction().execute(async (other) => {
        await other.selectFrom('job').select('id').where('id', '=', job.id).forUpdate().execute()
        const telling = Promise.resolve(jobs.rpc.requests.finishJob(end))
        telling.then(
          () => {
            isAnswered = true
          },
          () => {},
        )
        const waits = sql<{ n: number }>`select count(*)::int as n from pg_stat_activity where wait_event_type = 'Lock' and query like '%update "job"%'`
        await eventually(async () => (await waits.execute(test.store.db)).rows[0]?.n).toBeGreaterThan(0)
        expect(isAnswered).toBe(false)
        return { telling }
      })
      await told.telling
      expect(await jobs.get(job.id)).toMatchObject({ state: 'completed', outcome: { pages: 3 } })
      await jobs.rpc.requests.finishJob(end)
      // also by the next life of the gateway
      await restart()
      await jobs.rpc.requests.finishJob(end)
    })

    it('that began in the moment in which the answer of the database was lost are worked all the same, once', async () => {
      let isForgetful = true
      const forgetful: KyselyPlugin = {
        transformQuery: ({ node }) => node,
        async transformResult({ result }) {
          const [row] = result.rows
          if (!isForgetful || typeof row?.claim !== 'string' || !('position' in row) || 'kind' in row) return result
          isForgetful = false
          throw new OperationalError({ code: 'store-away', message: 'The answer of the database was lost.' })
        },
      }
      await jobs.close()
      jobs = await startJobs(undefined, undefined, { ...test.store, db: test.store.db.withPlugin(forgetful) })
      runtime.be(true)
      let key = ''
      // a queue that is idle begins it with the statement that writes it
      await eventually(() => {
        key = newId('job')
        return enqueue({ key }).catch((error: OperationalError) => error.code)
      }).toBe('store-away')
      const { id } = await enqueue({ key })
      await eventually(() => runtime.asked.map((asked) => asked.jobId)).toContain(id)
      await jobs.rpc.requests.finishJob({ jobId: id, state: 'completed' })
      expect((await jobs.get(id)).state).toBe('completed')
      expect(runtime.asked.filter(({ jobId }) => jobId === id)).toHaveLength(1)
    })

    it('without a node of their name fail and say so', async () => {
      runtime.be(true)
      runtime.refuse = new UserError({ code: 'no-job-in', message: 'No flow takes jobs named "report".' })
      const job = await enqueue()
      await becomes(job, 'failed')
      expect(await jobs.get(job.id)).toMatchObject({ reason: 'No flow takes jobs named "report".', cause: 'no-taker' })
      // and so does the run that never began
      const { runId = '' } = await jobs.get(job.id)
      await eventually(() => runs.stateOf(runId)).toBe('failed')
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
      const links = test.store.db.selectFrom('runLink').select('text').where('runId', '=', runtime.asked[1]!.runId).where('targetId', '=', waiting.id)
      expect((await links.execute()).map(({ text }) => text)).toContainEqual(expect.stringMatching(/^flow job "report" interrupted: The gateway was restarted/))
    })
  })

  describe('of a gateway that is gone', () => {
    it('are settled by another one: flows interrupted, confirmations sent again, what no flow had waits', async () => {
      runtime.be(true)
      await jobs.close()
      const of = async (kind: 'flow' | 'confirmation', more: object) => {
        const { row } = await insertJob(test.store.db, {
          kind,
          queue: kind === 'flow' ? 'flow' : 'adapter',
          name: 'report',
          request: { outboxId: `out_${machineId}` },
          requestedBy: 'test',
        })
        await test.store.db
          .updateTable('job')
          .set({ state: 'active', host: 'gone', claim: 'c', startedAt: new Date(), ...more })
          .where('id', '=', row.id)
          .execute()
        return row.id
      }
      const inFlow = await of('flow', { runId: 'run_gone' })
      const before = await of('flow', {})
      const confirmation = await of('confirmation', {})
      const living = await of('flow', { runId: 'run_lives', host: 'lives' })
      await test.store.db
        .insertInto('jobHost')
        .values([
          { name: 'gone', at: new Date(Date.now() - 60_000) },
          { name: 'lives', at: new Date(Date.now() + 60_000) },
        ])
        .execute()
      const alone = aloneHost()
      const hosts = await createHosts({
        db: test.store.db,
        log,
        identity: { id: 'test', name: alone.name },
        bus: alone.bus,
        version: 'test',
        dataDir: 'test',
        silentMs: 300,
        beatMs: 50,
      })
      await hosts.start()
      jobs = await startJobs({ everyMs: 50, youngMs: 0 }, hosts)
      await eventually(async () => (await jobs.get(inFlow)).state).toBe('interrupted')
      await eventually(async () => (await jobs.get(confirmation)).state).toBe('completed')
      await eventually(() => runtime.asked.map(({ jobId }) => jobId)).toContain(before)
      expect(runtime.asked.map(({ jobId }) => jobId)).not.toContain(inFlow)
      expect((await jobs.get(living)).state).toBe('active')
      await hosts.close()
      await test.store.db.deleteFrom('jobHost').execute()
      await test.store.db.updateTable('job').set({ state: 'cancelled' }).where('id', '=', living).execute()
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

  describe('on the board', () => {
    const operator = { ...caller, capabilities: new Set(['machines.operate']) }
    const route = <T>(id: string, context: object) =>
      jobs.routes
        .find((each) => each.route.id === id)!
        .run({ caller: { ...caller, capabilities: new Set(['machines.operate']) }, ...context } as never) as Promise<T>
    const queue = () => `machine-${machineId}`
    const control = (body: object) => route<QueueControl>('changeQueue', { params: { queue: queue() }, body })
    const waiting = async () =>
      (await route<{ total: number; jobs: QueuedJob[] }>('listQueue', { params: { queue: queue() }, query: { offset: 0, limit: 100 } })).jobs
    const board = async () => (await route<JobQueue[]>('listQueues', {})).find((each) => each.queue === queue())
    const report = (estimateS: number): ProgramReport => ({
      isRunnable: true,
      sourceLines: 2,
      totalLines: 2,
      isExpanded: false,
      estimateS,
      cuttingMm: 0,
      rapidMm: 0,
      tools: [],
      findings: [],
      findingsTotal: 0,
    })

    it('a held machine starts nothing, a draining one takes nothing, and both say by whom and why', async () => {
      await control({ mode: 'held', why: 'no coolant' })
      const job = await start()
      expect(await board()).toMatchObject({ mode: 'held', why: 'no coolant', by: 'Ann', waiting: 1, active: [] })
      await control({ mode: 'draining' })
      await expect(start()).rejects.toMatchObject({ code: 'queue-draining' })
      await isAtMachine(job)
      guard.end('completed')
      await becomes(job, 'completed')
      await control({ mode: 'open' })
      const next = await start()
      await isAtMachine(next)
      guard.end('completed')
    })

    it('jobs run in the order in which a person has put them', async () => {
      await control({ mode: 'held' })
      const [a, b, c] = [await start(), await start(), await start()]
      await route('placeJob', { params: { jobId: c.id }, body: { to: 'first' } })
      await route('planJob', { params: { jobId: a.id }, body: { priority: 5 } })
      expect((await waiting()).map(({ id }) => id)).toEqual([c.id, b.id, a.id])
      await control({ mode: 'open' })
      for (const job of [c, b, a]) {
        await isAtMachine(job)
        guard.end('completed')
        await becomes(job, 'completed')
      }
      expect(guard.started).toEqual([c.id, b.id, a.id])
    })

    it('a machine set to hold keeps what waited when a program is stopped, and starts none of it by itself', async () => {
      await control({ afterBreak: 'hold' })
      const job = await start()
      const follower = await start()
      await isAtMachine(job)
      await cancel(job)
      await becomes(job, 'stopped')
      expect(await state(follower)).toBe('waiting')
      expect(await board()).toMatchObject({ mode: 'held', by: 'Cellwright', why: expect.stringContaining('was stopped') })
      await restart()
      expect(await state(follower)).toBe('waiting')
      expect(guard.started).toEqual([job.id])
      await control({ mode: 'open' })
      await isAtMachine(follower)
      guard.end('completed')
      await becomes(follower, 'completed')
    })

    it('times are told ahead from the guard’s estimates, and what will be late is marked', async () => {
      guard.answer('checkProgram', () => report(600))
      await control({ mode: 'held' })
      const [first, second] = [
        await start({ plan: { dueAt: new Date(Date.now() + 900_000).toISOString() } }),
        await start({ plan: { dueAt: new Date(Date.now() + 900_000).toISOString() } }),
      ]
      await eventually(async () => (await waiting()).map(({ estimateS }) => estimateS)).toEqual([600, 600])
      const [one, two] = await waiting()
      expect([one?.id, two?.id]).toEqual([first.id, second.id])
      expect([one?.isLate, two?.isLate]).toEqual([false, true])
      expect(Date.parse(two?.startAt ?? '') - Date.parse(one?.startAt ?? '')).toBeCloseTo(600_000, -2)
      expect(await board()).toMatchObject({ late: 1, unknown: 0 })
    })

    it('a job goes to another machine only when that one can run it', async () => {
      const otherId = `${machineId}b`
      const other = await startGuardDouble({ socket: socketPath(dir, guardSocketName(otherId)), machineId: otherId })
      await machines.add(
        { id: otherId, name: 'Mill 2', link: { kind: 'virtual', timeScale: 1 }, envelopeMm: { min: [0, 0, 0], max: [1, 1, 1] }, whenRequesterGone: 'finish' },
        { author: { name: 'test' } },
      )
      await eventually(() => machines.get(otherId).guard).toBe('running')
      try {
        await control({ mode: 'held' })
        const job = await start()
        const move = () => route<Job>('moveJob', { params: { jobId: job.id }, body: { machineId: otherId } })
        const finding = { severity: 'error' as const, code: 'outside-envelope', line: 2, column: 1, text: 'X would leave the machine.' }
        other.answer('checkProgram', () => ({ ...report(5), isRunnable: false, findings: [finding], findingsTotal: 1 }))
        await expect(move()).rejects.toMatchObject({ code: 'machine-cannot', message: expect.stringContaining('Line 2: X would leave the machine.') })
        expect(await route('listMoveTargets', { params: { jobId: job.id } })).toEqual(
          expect.arrayContaining([expect.objectContaining({ machineId: otherId, can: false, reasons: ['Line 2: X would leave the machine.'] })]),
        )
        expect(await jobs.get(job.id)).toMatchObject({ machineId, state: 'waiting' })
        other.answer('checkProgram', () => report(5))
        expect(await move()).toMatchObject({ id: job.id, machineId: otherId, queue: `machine-${otherId}` })
        await eventually(() => other.active).toBe(job.id)
        other.end('completed')
        await becomes(job, 'completed')
        await control({ mode: 'open' })
        expect(guard.started).toEqual([])
        await expect(move()).rejects.toMatchObject({ code: 'job-not-waiting' })
      } finally {
        await other.die()
      }
    })

    it('a failed program is a dead letter, tried again once as a new job, and what waited for it goes on', async () => {
      guard.next = 'refuse'
      const job = await start()
      await becomes(job, 'failed')
      const child = await jobs.enqueueFlow({ name: 'report', payload: 1, requestedBy: 'test', plan: { dependsOn: [job.id] } })
      expect(child).toMatchObject({ state: 'waiting', blockedBy: 1 })
      const letters = () => route<{ total: number; jobs: Job[] }>('listDeadLetters', { query: { limit: 100, queue: queue() } })
      expect((await letters()).jobs).toMatchObject([{ id: job.id, reason: 'Line 3 leaves the envelope in X.' }])
      const again = await route<Job>('retryJob', { params: { jobId: job.id } })
      expect(again).toMatchObject({ retryOf: job.id, name: job.name, machineId })
      await expect(route('retryJob', { params: { jobId: job.id } })).rejects.toMatchObject({ code: 'job-retried' })
      expect((await letters()).total).toBe(0)
      await isAtMachine(again)
      guard.end('completed')
      runtime.be(true)
      await eventually(() => runtime.asked.map(({ jobId }) => jobId)).toEqual([child.id])
      await expect(route('retryJob', { params: { jobId: again.id } })).rejects.toMatchObject({ code: 'job-completed' })
    })

    it('programs are tried again only by people who may move machines, and put aside they stay in the history', async () => {
      guard.next = 'refuse'
      const job = await start()
      await becomes(job, 'failed')
      await expect(route('retryJob', { params: { jobId: job.id }, caller })).rejects.toMatchObject({ code: 'not-allowed', status: 403 })
      expect(await route('dismissJob', { params: { jobId: job.id }, body: { why: 'a trial' } })).toMatchObject({
        state: 'failed',
        cause: 'guard-refused',
        handledAt: expect.any(String),
        handledWhy: 'a trial',
      })
      await expect(route('dismissJob', { params: { jobId: job.id }, body: {} })).rejects.toMatchObject({ code: 'job-not-dead' })
    })

    it('dead letters are found by what they are of, tried again together as counted, and what is refused stays', async () => {
      runtime.be(true)
      runtime.refuse = new UserError({ code: 'no-job-in', message: 'No flow takes jobs named "lost".' })
      const name = `lost ${machineId}`
      const lost: Job[] = []
      // one after the other: letters stand in the order in which they failed
      for (let n = 0; n < 5; n += 1) {
        const job = await jobs.enqueueFlow({ name, payload: n, requestedBy: 'test' })
        lost.push(job)
        await becomes(job, 'failed')
      }
      guard.next = 'refuse'
      const program = await start()
      await becomes(program, 'failed')
      type Letters = { total: number; kinds: Record<string, number>; jobs: Job[] }
      const letters = (query: object) => route<Letters>('listDeadLetters', { query: { limit: 10, ...query } })
      expect(await letters({ name })).toMatchObject({
        total: 5,
        kinds: { flow: 5, program: 0 },
        jobs: lost.toReversed().map(({ id }) => ({ id, cause: 'no-taker' })),
      })
      expect((await letters({ name, text: 'LOST takes' })).total).toBe(5)
      expect((await letters({ name, text: 'found takes' })).total).toBe(0)
      expect((await letters({ queue: `machine-${machineId}`, cause: 'guard-refused' })).jobs.map(({ id }) => id)).toEqual([program.id])
      const groups = await route<LetterGroups>('listLetterGroups', {})
      expect(groups.names).toContainEqual({ name, queue: 'flow', count: 5 })
      expect(groups.causes.find(({ cause }) => cause === 'no-taker')?.count).toBeGreaterThanOrEqual(5)

      const until = new Date().toISOString()
      const late = await jobs.enqueueFlow({ name, payload: 'late', requestedBy: 'test' })
      await becomes(late, 'failed')
      runtime.refuse = undefined
      runtime.asked.length = 0
      const part = { filter: { name }, until, limit: 3 }
      const first = await route<LettersDone>('retryLetters', { body: part })
      expect(first).toMatchObject({ done: 3, refused: [], refusedTotal: 0, after: lost[2]?.id })
      expect(await route<LettersDone>('retryLetters', { body: { ...part, after: first.after } })).toEqual({ done: 2, refused: [], refusedTotal: 0 })
      // what failed since it was counted stays; several are worked on at a time
      await eventually(() => runtime.asked.map(({ payload }) => payload).toSorted()).toEqual([0, 1, 2, 3, 4])
      expect((await letters({ name })).jobs.map(({ id }) => id)).toEqual([late.id])
      // a machine moves only when that is said, by somebody who may
      const ofMachine = { filter: { queue: `machine-${machineId}` }, until, limit: 3 }
      expect(await route<LettersDone>('retryLetters', { body: ofMachine })).toMatchObject({ done: 0, refusedTotal: 1, refused: [{ jobId: program.id }] })
      await expect(route('retryLetters', { body: { ...ofMachine, mayMove: true }, caller })).rejects.toMatchObject({ code: 'not-allowed' })
      expect(await route<LettersDone>('retryLetters', { body: { ...ofMachine, mayMove: true }, caller: operator })).toMatchObject({ done: 1, refusedTotal: 0 })
      expect(await route<LettersDone>('dismissLetters', { body: { filter: { name }, until: new Date().toISOString(), limit: 50, why: 'old' } })).toMatchObject({
        done: 1,
      })
      expect((await jobs.get(late.id)).handledWhy).toBe('old')
    })

    it('a job is shown with what it waits for, what waits for it, and what it was given', async () => {
      runtime.be(true)
      const first = await jobs.enqueueFlow({ name: 'first', payload: { part: 7 }, requestedBy: 'test', key: `k-${machineId}` })
      const second = await jobs.enqueueFlow({
        name: 'second',
        payload: 1,
        requestedBy: 'test',
        parentJob: first.id,
        plan: { dependsOn: [first.id], whenBlockerFails: 'fail' },
      })
      const see = (job: Job, who: object = operator) => route<JobDetails>('getJobDetails', { params: { jobId: job.id }, caller: who })
      expect(await see(first, { ...operator, capabilities: new Set(['flows.messages']) })).toMatchObject({
        payload: { part: 7 },
        key: `k-${machineId}`,
        dependents: [{ id: second.id }],
        children: [{ id: second.id }],
      })
      expect((await see(first)).payload).toBeUndefined()
      expect(await see(second)).toMatchObject({ dependsOn: [{ id: first.id, name: 'first' }], whenBlockerFails: 'fail', parent: { id: first.id } })
    })

    it('a confirmation that was given up is tried again under its own key', async () => {
      sends.result = async () => {
        throw new UserError({ code: 'order-closed', message: 'The ERP has closed this order.' })
      }
      const job = await jobs.enqueueConfirmation({ outboxId: `out_${machineId}`, connectionId: 'c', name: 'confirmation of 1' })
      await becomes(job, 'failed')
      sends.result = async () => ({ reference: 'r' })
      expect(await route<Job>('retryJob', { params: { jobId: job.id } })).toMatchObject({ id: job.id, state: 'waiting' })
      expect(sends.takenUp).toEqual([`out_${machineId}`])
      await becomes(job, 'completed')
      expect(sends.asked).toEqual([`out_${machineId}`, `out_${machineId}`])
    })

    it('a flow job tells how far it is, and nobody tells of one that has ended', async () => {
      runtime.be(true)
      const job = await jobs.enqueueFlow({ name: 'report', payload: 1, requestedBy: 'test' })
      await eventually(() => runtime.asked).toHaveLength(1)
      await jobs.rpc.requests.jobProgress({ jobId: job.id, done: 3, total: 8, text: 'deburring' })
      expect(await jobs.get(job.id)).toMatchObject({ progress: { done: 3, total: 8, text: 'deburring' } })
      await jobs.rpc.requests.finishJob({ jobId: job.id, state: 'completed' })
      await becomes(job, 'completed')
      await expect(jobs.rpc.requests.jobProgress({ jobId: job.id, done: 4, total: 8 })).rejects.toMatchObject({ code: 'job-ended' })
    })

    it('flows control queues, and only those that there are', async () => {
      expect(await jobs.rpc.requests.controlQueue({ queue: 'flow', mode: 'held', why: 'night', nodeId: 'n' })).toMatchObject({
        mode: 'held',
        by: 'flow node n',
      })
      runtime.be(true)
      const job = await jobs.enqueueFlow({ name: 'report', payload: 1, requestedBy: 'test' })
      expect(job.state).toBe('waiting')
      await jobs.rpc.requests.controlQueue({ queue: 'flow', mode: 'draining', nodeId: 'n' })
      await eventually(() => runtime.asked.map(({ jobId }) => jobId)).toEqual([job.id])
      await expect(jobs.enqueueFlow({ name: 'report', payload: 2, requestedBy: 'test' })).rejects.toMatchObject({ code: 'queue-draining' })
      await jobs.rpc.requests.controlQueue({ queue: 'flow', mode: 'open', nodeId: 'n' })
      await expect(jobs.rpc.requests.controlQueue({ queue: 'flows', mode: 'held', nodeId: 'n' })).rejects.toMatchObject({ code: 'queue-not-found' })
      await expect(jobs.rpc.requests.controlQueue({ queue: 'machine-none', mode: 'held', nodeId: 'n' })).rejects.toMatchObject({ code: 'machine-not-found' })
    })

    it('old jobs are forgotten, and dead letters that nobody has dealt with are not', async () => {
      const old = new Date(Date.now() - 100 * 86_400_000)
      const rows = await Promise.all(
        (['completed', 'failed', 'failed'] as const).map(async (end, index) => {
          const { row } = await insertJob(test.store.db, {
            kind: 'flow',
            queue: 'flow',
            name: `old ${index}`,
            request: {},
            requestedBy: 'test',
            isReady: false,
          })
          await test.store.db
            .updateTable('job')
            .set({ state: end, endedAt: old, ...(index === 1 ? { handledAt: old } : {}) })
            .where('id', '=', row.id)
            .execute()
          return row.id
        }),
      )
      expect(await forgetOldJobs(test.store.db, 90)).toMatch(/^2 jobs/)
      await expect(jobs.get(rows[0] ?? '')).rejects.toMatchObject({ code: 'job-not-found' })
      expect((await jobs.get(rows[2] ?? '')).state).toBe('failed')
    })
  })
})
