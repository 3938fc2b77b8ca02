/**
 * `npm run bench jobs`: how long after a job is asked for it begins, against BullMQ without our rows on the same backend, asked
 * by turns in one process (`overheadRatio`: our median over theirs, the median of rounds, where the gateway that was asked begins the
 * job; `otherGatewayRatio`: where another one does, which BullMQ tells), on PostgreSQL and, where a redis-server is installed, on Redis; how long after an "enqueue" node of a
 * flow the "job in" node of another sends (the whole product); and how fast the board answers with 10,000 jobs waiting.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { sql } from 'kysely'
import { createLog } from '../../base/log.ts'
import { addMachine, deployFlows, listDeadLetters, listLetterGroups, listQueue, listQueues } from '../../server/api/index.ts'
import { startProduct } from '../../server/cli/demo.ts'
import { openStore } from '../../server/store/index.ts'
import { startTestStore } from '../../server/store/testing.ts'
import { redisProgram, startTestRedis } from '../faults/redis.ts'
import { until } from '../product.ts'
import { type Bench, conditions, keepSamples, median, percentile, round } from './bench.ts'
import { enqueueToStart, JOBS_A_ROUND, ROUNDS, type Round } from './enqueue-to-start.ts'

const FLOW_JOBS = 600
const ROWS = 10_000
const PAGES = 120
const root = join(import.meta.dirname, '..', '..')
const log = createLog('bench', 'silent')

/** In one process, so that one clock measures: a flow that asks for a job, and the flow that takes it. */
const flow = [
  { id: 'bench', type: 'tab', label: 'Bench' },
  { id: 'ask', type: 'http in', z: 'bench', url: '/bench-ask', method: 'post', x: 100, y: 100, wires: [['stamp', 'yes']] },
  { id: 'yes', type: 'http response', z: 'bench', statusCode: '204', x: 300, y: 60, wires: [] },
  {
    id: 'stamp',
    type: 'function',
    z: 'bench',
    func: 'msg.payload = { asked: Date.now() }; return msg;',
    outputs: 1,
    x: 200,
    y: 100,
    wires: [['queue']],
  },
  {
    id: 'queue',
    type: 'cw-enqueue',
    z: 'bench',
    jobName: 'bench',
    jobNameType: 'str',
    content: 'payload',
    contentType: 'msg',
    x: 300,
    y: 100,
    wires: [[], [], []],
  },
  { id: 'in', type: 'cw-job-in', z: 'bench', jobName: 'bench', x: 100, y: 200, wires: [['note']] },
  {
    id: 'note',
    type: 'function',
    z: 'bench',
    func: "const all = flow.get('took') || []; all.push(Date.now() - msg.payload.asked); flow.set('took', all); return msg;",
    outputs: 1,
    x: 200,
    y: 200,
    wires: [['out']],
  },
  { id: 'out', type: 'cw-job-out', z: 'bench', state: 'completed', x: 300, y: 200, wires: [] },
  { id: 'get', type: 'http in', z: 'bench', url: '/bench-took', method: 'get', x: 100, y: 300, wires: [['read']] },
  { id: 'read', type: 'function', z: 'bench', func: "msg.payload = flow.get('took') || []; return msg;", outputs: 1, x: 200, y: 300, wires: [['told']] },
  { id: 'told', type: 'http response', z: 'bench', statusCode: '200', x: 300, y: 300, wires: [] },
]

async function wholeProduct(tell: (text: string) => void): Promise<{ toFlow: number[]; pages: Record<string, number[]> }> {
  const dataDir = await mkdtemp(join(tmpdir(), 'cellwright-bench-jobs-'))
  const store = await startTestStore()
  const product = await startProduct({ root, dataDir, env: { DATABASE_URL: store.database } })
  const db = await openStore({ database: store.database, log })
  try {
    const { client } = product
    const headers = { authorization: `Bearer ${client.access.token}` }
    const at = (path: string) => `${client.access.url}/hooks${path}`
    await client.call(deployFlows, { body: { flows: flow, kind: 'full' } })
    const took = async () => (await (await fetch(at('/bench-took'), { headers })).json()) as number[]
    for (let i = 0; i < FLOW_JOBS + 50; i += 1) {
      const answer = await fetch(at('/bench-ask'), { method: 'POST', headers })
      if (!answer.ok) throw new Error(`The flow answered ${answer.status}`)
      await wait(10)
    }
    const all = await until('every job to begin', 60_000, async () => {
      const now = await took()
      return now.length >= FLOW_JOBS + 50 ? now : undefined
    })
    tell(`${all.length} jobs from flow to flow`)
    await client.call(addMachine, {
      body: {
        id: 'bench',
        name: 'Bench',
        link: { kind: 'virtual', timeScale: 1 },
        envelopeMm: { min: [0, 0, -80], max: [400, 300, 20] },
        whenRequesterGone: 'finish',
      },
    })
    await sql`insert into "jobQueue" (name, mode, why, "by") values ('machine-bench', 'held', 'bench', 'bench')`.execute(db.db)
    await sql`insert into job (id, kind, queue, name, state, "machineId", "programId", request, "requestedBy", "estimateS", "dueAt", priority)
      select 'job_bench' || lpad(n::text, 6, '0'), 'program', 'machine-bench', 'part-' || n || '.nc', 'waiting', 'bench', 'prg_' || n, '{"programName":"x","sha256":"x"}',
        'bench', 60 + n % 600, now() + n * interval '1 minute', n % 3 from generate_series(1, ${ROWS}) n`.execute(db.db)
    await sql`insert into job (id, kind, queue, name, state, request, "requestedBy", "endedAt", reason)
      select 'job_dead' || lpad(n::text, 6, '0'), 'flow', 'flow', 'dead', 'failed', '{}', 'bench', now() - n * interval '1 second', 'bench' from generate_series(1, ${ROWS}) n`.execute(
      db.db,
    )
    await sql`analyze job`.execute(db.db)
    const pages: Record<string, number[]> = { listQueues: [], listQueue: [], listDeadLetters: [], searchDeadLetters: [], letterGroups: [] }
    for (let i = 0; i < PAGES + 10; i += 1) {
      const asks = {
        listQueues: () => client.call(listQueues, {}),
        listQueue: () => client.call(listQueue, { params: { queue: 'machine-bench' }, query: { offset: (i * 397) % (ROWS - 100), limit: 100 } }),
        listDeadLetters: () => client.call(listDeadLetters, { query: { limit: 100 } }),
        searchDeadLetters: () => client.call(listDeadLetters, { query: { text: 'not there', limit: 100 } }),
        letterGroups: () => client.call(listLetterGroups, {}),
      }
      for (const [name, ask] of Object.entries(asks)) {
        const begun = performance.now()
        await ask()
        if (i >= 10) pages[name]?.push(performance.now() - begun)
      }
    }
    return { toFlow: all.slice(50), pages }
  } finally {
    await db.close()
    await product.close()
    await store.close()
    await rm(dataDir, { recursive: true, force: true })
  }
}

