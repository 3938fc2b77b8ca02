/**
 * `kill -9` of each process in the middle of the demo job: nothing new is sent by itself, no confirmation is
 * written twice, and the run says what happened. One product for all: each test goes on with what the last one left.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { getJob, getMachine, getRun, type Job, listDeadLetters, listJobs, type ProgramOutcome, retryJob } from '../../server/api/index.ts'
import { type Product, startTestProduct, until } from '../product.ts'
import { killAndWait } from './kill.ts'
import {
  beginProgram,
  confirmedOnce,
  confirmOnce,
  expectSentOnce,
  jobEnd,
  journalOf,
  linesOf,
  movesIn,
  notYet,
  openShop,
  orderState,
  press,
  pressNow,
  programsOf,
  runEnd,
  SHORT,
  type Shop,
  standing,
  waitingAt,
} from './shop.ts'

/** Slow enough to be hit in the middle, quick enough for a test. */
const TIME_SCALE = 150

let product: Product
let shop: Shop
let url: string

beforeAll(async () => {
  product = await startTestProduct()
  shop = await openShop(product, TIME_SCALE)
  url = product.client.access.url
}, 120_000)
afterAll(async () => {
  shop?.erp.close()
  await product?.close()
}, 60_000)

const kill = (name: string) => killAndWait(product, name)

/** Whose life went on. */
const pidsOf = async (...names: string[]) => Promise.all(names.map((name) => product.pidOf(name)))

/** The program of a run ran once, from its first line to its last. */
async function expectRanOnce(runId: string, jobId: string): Promise<void> {
  const job = await jobEnd(shop, jobId)
  expect(job.state).toBe('completed')
  const { linesSent, linesAcknowledged, totalLines } = job.outcome as ProgramOutcome
  const lines = linesOf(await journalOf(shop), jobId)
  expectSentOnce(lines)
  expect([linesSent, linesAcknowledged, lines.length]).toEqual([totalLines, totalLines, totalLines])
  expect((await programsOf(shop, runId)).map(({ id }) => id)).toEqual([jobId])
}

/** Kills each life of a process from just before the end of a program on, until the guard has written down that it ended. */
async function killUntilEnd(name: string, { id, progress }: Job): Promise<void> {
  const nearEnd = (progress?.total ?? 0) - 40
  let last = 0
  await until('the end of the program', 60_000, async () => {
    const journal = await journalOf(shop)
    if (linesOf(journal, id).length < nearEnd) return undefined
    const pid = await product.pidOf(name)
    if (pid !== last) process.kill(pid, 'SIGKILL')
    last = pid
    return journal.some((record) => record.kind === 'job-end' && record.end.jobId === id) || undefined
  })
  // what it left behind may answer once more (a backend of PostgreSQL outlives its parent by moments)
  await until(`another ${name}`, 30_000, async () => (await product.pidOf(name)) !== last && product.client.call(getJob, { params: { jobId: id } }))
}

