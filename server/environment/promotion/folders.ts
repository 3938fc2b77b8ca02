/**
 * Where files of promotions lie: this installation's own folder, and one that several installations see, where a setting names it.
 * What lies there is what its bytes say: every file is checked whole each time it is new or was changed, and again when it is taken.
 */
import { randomBytes } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf, OperationalError, UserError } from '../../../base/errors.ts'
import { LARGEST_FILE, type PromotionContent, readPromotion } from './file.ts'

export type Place = 'here' | 'store'

interface FoundFile {
  where: Place
  file: string
  content: PromotionContent
}
interface RefusedFile {
  where: Place
  file: string
  reason: string
}

export interface Folders {
  readonly hasStore: boolean
  list(): Promise<{ found: FoundFile[]; refused: RefusedFile[]; storeProblem?: string }>
  /** Checked again. @throws UserError promotion-not-found, promotion-refused */
  take(id: string): Promise<{ content: PromotionContent; archive: Buffer; where: Place; file: string }>
  /** Whole or not at all. @throws UserError promotion-store without a shared folder; OperationalError promotion-store */
  put(where: Place, content: PromotionContent, archive: Buffer): Promise<FoundFile>
  /** @throws UserError promotion-not-found */
  remove(where: Place, id: string): Promise<void>
}

/** More than anybody reads in a list. */
const MOST_FILES = 300

const slug = (text: string) =>
  text
    .normalize('NFKD')
    .replaceAll(/[^A-Za-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .toLowerCase()
    .slice(0, 40) || 'cellwright'
const nameOf = ({ id, manifest }: PromotionContent) => `${slug(manifest.from.name)}-version-${manifest.version.number}-${id.slice(0, 8)}.cwp`

const notFound = () => new UserError({ code: 'promotion-not-found', status: 404, message: 'There is no such file any more. Look at the list again.' })

export function createFolders({ own, store }: { own: string; store: string | undefined }): Folders {
  const known = new Map<string, { stamp: string; read: { content: PromotionContent } | { reason: string } }>()
  const dirOf = (where: Place): string => {
    if (where === 'here') return own
    if (store === undefined)
      throw new UserError({
        code: 'promotion-store',
        status: 409,
        message: 'There is no shared folder. Whoever runs this server names one with CELLWRIGHT_PROMOTIONS, on each installation the same.',
      })
    return store
  }

  /** Of the folder, or why it cannot be read. */
  const namesIn = async (where: Place): Promise<string[]> => {
    try {
      return (await readdir(dirOf(where))).filter((name) => name.endsWith('.cwp')).toSorted()
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT' && where === 'here') return []
      throw error
    }
  }
  const look = async (where: Place, file: string): Promise<FoundFile | RefusedFile | undefined> => {
    const path = join(dirOf(where), file)
    const facts = await stat(path).catch(() => undefined)
    if (!facts?.isFile()) return undefined
    const stamp = `${facts.mtimeMs} ${facts.size} ${facts.ino}`
    let entry = known.get(path)
    if (entry?.stamp !== stamp) {
      entry = { stamp, read: await readAt(path, facts.size) }
      known.set(path, entry)
    }
    return 'content' in entry.read ? { where, file, content: entry.read.content } : { where, file, reason: entry.read.reason }
  }
  const readAt = async (path: string, size: number): Promise<{ content: PromotionContent } | { reason: string }> => {
    if (size > LARGEST_FILE) return { reason: `It is larger than ${LARGEST_FILE / 1_000_000} MB.` }
    try {
      return { content: await readPromotion(await readFile(path)) }
    } catch (error) {
      return { reason: messageOf(error) }
    }
  }
  const listOf = async (where: Place) => {
    const all = (await namesIn(where)).slice(-MOST_FILES)
    const entries: (FoundFile | RefusedFile)[] = []
    for (const file of all) {
      const entry = await look(where, file)
      if (entry) entries.push(entry)
    }
    return entries
  }
  const isFound = (entry: FoundFile | RefusedFile): entry is FoundFile => 'content' in entry

  return {
    hasStore: store !== undefined,
    async list() {
      const entries = await listOf('here')
      let storeProblem: string | undefined
      if (store !== undefined)
        try {
          entries.push(...(await listOf('store')))
        } catch (error) {
          storeProblem = messageOf(error)
        }
      return { found: entries.filter(isFound), refused: entries.flatMap((each) => (isFound(each) ? [] : [each])), ...(storeProblem ? { storeProblem } : {}) }
    },
    async take(id) {
      const { found } = await this.list()
      const entry = found.find(({ content }) => content.id === id)
      if (!entry) throw notFound()
      const archive = await readFile(join(dirOf(entry.where), entry.file)).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') throw notFound()
        throw error
      })
      const content = await readPromotion(archive)
      // it was changed between the two looks
      if (content.id !== id) throw notFound()
      return { content, archive, where: entry.where, file: entry.file }
    },
    async put(where, content, archive) {
      const dir = dirOf(where)
      const file = nameOf(content)
      const temporary = join(dir, `.${file}.${randomBytes(4).toString('hex')}`)
      try {
        // a shared folder that is not there is one that is not mounted: nothing is made in its place
        if (where === 'here') await mkdir(dir, { recursive: true, mode: 0o700 })
        const handle = await open(temporary, 'wx', where === 'here' ? 0o600 : 0o644)
        try {
          await handle.writeFile(archive)
          await handle.sync()
        } finally {
          await handle.close()
        }
        await rename(temporary, join(dir, file))
      } catch (cause) {
        await rm(temporary, { force: true }).catch(() => {
          // the folder is gone with it: the first error tells more
        })
        throw new OperationalError({
          code: 'promotion-store',
          status: 507,
          message: `The file could not be written into ${where === 'store' ? `the shared folder ${dir}` : dir}: ${messageOf(cause)}.`,
          cause,
        })
      }
      return { where, file, content }
    },
    async remove(where, id) {
      const entry = (await listOf(where)).find((each) => isFound(each) && each.content.id === id)
      if (!entry) throw notFound()
      await rm(join(dirOf(where), entry.file), { force: true })
      known.delete(join(dirOf(where), entry.file))
    },
  }
}
