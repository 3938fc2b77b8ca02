/** The machines of this installation: their rows, their guards, and what the guards tell. */
import { OperationalError, UserError } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import { socketPath } from '../../base/run-dir.ts'
import { checker } from '../../base/schema.ts'
import type { JobEnd } from '../../nodes/motion/guard/contract.ts'
import { type Machine, MachineSettings } from '../../nodes/motion/machine.ts'
import type { MachineView } from '../api/index.ts'
import { type GatewayNote, guardSocketName } from '../launcher/contract.ts'
import type { Secrets } from '../secrets/index.ts'
import { json, type Store } from '../store/index.ts'
import type { GuardEvent, Machines } from './contract.ts'
import { type GuardLink, guardGone, openGuardLink } from './guard-link.ts'
import { mergePasswords, seal, unseal, withoutPasswords } from './passwords.ts'

const CONFIGURE_TIMEOUT_MS = 5000
const settingsChecker = checker(MachineSettings)

export interface MachineRegistry extends Machines {
  /** @throws UserError `machine-exists` (409) */
  add(machine: Machine, by: string): Promise<MachineView>
  /** @throws UserError `machine-busy` (409), `machine-not-found` (404) */
  change(machineId: string, settings: MachineSettings): Promise<MachineView>
  /** @throws UserError `machine-busy` (409), `machine-not-found` (404) */
  remove(machineId: string): Promise<void>
  /** A machine was removed: lists must be read anew. */
  onRemoved(listener: (machineId: string) => void): void
  close(): void
}

interface Entry {
  machine: Machine
  link: GuardLink
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
  const { store, log, secrets } = options
  const { db } = store
  const entries = new Map<string, Entry>()
  const jobEnded: ((machineId: string, end: JobEnd) => void)[] = []
  const events: ((machineId: string, event: GuardEvent) => void)[] = []
  const changes: ((view: MachineView) => void)[] = []
  const guards: ((machineId: string, isConnected: boolean) => void)[] = []
  const removals: ((machineId: string) => void)[] = []

  const viewOf = ({ machine, link }: Entry): MachineView => ({
    ...withoutPasswords(machine),
    isVirtual: machine.link.kind === 'virtual',
    guard: link.status,
    ...(link.state ? { state: link.state } : {}),
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
    for (const listener of changes) listener(view)
  }
  const enter = (machine: Machine): Entry => {
    const { id } = machine
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
    const entry = { machine, link }
    entries.set(id, entry)
    return entry
  }
  const tellLauncher = () =>
    options.tellLauncher({
      kind: 'machines',
      machines: [...entries.values()].map(({ machine: { id, ...settings } }) => ({ id, settings })),
    })

  for (const row of await db.selectFrom('machine').selectAll().orderBy('id').execute()) {
    const settings = settingsChecker.errors(row.settings)
    if (settings.length) {
      log.error({ machineId: row.id, settings }, 'a machine whose settings this version does not understand is left out')
      continue
    }
    enter({ id: row.id, ...row.settings, ...unseal(row.secrets, { secrets, log, machineId: row.id }) })
  }
  tellLauncher()

  /** Changes of settings take turns. */
  let turn: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = turn.then(work)
    turn = result.catch(() => {})
    return result
  }

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
    add: (machine, by) =>
      inTurn(async () => {
        const { id, ...given } = machine
        const settings = mergePasswords(given, undefined)
        checkSettings(settings)
        const result = await db
          .insertInto('machine')
          .values({ id, settings: json(withoutPasswords(settings)), secrets: seal(secrets, settings), createdBy: by })
          .onConflict((conflict) => conflict.column('id').doNothing())
          .executeTakeFirst()
        if (!result.numInsertedOrUpdatedRows)
          throw new UserError({ code: 'machine-exists', status: 409, message: `There is a machine "${id}" already. Choose another id, or change that one.` })
        const entry = enter({ id, ...settings })
        tellLauncher()
        changed(id)
        return viewOf(entry)
      }),
    change: (machineId, given) =>
      inTurn(async () => {
        const entry = entryOf(machineId)
        const settings = mergePasswords(given, entry.machine.linuxcnc)
        checkSettings(settings)
        await db.transaction().execute(async (transaction) => {
          await transaction
            .updateTable('machine')
            .set({ settings: json(withoutPasswords(settings)), secrets: seal(secrets, settings) })
            .where('id', '=', machineId)
            .execute()
          // a refusal undoes the row; a guard that is away gets the settings when it is started
          if (entry.link.status === 'running') await entry.link.peer().call('configure', { settings }, { timeoutMs: CONFIGURE_TIMEOUT_MS })
        })
        entry.machine = { id: machineId, ...settings }
        tellLauncher()
        changed(machineId)
        return viewOf(entry)
      }),
    remove: (machineId) =>
      inTurn(async () => {
        const entry = entryOf(machineId)
        if (entry.link.status === 'running') {
          try {
            await entry.link.peer().call('end', {}, { timeoutMs: CONFIGURE_TIMEOUT_MS })
          } catch (error) {
            // it ended before its answer arrived
            if (!(error instanceof OperationalError && error.code === 'connection-lost')) throw error
          }
        }
        await db.deleteFrom('machine').where('id', '=', machineId).execute()
        entries.delete(machineId)
        entry.link.close()
        tellLauncher()
        for (const listener of removals) listener(machineId)
      }),
    close() {
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
