/** How much room the disk has under what the product stores. */
import { statfs } from 'node:fs/promises'
import type { DiskView } from '../api/index.ts'

const MB = 1024 * 1024
/** PostgreSQL asks for room in pieces of 16 MB (a segment of its log), and must have one more to begin again after a crash. */
const FULL_BYTES = 32 * MB
/** Nothing new is begun with less, however small the disk: what runs has its journal, its log and its end to write. */
const CRITICAL_BYTES = 48 * MB
const LOW_BYTES = 512 * MB
/** On a small disk a part of it is low. */
const LOW_PART = 0.25
/** Room must have grown by so much before a state is left: it must not flicker. */
const BACK = 1.1

/** What a directory's disk says. */
export type Room = Pick<DiskView, 'freeBytes' | 'totalBytes'>

/** From how full on, in percent, people are warned, and nothing new is begun. */
export interface DiskRule {
  warnPercent: number
  stopPercent: number
}
const USUAL: DiskRule = { warnPercent: 90, stopPercent: 98 }

/** Below which free space a disk of this size is in which state. */
export function limitsOfDisk(totalBytes: number, { warnPercent, stopPercent }: DiskRule = USUAL): { low: number; critical: number; full: number } {
  const left = (percent: number) => (totalBytes * (100 - percent)) / 100
  const critical = Math.max(CRITICAL_BYTES, left(stopPercent))
  const low = Math.max(critical + FULL_BYTES / 2, Math.min(LOW_BYTES, totalBytes * LOW_PART), left(warnPercent))
  return { low, critical, full: FULL_BYTES }
}

/** @param before the state so far: one that was bad needs a little more room to be better */
export function stateOfDisk({ freeBytes, totalBytes }: Room, before?: DiskView['state'], rule?: DiskRule): DiskView['state'] {
  const limits = limitsOfDisk(totalBytes, rule)
  const was = SEVERITY[before ?? 'unknown']
  for (const state of ['full', 'critical', 'low'] as const) if (freeBytes < limits[state] * (was >= SEVERITY[state] ? BACK : 1)) return state
  return 'ok'
}

const SEVERITY: Record<DiskView['state'], number> = { unknown: 0, ok: 0, low: 1, critical: 2, full: 3 }

/** No program is begun and the steps of runs are not recorded until there is room. */
export const isTooFull = ({ state }: Pick<DiskView, 'state'>): boolean => SEVERITY[state] >= SEVERITY.critical

/** Asks each directory's disk; the one that is worst off counts. One that is not there yet says nothing. */
export async function lookAtDisk(dirs: readonly string[], before?: DiskView['state'], rule?: DiskRule): Promise<DiskView> {
  const found = await Promise.all(
    dirs.map(async (path) => {
      try {
        const { bavail, blocks, bsize } = await statfs(path)
        const room = { freeBytes: bavail * bsize, totalBytes: blocks * bsize }
        return [{ path, ...room, state: stateOfDisk(room, before, rule) }]
      } catch {
        // not made yet, or a file system that does not tell: writes say it when it is full
        return []
      }
    }),
  )
  const worst = found.flat().sort((a, b) => SEVERITY[b.state] - SEVERITY[a.state] || a.freeBytes - b.freeBytes)[0]
  return worst ?? { state: 'unknown', freeBytes: 0, totalBytes: 0, path: dirs[0] ?? '' }
}

/** `14 MB`, `1.4 GB`. */
export const bytesInWords = (bytes: number): string => (bytes < 1000 * MB ? `${Math.floor(bytes / MB)} MB` : `${(bytes / (1024 * MB)).toFixed(1)} GB`)
