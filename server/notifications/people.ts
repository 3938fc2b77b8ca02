/** Who somebody is for what they are told: their role as it is now, their own settings, their browsers. */
import type { Kysely } from 'kysely'
import { checker } from '../../base/schema.ts'
import { type Capability, EVENTS, type EventType, isEventType, type Language, MySettings } from '../api/index.ts'
import { rightsOf, rightsOfRow } from '../auth/rights.ts'
import type { Database } from '../store/tables.ts'

export interface Person {
  id: string
  name: string
  /** One of ours, or one that the shop has made. */
  role: string
  capabilities: ReadonlySet<Capability>
  settings: MySettings
  hasPush: boolean
}

const settingsOf = checker(MySettings)

/** Of whoever has set nothing: rules reach them by all ways there are, once they give an address or allow a browser. */
export const noSettings = (language: Language = 'en'): MySettings => ({ address: '', language, byMail: true, byPush: true, more: [], muted: [] })

/** What is stored, without kinds of other versions. */
function settingsFrom(stored: unknown): MySettings {
  if (!stored) return noSettings()
  const { more = [], muted = [], ...rest } = stored as Partial<MySettings>
  const known = (types: readonly string[]) => types.filter((type) => isEventType(type) && type !== 'test')
  const settings: unknown = { ...noSettings(), ...rest, more: known(more), muted: known(muted) }
  return settingsOf.is(settings) ? settings : noSettings()
}

/** Everybody who may sign in. */
export async function readPeople(db: Kysely<Database>): Promise<Map<string, Person>> {
  const rows = await db
    .selectFrom('user')
    .leftJoin('notificationPreference', 'notificationPreference.userId', 'user.id')
    .select(['user.id', 'user.name', 'user.role', 'user.banned', 'notificationPreference.settings'])
    .execute()
  const roles = await db.selectFrom('role').select(['id', 'name', 'basedOn', 'capabilities']).execute()
  const made = new Map(roles.map((row) => [row.id, rightsOfRow(row)]))
  const devices = new Set((await db.selectFrom('pushDevice').select('userId').distinct().execute()).map(({ userId }) => userId))
  return new Map(
    rows
      .filter(({ banned }) => banned !== true)
      .map(({ id, name, role, settings }) => {
        const { id: roleId, capabilities } = rightsOf(role, made)
        return [id, { id, name, role: roleId, capabilities, settings: settingsFrom(settings), hasPush: devices.has(id) }]
      }),
  )
}

/** May they hear of this kind, as things are now? */
export const mayHear = ({ capabilities }: Pick<Person, 'capabilities'>, type: EventType): boolean => capabilities.has(EVENTS[type].sees)
