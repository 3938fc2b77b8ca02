/**
 * The demo shop as the people and systems around it use it: orders come in as files, an operator presses
 * buttons, an ERP takes the confirmations away as soon as they are there, and the machine's journal tells what was sent.
 */
import { watch } from 'node:fs'
import { mkdir, open, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { decodeRecord } from '../../nodes/motion/guard/journal-file.ts'
import type { JournalRecord } from '../../nodes/motion/guard/journal-records.ts'
import {
  getJob,
  getMachine,
  getRun,
  type Job,
  listJobs,
  listPanel,
  listWorkOrders,
  type PanelButton,
  pressButton,
  type Run,
  startDemo,
  uploadProgram,
} from '../../server/api/index.ts'
import { type Product, until } from '../product.ts'

/** The demo's own program: over 500 lines. */
const LONG = 'bearing-plate.nc'
/** For what comes after the program. */
export const SHORT = 'face.nc'
const SHORT_LINES = 'G21 G90 G94\nG0 Z5\nM3 S8000\nG1 X20 F3000\nG1 Y20\nG1 X0\nG1 Y0\nM5\nM2\n'

export interface Shop {
  product: Product
  machineId: string
  erp: Erp
  /** Puts a work order into the inbox; returns its number. */
  order(program: string): Promise<string>
}

interface Erp {
  /** Work orders of the confirmations that were taken away, one entry a file. */
  readonly taken: readonly string[]
  /** Resolves when a file whose name matches appears, also one that is half written. */
  appears(name: RegExp): Promise<void>
  close(): void
}

async function startErp(outbox: string): Promise<Erp> {
  const marks = join(outbox, '.cellwright')
  const away = `${outbox}-taken`
  await mkdir(marks, { recursive: true })
  await mkdir(away, { recursive: true })
  const taken: string[] = []
  const waiting = new Set<{ name: RegExp; tell: () => void }>()
  let working = Promise.resolve()
  const take = async () => {
    for (const name of (await readdir(outbox)).filter((entry) => entry.endsWith('.json'))) {
      // half a file would throw here
      const { workOrder } = JSON.parse(await readFile(join(outbox, name), 'utf8')) as { workOrder: string }
      await rename(join(outbox, name), join(away, `${taken.length}-${name}`))
      taken.push(workOrder)
    }
  }
  const look = (_event: string, file: string | null) => {
    for (const one of waiting) if (file !== null && one.name.test(file)) one.tell()
    working = working.then(take)
  }
  const watchers = [outbox, marks].map((dir) => watch(dir, look))
  return {
    taken,
    appears: (name) =>
      new Promise((resolve) => {
        const one = {
          name,
          tell() {
            waiting.delete(one)
            resolve()
          },
        }
        waiting.add(one)
      }),
    close() {
      for (const watcher of watchers) watcher.close()
    },
  }
}

export async function openShop(product: Product, timeScale: number): Promise<Shop> {
  const { machineId, inbox, outbox } = await product.client.call(startDemo, { body: { timeScale } })
  const file = join(product.dataDir, SHORT)
  await writeFile(file, SHORT_LINES)
  await product.client.upload(uploadProgram, { name: SHORT }, file)
  let orders = 0
  return {
    product,
    machineId,
    erp: await startErp(outbox),
    async order(program) {
      orders += 1
      const number = `F-${String(orders).padStart(3, '0')}`
      const half = join(product.dataDir, `${number}.json`)
      await writeFile(half, JSON.stringify({ number, part: 'Bearing plate', quantity: 1, program }))
      await rename(half, join(inbox, `${number}.json`))
      return number
    },
  }
}

type Kind = 'cut' | 'measure'
const isOf = (kind: Kind, button: PanelButton) => button.asks.length > 0 === (kind === 'measure')

/** The button where an order waits. */
export async function waitingAt({ product }: Shop, kind: Kind, order: string): Promise<{ button: PanelButton; waitingId: string } | undefined> {
  for (const button of await product.client.call(listPanel, {})) {
    const item = isOf(kind, button) && button.isEnabled ? button.waiting.find(({ text }) => text === order) : undefined
    if (item) return { button, waitingId: item.id }
  }
  return undefined
}

/** Presses the button for an order as soon as it waits there; returns the run of the press. */
export async function press(shop: Shop, kind: Kind, order: string): Promise<string> {
  const { button, waitingId } = await until(`${order} to wait at the button to ${kind}`, 60_000, () => waitingAt(shop, kind, order))
  return pressNow(shop, { button, waitingId })
}

export async function pressNow({ product }: Shop, { button, waitingId }: { button: PanelButton; waitingId: string }): Promise<string> {
  const values = Object.fromEntries(button.asks.map(({ key }) => [key, 42.01]))
  const { runId } = await product.client.call(pressButton, {
    params: { nodeId: button.nodeId },
    body: { pressId: crypto.randomUUID(), waitingId, values },
  })
  return runId
}

/** An order whose program is being streamed. */
export async function beginProgram(shop: Shop): Promise<{ order: string; runId: string; job: Job }> {
  const order = await shop.order(LONG)
  const runId = await press(shop, 'cut', order)
  const job = await until('a program under way', 60_000, async () => {
    const underWay = (await programsOf(shop, runId)).find(({ state, progress }) => state === 'active' && (progress?.done ?? 0) > 5)
    return underWay ?? notYet(shop, runId)
  })
  return { order, runId, job }
}

/** For {@link until}, as its cause: where a run and what it asked for stand. */
export async function notYet({ product }: Shop, runId: string): Promise<never> {
  const run = await product.client.call(getRun, { params: { runId } })
  const jobs = (await product.client.call(listJobs, { query: { limit: 500 } })).filter((job) => job.runId === runId)
  throw new Error(`not yet: ${JSON.stringify({ run, jobs })}`)
}

/** The machine jobs that a run asked for. */
export async function programsOf({ product, machineId }: Shop, runId: string): Promise<Job[]> {
  return (await product.client.call(listJobs, { query: { machineId, limit: 500 } })).filter((job) => job.kind === 'program' && job.runId === runId)
}

export const jobEnd = ({ product }: Shop, jobId: string): Promise<Job> =>
  until('the end of the job', 90_000, async () => {
    const job = await product.client.call(getJob, { params: { jobId } })
    return job.endedAt ? job : undefined
  })

export const runEnd = ({ product }: Shop, runId: string): Promise<Run> =>
  until('the end of the run', 60_000, async () => {
    const run = await product.client.call(getRun, { params: { runId } })
    return run.state === 'active' ? undefined : run
  })

/** The state of an order, as the gateway has it. */
export async function orderState({ product }: Shop, order: string): Promise<string | undefined> {
  return (await product.client.call(listWorkOrders, {})).find((each) => each.order.number === order)?.state
}

/** The machine once it stands, its buffers run out. */
export const standing = ({ product, machineId }: Shop) =>
  until('the machine to stand', 60_000, async () => {
    const { state } = await product.client.call(getMachine, { params: { machineId } })
    return state?.link === 'connected' && state.isStanding && state.firmware ? state : undefined
  })

/** Confirms an order whose program has run: measured, judged, written once, and told so by its run. */
export async function confirmOnce(shop: Shop, { order, runId }: { order: string; runId: string }): Promise<Run> {
  await press(shop, 'measure', order)
  return confirmedOnce(shop, { order, runId })
}

export async function confirmedOnce(shop: Shop, { order, runId }: { order: string; runId: string }): Promise<Run> {
  await until(`${order} to be confirmed`, 60_000, async () => (await orderState(shop, order)) === 'confirmed' || undefined)
  // a gateway that was restarted counts it as interrupted until the runtime tells of it again
  const run = await until('the run to be completed, with its confirmation', 30_000, async () => {
    const now = await shop.product.client.call(getRun, { params: { runId } })
    if (now.state === 'completed' && now.links.some(({ kind }) => kind === 'confirmation')) return now
    throw new Error(`it is ${JSON.stringify(now)}`)
  })
  expect(run.links.filter(({ kind }) => kind === 'confirmation')).toHaveLength(1)
  expect(run.links.filter(({ kind }) => kind === 'measurement')).toHaveLength(1)
  expect(run.summary).toContain(`work order ${order} confirmed`)
  // the other side looks into its folder every now and then
  await until(`the file of ${order} to be taken`, 30_000, async () => shop.erp.taken.includes(order) || undefined)
  expect(shop.erp.taken.filter((each) => each === order)).toHaveLength(1)
  return run
}

/** What of each journal file was read: it only grows, and some tests ask many times a second. */
const journalsRead = new Map<string, { bytes: number; records: JournalRecord[] }>()

/** Everything that the guards of the machine wrote down, oldest first. */
export async function journalOf({ product, machineId }: Pick<Shop, 'product' | 'machineId'>): Promise<JournalRecord[]> {
  const dir = join(product.dataDir, 'journals', machineId)
  const records: JournalRecord[] = []
  for (const name of (await readdir(dir)).filter((entry) => /^journal-\d+\.log$/.test(entry)).sort()) {
    const path = join(dir, name)
    const read = journalsRead.get(path) ?? { bytes: 0, records: [] }
    journalsRead.set(path, read)
    const news = await readFrom(path, read.bytes)
    // the last line may still be written
    const whole = news.subarray(0, news.lastIndexOf(0x0a) + 1)
    read.bytes += whole.length
    for (const line of whole.toString('utf8').split('\n')) {
      const record = decodeRecord(line)
      if (record !== undefined) read.records.push(record as JournalRecord)
    }
    records.push(...read.records)
  }
  return records
}

async function readFrom(path: string, from: number): Promise<Buffer> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const bytes = Buffer.alloc(Math.max(0, size - from))
    await file.read(bytes, 0, bytes.length, from)
    return bytes
  } finally {
    await file.close()
  }
}

/** The source lines of a job that went to the controller, in the order in which they went. */
export const linesOf = (journal: readonly JournalRecord[], jobId: string): number[] =>
  journal.flatMap((record) => (record.kind === 'program' && record.jobId === jobId ? record.lines.map(([line]) => line) : []))

/** Each line once, in order. */
export function expectSentOnce(lines: readonly number[]): void {
  expect(lines.length).toBeGreaterThan(0)
  expect(lines).toEqual([...new Set(lines)].sort((a, b) => a - b))
}

/** Whatever could move the machine: program lines, commands that move or unlock, a resume. Questions (`$$`, `$I`, `$G`, `$#`) are none. */
export const movesIn = (journal: readonly JournalRecord[]): JournalRecord[] =>
  journal.filter(
    (record) =>
      record.kind === 'program' ||
      (record.kind === 'sent' && !/^\$[$IG#]?\s*$/.test(record.text)) ||
      (record.kind === 'realtime' && record.byte === 'cycleStart'),
  )
