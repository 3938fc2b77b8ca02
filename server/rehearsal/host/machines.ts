/**
 * The machines of a rehearsal: for each real one a virtual controller with its envelope, its rates and its offsets, and the same
 * guard over it that watches the real one.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf, UserError } from '../../../base/errors.ts'
import type { JobEnd } from '../../../nodes/motion/guard/contract.ts'
import { Guard } from '../../../nodes/motion/guard/guard.ts'
import { Journal } from '../../../nodes/motion/guard/journal.ts'
import type { MachineSettings, MachineState } from '../../../nodes/motion/machine.ts'
import { startVirtualController, type VirtualController } from '../../../nodes/motion/virtual/index.ts'
import type { RehearsedMachine } from '../../api/index.ts'
import type { RehearsalPlan } from '../plan.ts'

type Planned = RehearsalPlan['machines'][number]
type Motion = RehearsedMachine['motions'][number]

/** Simulated seconds a second: as fast as a guard still streams without a pause. */
export const MACHINE_RATE = 60
const READY_MS = 15_000
const HOMING_MS = 60_000
/** Six numbers a move. */
const MAX_PATH = 6 * 40_000

export interface RehearsalMachine {
  readonly id: string
  readonly settings: MachineSettings
  readonly guard: Guard
  /** Stands, and nothing is under way. */
  readonly isQuiet: boolean
  /** The motors turn just now. */
  readonly isMoving: boolean
  /** How long it was at work since then (a moment of the wall clock), in rehearsed ms: from the first step to the last, dwells between them included. */
  workedMs(sinceMs: number): number
  note(motion: Motion): void
  report(): RehearsedMachine
  close(): Promise<void>
}

export interface MachineListeners {
  onState(machineId: string, state: MachineState): void
  onJobEnded(machineId: string, end: JobEnd): void
  onEvent(machineId: string, event: { kind: string; text: string; at: string }): void
}

export async function startMachine(planned: Planned, dir: string, listeners: MachineListeners): Promise<RehearsalMachine> {
  const { id, state } = planned
  const notes: string[] = []
  const abilities = state?.abilities
  const dialect = abilities?.dialect
  const personality = dialect === 'grblhal' || dialect === 'fluidnc' ? dialect : 'grbl'
  if (planned.settings.controller === 'linuxcnc' || dialect === 'linuxcnc')
    notes.push('LinuxCNC is played by a GRBL controller here: what only LinuxCNC understands is refused.')
  if (!state?.offsetsMm) notes.push('The real machine did not tell its work offsets: all of them are 0 here.')
  // `controller` goes with the link: the virtual one speaks GRBL
  const { controller: _, linuxcnc: __, ...rest } = planned.settings
  const settings: MachineSettings = { ...rest, link: { kind: 'virtual', timeScale: MACHINE_RATE } }
  const rates = abilities ? perAxis(110, abilities.maxRateMmPerMin) : {}
  const accelerations = abilities ? perAxis(120, abilities.accelerationMmPerS2) : {}
  const machine: VirtualController = await startVirtualController({
    timeScale: MACHINE_RATE,
    envelopeMm: settings.envelopeMm,
    personality,
    settings: { ...rates, ...accelerations, ...(abilities?.hasHoming ? { 22: 1 } : {}) },
  })
  const journalDir = join(dir, 'machines', id)
  await mkdir(journalDir, { recursive: true })
  const journal: Journal = await Journal.open({ dir: journalDir, onError: (error) => guard.journalFailed(messageOf(error)) })
  const guard: Guard = new Guard({
    machineId: id,
    settings,
    virtualPort: machine.port,
    isRestart: false,
    journal,
    onState: () => listeners.onState(id, guard.state()),
    onJobEnded: (end) => listeners.onJobEnded(id, end),
    onEvent: (event) => listeners.onEvent(id, event),
  })
  const motions: Motion[] = []
  let skippedMoves = 0
  const close = async () => {
    await guard.close('The rehearsal ended')
    await journal.close()
    await machine.close()
  }
  try {
    guard.start()
    guard.setWatched(true)
    await until(() => guard.state().firmware !== undefined && guard.state().controller !== 'unknown', READY_MS, `${settings.name} to be ready`)
    await bringToPlace(guard, state, notes)
    skippedMoves = machine.moves.length
    for (const { id: interlock } of settings.guarding?.interlocks ?? []) guard.setInterlock(interlock, true)
  } catch (error) {
    await close()
    throw error
  }

  return {
    id,
    settings,
    guard,
    get isQuiet() {
      const { job, isStanding } = guard.state()
      // what waits for a person stands still for as long as nobody comes
      return isStanding && !machine.now().isMoving && (job === undefined || job.phase === 'waiting')
    },
    get isMoving() {
      return machine.now().isMoving
    },
    workedMs(sinceMs) {
      const own = machine.motions.filter(({ fromMs }) => fromMs >= sinceMs)
      const [first, last] = [own[0], own.at(-1)]
      return first && last ? ((last.toMs ?? Date.now()) - first.fromMs) * MACHINE_RATE : 0
    },
    note: (motion) => void motions.push({ ...motion, atMs: Math.round(motion.atMs), durationMs: Math.round(motion.durationMs) }),
    report() {
      const moves = machine.moves.slice(skippedMoves)
      const path: number[] = []
      for (const { from, to } of moves) {
        if (path.length >= MAX_PATH) break
        path.push(...corner(from), ...corner(to))
      }
      const reached = boxOf(path)
      const { envelopeMm } = settings
      return {
        id,
        name: settings.name,
        envelopeMm,
        ...(reached ? { reachedMm: reached } : {}),
        isInsideEnvelope:
          !reached ||
          [0, 1, 2].every((axis) => at(reached.min, axis) >= at(envelopeMm.min, axis) - 0.01 && at(reached.max, axis) <= at(envelopeMm.max, axis) + 0.01),
        movingMs: machine.motions.reduce((sum, { fromMs, toMs }) => sum + ((toMs ?? fromMs) - fromMs), 0) * MACHINE_RATE,
        motions,
        path,
        isPathCut: moves.length * 6 > path.length,
        notes,
      }
    },
    close,
  }
}

