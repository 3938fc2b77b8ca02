/** Opens a place by its kind, and tries one out. */
import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BackupPlace } from '../../api/backup.ts'
import type { OpenPlace, Place } from './contract.ts'
import { openFolder } from './folder.ts'

export type { OpenPlace, Place } from './contract.ts'

/** The clients of the others are loaded when somebody has such a place: they are large, and every start would wait for them. */
export async function openPlace(options: OpenPlace): Promise<Place> {
  const { place } = options
  switch (place.kind) {
    case 'folder':
      return openFolder(place)
    case 'sftp':
      return (await import('./sftp.ts')).openSftp({ ...options, place })
    case 's3':
      return (await import('./s3.ts')).openS3({ ...options, place })
  }
}

const PROBE_BYTES = 1000

/** Writes, reads and removes a small file. @throws as {@link Place.put} does */
export async function tryPlace(options: OpenPlace): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'cellwright-place-'))
  const bytes = randomBytes(PROBE_BYTES)
  const name = `cellwright-test-${bytes.toString('hex', 0, 6)}`
  const file = join(dir, name)
  try {
    await writeFile(file, bytes, { mode: 0o600 })
    const place = await openPlace(options)
    try {
      await place.put(name, { file, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') })
      await place.remove(name)
    } finally {
      await place.close()
    }
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

/** Where it is, for people: without anything secret. */
export function inWords(place: BackupPlace): string {
  switch (place.kind) {
    case 'kept':
      return ''
    case 'folder':
      return place.folder
    case 'sftp':
      return `sftp://${place.userName}@${place.host}${place.port === 22 ? '' : `:${place.port}`}/${place.folder.replace(/^\/+/, '')}`
    case 's3':
      return `s3://${place.bucket}/${place.folder.replace(/^\/+/, '')} (${place.endpoint})`
  }
}
