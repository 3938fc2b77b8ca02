/** A folder: another disk, or a network drive that the system has mounted. */
import { createReadStream, createWriteStream } from 'node:fs'
import { readdir, rename, rm, stat } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { OperationalError, UserError } from '../../../base/errors.ts'
import type { OpenPlace, Place } from './contract.ts'
import { requireSame } from './read-back.ts'

type Folder = Extract<OpenPlace['place'], { kind: 'folder' }>

/** @throws UserError place-folder for one that is not there: a drive that is not mounted must not be filled into an empty mount point */
export async function openFolder({ folder }: Folder): Promise<Place> {
  const facts = isAbsolute(folder) ? await stat(folder).catch(() => undefined) : undefined // told below
  if (!facts?.isDirectory())
    throw new UserError({
      code: 'place-folder',
      message: `The folder ${folder} is not there on this host. Give its whole path; make it, or mount the drive that it is on.`,
    })
  return {
    async put(name, { file, part: wanted = `${name}.part`, ...sent }, onProgress) {
      const part = join(folder, wanted)
      let bytes = 0
      try {
        const input = createReadStream(file)
        input.on('data', (chunk) => {
          bytes += chunk.length
          onProgress?.(bytes, 'sending')
        })
        await pipeline(input, createWriteStream(part, { mode: 0o600, flush: true }))
        await requireSame(createReadStream(part), sent, (done) => onProgress?.(done, 'checking'))
        await rename(part, join(folder, name))
      } catch (error) {
        await rm(part, { force: true }).catch(() => {}) // what failed is told
        throw inWords(error, folder)
      }
    },
    list: () => readdir(folder),
    remove: (name) => rm(join(folder, name), { force: true }),
    close: async () => {},
  }
}

function inWords(error: unknown, folder: string): unknown {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new OperationalError({ code: 'place-full', message: `The disk of ${folder} is full. Make room there, or keep fewer back-ups.`, cause: error })
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
    return new UserError({ code: 'place-refused', message: `The folder ${folder} cannot be written: ${message}.`, cause: error })
  return error
}
