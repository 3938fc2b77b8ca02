/**
 * What of the database counts against its budget. PostgreSQL does not give back what deleted rows took: the file stays as large, and new rows are
 * written into the room. So what counts of history is its living rows, judged by a sample of pages; all other tables count as they lie on the disk.
 */
import type { HistoryClass } from '../api/index.ts'
import { HISTORY, rowBytes } from './history.ts'

/** As `pg` has it. */
export interface Asks {
  query<Row extends object>(text: string, values?: unknown[]): Promise<{ rows: Row[] }>
}

/** Smaller ones count as they lie there. */
const SMALL = 1024 * 1024
const PAGE = 8192
/** Read of each table: what is left to chance is a few hundredths. */
const SAMPLED_PAGES = 1500
/** What pages hold beside rows: their heads, and room too small for another row. */
const PAGE_PART = 1.08

export interface LiveSize {
  /** As on the disk, with room that is used again. */
  total: number
  /** Of it, what is in use: what the budget is compared with. */
  counted: number
  /** How many bytes of the budget a byte of deleted rows gives back: with its share of indexes. */
  perByte: Record<HistoryClass, number>
}

/** What the whole database takes on the disk. */
export async function databaseBytes(db: Asks): Promise<number> {
  const { rows } = await db.query<{ bytes: string | number }>('select pg_database_size(current_database()) as bytes')
  return Number(rows[0]?.bytes ?? 0)
}

export async function liveSize(db: Asks): Promise<LiveSize> {
  const total = await databaseBytes(db)
  let free = 0
  const perByte = {} as Record<HistoryClass, number>
  for (const { class: name, tables } of HISTORY) {
    let [held, rowsHeld] = [0, 0]
    for (const table of tables) {
      const { disk, counted, rows } = await tableSize(db, table)
      free += disk - counted
      held += counted
      rowsHeld += rows
    }
    perByte[name] = rowsHeld > 0 ? Math.max(1, held / rowsHeld) : 1
  }
  return { total, counted: Math.max(0, total - free), perByte }
}

async function tableSize(db: Asks, table: string): Promise<{ disk: number; counted: number; rows: number }> {
  const name = `"${table}"`
  const sizes = await db.query<{ disk: string; heap: string; main: string; columns: string[] }>(
    `select pg_total_relation_size(c.oid) as disk, pg_table_size(c.oid) as heap, pg_relation_size(c.oid) as main,
      array(select attname::text from pg_attribute where attrelid = c.oid and attnum > 0 and not attisdropped order by attnum) as columns
     from pg_class c where c.oid = $1::regclass`,
    [name],
  )
  const [found] = sizes.rows
  if (!found) return { disk: 0, counted: 0, rows: 0 }
  const [disk, heap] = [Number(found.disk), Number(found.heap)]
  const percent = Math.min(100, (100 * SAMPLED_PAGES * PAGE) / Math.max(1, Number(found.main)))
  const sample = await db.query<{ bytes: string | null }>(
    `select sum(${rowBytes('t', found.columns)}) as bytes from ${name} t ${percent < 100 ? `tablesample system (${percent})` : ''}`,
  )
  const rows = (Number(sample.rows[0]?.bytes ?? 0) * 100) / percent
  if (disk < SMALL) return { disk, counted: disk, rows }
  return { disk, counted: Math.round(disk * Math.min(1, (rows * PAGE_PART) / Math.max(1, heap))), rows }
}
