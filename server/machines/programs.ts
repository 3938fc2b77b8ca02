/** The program library: rows in the database, files by content hash in the data directory. */
import { createHash, randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { type Insertable, sql } from 'kysely'
import { OperationalError, UserError } from '../../base/errors.ts'
import { newId } from '../../base/ids.ts'
import type { Program, ProgramOrigin } from '../api/index.ts'
import { type Database, json, type Store } from '../store/index.ts'
import { contentLock } from './content-lock.ts'
import type { Programs } from './contract.ts'
import { programText } from './program-text.ts'

export interface ProgramLibrary extends Programs {
  all(): Promise<Program[]>
  /**
   * Stores the stream whole or not at all, as the next revision of its name.
   * @throws UserError `program-invalid` (400), `body-too-large` (413); OperationalError `disk-full` (507)
   */
  upload(upload: { name: string; content: Readable; maxBytes: number; by: string; origin?: ProgramOrigin }): Promise<Program>
  /** One program by its id. @throws UserError `program-not-found` */
  get(programId: string): Promise<Program>
  /** Lines `from` (1-based) to `from + count - 1`, as far as there are. @throws UserError `program-not-found` */
  lines(programId: string, from: number, count: number): Promise<{ from: number; totalLines: number; lines: string[] }>
  /** @throws UserError `program-in-use` (409), `program-not-found` */
  remove(programId: string): Promise<void>
}

const notFound = (idOrName: string) =>
  new UserError({ code: 'program-not-found', status: 404, message: `There is no program "${idOrName}". Upload it, or look at the list for its name.` })

/** Makes a rename last through a power cut. */
async function syncDirectory(dir: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(dir, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** @param options.filesDir the content store */
export function createPrograms(options: { store: Store; filesDir: string }): ProgramLibrary {
  const { filesDir } = options
  const { db } = options.store
  const path = (sha256: string) => {
    if (!/^[0-9a-f]{64}$/.test(sha256)) throw new Error('not a content hash')
    return join(filesDir, sha256.slice(0, 2), sha256)
  }
  const live = () => db.selectFrom('program').selectAll().where('removedAt', 'is', null)
  type Row = Awaited<ReturnType<ReturnType<typeof live>['execute']>>[number]
  const toProgram = (row: Row): Program => ({
    id: row.id,
    name: row.name,
    revision: row.revision,
    sha256: row.sha256,
    bytes: row.bytes,
    lines: row.lines,
    uploadedBy: row.uploadedBy,
    uploadedAt: row.uploadedAt.toISOString(),
    ...(row.origin === null ? {} : { origin: row.origin as ProgramOrigin }),
  })
  const byId = async (programId: string): Promise<Row> => {
    const row = await live().where('id', '=', programId).executeTakeFirst()
    if (!row) throw notFound(programId)
    return row
  }

  /** Writes the stream to a file of its own, looking at it on the way. */
  const receive = async (handle: FileHandle, content: Readable, maxBytes: number) => {
    const hash = createHash('sha256')
    const text = programText()
    let bytes = 0
    try {
      // a refused upload is not cut off: the sender gets to see why
      for await (const chunk of content.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
        bytes += chunk.length
        if (bytes > maxBytes)
          throw new UserError({ code: 'body-too-large', status: 413, message: `The program is larger than ${maxBytes / 1_000_000} MB. Nothing was stored.` })
        text.take(chunk)
        hash.update(chunk)
        await handle.writeFile(chunk)
      }
    } catch (cause) {
      content.resume()
      const { code } = cause as NodeJS.ErrnoException
      if (code === 'ENOSPC' || code === 'EDQUOT')
        throw new OperationalError({ code: 'disk-full', status: 507, message: 'The disk is full. Make room in the data directory; nothing was stored.', cause })
      if (code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE')
        throw new UserError({ code: 'body-broken-off', message: 'The upload broke off before its end. Nothing was stored.', cause })
      throw cause
    }
    const lines = text.end()
    await handle.sync()
    return { sha256: hash.digest('hex'), bytes, lines }
  }

  const putInPlace = async (temporary: string, target: string): Promise<void> => {
    await mkdir(dirname(target), { recursive: true, mode: 0o700 })
    await rename(temporary, target)
    await syncDirectory(dirname(target))
  }

  /** The next revision of its name, unless the newest has this content already. Its content is put in place where nobody deletes it meanwhile. */
  const addRevision = (program: Omit<Insertable<Database['program']>, 'id' | 'revision'>, place: () => Promise<void>): Promise<Row> =>
    db.transaction().execute(async (transaction) => {
      await contentLock(transaction, program.sha256)
      await place()
      // two uploads of one name take turns: each revision is one content
      await sql`select pg_advisory_xact_lock(hashtextextended(${`program ${program.name}`}, 0))`.execute(transaction)
      const newest = await transaction
        .selectFrom('program')
        .selectAll()
        .where('name', '=', program.name)
        .orderBy('revision', 'desc')
        .limit(1)
        .executeTakeFirst()
      if (newest?.sha256 === program.sha256 && newest.removedAt === null) return newest
      return (
        transaction
          .insertInto('program')
          // not the time the transaction began: one that had to wait for its turn would look older than it is
          .values({ id: newId('prg'), ...program, revision: (newest?.revision ?? 0) + 1, uploadedAt: new Date() })
          .returningAll()
          .executeTakeFirstOrThrow()
      )
    })

  return {
    path,
    async find(idOrName) {
      const row = await live()
        .where((where) => where.or([where('id', '=', idOrName), where('name', '=', idOrName)]))
        // a program that is named like another one's id hides nothing
        .orderBy((order) => order('id', '=', idOrName), 'desc')
        .orderBy('revision', 'desc')
        .limit(1)
        .executeTakeFirst()
      if (!row) throw notFound(idOrName)
      return { id: row.id, name: row.name, sha256: row.sha256, lines: row.lines }
    },
    list: () =>
      db.selectFrom('program').distinctOn('name').select(['id', 'name']).where('removedAt', 'is', null).orderBy('name').orderBy('revision', 'desc').execute(),
    all: async () => (await live().orderBy('uploadedAt', 'desc').orderBy('revision', 'desc').orderBy('id').execute()).map(toProgram),
    get: async (programId) => toProgram(await byId(programId)),
    async upload({ name, content, maxBytes, by, origin }) {
      const incoming = join(filesDir, 'incoming')
      await mkdir(incoming, { recursive: true, mode: 0o700 })
      const temporary = join(incoming, randomBytes(8).toString('hex'))
      const handle = await open(temporary, 'wx', 0o600)
      try {
        const facts = await receive(handle, content, maxBytes).finally(() => handle.close())
        const program = { name, ...facts, uploadedBy: by, origin: origin === undefined ? null : json(origin) }
        return toProgram(await addRevision(program, () => putInPlace(temporary, path(facts.sha256))))
      } catch (error) {
        await rm(temporary, { force: true })
        throw error
      }
    },
    async lines(programId, from, count) {
      const row = await byId(programId)
      const found: string[] = []
      let line = 1
      let rest: Buffer = Buffer.alloc(0)
      const stream = createReadStream(path(row.sha256), { highWaterMark: 262_144 })
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        const bytes = rest.length ? Buffer.concat([rest, chunk]) : chunk
        let at = 0
        for (let end = bytes.indexOf(10); end >= 0 && found.length < count; end = bytes.indexOf(10, at)) {
          if (line >= from) found.push(bytes.toString('utf8', at, end).replace(/\r$/, ''))
          line += 1
          at = end + 1
        }
        rest = bytes.subarray(at)
        if (found.length >= count) break
      }
      // the last line may have no end
      if (rest.length && found.length < count && line >= from) found.push(rest.toString('utf8'))
      return { from, totalLines: row.lines, lines: found }
    },
    async remove(programId) {
      await byId(programId)
      const waiting = await db
        .selectFrom('job')
        .select('id')
        .where('programId', '=', programId)
        .where('state', 'in', ['waiting', 'active'])
        .limit(1)
        .executeTakeFirst()
      if (waiting)
        throw new UserError({
          code: 'program-in-use',
          status: 409,
          message: `Job ${waiting.id} still needs this program. Cancel the job first, or wait for its end.`,
        })
      await db.updateTable('program').set({ removedAt: new Date() }).where('id', '=', programId).execute()
    },
  }
}
