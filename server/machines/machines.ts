/** The machines of this installation: their rows, their guards, and what the guards tell. */
import { isDeepStrictEqual } from 'node:util'
import type { Kysely } from 'kysely'
import { OperationalError, UserError } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import { socketPath } from '../../base/run-dir.ts'
import { checker } from '../../base/schema.ts'
import type { JobEnd } from '../../nodes/motion/guard/contract.ts'
import { type Machine, MachineSettings } from '../../nodes/motion/machine.ts'
import type { MachineView } from '../api/index.ts'
import { aloneHost, type Hosts } from '../hosts/contract.ts'
import { type GatewayNote, guardSocketName } from '../launcher/contract.ts'
import type { Secrets } from '../secrets/index.ts'
import { type Database, json, type Store } from '../store/index.ts'
import { type KeepVersion, keepVersion } from '../versions/index.ts'
import type { GuardEvent, Machines } from './contract.ts'
import { type ElsewhereLink, machineElsewhere, openElsewhere, TELL_MS } from './elsewhere.ts'
import { type GuardLink, guardGone, openGuardLink } from './guard-link.ts'
import { type MachineMove, moveMachine } from './moving.ts'
import { mergePasswords, seal, unseal, withoutPasswords } from './passwords.ts'
import { tellOthers } from './telling.ts'

const CONFIGURE_TIMEOUT_MS = 5000
const settingsChecker = checker(MachineSettings)

export interface MachineRegistry extends Machines {
  /** @throws UserError `machine-exists` (409) */
  add(machine: Machine, by: ChangedBy): Promise<MachineView>
  /**
   * Binds a machine to another host: where its guard is started from then on.
   * @throws UserError `machine-busy`, `host-unknown`, `host-gone`, `old-host-silent` (unless a person has looked), `machine-not-found`
   */
  move(move: MachineMove): Promise<MachineView>
  /** Asked before a machine leaves its host; with its reason in words. */
  beforeMove(listener: (machineId: string, why: string) => Promise<void>): void
  /** Asked before a machine of this host is bound to a link: whoever has it already refuses. */
  beforeLink(listener: (machine: Pick<Machine, 'id' | 'name' | 'link'>) => Promise<void>): void
  /** @throws UserError `machine-busy` (409), `machine-not-found` (404), `machine-elsewhere` (409) */
  change(machineId: string, settings: MachineSettings, by: ChangedBy): Promise<MachineView>
  /** @throws UserError `machine-busy` (409), `machine-not-found` (404), `machine-elsewhere` (409) while its host lives */
  remove(machineId: string, by: ChangedBy): Promise<void>
  /** A machine was removed: lists must be read anew. */
  onRemoved(listener: (machineId: string) => void): void
  close(): void
}

/** Who changes a machine and why: stands in its version. */
type ChangedBy = Pick<KeepVersion, 'author' | 'reason' | 'restoredFrom'>

interface Entry {
  machine: Machine
  link: GuardLink
  /** Set for a machine that is wired to another host; it is then `link` too. */
  elsewhere?: ElsewhereLink
  host: string
}

export interface MachinesOptions {
  store: Store
  /** For passwords at rest. */
  secrets: Pick<Secrets, 'seal' | 'open'>
  runDir: string
  guardToken: string
  /** Tells the launcher which guards there should be. */
  tellLauncher(note: GatewayNote): void
  log: Logger
  /** Machines that no host has claimed are this one's from now on. @defaultValue the only host */
  hosts?: Hosts
  /** Where this host has a program's content: another one that asks for a check has it elsewhere. @defaultValue where the other one says */
  programPath?: (sha256: string) => string
}

/** Without its passwords. */
const versionOf = (machineId: string, settings: MachineSettings, by: ChangedBy): KeepVersion => ({
  kind: 'machine',
  subject: machineId,
  title: settings.name,
  content: withoutPasswords(settings),
  ...by,
})

/** What a machine was, where it was added before versions were kept. */
async function asMade(db: Kysely<Database>, { id, ...settings }: Machine): Promise<NonNullable<KeepVersion['before']>> {
  const { createdBy, createdAt } = await db.selectFrom('machine').select(['createdBy', 'createdAt']).where('id', '=', id).executeTakeFirstOrThrow()
  return { content: withoutPasswords(settings), author: createdBy, at: createdAt }
}

