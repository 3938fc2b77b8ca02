/**
 * Which hosts share the database: each says every few seconds that it lives, reads who else does, and one of them leads.
 * Times are the database's, so that clocks of computers may differ.
 */
import { randomBytes } from 'node:crypto'
import { hostname, networkInterfaces } from 'node:os'
import { type Kysely, sql } from 'kysely'
import { messageOf, UserError } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import type { Database } from '../store/index.ts'
import type { Bus, Host, Hosts } from './contract.ts'
import { type HostIdentity, rememberName } from './name.ts'

const BEAT_MS = 5000
/** So often at least within the time after which a host counts as gone. */
const BEATS = 6
/** Silent for so long, a host counts as gone. */
const SILENT_MS = 30_000
/** A name is taken while whoever has it spoke within this time. */
const TAKEN_MS = 15_000
const LEAD = 'lead'

type Db = Kysely<Database>

const addresses = Object.values(networkInterfaces())
  .flatMap((each) => each ?? [])
  .filter(({ internal }) => !internal)
  .map(({ mac }) => mac)
/** Names are copied with a disk, addresses of network cards are not. */
const computer = [hostname(), ...addresses.sort().slice(0, 1)].join(' ')

export interface HostRegistry extends Hosts {
  /** Begins to say that this host lives, and tells who leads. */
  start(): Promise<void>
  /** Where its pages are, once that is known. */
  setUrl(url: string): void
  /** What its flow runtime runs. */
  setDeployment(number: number | undefined): void
  /** Looks at once; by itself it does every few seconds. */
  beat(): Promise<void>
  /** Another process has this name too: two data directories that were copied from each other. */
  readonly isSuperseded: boolean
  close(): Promise<void>
}

/**
 * A name that no other living host has.
 * @throws UserError host-name-taken for a name that a person gave
 */
export async function settleName(db: Db, identity: HostIdentity, file: string): Promise<HostIdentity> {
  const row = await db
    .selectFrom('jobHost')
    .select(['id', 'endedAt', 'computer', sql<number>`extract(epoch from now() - at) * 1000`.as('silentMs')])
    .where('name', '=', identity.name)
    .executeTakeFirst()
  if (!row) return identity
  const isLiving = row.endedAt === null && row.silentMs <= TAKEN_MS
  if (row.id === identity.id) {
    // two guards must never have one controller
    if (isLiving && row.computer !== null && row.computer !== computer)
      throw new UserError({
        code: 'host-name-taken',
        message: `A host with this data directory lives on another computer ("${row.computer.split(' ')[0]}"): it was copied. Stop one of the two; a copy that is to be a host of its own needs its file host.json removed. If that computer has just been switched off, try again in ${TAKEN_MS / 1000} s.`,
      })
    return identity
  }
  if (identity.isGiven) {
    // a new computer in the place of an old one is what a person says by giving it the old one's name
    if (!isLiving) return identity
    throw new UserError({
      code: 'host-name-taken',
      message: `Another host on this database is called "${identity.name}" and lives. Give this one another CELLWRIGHT_HOST_NAME, or stop the other one first.`,
    })
  }
  // the same computer with a new data directory (a container without a volume): its machines are wired to it as before
  if (!isLiving && row.computer === computer) return identity
  const named = { ...identity, name: `${identity.name}-${identity.id.slice(0, 4)}` }
  await rememberName(file, named)
  return named
}

