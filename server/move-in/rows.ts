/** What was brought and what waits for a deploy, in the database. All of it is sealed: there are passwords in it. */
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import type { Kysely } from 'kysely'
import { DateTime } from 'luxon'
import { UserError } from '../../base/errors.ts'
import { newId } from '../../base/ids.ts'
import type { MoveInKind } from '../api/index.ts'
import type { Secrets } from '../secrets/index.ts'
import type { Database } from '../store/index.ts'
import type { Brought } from './archive/index.ts'
import type { Answers } from './node-red/directory.ts'

const pack = promisify(gzip)
const unpack = promisify(gunzip)

/** It is forgotten after so many days: nobody should find passwords of long ago here. */
const KEPT_DAYS = 14
/** Of one person; the oldest goes. */
const MOST_EACH = 5

export interface Content extends Brought {
  answers: Answers
}
export interface MoveInRow {
  id: string
  kind: MoveInKind
  name: string
  at: Date
  until: Date
}

export interface MoveInRows {
  add(row: Pick<MoveInRow, 'kind' | 'name'> & { owner: string }, content: Content): Promise<MoveInRow>
  list(owner: string): Promise<MoveInRow[]>
  /** @throws UserError move-in-not-found; OperationalError secret-unreadable */
  get(id: string, owner: string): Promise<{ row: MoveInRow; content: Content }>
  answer(id: string, owner: string, content: Content): Promise<void>
  /** @returns whether there was one */
  remove(id: string, owner: string): Promise<boolean>
}

export const notFound = () =>
  new UserError({ code: 'move-in-not-found', status: 404, message: 'There is nothing of that id, or it was kept for its two weeks. Bring it again.' })

export const keptUntil = () => DateTime.now().plus({ days: KEPT_DAYS }).toJSDate()

export function createMoveInRows(db: Kysely<Database>, secrets: Pick<Secrets, 'seal' | 'open'>): MoveInRows {
  const columns = ['id', 'kind', 'name', 'at', 'until'] as const
  const forgetOld = () => db.deleteFrom('moveIn').where('until', '<', new Date()).execute()
  return {
    async add({ kind, name, owner }, content) {
      await forgetOld()
      const row = { id: newId('mvi'), kind, name, at: new Date(), until: keptUntil() }
      await db
        .insertInto('moveIn')
        .values({ ...row, owner, content: await sealContent(content, secrets) })
        .execute()
      const old = await db.selectFrom('moveIn').select('id').where('owner', '=', owner).orderBy('at', 'desc').offset(MOST_EACH).execute()
      if (old.length)
        await db
          .deleteFrom('moveIn')
          .where(
            'id',
            'in',
            old.map(({ id }) => id),
          )
          .execute()
      return row
    },
    list: (owner) => db.selectFrom('moveIn').select(columns).where('owner', '=', owner).where('until', '>', new Date()).orderBy('at', 'desc').execute(),
    async get(id, owner) {
      const found = await db
        .selectFrom('moveIn')
        .select([...columns, 'content'])
        .where('id', '=', id)
        .where('owner', '=', owner)
        .where('until', '>', new Date())
        .executeTakeFirst()
      if (!found) throw notFound()
      const { content, ...row } = found
      return { row, content: await openContent(content, secrets) }
    },
    async answer(id, owner, content) {
      await db
        .updateTable('moveIn')
        .set({ content: await sealContent(content, secrets) })
        .where('id', '=', id)
        .where('owner', '=', owner)
        .execute()
    },
    async remove(id, owner) {
      const gone = await db.deleteFrom('moveIn').where('id', '=', id).where('owner', '=', owner).returning('id').executeTakeFirst()
      return gone !== undefined
    },
  }
}

interface Head {
  files: [string, number][]
  passedOver: number
  answers: Answers
}

/** A line of JSON, then the files as they are: JSON of all of it would hold up the event loop. */
async function sealContent({ files, passedOver, answers }: Content, secrets: Pick<Secrets, 'seal'>): Promise<string> {
  const head: Head = { files: [...files].map(([path, bytes]) => [path, bytes.length]), passedOver, answers }
  const packed = await pack(Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), ...files.values()]))
  return secrets.seal(packed.toString('base64'))
}

async function openContent(sealed: string, secrets: Pick<Secrets, 'open'>): Promise<Content> {
  const bytes = await unpack(Buffer.from(secrets.open(sealed), 'base64'))
  const end = bytes.indexOf(0x0a)
  const head = JSON.parse(bytes.subarray(0, end).toString('utf8')) as Head
  const files = new Map<string, Buffer>()
  let at = end + 1
  for (const [path, length] of head.files) {
    files.set(path, bytes.subarray(at, at + length))
    at += length
  }
  return { files, passedOver: head.passedOver, answers: head.answers }
}
