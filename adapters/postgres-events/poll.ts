/**
 * Reads a table again and again by a cursor column. How far it was read is kept by the gateway, in the transaction that stores the
 * events: whoever dies on the way, a row is told of again or was told of, and its key makes it one.
 *
 * A number or a time is taken when a row is written and seen when it is committed, which may be in another order. So every look
 * begins a while back (`lateSeconds`), at what was read then, and leaves out what is known.
 */
import { createHash } from 'node:crypto'
import type { Client } from 'pg'
import { messageOf, OperationalError, toErrorMessage } from '../../base/errors.ts'
import { type ConnectorContext, MAX_EVENTS, type RunningConnector, type Told, takesNoConfirmations, toldOf } from '../contract.ts'
import { createHealth } from '../health.ts'
import { open } from './open.ts'
import { type Known, markAfter, type ReadMark, readMark, writeMark } from './read-mark.ts'
import type { Settings } from './settings.ts'
import { openTable, type Place, type ReadRow, type Table } from './table.ts'

const FIRST_RETRY_MS = 1000
const LAST_RETRY_MS = 30_000
/** What a person has to put right (a table, a right) may be put right at the other side. */
const REFUSED_RETRY_MS = 60_000
const TRIES_OF_A_BUG = 5
const MOST_KEY = 500

