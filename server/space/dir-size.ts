/** What a folder takes on the disk, measured without holding anything up. */
import { lstat, opendir } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as breathe } from 'node:timers/promises'

const BREATHE_EVERY = 200

/**
 * Bytes as the disk counts them (whole blocks). What goes away meanwhile, or may not be read, counts nothing; links are not
 * followed. 0 when the folder is not there.
 */
export async function dirSize(dir: string, signal?: AbortSignal): Promise<number> {
  let total = 0
  let seen = 0
  const waiting = [dir]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const entries = await opendir(next).catch(() => undefined)
    if (!entries) continue
    for await (const entry of entries) {
      if (signal?.aborted) return total
      const path = join(next, entry.name)
      if (entry.isDirectory()) waiting.push(path)
      else total += await sizeOf(path)
      seen += 1
      if (seen % BREATHE_EVERY === 0) await breathe()
    }
  }
  return total
}

const sizeOf = async (path: string): Promise<number> => {
  const found = await lstat(path).catch(() => undefined)
  if (!found) return 0
  // Windows counts no blocks
  return found.blocks ? Math.max(found.blocks * 512, 0) : found.size
}
