/**
 * The guards and virtual controllers: one of each for every machine that the gateway names (a virtual
 * controller only for a virtual machine). Both outlive the launcher; a new one takes them over.
 */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { messageOf } from '../../base/errors.ts'
import { socketPath } from '../../base/run-dir.ts'
import type { GuardInit, GuardNote } from '../../nodes/motion/guard/contract.ts'
import type { MachineSettings } from '../../nodes/motion/machine.ts'
import { adoptGuard, adoptVirtual } from './adopt.ts'
import { guardSocketName, type ProcessInfo, type VirtualInit, type VirtualReady, virtualSocketName } from './contract.ts'
import { killSame, type Remembered } from './instance.ts'
import { type Crash, closeLife, Keeper, type KeeperOptions, type KeeperTimings } from './keeper.ts'
import { type Life, type Program, spawnLife } from './life.ts'

export interface MachinesOptions {
  runDir: string
  guardToken: string
  journalsDir: string
  /** Where virtual controllers keep their state, and marks of guards that run. */
  machinesDir: string
  orphanTimeoutS: number
  programs: { guard: Program; virtual: Program }
  env: Record<string, string>
  cwd: string
  logFile(name: string): string
  /** Guards and virtual controllers of a launcher that was killed. */
  survivors: readonly Remembered[]
  timings: KeeperTimings
  hurry: { signal: AbortSignal; ms: number }
  onChange(): void
  onCrash(name: string, crash: Crash): void
  complain(text: string): void
}

export interface LauncherMachines {
  readonly infos: ProcessInfo[]
  /** Starts, changes and ends processes until they fit. */
  set(machines: readonly { id: string; settings: unknown }[]): void
  look(): void
  forgive(): void
  /** Guards first: each holds its machine and waits until it stands. */
  end(deadlineMs: number): Promise<void>
}

interface Machine {
  settings: MachineSettings
  guard: Keeper
  virtual: Keeper | undefined
  port: VirtualPort
}

/** Where a virtual controller is. */
interface VirtualPort {
  now: string | undefined
  /** An earlier launcher started the controller. */
  isOld: boolean
  /** Waits while it is being started. */
  whenThere: Promise<string>
  come(port: string): void
  /** The guard has been told of one. */
  isKnown: boolean
}

const noPortYet = (): Pick<VirtualPort, 'now' | 'isOld' | 'whenThere' | 'come'> => {
  // not Promise.withResolvers: the launcher runs on the user's own Node, from 20 up
  let come: (port: string) => void = () => {}
  const whenThere = new Promise<string>((resolve) => {
    come = resolve
  })
  return { now: undefined, isOld: false, whenThere, come }
}

/** `work`, or undefined as soon as `signal` is aborted. */
function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  if (signal.aborted) return Promise.resolve(undefined)
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(undefined), { once: true })
    work.then(resolve)
  })
}

/** The longest a guard needs by itself to bring its machine to rest, less than the deadline of the shutdown. */
const STAND_MS = 8000