export async function pollTable(settings: Settings, secrets: Record<string, string>, context: ConnectorContext): Promise<RunningConnector> {
  const health = createHealth(context, ['database', 'gateway'])
  const { everySeconds = 5, lateSeconds = 60, beginsWith = 'new', table: wanted = '', cursorColumn = '', keyColumn = '' } = settings
  const name = `${wanted} ${cursorColumn} ${keyColumn}`.trim().slice(0, 100)
  let client: Client | undefined
  let table: Table | undefined
  let mark: ReadMark | undefined
  let timer: NodeJS.Timeout | undefined
  let looking: Promise<void> = Promise.resolve()
  let retryMs = FIRST_RETRY_MS
  let bugs = 0

  const line = async (): Promise<{ client: Client; table: Table }> => {
    if (client && table) return { client, table }
    const next = await open(settings, secrets)
    try {
      // it only ever reads, and the text of a cursor is to mean the same each time
      await next.query(`set default_transaction_read_only = on; set timezone = 'UTC'; set datestyle = 'ISO, MDY'`)
      const found = await openTable(next, settings)
      next.once('end', () => {
        if (client !== next) return
        client = undefined
        table = undefined
      })
      client = next
      table = found
      return { client: next, table: found }
    } catch (error) {
      await next.end().catch(() => {}) // gone already
      throw error
    }
  }
  const begin = async (): Promise<ReadMark> => {
    const kept = readMark((await context.marks())[name])
    if (kept) return kept
    const here = await line()
    const first: ReadMark = { low: beginsWith === 'all' ? undefined : await here.table.highest(here.client), known: [] }
    // what stands at the highest cursor now is not new
    if (first.low !== undefined) {
      const now = Date.now()
      const rows = await here.table.read(here.client, { cursor: first.low }, MAX_EVENTS)
      first.known = rows.map(({ cursor, key }) => ({ key, cursor, at: now }))
    }
    await context.events([], { name, value: writeMark(first) })
    return first
  }

  /** Stores events with the mark that goes with them. One that can never be stored is told of as a problem. */
  const store = async (rows: readonly ReadRow[], from: string, next: ReadMark): Promise<void> => {
    const events = rows.map(({ cursor, key, row }) => ({
      key: keyOf(key, cursor),
      subject: from,
      text: `row ${key} of ${from}`.slice(0, 1000),
      payload: { table: from, key, cursor, row },
    }))
    try {
      await context.events(events, { name, value: writeMark(next) })
    } catch (error) {
      const { kind } = toErrorMessage(error)
      bugs = kind === 'bug' ? bugs + 1 : 0
      if (kind === 'operational' || (kind === 'bug' && bugs < TRIES_OF_A_BUG)) throw new NotStored(error)
      if (rows.length > 1) throw new OneByOne()
      for (const { subject } of events) context.problem({ source: subject, reason: messageOf(error) })
      await context.events([], { name, value: writeMark(next) })
    }
    bugs = 0
    mark = next
    health.set('gateway')
  }

  const look = async (): Promise<void> => {
    mark ??= await begin()
    const { client, table } = await line()
    const { low, known } = mark
    const before = new Map(known.map((one) => [`${one.key} ${one.cursor}`, one]))
    /** From the low water on, told of. */
    let rows: Known[] = []
    let from = low
    let after: Place | undefined
    let seen = 0
    const next = (): ReadMark => {
      const { low: bound, known: kept } = markAfter({ low: from, rows, until: Date.now() - lateSeconds * 1000 })
      rows = kept
      from = bound
      // what was not passed yet stays known
      return { low: bound, known: [...kept, ...before.values()] }
    }
    for (;;) {
      const page = await table.read(client, after ? { after } : low === undefined ? undefined : { cursor: low }, MAX_EVENTS)
      seen += page.length
      const fresh: ReadRow[] = []
      const told = page.map((row): Known => {
        const name = `${row.key} ${row.cursor}`
        const one = before.get(name)
        before.delete(name)
        if (!one) fresh.push(row)
        return one ?? { key: row.key, cursor: row.cursor, at: Date.now() }
      })
      const last = page.at(-1)
      if (fresh.length) {
        const earlier = rows
        rows = [...earlier, ...told]
        try {
          await store(fresh, table.name, next())
        } catch (error) {
          if (!(error instanceof OneByOne)) throw error
          rows = earlier
          from = mark.low
          for (const [index, one] of told.entries()) {
            rows = [...rows, one]
            const row = page[index]
            if (row && fresh.includes(row)) await store([row], table.name, next())
          }
        }
      } else rows = [...rows, ...told]
      if (!last || page.length < MAX_EVENTS || context.signal.aborted) break
      after = { cursor: last.cursor, key: last.key }
    }
    // rows that are gone, or have another cursor now, need not be known
    before.clear()
    mark = next()
    // what stood at the low water is not there any more: rows were deleted, or the table was put back and counts from further down
    health.set('database', !seen && low !== undefined ? await behind(table, client, low) : undefined)
  }
  const behind = async (from: Table, over: Client, low: string): Promise<Told | undefined> => {
    const highest = await from.highest(over)
    if (highest === undefined || (await from.read(over, { cursor: low }, 1)).length) return undefined
    return {
      code: 'cursor-behind',
      text: `All rows of ${from.name} stand before where it was read to (${low}); the highest is ${highest}. If the table was emptied or put back, new rows are found only beyond that place: make the connection anew.`,
      blanks: { table: from.name, low, highest },
    }
  }

  const plan = (waitMs: number) => {
    if (context.signal.aborted) return
    timer = setTimeout(() => {
      looking = look().then(
        () => {
          retryMs = FIRST_RETRY_MS
          plan(everySeconds * 1000)
        },
        (error: unknown) => {
          if (error instanceof NotStored) {
            health.set('gateway', toldOf(error.cause))
            plan(FIRST_RETRY_MS)
            return
          }
          const told = toldOf(error)
          const passing = error instanceof OperationalError || !told.code || toErrorMessage(error).kind === 'bug'
          health.set(told.code === 'gateway-away' ? 'gateway' : 'database', passing ? away(error) : told)
          retryMs = passing ? Math.min(retryMs * 2, LAST_RETRY_MS) : REFUSED_RETRY_MS
          const gone = client
          client = undefined
          table = undefined
          gone?.end().catch(() => {}) // its end says nothing new
          plan(retryMs)
        },
      )
    }, waitMs)
  }
  const away = (error: unknown) => {
    if (error instanceof OperationalError) return toldOf(error)
    const where = `${settings.host}:${settings.port}`
    const reason = messageOf(error)
    return {
      code: 'table-unread',
      text: `The table could not be read at ${where}: ${reason}. It is tried again, at least every 30 s; nothing is lost meanwhile.`,
      blanks: { where, reason },
    }
  }

  const letGo = async () => {
    const last = client
    client = undefined
    await last?.end().catch(() => {}) // gone already
  }

  await line()
  health.set('database')
  plan(0)
  return {
    confirm: takesNoConfirmations,
    async close() {
      clearTimeout(timer)
      await letGo()
      await looking
      // a look that was just opening one
      await letGo()
    },
  }
}

/** The same row with the same cursor, whatever is told of it, is one event. */
function keyOf(key: string, cursor: string): string {
  const name = `${key} ${cursor}`
  return name.length <= MOST_KEY ? name : createHash('sha256').update(name).digest('base64')
}

/** The gateway did not take it: told again, with the connection as it is. */
class NotStored extends Error {
  constructor(cause: unknown) {
    super(messageOf(cause), { cause })
  }
}

/** One of several rows can never be stored, and nobody knows which. */
class OneByOne extends Error {}
