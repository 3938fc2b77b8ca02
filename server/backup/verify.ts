/** Whether a back-up is whole: every byte of it is read, and changes nothing. */
import { stat } from 'node:fs/promises'
import type { BackupHeader, BackupManifest, Progress } from './format.ts'
import { type ReadOptions, readBackup } from './read.ts'

const PROGRESS_EVERY_MS = 250

export interface VerifyOptions extends Omit<ReadOptions, 'onRead'> {
  onProgress?: (progress: Progress) => void
}

/** @throws as {@link readBackup} does */
export async function verifyBackup({ onProgress, ...options }: VerifyOptions): Promise<{ header: BackupHeader; manifest: BackupManifest }> {
  const total = (await stat(options.file).catch(() => undefined))?.size // a missing file is told by its reader
  return readBackup({
    ...options,
    ...(onProgress ? { onRead: tellingNowAndThen((done) => onProgress({ step: 'checking', done, ...(total === undefined ? {} : { total }) })) } : {}),
  })
}

export function tellingNowAndThen(tell: (bytes: number) => void): (bytes: number) => void {
  let toldAt = 0
  return (bytes) => {
    if (performance.now() - toldAt < PROGRESS_EVERY_MS) return
    toldAt = performance.now()
    tell(bytes)
  }
}
