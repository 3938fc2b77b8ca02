/**
 * Writes one confirmation file: whole or not at all, and once per key.
 *
 * A marker in `.cellwright/` beside the files remembers what was written, because the ERP takes the
 * file away: without it, a retry after a crash would write the same confirmation again.
 */
import { createHash } from 'node:crypto'
import { access, mkdir, open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf, OperationalError } from '../../base/errors.ts'
import type { Confirmation } from '../contract.ts'

const MARKERS = '.cellwright'

async function isThere(path: string): Promise<boolean> {
  try {
    await access(path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}

/** The directory entry itself must be on disk; some network shares cannot, and then the file's own fsync is what there is. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } catch (error) {
    if (!['EINVAL', 'ENOTSUP', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
  } finally {
    await handle.close()
  }
}

async function writeSynced(path: string, text: string): Promise<void> {
  const handle = await open(path, 'w', 0o644)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** `confirmation-<order number>-<hash of the key>.json`, safe on every file system. */
function confirmationFileName({ key, workOrder }: Pick<Confirmation, 'key' | 'workOrder'>): string {
  const number = workOrder.replaceAll(/[^A-Za-z0-9._-]/g, '_').slice(0, 64)
  return `confirmation-${number}-${createHash('sha256').update(key).digest('hex').slice(0, 12)}.json`
}

/**
 * @returns the file's path; also when it was written before and has been taken away since
 * @throws OperationalError outbox-not-writable
 */
export async function writeConfirmation(outbox: string, confirmation: Confirmation): Promise<string> {
  const name = confirmationFileName(confirmation)
  const path = join(outbox, name)
  const marker = join(outbox, MARKERS, `${name}.written`)
  const temporary = join(outbox, MARKERS, `${name}.${process.pid}.tmp`)
  try {
    if (await isThere(marker)) return path
    await mkdir(join(outbox, MARKERS), { recursive: false }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
    if (!(await isThere(path))) {
      const { workOrder, key, body } = confirmation
      await writeSynced(temporary, `${JSON.stringify({ workOrder, key, writtenAt: new Date().toISOString(), confirmation: body }, null, 2)}\n`)
      await rename(temporary, path)
      await syncFolder(outbox)
    }
    await writeSynced(marker, '')
    return path
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {}) // best effort: the folder itself may be gone
    throw new OperationalError({
      code: 'outbox-not-writable',
      message: `The confirmation of ${confirmation.workOrder} could not be written to ${outbox}: ${messageOf(error)}. It is tried again.`,
      cause: error,
    })
  }
}
