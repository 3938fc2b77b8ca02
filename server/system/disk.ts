/** How much room the disk has under what the product stores. */
import { statfs } from 'node:fs/promises'
import type { DiskView } from '../api/index.ts'

const MB = 1024 * 1024
/** PostgreSQL asks for room in pieces of 16 MB (a segment of its log), and must have one more to begin again after a crash. */
const FULL_BYTES = 32 * MB
const LOW_BYTES = 512 * MB
/** On a small disk a part of it is low. */
const LOW_PART = 0.25
/** Room must have grown by so much before a state is left: it must not flicker. */
const BACK = 1.1

/** What a directory's disk says. */
export type Room = Pick<DiskView, 'freeBytes' | 'totalBytes'>

/** @param before the state so far: one that was bad needs a little more room to be better */
export function stateOfDisk({ freeBytes, totalBytes }: Room, before?: DiskView['state']): DiskView['state'] {
  const below = (limit: number, isAlready: boolean) => freeBytes < limit * (isAlready ? BACK : 1)
  if (below(FULL_BYTES, before === 'full')) return 'full'
  return below(Math.min(LOW_BYTES, Math.max(2 * FULL_BYTES, totalBytes * LOW_PART)), before === 'low' || before === 'full') ? 'low' : 'ok'
}

/** Asks each directory's disk; the one with the least room counts. One that is not there yet says nothing. */
export async function lookAtDisk(dirs: readonly string[], before?: DiskView['state']): Promise<DiskView> {
  const found = await Promise.all(
    dirs.map(async (path) => {
      try {
        const { bavail, blocks, bsize } = await statfs(path)
        return [{ path, freeBytes: bavail * bsize, totalBytes: blocks * bsize }]
      } catch {
        // not made yet, or a file system that does not tell: writes say it when it is full
        return []
      }
    }),
  )
  const least = found.flat().sort((a, b) => a.freeBytes - b.freeBytes)[0]
  if (!least) return { state: 'unknown', freeBytes: 0, totalBytes: 0, path: dirs[0] ?? '' }
  return { ...least, state: stateOfDisk(least, before) }
}

/** `14 MB`, `1.4 GB`. */
export const bytesInWords = (bytes: number): string => (bytes < 1000 * MB ? `${Math.floor(bytes / MB)} MB` : `${(bytes / (1024 * MB)).toFixed(1)} GB`)
