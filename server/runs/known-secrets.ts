/**
 * The secrets that the gateway keeps, for taking them out of messages: those of connections and machines, and of the
 * credentials of nodes what is a secret by its name. Asked before each batch, so that a secret counts from the moment it is
 * saved; opened again only when it has changed.
 */
import type { Kysely } from 'kysely'
import { messageOf } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import { SECRET } from '../runtime/tap/copy.ts'
import type { Secrets } from '../secrets/index.ts'
import type { Database } from '../store/tables.ts'

export type KnownSecrets = () => Promise<readonly string[]>

export function createKnownSecrets({ db, secrets, log }: { db: Kysely<Database>; secrets: Pick<Secrets, 'open'>; log: Logger }): KnownSecrets {
  /** By sealed text. */
  let opened = new Map<string, readonly string[]>()
  const open = (sealed: string, isSecret: (name: string) => boolean): readonly string[] => {
    const known = opened.get(sealed)
    if (known) return known
    try {
      return textsOf(JSON.parse(secrets.open(sealed)), isSecret)
    } catch (error) {
      // sealed under another key: nobody can use it, so nothing can send it either
      log.warn({ reason: messageOf(error) }, 'a secret cannot be read, and is not looked for in kept messages')
      return []
    }
  }
  return async () => {
    const [connections, machines, credentials] = await Promise.all([
      db.selectFrom('connection').select('secrets').where('secrets', 'is not', null).execute(),
      db.selectFrom('machine').select('secrets').where('secrets', 'is not', null).execute(),
      db.selectFrom('runtimeDocument').select('data').where('what', '=', 'credentials').execute(),
    ])
    const next = new Map<string, readonly string[]>()
    const add = (sealed: unknown, isSecret: (name: string) => boolean) => {
      if (typeof sealed === 'string') next.set(sealed, open(sealed, isSecret))
    }
    for (const row of [...connections, ...machines]) add(row.secrets, () => true)
    for (const { data } of credentials) add(data, (name) => SECRET.test(name))
    opened = next
    return [...next.values()].flat()
  }
}

/** Every text in it that stands under a name that counts. */
function textsOf(value: unknown, isSecret: (name: string) => boolean, isWithin = false): string[] {
  if (typeof value === 'string') return isWithin ? [value] : []
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, each]) => textsOf(each, isSecret, isWithin || isSecret(name)))
}
