/** How the controller stands at one moment, as it says itself: to see whether anything is different later. */
import type { ModalState } from '../../gcode/index.ts'
import type { Connection } from '../connection.ts'
import type { ControllerMemory, Identity } from '../controller-setup.ts'
import type { GuardCore } from '../core.ts'
import { machineModel, modalFromWords } from '../machine-model.ts'

export interface Snapshot {
  memory: ControllerMemory
  modal: ModalState
  positionMm: readonly number[]
}

/** Places that differ by less are the same: a report has three decimals. */
const SAME_MM = 0.0025

/** Asks `$#` and `$G` of a controller that stands. */
export async function takeSnapshot(core: GuardCore, connection: Connection): Promise<Snapshot> {
  const identity = core.identified()
  await core.freshReport()
  const memory = await core.readMemory(connection, identity)
  return { memory, modal: modalFromWords(memory.words, identity.settings.isReportingInches), positionMm: [...core.view.status.machinePositionMm] }
}

export function isSamePlace(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  for (let axis = 0; axis < Math.max(a.length, b.length); axis += 1) if (Math.abs((a[axis] ?? 0) - (b[axis] ?? 0)) > SAME_MM) return false
  return true
}

/** Every offset the controller keeps, the tool length included. */
export function haveSameOffsets(a: ControllerMemory, b: ControllerMemory): boolean {
  const names = new Set([...Object.keys(a.offsetsMm), ...Object.keys(b.offsetsMm)])
  return [...names].every((name) => isSamePlace(a.offsetsMm[name] ?? [], b.offsetsMm[name] ?? []))
}

/** The modal state; the tool word aside, which says nothing of the tool in the spindle. */
export function isSameModal(a: ModalState, b: ModalState): boolean {
  return differingModes(a, b).length === 0
}

/** What of the modal state `a` is another in `b`. A feed that was never set counts for nothing. */
export function differingModes(a: ModalState, b: ModalState): (keyof ModalState)[] {
  const keys: (keyof ModalState)[] = [
    'motion',
    'plane',
    'isInches',
    'isIncremental',
    'isArcAbsolute',
    'feedMode',
    'workOffset',
    'spindle',
    'isFloodOn',
    'isMistOn',
    'returnsToR',
  ]
  const differing = keys.filter((key) => a[key] !== b[key])
  if (a.spindle !== 5 && Math.abs(a.spindleRpm - b.spindleRpm) > 0.5) differing.push('spindleRpm')
  // in inverse time every line brings its own
  if (a.feedMode !== 930 && a.feed > 0 && Math.abs(a.feed - b.feed) > 0.05) differing.push('feed')
  return differing
}

/** What a start plan was made for. */
export function fingerprint(core: GuardCore, { memory, positionMm }: Snapshot, identity: Identity): string {
  const round = (values: readonly number[]) => values.map((value) => value.toFixed(2))
  const offsets = Object.entries(memory.offsetsMm).map(([name, values]) => [name, round(values)])
  return JSON.stringify([round(positionMm), memory.words, offsets, core.settings, [...identity.settings.all], core.remembered.tool])
}

/** The machine as a check takes it, from a snapshot. */
export function modelOf(core: GuardCore, { memory, positionMm }: Pick<Snapshot, 'memory' | 'positionMm'>, blockDelete: boolean) {
  return machineModel({ identity: core.identified(), memory, settings: core.settings, positionMm, tool: core.remembered.tool, blockDelete })
}

/** Between machine and work coordinates in a work offset: its own, G92 and the tool length. */
export function offsetOf(memory: ControllerMemory, workOffset: number): number[] {
  const names = ['G54', 'G55', 'G56', 'G57', 'G58', 'G59', 'G59.1', 'G59.2', 'G59.3']
  const [own, shift, length] = [memory.offsetsMm[names[workOffset] ?? 'G54'], memory.offsetsMm.G92, memory.offsetsMm.TLO]
  return Array.from({ length: 6 }, (_, axis) => (own?.[axis] ?? 0) + (shift?.[axis] ?? 0) + (length?.[axis] ?? 0))
}
