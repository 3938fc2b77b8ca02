/** A folder that several shops share: what lies in it comes from anywhere, so names and contents are looked at like an upload. */
import { randomBytes } from 'node:crypto'
import { constants, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf, OperationalError, UserError } from '../../base/errors.ts'
import { LIMITS, refused } from './archive/limits.ts'

/** Files that are looked at in one folder. */
const MOST_FILES = 200
/** One segment, no hidden file. */
const FILE = /^[A-Za-z0-9][A-Za-z0-9._ -]{0,150}\.cwt$/

export interface SharedFolder {
  readonly path: string
  /** Names of `.cwt` files, with what changes when a file does. @throws OperationalError shared-folder */
  list(): Promise<{ file: string; stamp: string }[]>
  /** @throws UserError template-refused, OperationalError shared-folder */
  read(file: string): Promise<Buffer>
  /** Whole or not at all. @throws OperationalError shared-folder */
  write(file: string, content: Buffer): Promise<void>
}

export function sharedFolder(path: string): SharedFolder {
  const unreachable = (error: unknown) =>
    new OperationalError({
      code: 'shared-folder',
      status: 503,
      message: `The shared folder ${path} cannot be used (${messageOf(error)}). Whoever runs this server looks after it (CELLWRIGHT_TEMPLATES).`,
      cause: error,
    })
  return {
    path,
    async list() {
      try {
        const names = (await readdir(path, { withFileTypes: true })).filter((entry) => entry.isFile() && FILE.test(entry.name)).map(({ name }) => name)
        return await Promise.all(
          names
            .toSorted()
            .slice(0, MOST_FILES)
            .map(async (file) => {
              const { mtimeMs, size } = await stat(join(path, file))
              return { file, stamp: `${mtimeMs} ${size}` }
            }),
        )
      } catch (error) {
        throw unreachable(error)
      }
    },
    async read(file) {
      if (!FILE.test(file))
        throw refused(`${JSON.stringify(file.slice(0, 200))} is no name of a template file.`, { file: file.slice(0, 200), why: 'path-characters' })
      // a link could lead anywhere on this server
      const handle = await open(join(path, file), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch((error: unknown) => {
        throw unreachable(error)
      })
      try {
        const found = await handle.stat()
        if (!found.isFile()) throw refused(`${file} is no plain file.`, { file, why: 'not-a-file' })
        if (found.size > LIMITS.packedBytes) throw refused(`the file is larger than ${LIMITS.packedBytes / 1_000_000} MB.`, { why: 'packed-large' })
        return await handle.readFile()
      } catch (error) {
        throw error instanceof UserError ? error : unreachable(error)
      } finally {
        await handle.close()
      }
    },
    async write(file, content) {
      const temporary = join(path, `.${file}.${randomBytes(6).toString('hex')}`)
      try {
        const handle = await open(temporary, 'wx', 0o644)
        try {
          await handle.writeFile(content)
          await handle.sync()
        } finally {
          await handle.close()
        }
        await rename(temporary, join(path, file))
      } catch (error) {
        await rm(temporary, { force: true }).catch(() => {})
        throw unreachable(error)
      }
    },
  }
}
