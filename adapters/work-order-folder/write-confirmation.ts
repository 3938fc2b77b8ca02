/**
 * Writes one confirmation file: whole or not at all, and once per key, also when this process or the
 * computer dies at any moment on the way, and although the ERP takes the file away.
 *
 * In `.cellwright/` beside the files: `.ready` is the whole file before it goes to the ERP, `.written` the
 * mark that it went or goes. The mark is made first; the one rename that delivers takes `.ready` away. So a
 * mark with `.ready` means "not delivered yet", a mark alone "delivered", and there is no moment between.
 */
import { createHash, randomBytes } from 'node:crypto'
import { access, mkdir, open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf, OperationalError } from '../../base/errors.ts'
import type { Confirmation } from '../contract.ts'

const MARKS = '.cellwright'

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

/** Confirmations being written, by path. */
const underWay = new Map<string, Promise<string>>()

/**
 * @returns the file's path; also when it was written before and has been taken away since
 * @throws OperationalError outbox-not-writable
 */
export function writeConfirmation(outbox: string, confirmation: Confirmation): Promise<string> {
  const path = join(outbox, confirmationFileName(confirmation))
  // asked again while it is being written (a gateway that was restarted): that is the same confirmation
  const before = underWay.get(path)
  if (before) return before
  const work = write(outbox, confirmation)
    .catch((error: unknown) => {
      throw new OperationalError({
        code: 'outbox-not-writable',
        message: `The confirmation of ${confirmation.workOrder} could not be written to ${outbox}: ${messageOf(error)}. It is tried again.`,
        details: { blanks: { workOrder: confirmation.workOrder, folder: outbox, reason: messageOf(error) } },
        cause: error,
      })
    })
    .finally(() => underWay.delete(path))
  underWay.set(path, work)
  return work
}

async function write(outbox: string, confirmation: Confirmation): Promise<string> {
  const name = confirmationFileName(confirmation)
  const folder = join(outbox, MARKS)
  const path = join(outbox, name)
  const ready = join(folder, `${name}.ready`)
  const mark = join(folder, `${name}.written`)
  const isReady = await isThere(ready)
  if (!isReady) {
    if (await isThere(mark)) return path
    await mkdir(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
    const { workOrder, key, body } = confirmation
    // a name of its own: what a dead process left half-written is nobody's
    const temporary = join(folder, `${name}.${randomBytes(4).toString('hex')}.tmp`)
    try {
      await writeSynced(temporary, `${JSON.stringify({ workOrder, key, writtenAt: new Date().toISOString(), confirmation: body }, null, 2)}\n`)
      await rename(temporary, ready)
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => {}) // best effort: the folder itself may be gone
      throw error
    }
  }
  // on the disk before the mark: a mark alone would mean that it was delivered
  await syncFolder(folder)
  await writeSynced(mark, '')
  await syncFolder(folder)
  await rename(ready, path)
  await syncFolder(outbox)
  return path
}