describe('kill -9 in the middle of the program', { timeout: 120_000 }, () => {
  it('flow runtime: the program finishes by its policy, the run says that the runtime died, nothing is confirmed or begun again', async () => {
    const { order, runId, job } = await beginProgram(shop)
    await kill('runtime')
    await expectRanOnce(runId, job.id)
    const run = await runEnd(shop, runId)
    expect(run.state).toBe('interrupted')
    expect(run.summary).toMatch(/flow runtime went away/)
    // told to the run after the job has ended
    await expect.poll(async () => (await product.client.call(getRun, { params: { runId } })).summary).toMatch(/bearing-plate\.nc ran \d+ lines/)
    // the flows run again: other orders wait at the button, this one does not, and its job is not given to them again
    await until('the flows', 30_000, () => waitingAt(shop, 'cut', 'WO-2041'))
    expect(await waitingAt(shop, 'cut', order)).toBeUndefined()
    expect(await waitingAt(shop, 'measure', order)).toBeUndefined()
    const jobs = (await product.client.call(listJobs, {})).filter((each) => each.runId === runId)
    expect(jobs.map(({ kind, state }) => `${kind} ${state}`).sort()).toEqual(['flow interrupted', 'program completed'])
    expect(await orderState(shop, order)).toBe('delivered')
    expect(shop.erp.taken).toEqual([])
  })

  it('gateway: it listens where it did, the program and the flow go on, the order is confirmed once', async () => {
    const { order, runId, job } = await beginProgram(shop)
    const others = await pidsOf('runtime', `guard:${shop.machineId}`)
    await kill('gateway')
    expect(product.client.access.url).toBe(url)
    await expectRanOnce(runId, job.id)
    expect(await pidsOf('runtime', `guard:${shop.machineId}`)).toEqual(others)
    await until('the run to go on', 30_000, async () => (await product.client.call(getRun, { params: { runId } })).state === 'active' || undefined)
    const run = await confirmOnce(shop, { order, runId })
    expect(run.summary).toMatch(/the gateway was restarted/)
    expect(run.summary).toMatch(/bearing-plate\.nc ran \d+ lines/)
  })

  it('gateway, while the program ends: its end is recorded when the gateway is back, and the flow goes on', async () => {
    const { order, runId, job } = await beginProgram(shop)
    await killUntilEnd('gateway', job)
    await expectRanOnce(runId, job.id)
    await confirmOnce(shop, { order, runId })
  })

  it('PostgreSQL, and again while the program ends: the machine keeps its program, its end is recorded when the database is back', async () => {
    const { order, runId, job } = await beginProgram(shop)
    const others = await pidsOf('gateway', 'runtime', `guard:${shop.machineId}`)
    await kill('postgres')
    await killUntilEnd('postgres', job)
    await expectRanOnce(runId, job.id)
    const run = await confirmOnce(shop, { order, runId })
    expect(run.summary).toMatch(/bearing-plate\.nc ran \d+ lines/)
    expect(await pidsOf('gateway', 'runtime', `guard:${shop.machineId}`)).toEqual(others)
  })
})

describe('kill -9 while an order is confirmed', { timeout: 120_000 }, () => {
  let order: string
  let runId: string
  const orders: string[] = []
  beforeAll(async () => {
    for (let i = 0; i < 9; i += 1) orders.push(await shop.order(SHORT))
  })
  /** A part waits to be measured. */
  beforeEach(async () => {
    order = orders.shift() ?? ''
    runId = await press(shop, 'cut', order)
    await until('the part to wait for its measure', 60_000, async () => (await waitingAt(shop, 'measure', order)) ?? notYet(shop, runId))
  }, 90_000)
  afterEach(async () => {
    expect(await programsOf(shop, runId)).toHaveLength(1)
  })
  const linked = (kind: string) =>
    until(`a ${kind}`, 30_000, async () => {
      const run = await product.client.call(getRun, { params: { runId } })
      return run.links.some((link) => link.kind === kind) || undefined
    })

  /** As a person would: when the part still waits at the button, the press did not count. */
  async function pressUntilTaken(): Promise<void> {
    await until('the press to be taken', 60_000, async () => {
      const item = await waitingAt(shop, 'measure', order)
      if (item) await pressNow(shop, item)
      return item ? undefined : true
    })
  }

  it('gateway, at the moment of the press: it counts, or it can be made again', async () => {
    const pid = await product.pidOf('gateway')
    const item = await until('the part', 30_000, () => waitingAt(shop, 'measure', order))
    const pressing = pressNow(shop, item).catch(() => undefined)
    process.kill(pid, 'SIGKILL')
    await pressing
    await until('the panel', 30_000, async () => (await waitingAt(shop, 'cut', 'WO-2041')) && true)
    await pressUntilTaken()
    await confirmedOnce(shop, { order, runId })
  })

  it('gateway, just after the press that asks for a program: it runs once, or not at all and the run says so', async () => {
    const other = await shop.order(SHORT)
    const pid = await product.pidOf('gateway')
    const otherRun = await press(shop, 'cut', other)
    process.kill(pid, 'SIGKILL')
    const came = await until('the program to run or to be given up', 60_000, async () => {
      if (await waitingAt(shop, 'measure', other)) return 'run'
      const { state, summary, links } = await product.client.call(getRun, { params: { runId: otherRun } })
      // not queued, not handed to the guard, or never begun there
      if (/was not run|before the program was queued|Nothing was sent|knows nothing of this job: it had not begun/.test(summary ?? '')) return 'given up'
      // its flow job had begun, and no flow had it yet
      const isLost = state === 'completed' && links.some(({ kind, text }) => kind === 'job' && /interrupted/.test(text))
      return isLost ? 'lost' : notYet(shop, otherRun)
    })
    const programs = await programsOf(shop, otherRun)
    const journal = await journalOf(shop)
    if (came === 'run') {
      expectSentOnce(linesOf(journal, programs[0]!.id))
      expect(programs).toHaveLength(1)
      await confirmOnce(shop, { order: other, runId: otherRun })
    } else {
      expect(programs.filter(({ state }) => state === 'waiting' || state === 'active' || state === 'completed')).toEqual([])
      expect(programs.flatMap(({ id }) => linesOf(journal, id))).toEqual([])
      expect(shop.erp.taken).not.toContain(other)
    }
    // whoever looks at what went wrong finds it, and has it done
    if (came === 'lost') {
      const { jobs } = await product.client.call(listDeadLetters, { query: { queue: 'flow' } })
      const letter = jobs.find((job) => job.runId === otherRun)
      expect(letter).toMatchObject({ state: 'interrupted', reason: expect.stringMatching(/The gateway was restarted/) })
      const again = await product.client.call(retryJob, { params: { jobId: letter?.id ?? '' } })
      const runId = await until('its run', 30_000, async () => (await product.client.call(getJob, { params: { jobId: again.id } })).runId)
      await confirmOnce(shop, { order: other, runId })
      expect(await programsOf(shop, runId)).toHaveLength(1)
    }
    await confirmOnce(shop, { order, runId })
  })

  it.each([
    ['gateway', 'when the measured value is stored', () => linked('measurement')],
    ['gateway', 'when the file is there', () => shop.erp.appears(/^confirmation-.*\.json$/)],
    ['connector-host', 'when the file is begun', () => shop.erp.appears(/\.tmp$/)],
    ['connector-host', 'when the file is ready to go', () => shop.erp.appears(/\.ready$/)],
    ['connector-host', 'when the file is there', () => shop.erp.appears(/^confirmation-.*\.json$/)],
    ['postgres', 'when the press was answered', () => Promise.resolve()],
    ['postgres', 'when the file is there', () => shop.erp.appears(/^confirmation-.*\.json$/)],
  ])('%s, %s: the order is confirmed once', async (name, _when, moment) => {
    const pid = await product.pidOf(name)
    const now = moment()
    await press(shop, 'measure', order)
    await now
    process.kill(pid, 'SIGKILL')
    await confirmedOnce(shop, { order, runId })
  })
})

