/** The helper process against a place that stands still. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { BackupPlace } from '../api/index.ts'
import { askBackup } from './process.ts'

let server: Server
let dir: string
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'cw-silent-'))
  writeFileSync(join(dir, 'file'), 'x')
  // takes every connection and all that comes, and never says a word
  server = createServer((socket) => socket.on('error', () => {}).resume())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterAll(() => {
  server.close()
  rmSync(dir, { recursive: true, force: true })
})

it('gives up when nothing goes on any more, so that the next back-up can be made', async () => {
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const place: BackupPlace = { kind: 's3', endpoint, region: 'us-east-1', bucket: 'backups', folder: '', accessKeyId: 'key' }
  const question = {
    what: 'send' as const,
    place,
    secret: 's',
    name: 'cellwright-20260101-020000Z.tar.gz.age',
    file: join(dir, 'file'),
    bytes: 1,
    sha256: '0'.repeat(64),
    part: 'cellwright-x.part',
    known: [],
    keep: { keepDaily: 1, keepWeekly: 0, keepMonthly: 0 },
  }
  await expect(askBackup(question, { signal: new AbortController().signal, silentMs: 3000 })).rejects.toMatchObject({ code: 'backup-silent' })
})
