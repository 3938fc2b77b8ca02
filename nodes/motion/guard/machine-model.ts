/** The machine a program is checked for: what the controller said of itself, and what its settings hold it to. */
import { AXIS_COUNT, dialectFor, type MachineModel, type ModalState } from '../gcode/index.ts'
import type { MachineSettings } from '../machine.ts'
import type { ControllerMemory, Identity } from './controller-setup.ts'

const WORK_OFFSETS = ['G54', 'G55', 'G56', 'G57', 'G58', 'G59', 'G59.1', 'G59.2', 'G59.3']

/** Codes of Grbl's modal groups as tenths, with what `$G` calls them. */
const PLANES: Record<string, number> = { G17: 170, G18: 180, G19: 190 }
const FEED_MODES: Record<string, ModalState['feedMode']> = { G93: 930, G94: 940, G95: 950 }

export interface ModelOptions {
  identity: Identity
  memory: ControllerMemory
  settings: MachineSettings
  positionMm: readonly number[]
  /** In the spindle, as far as it is known. */
  tool: number | undefined
  blockDelete?: boolean
}

/** What a program may meet on this machine, and where it begins. */
export function machineModel({ identity, memory, settings, positionMm, tool, blockDelete }: ModelOptions): MachineModel {
  const { facts, settings: firmware } = identity
  const { guarding, envelopeMm } = settings
  const offset = (name: string) => six(memory.offsetsMm[name] ?? [])
  const spindleRpm = firmware.spindleRpm ?? guarding?.spindleRpm
  const junctionDeviationMm = Number.parseFloat(firmware.all.get(11) ?? '')
  const arcToleranceMm = Number.parseFloat(firmware.all.get(12) ?? '')
  const modal = modalFromWords(memory.words, firmware.isReportingInches)
  return {
    dialect: dialectFor(facts.dialect, {
      axisCount: facts.axes.length,
      optionLetters: facts.optionLetters,
      maxLineLength: facts.maxLineLength,
      changesTools: isToolChangeKnown(settings, identity),
    }),
    modal: { ...modal, tool: tool ?? modal.tool },
    positionMm: six(positionMm),
    workOffsetsMm: WORK_OFFSETS.map(offset),
    g92Mm: offset('G92'),
    toolLengthMm: offset('TLO'),
    g28Mm: offset('G28'),
    g30Mm: offset('G30'),
    envelopeMm,
    keepOut: (guarding?.keepOut ?? []).filter(({ isActive }) => isActive).map(({ name, min, max }) => ({ name, min, max })),
    ...(guarding?.maxFeedMmPerMin === undefined ? {} : { maxFeedMmPerMin: guarding.maxFeedMmPerMin }),
    ...(spindleRpm ? { spindleRpm } : {}),
    ...(guarding?.maxDwellS === undefined ? {} : { maxDwellS: guarding.maxDwellS }),
    ...(guarding?.forbiddenCodes ? { forbiddenCodes: guarding.forbiddenCodes } : {}),
    maxRateMmPerMin: firmware.maxRateMmPerMin,
    accelerationMmPerS2: firmware.accelerationMmPerS2,
    ...(junctionDeviationMm > 0 ? { junctionDeviationMm } : {}),
    ...(arcToleranceMm > 0 ? { arcToleranceMm } : {}),
    plannerBlocks: facts.plannerBlocks,
    blockDelete: blockDelete === true,
  }
}

/** M6 may stand in a program: the guard takes care of it, or the controller does. */
function isToolChangeKnown({ guarding }: MachineSettings, { facts }: Identity): boolean {
  const isGuards = guarding?.toolChange !== undefined && guarding.toolChange.kind !== 'controller'
  // Grbl 1.1 answers M6 with error:20, whatever the settings say
  return isGuards || (facts.dialect !== 'grbl' && guarding?.toolChange !== undefined) || facts.newOptions.includes('TC') || facts.newOptions.includes('ATC')
}

/** M6 goes to the controller as it is. */
export function isToolChangedByController({ guarding }: MachineSettings): boolean {
  return guarding?.toolChange === undefined || guarding.toolChange.kind === 'controller'
}

/**
 * The words of `[GC:…]` as modal state; what is missing stays as after a reset.
 * @param isReportingInches `$13`: the feed is told in inches, whatever G20 and G21 say (grbl 1.1 report.c)
 */
export function modalFromWords(words: readonly string[], isReportingInches: boolean): ModalState {
  const has = new Set(words)
  const numberOf = (letter: string) => Number(words.find((word) => word.startsWith(letter))?.slice(1) ?? 0) || 0
  const first = <T>(table: Record<string, T>): T | undefined => Object.entries(table).find(([word]) => has.has(word))?.[1]
  const feedMode = first(FEED_MODES) ?? 940
  return {
    motion: motionOf(words),
    plane: first(PLANES) ?? 170,
    isInches: has.has('G20'),
    isIncremental: has.has('G91'),
    isArcAbsolute: has.has('G90.1'),
    feedMode,
    workOffset: Math.max(
      0,
      WORK_OFFSETS.findIndex((word) => has.has(word)),
    ),
    feed: Math.max(0, numberOf('F')) * (isReportingInches && feedMode !== 930 ? 25.4 : 1),
    spindleRpm: Math.max(0, numberOf('S')),
    spindle: has.has('M3') ? 3 : has.has('M4') ? 4 : 5,
    isFloodOn: has.has('M8'),
    isMistOn: has.has('M7'),
    selectedTool: numberOf('T'),
    tool: numberOf('T'),
    returnsToR: has.has('G99'),
  }
}

function motionOf(words: readonly string[]): number {
  for (const word of words) {
    const code = /^G(\d+)(?:\.(\d))?$/.exec(word)
    if (!code) continue
    const tenths = Number(code[1]) * 10 + Number(code[2] ?? 0)
    if ([0, 10, 20, 30, 730].includes(tenths) || (tenths >= 382 && tenths <= 385) || (tenths >= 800 && tenths <= 890)) return tenths
  }
  return 0
}

/** One number for each of the six axes. */
function six(values: ArrayLike<number>): number[] {
  return Array.from({ length: AXIS_COUNT }, (_, axis) => values[axis] ?? 0)
}
