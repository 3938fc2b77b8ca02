/** Enqueue to start on one backend: BullMQ alone, ours in the gateway that was asked, ours in another gateway, by turns in one process. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { OperationalError } from '../../base/errors.ts'
import { createLog } from '../../base/log.ts'
import { openPostgresBull } from '../../server/jobs/bull-postgres.ts'
import { openRedisBull } from '../../server/jobs/bull-redis.ts'
import { createContext } from '../../server/jobs/context.ts'
import { createDispatch } from '../../server/jobs/dispatch.ts'
import { createJobs } from '../../server/jobs/index.ts'
import { startPump } from '../../server/jobs/pump.ts'
import { endJob, insertJob } from '../../server/jobs/rows.ts'
import { createHolders, createMachines, createPrograms } from '../../server/machines/index.ts'
import { startTestStore } from '../../server/store/testing.ts'
import { median, round } from './bench.ts'

export const ROUNDS = 9
export const JOBS_A_ROUND = 150
const PAUSE_MS = 10
const log = createLog('bench', 'silent')

/** Time from asking to begin, in ms: BullMQ alone, ours in the gateway that was asked, ours in another gateway that BullMQ tells. */
export interface Round {
  bull: number[]
  ours: number[]
  elsewhere: number[]
}

/** @param redisUrl of the backend @defaultValue PostgreSQL */
export async function enqueueToStart(tell: (text: string) => void, redisUrl?: string): Promise<Round[]> {
  const backend = redisUrl === undefined ? 'PostgreSQL' : 'Redis'
  const test = await startTestStore()
  const dir = await mkdtemp(join(tmpdir(), 'cellwright-bench-jobs-'))
  const live = { provide: () => {}, publish: () => {} }
  const began = new Map<string, () => void>()
  const machines = await createMachines({
    store: test.store,
    secrets: { seal: (text) => text, open: (text) => text },
    runDir: dir,
    guardToken: 't',
    tellLauncher: () => {},
    log,
  })
  const jobs = await createJobs({
    store: test.store,
    log,
    live,
    machines,
    programs: createPrograms({ store: test.store, filesDir: dir }),
    // hands each job over as the runtime's line does, and ends it at once
    runtime: {
      onConnection: () => {},
      peer: () =>
        ({
          notify: () => {},
          async call(_method: string, { jobId, payload }: { jobId: string; payload: string }) {
            began.get(payload)?.()
            setImmediate(() => void jobs.rpc.requests.finishJob({ jobId, state: 'completed' }))
            return null
          },
        }) as never,
    },
    runs: { open: async () => {}, link: async () => {}, fail: async () => {}, isCancelled: () => false },
    holders: createHolders(),
    audit: { record: () => {} },
    database: test.database,
    redisUrl,
  })
  /** BullMQ of its own for each who uses it, as separate processes have. */
  const openBull = (name: string) =>
    redisUrl === undefined
      ? openPostgresBull({ database: test.database, ...(name === 'bench' ? { schema: 'bench' } : {}) })
      : openRedisBull({ url: redisUrl, prefix: name === 'bench' ? 'bench' : 'cellwright', log })
  // two gateways as far as queues know of them: one writes the row, the other one hears of it through BullMQ
  const gateway = async (host: string) =>
    createContext({
      db: test.store.db,
      log,
      live,
      host,
      dispatch: createDispatch(await openBull(host), log),
      runs: { open: async () => {}, link: async () => {}, fail: async () => {}, isCancelled: () => false },
      runtime: {
        peer() {
          throw new OperationalError({ code: 'runtime-away', message: 'There is no flow runtime here.' })
        },
      },
    })
  const [asks, works] = [await gateway('asks'), await gateway('works')]
  const bull = await openBull('bench')
  const queue = bull.queue('flow')
  const worker = bull.worker('flow', async (job) => began.get(String(job.data.token))?.(), { concurrency: 10, drainDelay: 15 })
  try {
    await jobs.start({ send: async () => ({ reference: '' }), givenUp: async () => {}, takenUp: async () => {} })
    await worker.waitUntilReady()
    await startPump(works, {
      queue: 'bench',
      concurrency: 10,
      async run(row) {
        began.get(String((row.request as { token: string }).token))?.()
        await endJob(test.store.db, row.id, { state: 'completed' })
      },
    })
    let count = 0
    const measure = async (ask: (token: string) => Promise<unknown>): Promise<number> => {
      count += 1
      const token = `t${count}`
      const begins = new Promise<void>((resolve) => began.set(token, resolve))
      const at = performance.now()
      const asked = ask(token)
      await begins
      const took = performance.now() - at
      await asked
      began.delete(token)
      // both are idle again before the next one
      await wait(PAUSE_MS)
      return took
    }
    const ways = {
      bull: (token: string) => queue.add('row', { token }, { attempts: 1, removeOnComplete: true, removeOnFail: true }),
      ours: (token: string) => jobs.enqueueFlow({ name: 'bench', payload: token, requestedBy: 'bench', runId: `run_${token}` }),
      async elsewhere(token: string) {
        const { row } = await insertJob(test.store.db, { kind: 'flow', queue: 'bench', name: 'bench', request: { token }, requestedBy: 'bench' })
        await asks.announce(row)
      },
    }
    const order = ['bull', 'ours', 'elsewhere'] as const
    for (let i = 0; i < 50; i += 1) for (const way of order) await measure(ways[way])
    const rounds: Round[] = []
    for (let i = 0; i < ROUNDS; i += 1) {
      const each: Round = { bull: [], ours: [], elsewhere: [] }
      for (let job = 0; job < JOBS_A_ROUND; job += 1)
        // who begins changes, so that a drift of the machine hits all
        for (let turn = 0; turn < order.length; turn += 1) {
          const way = order[(job + turn) % order.length] ?? 'bull'
          each[way].push(await measure(ways[way]))
        }
      rounds.push(each)
      tell(
        `${backend}, round ${i + 1} of ${ROUNDS}: BullMQ ${round(median(each.bull))} ms, ours ${round(median(each.ours))} ms, in another gateway ${round(median(each.elsewhere))} ms`,
      )
    }
    return rounds
  } finally {
    await worker.close(true)
    await queue.close()
    await bull.close()
    for (const each of [asks, works]) {
      each.close()
      await each.dispatch.close()
    }
    await jobs.close()
    machines.close()
    await test.close()
    await rm(dir, { recursive: true, force: true })
  }
}