/** What the rounds on one backend come to. */
function figuresOf(rounds: readonly Round[]) {
  const ratioOf = (way: 'ours' | 'elsewhere') => median(rounds.map((each) => median(each[way]) / median(each.bull)))
  const all = (way: keyof Round) => rounds.flatMap((each) => each[way])
  return {
    overheadRatio: round(ratioOf('ours')),
    otherGatewayRatio: round(ratioOf('elsewhere')),
    bullP50Ms: round(median(all('bull'))),
    startP50Ms: round(median(all('ours'))),
    bullP99Ms: round(percentile(all('bull'), 99)),
    startP99Ms: round(percentile(all('ours'), 99)),
  }
}

async function onRedis(tell: (text: string) => void): Promise<Round[] | undefined> {
  const program = redisProgram()
  if (program === undefined) {
    tell('Redis: SKIPPED, no redis-server on the PATH (or in REDIS_SERVER)')
    return undefined
  }
  const redis = await startTestRedis(program)
  try {
    return await enqueueToStart(tell, redis.url)
  } finally {
    await redis.close()
  }
}

export const bench: Bench = async ({ tell }) => {
  const rounds = { postgres: await enqueueToStart(tell), redis: await onRedis(tell) }
  const postgres = figuresOf(rounds.postgres)
  const redis = rounds.redis && figuresOf(rounds.redis)
  const { toFlow, pages } = await wholeProduct(tell)
  const p95 = Object.fromEntries(Object.entries(pages).map(([name, took]) => [name, round(percentile(took, 95), 1)]))
  const rowsOf = (backend: string, each: typeof postgres) => [
    { what: `${backend}: BullMQ, asked to begun`, value: each.bullP50Ms, unit: 'ms, median' },
    { what: `${backend}: ours, asked to begun`, value: each.startP50Ms, unit: 'ms, median' },
    { what: `${backend}: overhead`, value: each.overheadRatio, unit: 'ours / BullMQ, median of rounds' },
    { what: `${backend}: overhead in another gateway`, value: each.otherGatewayRatio, unit: 'ours / BullMQ, median of rounds' },
    { what: `${backend}: BullMQ, asked to begun`, value: each.bullP99Ms, unit: 'ms, p99' },
    { what: `${backend}: ours, asked to begun`, value: each.startP99Ms, unit: 'ms, p99' },
  ]
  return {
    rows: [
      ...rowsOf('PostgreSQL', postgres),
      ...(redis ? rowsOf('Redis', redis) : [{ what: 'Redis', value: 'skipped: no redis-server', unit: '' }]),
      { what: 'from flow to flow', value: round(median(toFlow)), unit: 'ms, median' },
      { what: 'from flow to flow', value: round(percentile(toFlow, 99)), unit: 'ms, p99' },
      ...Object.entries(p95).map(([what, value]) => ({ what: `${what}, ${ROWS} jobs`, value, unit: 'ms, p95' })),
    ],
    figures: {
      // the worse of the two, where both were measured
      overheadRatio: Math.max(postgres.overheadRatio, redis?.overheadRatio ?? 0),
      postgres,
      redis: redis ?? 'skipped: no redis-server',
      flowToFlowP50Ms: round(median(toFlow)),
      flowToFlowP99Ms: round(percentile(toFlow, 99)),
      pagesP95Ms: p95,
      n: ROUNDS * JOBS_A_ROUND,
      conditions: conditions({
        fsync: 'off, as Redis keeps nothing on the disk either',
        backends: redis ? ['postgres', 'redis'] : ['postgres'],
        concurrency: 10,
        waitingJobs: ROWS,
      }),
      samples: await keepSamples('jobs', { rounds, toFlow, pages }),
    },
  }
}