/** What the schema cannot say. @throws UserError `invalid-input` */
function checkSettings({ envelopeMm, guarding }: MachineSettings): void {
  const boxes = [{ path: '/envelopeMm', what: 'The envelope', ...envelopeMm }]
  for (const [i, box] of (guarding?.keepOut ?? []).entries()) boxes.push({ path: `/guarding/keepOut/${i}`, what: `The keep-out box "${box.name}"`, ...box })
  const errors = boxes.flatMap(({ path, what, min, max }) =>
    ['X', 'Y', 'Z'].flatMap((axis, i) =>
      (min[i] ?? 0) < (max[i] ?? 0)
        ? []
        : [
            {
              path: `${path}/max/${i}`,
              message: `must be greater than the minimum of ${axis}`,
              text: `${what} is empty: its maximum of ${axis} must be greater than its minimum.`,
            },
          ],
    ),
  )
  for (const list of ['keepOut', 'interlocks'] as const) {
    const seen = new Set<string>()
    for (const [i, { id }] of (guarding?.[list] ?? []).entries()) {
      if (seen.has(id))
        errors.push({
          path: `/guarding/${list}/${i}/id`,
          message: 'is used twice',
          text: `Two ${list === 'keepOut' ? 'keep-out boxes' : 'interlocks'} have the id "${id}".`,
        })
      seen.add(id)
    }
  }
  const spindle = guarding?.spindleRpm
  if (spindle && spindle.min >= spindle.max)
    errors.push({ path: '/guarding/spindleRpm/max', message: 'must be greater than the minimum', text: 'The highest spindle speed must be above the lowest.' })
  if (errors.length)
    throw new UserError({
      code: 'invalid-input',
      message: errors.map(({ text }) => text).join(' '),
      details: { errors: errors.map(({ path, message }) => ({ path, message })) },
    })
}

