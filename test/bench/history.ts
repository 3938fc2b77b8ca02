/**
 * `npm run bench history`: how fast the pages of the run history answer with 1,000,000 recorded hops and 10,000 queued jobs in the
 * real database, four readers at once while runs go on being written: the list, every filter, words that are found and that are nowhere,
 * one run with its messages. Floor: `select 1` over the same pool in the same run.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { sql } from 'kysely'
import { createLog } from '../../base/log.ts'
import { createRuns } from '../../server/runs/index.ts'
import { insertMessages } from '../../server/runs/messages.ts'
import { runRoutes } from '../../server/runs/routes.ts'
import { upsertRuns } from '../../server/runs/rows.ts'
import { beginRecord, type RunRecord } from '../../server/runs/run-record.ts'
import { batch, ENDED, THREE_HOPS } from '../../server/runs/testing.ts'
import { createTrimming } from '../../server/runs/trimming.ts'
import { startTestStore } from '../../server/store/testing.ts'
import { createVersions } from '../../server/versions/index.ts'
import { type Bench, conditions, keepSamples, percentile, round } from './bench.ts'

const RUNS = 100_000
const HOPS = 10
const QUESTIONS = 60
const READERS = 4
const FLOWS = 20
const JOBS = 10_000
const KEPT = { maxAgeDays: 30, maxRuns: 200_000, maxBytes: 2e9, maxMessageBytes: 1e9, chunk: 2000 }
/** So many of the first runs are of a trigger that has not run since. */
const OF_OLD = 5000
/** Jobs with two runs each. */
const LINKED = 30_000
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'

/** An id as `newId` would have made it at that time. */
function idAt(ms: number, n: number): string {
  let head = ''
  for (let i = 0, rest = ms; i < 10; i += 1, rest = Math.floor(rest / 32)) head = ALPHABET[rest % 32] + head
  return `run_${head}${n
    .toString(32)
    .padStart(16, '0')
    .replace(/[ilou]/g, 'z')}`
}

function record(n: number, startedAt: number): RunRecord {
  const flow = n < OF_OLD ? 'Old' : n % FLOWS
  const run = beginRecord({
    id: idAt(startedAt, n),
    trigger: { nodeId: `trigger${flow}`, nodeType: 'cw-button', nodeName: `Cut part ${flow}`, flowId: `flow${flow}`, flowName: `Cell ${flow}` },
    startedAt,
    row: 'new',
  })
  run.state = n % 50 === 0 ? 'failed' : n % 211 === 0 ? 'interrupted' : 'completed'
  run.endedAt = startedAt + 120
  run.endText = run.state === 'failed' ? `no answer from gauge ${n % 977}` : undefined
  run.hops = HOPS
  run.detail = Array.from({ length: HOPS }, (_, seq) => ({
    seq,
    nodeId: `node${flow}x${seq}`,
    nodeType: 'function',
    nodeName: `step ${seq}`,
    ...(seq ? { from: `node${flow}x${seq - 1}` } : {}),
    atMs: seq * 10,
    doneMs: seq * 10 + 8,
    outcome: 'completed' as const,
    message: 'whole' as const,
    bytes: 40,
  }))
  return run
}