const at = (point: readonly number[], axis: number): number => point[axis] ?? 0
const corner = (point: readonly number[]): [number, number, number] => [round(at(point, 0)), round(at(point, 1)), round(at(point, 2))]
const round = (value: number) => Math.round(value * 1000) / 1000

function perAxis(first: number, values: readonly number[]): Record<number, number> {
  return Object.fromEntries(values.slice(0, 3).flatMap((value, axis) => (value > 0 ? [[first + axis, value]] : [])))
}

function boxOf(path: readonly number[]): { min: number[]; max: number[] } | undefined {
  if (path.length === 0) return undefined
  const min = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
  const max = min.map((value) => -value)
  path.forEach((value, index) => {
    min[index % 3] = Math.min(at(min, index % 3), value)
    max[index % 3] = Math.max(at(max, index % 3), value)
  })
  return { min, max }
}

/** As the real one is: homed, with its offsets, and where it stands. */
async function bringToPlace(guard: Guard, state: MachineState | undefined, notes: string[]): Promise<void> {
  const by = 'rehearsal'
  if (guard.state().abilities?.hasHoming) {
    await Promise.race([guard.home(by), within(HOMING_MS, 'homing')])
    if (state && !state.isPositionTrusted) notes.push('The real machine is not homed just now: here it is.')
  }
  for (const [name, values] of Object.entries(state?.offsetsMm ?? {})) {
    const place = /^G5([4-9])(?:\.([1-3]))?$/.exec(name)
    if (!place) continue
    const number = Number(place[1]) - 3 + Number(place[2] ?? 0)
    if (values.slice(0, 3).every((value) => value === 0)) continue
    await guard.command(`G10 L2 P${number} ${words(values)}`, by).catch((error) => notes.push(`${name} could not be set here: ${messageOf(error)}`))
  }
  const modal = state?.modal?.find((word) => /^G5[4-9]/.test(word))
  if (modal && modal !== 'G54') await guard.command(modal, by).catch((error) => notes.push(`${modal} could not be chosen here: ${messageOf(error)}`))
  if (state?.isPositionTrusted && state.machinePositionMm.some((value, axis) => Math.abs(value - at(guard.state().machinePositionMm, axis)) > 0.01)) {
    await guard
      .command(`G53 G0 ${words(state.machinePositionMm)}`, by)
      .catch((error) => notes.push(`It begins at machine zero, not where the real one stands: ${messageOf(error)}`))
    await until(() => guard.state().isStanding, READY_MS, 'the machine to stand')
  }
}

const words = (values: readonly number[]) => ['X', 'Y', 'Z'].map((axis, index) => `${axis}${at(values, index).toFixed(3)}`).join(' ')

async function until(condition: () => boolean, timeoutMs: number, what: string): Promise<void> {
  const giveUpAt = performance.now() + timeoutMs
  while (!condition()) {
    if (performance.now() > giveUpAt)
      throw new UserError({ code: 'rehearsal-failed', message: `The rehearsal waited ${Math.round(timeoutMs / 1000)} s in vain for ${what}.` })
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

const within = (ms: number, what: string) =>
  new Promise<never>((_resolve, reject) => {
    setTimeout(() => reject(new UserError({ code: 'rehearsal-failed', message: `${what} took longer than ${ms / 1000} s.` })), ms).unref()
  })