/** Loads the rows, tells the launcher, and connects to the guards in the background. */
export async function createMachines(options: MachinesOptions): Promise<MachineRegistry> {
  const { store, log, secrets, hosts = aloneHost() } = options
  const { db } = store
  const entries = new Map<string, Entry>()
  const jobEnded: ((machineId: string, end: JobEnd) => void)[] = []
  const events: ((machineId: string, event: GuardEvent) => void)[] = []
  const changes: ((view: MachineView) => void)[] = []
  const guards: ((machineId: string, isConnected: boolean) => void)[] = []
  const removals: ((machineId: string) => void)[] = []
  const comings: ((machineId: string, isHere: boolean) => void)[] = []
  const linkings: ((machine: Pick<Machine, 'id' | 'name' | 'link'>) => Promise<void>)[] = []
  const befores: ((machineId: string, why: string) => Promise<void>)[] = []

  const viewOf = ({ machine, link, elsewhere }: Entry): MachineView => ({
    ...withoutPasswords(machine),
    isVirtual: machine.link.kind === 'virtual',
    guard: link.status,
    ...(link.state ? { state: link.state } : {}),
    ...(elsewhere ? { host: elsewhere.where } : {}),
  })
  const entryOf = (machineId: string): Entry => {
    const entry = entries.get(machineId)
    if (!entry) throw new UserError({ code: 'machine-not-found', status: 404, message: `There is no machine "${machineId}".` })
    return entry
  }
  const changed = (machineId: string) => {
    const entry = entries.get(machineId)
    if (!entry) return
    const view = viewOf(entry)
    if (!entry.elsewhere) telling.changed(view)
    for (const listener of changes) listener(view)
  }
  const enter = (machine: Machine, host: string): Entry => {
    const { id } = machine
    if (host !== hosts.name) {
      const elsewhere = openElsewhere({ machineId: id, host, hosts, onChange: () => changed(id) })
      const entry = { machine, link: elsewhere, elsewhere, host }
      entries.set(id, entry)
      return entry
    }
    const link = openGuardLink({
      machineId: id,
      socket: socketPath(options.runDir, guardSocketName(id)),
      token: options.guardToken,
      log,
      onChange: () => changed(id),
      onConnection: (isConnected) => {
        for (const listener of guards) listener(id, isConnected)
      },
      onJobEnded: (end) => {
        for (const listener of jobEnded) listener(id, end)
      },
      onEvent: (event) => {
        for (const listener of events) listener(id, event)
      },
    })
    const entry = { machine, link, host }
    entries.set(id, entry)
    return entry
  }
  const tellLauncher = () =>
    options.tellLauncher({
      kind: 'machines',
      machines: [...entries.values()].flatMap(({ machine: { id, ...settings }, elsewhere }) => (elsewhere ? [] : [{ id, settings }])),
    })
  const leave = (id: string) => {
    const entry = entries.get(id)
    entries.delete(id)
    entry?.link.close()
  }

  const leftOut = new Set<string>()
  /** Makes the entries those of the rows: another host may have added, moved or removed machines. */
  const reload = async (): Promise<void> => {
    await db.updateTable('machine').set({ host: hosts.name }).where('host', 'is', null).execute()
    const rows = await db.selectFrom('machine').selectAll().orderBy('id').execute()
    let isToldAnew = false
    for (const row of rows) {
      const { id, host = hosts.name } = row as typeof row & { host: string }
      const entry = entries.get(id)
      const problems = settingsChecker.errors(row.settings)
      if (problems.length) {
        if (!entry && !leftOut.has(id))
          log.error({ machineId: id, settings: problems }, 'a machine whose settings this version does not understand is left out')
        leftOut.add(id)
        continue
      }
      const machine = { id, ...row.settings, ...unseal(row.secrets, { secrets, log, machineId: id }) }
      const wasHere = entry !== undefined && !entry.elsewhere
      const isHere = host === hosts.name
      // the settings of a machine of this host are changed by this host
      if (entry?.host === host) {
        if (!isHere) entry.machine = machine
        continue
      }
      leave(id)
      enter(machine, host)
      isToldAnew = true
      if (wasHere !== isHere) for (const listener of comings) listener(id, isHere)
      changed(id)
    }
    const there = new Set(rows.map(({ id }) => id))
    for (const id of [...entries.keys()]) {
      if (there.has(id)) continue
      leave(id)
      isToldAnew = true
      for (const listener of removals) listener(id)
    }
    if (isToldAnew) tellLauncher()
  }

  /** Changes of settings take turns. */
  let turn: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = turn.then(work)
    turn = result.catch(() => {})
    return result
  }

  const reloadSoon = () => void inTurn(reload).catch((error) => log.debug({ err: error }, 'the machines could not be read anew; tried again at the next beat'))
  const letGo = async (machineId: string, to: string): Promise<void> => {
    const { link, host, machine } = entryOf(machineId)
    await moveMachine.letGo({
      db,
      machineId,
      name: machine.name,
      from: host,
      to,
      link,
      before: (why) => Promise.all(befores.map((ask) => ask(machineId, why))),
    })
    await reload()
    hosts.bus.tell('machines-changed', {})
  }
  const telling = tellOthers({
    hosts,
    machines: {
      list: () => [...entries.values()].map(viewOf),
      get: (machineId) => viewOf(entryOf(machineId)),
      guard: (machineId) => entryOf(machineId).link.peer(),
    },
    heard(machineId, told, from) {
      const entry = entries.get(machineId)
      if (entry?.host === from) entry.elsewhere?.hear(told)
    },
    programPath: options.programPath,
    othersChanged: reloadSoon,
    give: (machineId, to) => inTurn(() => letGo(machineId, to)),
  })
  await reload()
  tellLauncher()
  hosts.onBeat(reloadSoon)
  const looking = setInterval(() => {
    for (const { elsewhere } of entries.values()) elsewhere?.look()
  }, TELL_MS / 2)
  looking.unref()

  return {
    list: () => [...entries.values()].map(viewOf),
    get: (machineId) => viewOf(entryOf(machineId)),
    guard: (machineId) => entryOf(machineId).link.peer(),
    whenConnected: async (machineId, timeoutMs) => entryOf(machineId).link.whenConnected(timeoutMs),
    onJobEnded: (listener) => void jobEnded.push(listener),
    onEvent: (listener) => void events.push(listener),
    onChange: (listener) => void changes.push(listener),
    onGuard: (listener) => void guards.push(listener),
    onRemoved: (listener) => void removals.push(listener),
    isHere: (machineId) => {
      const entry = entries.get(machineId)
      return entry !== undefined && !entry.elsewhere
    },
    onHere: (listener) => void comings.push(listener),
    beforeMove: (listener) => void befores.push(listener),
    beforeLink: (listener) => void linkings.push(listener),
    move: (move) =>
      inTurn(async () => {
        const { machineId, to } = move
        const { host, machine } = entryOf(machineId)
        if (to !== host)
          await moveMachine.ask({
            db,
            hosts,
            move,
            name: machine.name,
            from: host,
            letGo: () => letGo(machineId, to),
            before: (why) => Promise.all(befores.map((ask) => ask(machineId, why))),
          })
        await reload()
        hosts.bus.tell('machines-changed', {})
        return viewOf(entryOf(machineId))
      }),
    add: (machine, by) =>
      inTurn(async () => {
        const { id, ...given } = machine
        const settings = mergePasswords(given, undefined)
        checkSettings(settings)
        await Promise.all(linkings.map((ask) => ask({ id, ...settings })))
        await db.transaction().execute(async (tx) => {
          const result = await tx
            .insertInto('machine')
            .values({ id, settings: json(withoutPasswords(settings)), secrets: seal(secrets, settings), createdBy: by.author.name, host: hosts.name })
            .onConflict((conflict) => conflict.column('id').doNothing())
            .executeTakeFirst()
          if (!result.numInsertedOrUpdatedRows)
            throw new UserError({ code: 'machine-exists', status: 409, message: `There is a machine "${id}" already. Choose another id, or change that one.` })
          await keepVersion(tx, versionOf(id, settings, by))
        })
        const entry = enter({ id, ...settings }, hosts.name)
        tellLauncher()
        for (const listener of comings) listener(id, true)
        changed(id)
        hosts.bus.tell('machines-changed', {})
        return viewOf(entry)
      }),
    change: (machineId, given, by) =>
      inTurn(async () => {
        const entry = entryOf(machineId)
        if (entry.elsewhere) throw machineElsewhere(machineId, entry.elsewhere.where)
        const settings = mergePasswords(given, entry.machine.linuxcnc)
        checkSettings(settings)
        if (!isDeepStrictEqual(settings.link, entry.machine.link)) await Promise.all(linkings.map((ask) => ask({ id: machineId, ...settings })))
        await db.transaction().execute(async (transaction) => {
          await transaction
            .updateTable('machine')
            .set({ settings: json(withoutPasswords(settings)), secrets: seal(secrets, settings) })
            .where('id', '=', machineId)
            .execute()
          await keepVersion(transaction, { ...versionOf(machineId, settings, by), before: await asMade(transaction, entry.machine) })
          // a refusal undoes both; a guard that is away gets the settings when it is started
          if (entry.link.status === 'running') await entry.link.peer().call('configure', { settings }, { timeoutMs: CONFIGURE_TIMEOUT_MS })
        })
        entry.machine = { id: machineId, ...settings }
        tellLauncher()
        changed(machineId)
        hosts.bus.tell('machines-changed', {})
        return viewOf(entry)
      }),
    remove: (machineId, by) =>
      inTurn(async () => {
        const entry = entryOf(machineId)
        if (entry.elsewhere && !hosts.isGone(entry.host)) throw machineElsewhere(machineId, entry.elsewhere.where)
        if (!entry.elsewhere && entry.link.status === 'running') {
          try {
            await entry.link.peer().call('end', {}, { timeoutMs: CONFIGURE_TIMEOUT_MS })
          } catch (error) {
            // it ended before its answer arrived
            if (!(error instanceof OperationalError && error.code === 'connection-lost')) throw error
          }
        }
        await db.transaction().execute(async (tx) => {
          const before = await asMade(tx, entry.machine)
          await tx.deleteFrom('machine').where('id', '=', machineId).execute()
          await keepVersion(tx, { ...versionOf(machineId, entry.machine, by), content: null, before })
        })
        leave(machineId)
        tellLauncher()
        for (const listener of removals) listener(machineId)
        hosts.bus.tell('machines-changed', {})
      }),
    close() {
      telling.close()
      clearInterval(looking)
      for (const { link } of entries.values()) link.close()
    },
  }
}

/** A guard's lost connection during a call, in the words of this border. */
export function asGuardGone(machineId: string): (error: unknown) => never {
  return (error) => {
    if (isLost(error)) throw guardGone(machineId, error)
    throw error
  }
}

const isLost = (error: unknown): error is OperationalError =>
  error instanceof OperationalError && (error.code === 'connection-lost' || error.code === 'timed-out')

/** The same for what may have moved the machine by then: that nothing was sent would be a guess. */
export function asOutcomeUnknown(machineId: string): (error: unknown) => never {
  return (error) => {
    if (!isLost(error)) throw error
    throw new OperationalError({
      code: 'outcome-unknown',
      message:
        error.code === 'timed-out'
          ? `The motion guard of "${machineId}" has not said in time how this ended. The machine may still be moving: look at it.`
          : `The connection to the motion guard of "${machineId}" broke off meanwhile. Whether this was done is not known: look at the machine before you go on.`,
      cause: error,
    })
  }
}