export const bench: Bench = async ({ tell }) => {
  const test = await startTestStore()
  const samples: Record<string, number[]> = {}
  try {
    const { db } = test.store
    const runs = createRuns({
      store: test.store,
      log: createLog('bench', 'silent'),
      live: { provide: () => {}, publish: () => {} },
      runtime: { onConnection: () => {} },
    })
    const begin = Date.now() - RUNS * 200
    tell(`Writing ${RUNS} runs of ${HOPS} hops`)
    for (let from = 0; from < RUNS; from += 500) {
      const some = Array.from({ length: 500 }, (_, i) => record(from + i, begin + (from + i) * 200))
      await upsertRuns(db, some)
      // what can be looked at is as a rule the newest part
      if (from >= RUNS * 0.9)
        await insertMessages(
          db,
          some.flatMap(({ id }) =>
            [0, 1, 2].map((seq) => ({ runId: id, seq, isWhole: true, bytes: 60, json: '{"msg":{"payload":{"bore":12.01,"serial":"A1"}},"cuts":[]}' })),
          ),
        )
    }
    tell(`Linking ${LINKED} jobs`)
    await sql`
      insert into "runLink" ("runId", kind, "targetId", text)
      select id, 'program', 'job' || (place / 2), 'plate.nc' from (select id, row_number() over (order by id) as place from run limit ${LINKED * 2}) as r`.execute(
      db,
    )
    tell(`Queueing ${JOBS} jobs`)
    await sql`
      insert into job (id, kind, queue, name, state, request, "requestedBy", "runId")
      select 'job' || row_number() over (order by id), 'flow', 'flow', 'part', 'waiting', '{}', 'bench', id from (select id from run order by id desc limit ${JOBS}) as r`.execute(
      db,
    )
    await sql`analyze run, "runLink", job`.execute(db)
    const { rows } = await sql<{ hops: string }>`select sum(hops) as hops from run`.execute(db)
    const routes = runRoutes({
      db,
      recorder: { flush: async () => {}, open: async () => {}, fail: async () => {}, link: async () => {} },
      trimming: createTrimming({ db, log: createLog('bench', 'silent'), usual: KEPT, runsRecorded: () => 0, lookEveryMs: 1e9, versions: createVersions(db) }),
      pins: runs.pins,
      runtime: {
        peer: () => {
          throw new Error('not asked here')
        },
      },
      currentFlows: async () => ({ flows: [] }),
      audit: { record: () => {} },
    })
    const call = async (id: string, context: object): Promise<number> => {
      const route = routes.find((each) => each.route.id === id)
      if (!route) throw new Error(`no route ${id}`)
      const begun = performance.now()
      JSON.stringify(await route.run(context as never))
      return performance.now() - begun
    }
    const any = (n: number) => Math.floor(Math.random() * n)
    const someRun = () => record(any(RUNS), 0)
    const runAt = () => {
      const n = any(RUNS)
      return idAt(begin + n * 200, n)
    }
    const search = (query: Record<string, unknown>) => call('searchRuns', { query: { limit: 100, ...query } })
    const questions: Record<string, () => Promise<number>> = {
      'floor: select 1': async () => {
        const begun = performance.now()
        await sql`select 1`.execute(db)
        return performance.now() - begun
      },
      'newest 100': () => search({}),
      'a page from the middle': () => search({ before: runAt() }),
      failed: () => search({ state: 'failed', before: runAt() }),
      interrupted: () => search({ state: 'interrupted' }),
      'one trigger': () => search({ trigger: someRun().trigger.nodeId, before: runAt() }),
      'one trigger, long ago': () => search({ trigger: 'triggerOld' }),
      'one flow': () => search({ flowId: someRun().trigger.flowId }),
      'one flow, long ago': () => search({ flowId: 'flowOld' }),
      cancelled: () => search({ state: 'cancelled' }),
      'one flow, failed': () => search({ flowId: someRun().trigger.flowId, state: 'failed' }),
      'an hour': () => search({ from: new Date(begin + any(RUNS - 20_000) * 200).toISOString(), to: new Date(begin + RUNS * 200).toISOString() }),
      'words that are found': () => search({ text: `gauge ${any(977)}` }),
      'words that are nowhere': () => search({ text: 'nowhere to be found' }),
      'words in failed runs': () => search({ text: 'nowhere', state: 'failed' }),
      triggers: () => call('listRunTriggers', {}),
      flows: () => call('listRunFlows', {}),
      'one job': () => search({ job: `job${any(LINKED)}` }),
      'one job of one flow': () => search({ job: `job${any(LINKED)}`, flowId: someRun().trigger.flowId }),
      'a job that is nowhere': () => search({ job: 'none' }),
      'one run': () => call('getRun', { params: { runId: runAt() } }),
      'what is kept': () => call('getRetention', {}),
      'its messages': () => call('getRunMessages', { params: { runId: idAt(begin + (RUNS - 100) * 200, RUNS - 100) }, query: {} }),
    }
    tell('Asking, while runs are written')
    let isWriting = true
    const writing = (async () => {
      while (isWriting) {
        runs.rpc.notifications.trace(batch(Array.from({ length: 50 }, () => ({ detail: THREE_HOPS, end: ENDED }))).notice)
        await wait(100)
      }
    })()
    for (const [name, ask] of Object.entries(questions)) {
      const times: number[] = []
      await ask()
      await Promise.all(
        Array.from({ length: READERS }, async () => {
          while (times.length < QUESTIONS) times.push(await ask())
        }),
      )
      samples[name] = times
    }
    isWriting = false
    await writing
    await runs.close()
    const pages = Object.entries(samples).filter(([name]) => !name.startsWith('floor'))
    const worst = Math.max(...pages.map(([, times]) => percentile(times, 95)))
    return {
      rows: [
        ...Object.entries(samples).map(([what, times]) => ({ what, value: round(percentile(times, 95), 1), unit: 'ms p95' })),
        { what: 'recorded hops', value: Number(rows[0]?.hops), unit: 'hops' },
        { what: 'slowest page', value: round(worst, 1), unit: 'ms p95' },
      ],
      figures: {
        p95Ms: round(worst, 1),
        floorMs: round(percentile(samples['floor: select 1'] ?? [], 95), 1),
        hops: Number(rows[0]?.hops),
        n: QUESTIONS,
        conditions: conditions({ runs: RUNS, hopsARun: HOPS, queuedJobs: JOBS, readers: READERS, writing: '500 runs/s' }),
        samples: await keepSamples('history', samples),
      },
    }
  } finally {
    await test.close()
  }
}
