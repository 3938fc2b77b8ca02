/** What this host is called: the setting, or what its data directory remembers, or at the first start the computer's name. */
import { randomBytes } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname } from 'node:path'
import { Type } from 'typebox'
import { UserError } from '../../base/errors.ts'
import { checker } from '../../base/schema.ts'

/** As it stands in rows, addresses and sentences. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/
const remembered = checker(Type.Object({ id: Type.String(), name: Type.String() }))

export interface HostIdentity {
  /** Of this data directory, whatever the host is called. */
  id: string
  name: string
  /** Named by a person: then the name is never changed by itself. */
  isGiven: boolean
}

/**
 * @param options.file where it is remembered
 * @param options.given `CELLWRIGHT_HOST_NAME`
 * @throws UserError setting-invalid
 */
export async function readIdentity({ file, given }: { file: string; given: string | undefined }): Promise<HostIdentity> {
  if (given !== undefined && !NAME.test(given))
    throw new UserError({
      code: 'setting-invalid',
      message: `CELLWRIGHT_HOST_NAME must be letters, digits, dots and dashes, at most 63 and beginning with a letter or digit, not "${given}".`,
    })
  const found = await readFile(file, 'utf8').then(
    (text) => {
      try {
        const parsed: unknown = JSON.parse(text)
        return remembered.is(parsed) ? parsed : undefined
      } catch {
        return undefined // half written by a computer that went down: made anew
      }
    },
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw error
    },
  )
  const id = found?.id ?? randomBytes(8).toString('hex')
  const identity = { id, name: given ?? found?.name ?? plainName(hostname()), isGiven: given !== undefined }
  if (!found || found.name !== identity.name) await rememberName(file, identity)
  return identity
}

export async function rememberName(file: string, { id, name }: Pick<HostIdentity, 'id' | 'name'>): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  const half = `${file}.${process.pid}`
  await writeFile(half, `${JSON.stringify({ id, name })}\n`)
  await rename(half, file)
}

const plainName = (name: string): string =>
  name
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 50) || 'host'
