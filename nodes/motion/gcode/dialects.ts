/** What each controller takes: tables of facts. Codes are tenths. */
import type { GcodeDialect } from './contract.ts'
import { G_GROUPS, isCycle, isIdle, M_GROUPS } from './modal-groups.ts'

/** grbl 1.1 gcode.c, STEP 2. */
const GRBL_G = [
  0, 10, 20, 30, 40, 100, 170, 180, 190, 200, 210, 280, 281, 300, 301, 382, 383, 384, 385, 400, 431, 490, 530, 540, 550, 560, 570, 580, 590, 610, 800, 900, 910,
  911, 920, 921, 930, 940,
]
const GRBL_M = [0, 10, 20, 30, 40, 50, 80, 90, 300]

/** grblHAL core gcode.c: canned cycles, three more work offsets, overrides. */
const GRBLHAL_G = [...GRBL_G, 591, 592, 593, 730, 810, 820, 830, 850, 860, 890, 980, 990]
const GRBLHAL_M = [...GRBL_M, 70, 480, 490, 500, 510, 530, 560, 600, 610]

/** FluidNC GCode.cpp. */
const FLUIDNC_G = GRBL_G
const FLUIDNC_M = [...GRBL_M, 60, 70, 610, 620, 630, 640, 650, 670, 680]

const known = (table: Uint8Array): number[] => [...table.keys()].filter((code) => table[code] !== 0)
/** What LinuxCNC lacks of the engine's tables: G15, G50, G69, G87, G88, M56. */
const LINUXCNC_G = known(G_GROUPS).filter((code) => ![150, 500, 690, 870, 880].includes(code))
const LINUXCNC_M = known(M_GROUPS).filter((code) => code !== 560)

const expandsAll: GcodeDialect['takes'] = {
  parameters: false,
  subprograms: false,
  cannedCycles: false,
  toolChange: false,
  blockDelete: false,
  lineNumbers: true,
}

const DIALECTS: Record<GcodeDialect['id'], Omit<GcodeDialect, 'axisCount'>> = {
  // LINE_BUFFER_SIZE 80 with the closing zero (grbl 1.1 protocol.h)
  grbl: { id: 'grbl', maxLineLength: 79, gCodes: new Set(GRBL_G), mCodes: new Set(GRBL_M), workOffsetCount: 6, takes: expandsAll },
  // LINE_BUFFER_SIZE 257 (grblHAL core, protocol.h). Expressions and O-words are build options there: written out
  grblhal: {
    id: 'grblhal',
    maxLineLength: 255,
    gCodes: new Set(GRBLHAL_G),
    mCodes: new Set(GRBLHAL_M),
    workOffsetCount: 9,
    takes: { ...expandsAll, cannedCycles: true },
  },
  // 255 with the closing zero (FluidNC Channel.h)
  fluidnc: {
    id: 'fluidnc',
    maxLineLength: 254,
    gCodes: new Set(FLUIDNC_G),
    mCodes: new Set(FLUIDNC_M),
    workOffsetCount: 6,
    takes: { ...expandsAll, toolChange: true },
  },
  // LINELEN 255 with the closing zero (LinuxCNC interp_internal.hh)
  linuxcnc: {
    id: 'linuxcnc',
    maxLineLength: 254,
    gCodes: new Set(LINUXCNC_G),
    mCodes: new Set(LINUXCNC_M),
    workOffsetCount: 9,
    takes: { parameters: true, subprograms: true, cannedCycles: true, toolChange: true, blockDelete: true, lineNumbers: true },
  },
}

/** What a controller said of itself. */
export interface DialectFacts {
  /** Axes from X on; default 3. */
  axisCount?: number
  /** Letters of `[OPT:]`: `M` is mist (M7) in Grbl 1.1. */
  optionLetters?: string
  /** What it takes without its line end, where that is less than its firmware's own limit. */
  maxLineLength?: number
  /** grblHAL: built with a tool table, so that it takes G43; its lengths belong into the model. */
  hasToolTable?: boolean
  /** It changes tools itself: M6 goes out as it is. */
  changesTools?: boolean
}

/** @returns what a controller of this firmware takes */
export function dialectFor(id: GcodeDialect['id'], facts: DialectFacts = {}): GcodeDialect {
  const base = DIALECTS[id]
  const mCodes = new Set(base.mCodes)
  // mist is a build option of Grbl 1.1 (config.h ENABLE_M7), shown as M in [OPT:]
  if (id === 'grbl' && facts.optionLetters?.includes('M')) mCodes.add(70)
  if (facts.changesTools === true) mCodes.add(60)
  const gCodes = new Set(base.gCodes)
  if (id === 'grblhal' && facts.hasToolTable === true) gCodes.add(430)
  return {
    ...base,
    gCodes,
    axisCount: Math.min(6, Math.max(1, facts.axisCount ?? 3)),
    maxLineLength: Math.min(base.maxLineLength, facts.maxLineLength ?? base.maxLineLength),
    mCodes,
    takes: { ...base.takes, toolChange: facts.changesTools ?? base.takes.toolChange },
  }
}

/** Codes that the engine itself takes care of where the controller does not know them: left out, or written out. */
export function isWrittenOut(letter: 'G' | 'M', tenths: number, { takes }: GcodeDialect): boolean {
  // a controller that runs programs itself gets them as they are
  if (takes.parameters && takes.subprograms) return false
  if (letter === 'G') return isCycle(tenths) || tenths === 901 || tenths === 980 || tenths === 990 || isIdle(tenths)
  return tenths === 60 || tenths === 980 || tenths === 990
}