describe('kill -9 of the guard in the middle of the program', { timeout: 120_000 }, () => {
  it('the job is interrupted, its guard sends nothing any more, the run says so, and a person can go on', async () => {
    const { order, runId, job } = await beginProgram(shop)
    const waiting = await shop.order(SHORT)
    await kill(`guard:${shop.machineId}`)
    const end = await jobEnd(shop, job.id)
    expect(end.state).toBe('interrupted')
    const { linesSent, totalLines } = end.outcome as ProgramOutcome
    expect(linesSent).toBeGreaterThan(0)
    expect(linesSent).toBeLessThan(totalLines)
    const { machinePositionMm, job: running } = await standing(shop)
    expect(running).toBeUndefined()

    const run = await runEnd(shop, runId)
    expect(run.state).toBe('completed')
    expect(run.summary).toMatch(/bearing-plate\.nc on Demo mill interrupted: The guard process ended while the program ran/)
    expect(shop.erp.taken).not.toContain(order)
    expect(await waitingAt(shop, 'measure', order)).toBeUndefined()
    expect(await programsOf(shop, runId)).toHaveLength(1)

    // what the last guard wrote down after it was started: nothing that moves, and the machine stands where its buffers ended
    const journal = await journalOf(shop)
    const restart = journal.findLastIndex((record) => record.kind === 'guard' && record.what === 'started')
    expect(journal[restart]).toMatchObject({ isRestart: true })
    expect(movesIn(journal.slice(restart))).toEqual([])
    expectSentOnce(linesOf(journal, job.id))
    expect((await product.client.call(getMachine, { params: { machineId: shop.machineId } })).state?.machinePositionMm).toEqual(machinePositionMm)

    // the next order is cut when somebody presses, not before
    const next = await press(shop, 'cut', waiting)
    const [program] = await until('the next program', 30_000, async () => {
      const programs = await programsOf(shop, next)
      return programs.length ? programs : undefined
    })
    expect((await jobEnd(shop, program!.id)).state).toBe('completed')
  })
})
