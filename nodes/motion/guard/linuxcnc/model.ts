/** The machine a program is checked for, as far as linuxcncrsh tells it. */
import { toErrorMessage, UserError } from '../../../../base/errors.ts'
import { AXIS_COUNT, dialectFor, type MachineModel } from '../../gcode/index.ts'
import type { CheckAnswer } from '../check/contract.ts'
import { modalFromWords } from '../machine-model.ts'
import type { LinuxcncCore } from './core.ts'

const WORK_OFFSETS = ['G54', 'G55', 'G56', 'G57', 'G58', 'G59', 'G59.1', 'G59.2', 'G59.3']

/**
 * linuxcncrsh tells only what lies between machine and work now (work offset, G92 and tool length in one), not the tables. So
 * that is the offset in force, and a program that takes another one is refused: where it would go cannot be known.
 */
export function modelOf(core: LinuxcncCore, options: { blockDelete: boolean }): { model: MachineModel; unknownOffsets: string[] } {
  const { status, settings, greeting } = core
  const { guarding, envelopeMm } = settings
  const axisCount = Math.min(AXIS_COUNT, greeting?.facts.axes.length ?? 3)
  const modal = modalFromWords(status.codes, status.codes.includes('G20'))
  const six = (values: readonly number[]) => Array.from({ length: AXIS_COUNT }, (_, axis) => values[axis] ?? 0)
  const active = six(status.positionMm.map((value, axis) => value - (status.workPositionMm[axis] ?? 0)))
  // G28 and G30 go to places that are not told either
  const unknownOffsets = [...WORK_OFFSETS.filter((_, index) => index !== modal.workOffset), 'G28', 'G30']
  const zero = six([])
  return {
    unknownOffsets,
    model: {
      dialect: dialectFor('linuxcnc', { axisCount, changesTools: true }),
      modal: {
        ...modal,
        tool: status.tool,
        spindle: status.spindle === 'off' ? 5 : status.spindle === 'cw' ? 3 : 4,
        isFloodOn: status.isFloodOn,
        isMistOn: status.isMistOn,
      },
      positionMm: six(status.positionMm),
      workOffsetsMm: WORK_OFFSETS.map((_, index) => (index === modal.workOffset ? active : zero)),
      g92Mm: zero,
      toolLengthMm: zero,
      g28Mm: zero,
      g30Mm: zero,
      envelopeMm,
      keepOut: (guarding?.keepOut ?? []).filter(({ isActive }) => isActive).map(({ name, min, max }) => ({ name, min, max })),
      ...(guarding?.maxFeedMmPerMin === undefined ? {} : { maxFeedMmPerMin: guarding.maxFeedMmPerMin }),
      ...(guarding?.spindleRpm ? { spindleRpm: guarding.spindleRpm } : {}),
      ...(guarding?.maxDwellS === undefined ? {} : { maxDwellS: guarding.maxDwellS }),
      forbiddenCodes: [...(guarding?.forbiddenCodes ?? []), ...unknownOffsets],
      maxRateMmPerMin: greeting?.maxRateMmPerMin ?? [],
      accelerationMmPerS2: greeting?.accelerationMmPerS2 ?? [],
      blockDelete: options.blockDelete,
    },
  }
}

/** Says of a refused work offset why it is refused. */
export function unknownOffset(answer: CheckAnswer, unknownOffsets: readonly string[]): CheckAnswer {
  const { refusal } = answer
  const named =
    refusal?.code === 'forbidden-code' ? unknownOffsets.find((name) => new RegExp(`\\b${name.replace('.', '\\.')}(?![\\d.])`).test(refusal.message)) : undefined
  if (!named || !refusal) return answer
  const whatToDo =
    named === 'G28' || named === 'G30'
      ? 'Go there with G53 and the place itself.'
      : `Select ${named} on the machine first, or write the program for the offset in force.`
  const message = `The program uses ${named}, and LinuxCNC tells this guard only the work offset in force, so where it would go cannot be checked. ${whatToDo} Nothing was sent.`
  return {
    ...answer,
    refusal: {
      ...toErrorMessage(new UserError({ code: 'work-offset-unknown', message })),
      ...(refusal.details === undefined ? {} : { details: refusal.details }),
    },
  }
}
