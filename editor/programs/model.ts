/** The machine a program is drawn and read for in the browser: as the guard has told it, or none at all. */
import { AXIS_COUNT, dialectFor, freshModalState, type MachineModel, modalStateOf } from '../../nodes/motion/gcode/index.ts'
import type { MachineView } from '../../server/api/machines.ts'

const WORK_OFFSETS = ['G54', 'G55', 'G56', 'G57', 'G58', 'G59', 'G59.1', 'G59.2', 'G59.3']

const six = (values: ArrayLike<number> = []) => Array.from({ length: AXIS_COUNT }, (_, axis) => values[axis] ?? 0)
/** The length of the tool is one number in some reports: along Z. */
const length = (values: readonly number[] = []) => six(values.length === 1 ? [0, 0, values[0] ?? 0] : values)

/** Without a machine: everything is understood, nothing is too far, the work's zero is the machine's. */
export function anyMachine(): MachineModel {
  return {
    dialect: dialectFor('linuxcnc', { axisCount: AXIS_COUNT }),
    modal: freshModalState(),
    positionMm: six(),
    workOffsetsMm: WORK_OFFSETS.map(() => six()),
    g92Mm: six(),
    toolLengthMm: six(),
    g28Mm: six(),
    g30Mm: six(),
    envelopeMm: { min: [], max: [] },
    keepOut: [],
  }
}

export function modelOf(machine: MachineView): MachineModel {
  const { state, guarding, envelopeMm } = machine
  const abilities = state?.abilities
  const dialect = abilities?.dialect ?? (machine.controller === 'linuxcnc' ? 'linuxcnc' : 'grbl')
  const spindleRpm = abilities?.spindleRpm ?? guarding?.spindleRpm
  const offset = (name: string) => six(state?.offsetsMm?.[name])
  const modal = modalStateOf(state?.modal ?? [])
  return {
    dialect: dialectFor(dialect, {
      axisCount: abilities?.axes.length ?? 3,
      ...(guarding?.toolChange ? { changesTools: true } : {}),
    }),
    modal: { ...modal, tool: state?.tool ?? modal.tool },
    // a program is read as it would start, not from where a running one happens to be
    positionMm: six(state?.job ? [] : state?.machinePositionMm),
    workOffsetsMm: WORK_OFFSETS.map(offset),
    g92Mm: offset('G92'),
    toolLengthMm: length(state?.offsetsMm?.TLO),
    g28Mm: offset('G28'),
    g30Mm: offset('G30'),
    envelopeMm,
    keepOut: (guarding?.keepOut ?? []).filter(({ isActive }) => isActive).map(({ name, min, max }) => ({ name, min, max })),
    ...(guarding?.maxFeedMmPerMin === undefined ? {} : { maxFeedMmPerMin: guarding.maxFeedMmPerMin }),
    ...(spindleRpm ? { spindleRpm } : {}),
    ...(guarding?.maxDwellS === undefined ? {} : { maxDwellS: guarding.maxDwellS }),
    ...(guarding?.forbiddenCodes ? { forbiddenCodes: guarding.forbiddenCodes } : {}),
    ...(abilities?.maxRateMmPerMin.length ? { maxRateMmPerMin: abilities.maxRateMmPerMin } : {}),
    ...(abilities?.accelerationMmPerS2.length ? { accelerationMmPerS2: abilities.accelerationMmPerS2 } : {}),
  }
}

/** What of a machine changes a drawing: the same text means the same picture. While it moves, its place does not count. */
export function modelKey(machine: MachineView | undefined): string {
  if (!machine) return ''
  const { state } = machine
  const isStanding = state?.isStanding === true && !state.job
  return JSON.stringify([
    machine.id,
    machine.envelopeMm,
    machine.guarding ?? null,
    state?.abilities ?? null,
    state?.offsetsMm ?? null,
    state?.modal?.filter((word) => !/^[FS]/.test(word)) ?? null,
    isStanding ? state.machinePositionMm : null,
  ])
}

/** Where the work's zero lies in machine coordinates: the offset in force, with G92. */
export function workZeroOf(machine: MachineView | undefined): [number, number, number] | undefined {
  const offset = machine?.state?.workOffsetMm
  return offset ? [offset[0] ?? 0, offset[1] ?? 0, offset[2] ?? 0] : undefined
}