export async function createHosts(options: {
  db: Db
  log: Logger
  identity: Pick<HostIdentity, 'id' | 'name'>
  bus: Bus
  version: string
  dataDir: string
  /** @defaultValue 30 s */
  silentMs?: number
  /** @defaultValue 5 s */
  beatMs?: number
}): Promise<HostRegistry> {
  const { db, log, identity, bus, version, dataDir, silentMs = SILENT_MS, beatMs = Math.min(BEAT_MS, silentMs / BEATS) } = options
  const { name } = identity
  const life = randomBytes(9).toString('base64url')
  const leading: ((leads: boolean) => void)[] = []
  const beats: (() => void)[] = []
  const gone: ((name: string) => void)[] = []
  const toldGone = new Set<string>()
  let known: Host[] = []
  let leads = false
  let leader: string | undefined
  let url: string | undefined
  let deployment: number | undefined
  let isSuperseded = false
  let isClosed = false
  let timer: NodeJS.Timeout | undefined
  /** Since when the database has taken our own beats: the others may have been as unheard as we were before. */
  let heardSince = performance.now()
  let lookedAt = Date.now()
  const mayJudge = () => performance.now() - heardSince > silentMs

  const enter = async () => {
    const row = { id: identity.id, life, computer, version, url: url ?? null, startedAt: sql<Date>`now()`, endedAt: null, at: sql<Date>`now()` }
    await db
      .insertInto('jobHost')
      .values({ name, ...row })
      .onConflict((conflict) => conflict.column('name').doUpdateSet(row))
      .execute()
  }
  await enter()
  // what a version before this one wrote under the name that it made
  const before = `${hostname()}:${dataDir}`
  await db.updateTable('step').set({ host: name }).where('host', '=', before).execute()
  await db.updateTable('triggerFiring').set({ host: name }).where('host', '=', before).where('state', '=', 'offered').execute()

  const say = async (): Promise<void> => {
    const { numUpdatedRows } = await db
      .updateTable('jobHost')
      .set({
        at: sql<Date>`now()`,
        url: url ?? null,
        deployment: deployment ?? null,
        clockOffMs: sql<number>`extract(epoch from ${new Date()}::timestamptz - clock_timestamp()) * 1000`,
        endedAt: null,
      })
      .where('name', '=', name)
      .where('life', '=', life)
      .executeTakeFirstOrThrow()
    if (numUpdatedRows > 0n) return
    const row = await db.selectFrom('jobHost').select('life').where('name', '=', name).executeTakeFirst()
    if (!row) return enter()
    if (!isSuperseded)
      log.error({ host: name }, 'another gateway uses the name of this host: a copied data directory? Give one of them its own CELLWRIGHT_HOST_NAME')
    isSuperseded = true
  }
  const look = async (): Promise<void> => {
    const rows = await db.selectFrom('jobHost').selectAll().select(sql<number>`extract(epoch from now() - at) * 1000`.as('silentMs')).orderBy('name').execute()
    // whoever stood still for long may have done so together with the others (a computer that slept): they are heard again in a moment
    if (Date.now() - lookedAt > (silentMs * 2) / 3) heardSince = performance.now()
    lookedAt = Date.now()
    known = rows.map((row) => ({
      name: row.name,
      version: row.version ?? undefined,
      url: row.url ?? undefined,
      startedAt: row.startedAt ?? undefined,
      seenAt: row.at,
      silentMs: Number(row.silentMs),
      state: row.endedAt !== null ? 'ended' : Number(row.silentMs) > silentMs ? 'silent' : 'living',
      clockOffMs: row.clockOffMs ?? 0,
      deployment: row.deployment ?? undefined,
    }))
  }
  const lead = async (): Promise<void> => {
    const { rows } = await sql`
      insert into "hostRole" as role (name, host) values (${LEAD}, ${name})
      on conflict (name) do update set host = excluded.host, since = case when role.host = excluded.host then role.since else now() end
      where role.host = excluded.host or not exists (select 1 from "jobHost" h where h.name = role.host and h."endedAt" is null
        and (not ${mayJudge()} or h.at > now() - make_interval(secs => ${silentMs / 1000})))
      returning host`.execute(db)
    const next = rows.length > 0 && !isSuperseded
    leader = next ? name : (await db.selectFrom('hostRole').select('host').where('name', '=', LEAD).executeTakeFirst())?.host
    if (next === leads) return
    leads = next
    log.info({ host: name, leader }, leads ? 'this host leads' : 'another host leads')
    for (const listener of leading) listener(leads)
  }
  const isGone = (other: string): boolean => {
    if (other === name) return false
    const row = known.find((each) => each.name === other)
    if (row?.state === 'ended') return true
    return mayJudge() && row?.state !== 'living'
  }

  let beating: Promise<void> | undefined
  const beat = (): Promise<void> => {
    beating ??= (async () => {
      await say()
      await look()
      await lead()
      for (const listener of beats) listener()
      for (const { name: other } of known) {
        if (!isGone(other)) toldGone.delete(other)
        else if (!toldGone.has(other)) {
          toldGone.add(other)
          for (const listener of gone) listener(other)
        }
      }
    })().finally(() => {
      beating = undefined
    })
    return beating
  }
  const beatOn = () => {
    if (isClosed) return
    beat()
      .catch((error) => {
        heardSince = performance.now()
        log.debug({ reason: messageOf(error) }, 'the database could not be told that this host lives')
      })
      .finally(() => {
        if (isClosed) return
        timer = setTimeout(beatOn, beatMs)
        timer.unref()
      })
  }
  // a host that begins is heard of at once, and not at the next beat
  bus.on('host-here', () => {
    if (!isClosed) void beat().catch(() => {}) // the next one tells what is wrong
  })

  return {
    name,
    bus,
    get hasOthers() {
      return known.some((each) => each.name !== name && each.state === 'living')
    },
    list: () => known,
    find: (other) => known.find((each) => each.name === other),
    isGone,
    get leads() {
      return leads
    },
    get leader() {
      return leader
    },
    get isSuperseded() {
      return isSuperseded
    },
    onLead: (listener) => void leading.push(listener),
    onBeat: (listener) => void beats.push(listener),
    onGone: (listener) => void gone.push(listener),
    async start() {
      await beat()
      bus.tell('host-here', {})
      if (!leads) for (const listener of leading) listener(false)
      timer = setTimeout(beatOn, beatMs)
      timer.unref()
    },
    setUrl(next) {
      url = next
      if (timer) void beat().catch(() => {}) // the next one tells what is wrong
    },
    setDeployment(number) {
      deployment = number
    },
    beat,
    async close() {
      isClosed = true
      clearTimeout(timer)
      await beating?.catch(() => {}) // it was told when it failed
      await db
        .updateTable('jobHost')
        .set({ endedAt: sql<Date>`now()` })
        .where('name', '=', name)
        .where('life', '=', life)
        .execute()
        .catch((error) => log.debug({ reason: messageOf(error) }, 'the database could not be told that this host ends'))
      bus.tell('host-here', {})
      await bus.close()
    },
  }
}