export function keepMachines(options: MachinesOptions): LauncherMachines {
  const { complain } = options
  const machines = new Map<string, Machine>()
  const leaving = new Set<Promise<void>>()
  const survivors = new Map(options.survivors.map((each) => [each.name, each]))
  let isEnding = false

  /** Adopts what listens; what listens and does not answer is ended, so that another can take its place. */
  async function takeOver(name: string, adopt: () => Promise<Life | undefined>): Promise<Life | undefined> {
    const survivor = survivors.get(name)
    survivors.delete(name)
    try {
      const life = await adopt()
      if (life) complain(`${name} (process ${life.pid}) was still there and is kept`)
      else if (survivor) killSame(survivor)
      return life
    } catch (error) {
      complain(`${name} of an earlier start: ${messageOf(error)}`)
      if (survivor) killSame(survivor)
      return undefined
    }
  }

  const findGuard = (id: string) =>
    takeOver(`guard:${id}`, () =>
      adoptGuard({ socket: socketPath(options.runDir, guardSocketName(id)), token: options.guardToken, standMs: STAND_MS, complain }),
    )
  const findVirtual = (id: string) => takeOver(`virtual:${id}`, () => adoptVirtual({ socket: socketPath(options.runDir, virtualSocketName(id)), complain }))

  const keep = (name: string, begin: KeeperOptions['begin'], onReady?: (data: unknown, life: Life) => void): Keeper =>
    new Keeper({
      name,
      begin,
      timings: options.timings,
      hurry: options.hurry,
      onChange: options.onChange,
      onCrash: (crash) => options.onCrash(name, crash),
      ...(onReady ? { onReady } : {}),
    })

  function keepGuard(id: string): Keeper {
    // left behind by a guard that did not end in good order: its machine may still be moving
    const mark = join(options.machinesDir, `${id}.guarded`)
    const unmark = (life: Life) => {
      life.ended.then(({ isClean }) => {
        if (isClean) rmSync(mark, { force: true })
      })
      return life
    }
    return keep(`guard:${id}`, async (restarts, signal) => {
      const machine = machines.get(id)
      if (!machine) throw new Error('the machine was removed')
      const found = restarts === 0 ? await findGuard(id) : undefined
      const virtualPort = machine.virtual ? await orAborted(machine.port.whenThere, signal) : undefined
      if (found) {
        unmark(found)
        if (!machine.virtual || machine.port.isOld || signal.aborted) return found
        // its virtual controller is gone, and without a pipe it cannot be told where the new one is
        await closeLife(found, STAND_MS, options.hurry)
      }
      if (signal.aborted) throw new Error('it was stopped')
      const isRestart = existsSync(mark)
      const init: GuardInit = {
        machineId: id,
        settings: machine.settings,
        ...(virtualPort === undefined ? {} : { virtualPort }),
        socket: socketPath(options.runDir, guardSocketName(id)),
        token: options.guardToken,
        journalDir: join(options.journalsDir, id),
        orphanTimeoutS: options.orphanTimeoutS,
        isRestart,
      }
      mkdirSync(dirname(mark), { recursive: true, mode: 0o700 })
      writeFileSync(mark, '')
      const { env, cwd } = options
      return unmark(spawnLife({ program: options.programs.guard, init, env, cwd, logFile: options.logFile(`guard-${id}`), complain }))
    })
  }

  function keepVirtual(id: string): Keeper {
    return keep(
      `virtual:${id}`,
      async (restarts) => {
        const found = restarts === 0 ? await findVirtual(id) : undefined
        if (found) return watchPort(id, found)
        const settings = machines.get(id)?.settings
        if (settings?.link.kind !== 'virtual') throw new Error('the machine is not virtual any more')
        const init: VirtualInit = {
          machineId: id,
          timeScale: settings.link.timeScale,
          socket: socketPath(options.runDir, virtualSocketName(id)),
          orphanTimeoutS: options.orphanTimeoutS,
          envelopeMm: settings.envelopeMm,
          stateFile: join(options.machinesDir, `${id}.virtual.json`),
        }
        mkdirSync(options.machinesDir, { recursive: true, mode: 0o700 })
        const { env, cwd } = options
        return watchPort(id, spawnLife({ program: options.programs.virtual, init, env, cwd, logFile: options.logFile(`virtual-${id}`), complain }))
      },
      (data, life) => {
        const { port } = data as Partial<VirtualReady>
        if (typeof port === 'string') portCame(id, port, life.isAdopted)
        else complain(`virtual:${id} did not tell its port`)
      },
    )
  }

  function portCame(id: string, port: string, isOld: boolean): void {
    const machine = machines.get(id)
    if (!machine) return
    Object.assign(machine.port, { now: port, isOld })
    machine.port.come(port)
    const isFirst = !machine.port.isKnown
    machine.port.isKnown = true
    if (isFirst) return
    const note: GuardNote = { kind: 'virtual-port', port }
    // an adopted guard has no pipe to be told by
    if (machine.guard.isRunning && !machine.guard.note(note)) machine.guard.restart()
  }

  /** A guard must not look for a controller that has ended: its port may soon be another machine's. */
  function watchPort(id: string, life: Life): Life {
    life.ended.then(() => {
      const machine = machines.get(id)
      if (!machine || machine.port.now === undefined) return
      Object.assign(machine.port, noPortYet())
      if (machine.guard.isRunning) machine.guard.note({ kind: 'virtual-port' } satisfies GuardNote)
    })
    return life
  }

  function add(id: string, settings: MachineSettings): void {
    const port: VirtualPort = { ...noPortYet(), isKnown: false }
    // the keepers look the machine up as soon as they begin
    const machine = { settings, port, virtual: undefined } as unknown as Machine
    machines.set(id, machine)
    if (settings.link.kind === 'virtual') machine.virtual = keepVirtual(id)
    machine.guard = keepGuard(id)
  }

  function change(id: string, machine: Machine, settings: MachineSettings): void {
    const before = machine.settings
    machine.settings = settings
    // the gateway has told a running guard; the controller that is simulated is our business
    if (settings.link.kind !== 'virtual') {
      if (machine.virtual) leave(machine.virtual.end(STAND_MS))
      machine.virtual = undefined
    } else if (!machine.virtual) {
      machine.virtual = keepVirtual(id)
      machine.virtual.firstReady.then(
        () => {
          const { now } = machine.port
          if (now !== undefined && !machine.guard.note({ kind: 'virtual-port', port: now } satisfies GuardNote)) machine.guard.restart()
        },
        () => {},
      )
    } else if (!isDeepStrictEqual([before.link, before.envelopeMm], [settings.link, settings.envelopeMm])) machine.virtual.restart()
  }

  const leave = (work: Promise<void>) => {
    leaving.add(work)
    void work.finally(() => leaving.delete(work))
  }
  const endOne = async ({ guard, virtual }: Machine, deadlineMs: number) => {
    await guard.end(deadlineMs)
    await virtual?.end(deadlineMs)
  }
  /** Ends what an earlier launcher left for machines that are no more. */
  const endSurvivors = async (isWanted: (id: string) => boolean, deadlineMs: number) => {
    for (const name of [...survivors.keys()].sort()) {
      const [kind, id] = name.split(':')
      if (!id || isWanted(id)) continue
      const life = kind === 'guard' ? await findGuard(id) : await findVirtual(id)
      if (life) await closeLife(life, deadlineMs, options.hurry)
    }
  }
  const keepers = () => [...machines.values()].flatMap(({ guard, virtual }) => [...(virtual ? [virtual] : []), ...(guard ? [guard] : [])])

  return {
    get infos() {
      return keepers().map((keeper) => keeper.info)
    },
    set(wanted) {
      if (isEnding) return
      for (const { id, settings } of wanted) {
        const machine = machines.get(id)
        if (machine) change(id, machine, settings as MachineSettings)
        else add(id, settings as MachineSettings)
      }
      for (const [id, machine] of machines) {
        if (wanted.some((each) => each.id === id)) continue
        machines.delete(id)
        leave(endOne(machine, STAND_MS))
      }
      leave(endSurvivors((id) => machines.has(id), STAND_MS))
      options.onChange()
    },
    look() {
      for (const keeper of keepers()) keeper.look()
    },
    forgive() {
      for (const keeper of keepers()) keeper.forgive()
    },
    async end(deadlineMs) {
      isEnding = true
      await Promise.all([
        ...[...machines.values()].map((machine) => endOne(machine, deadlineMs)),
        endSurvivors((id) => machines.has(id), deadlineMs),
        ...leaving,
      ])
    },
  }
}
