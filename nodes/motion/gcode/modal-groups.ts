/**
 * The G and M codes the engine knows, by modal group (NIST RS274/NGC table 4, LinuxCNC "G-code modal groups"). Two codes of
 * one group never stand in one line. Codes are tenths: G38.2 is 382.
 */

export const GROUP = {
  nonModal: 0,
  motion: 1,
  plane: 2,
  distance: 3,
  arcDistance: 4,
  feedMode: 5,
  units: 6,
  cutterRadius: 7,
  toolLength: 8,
  retract: 9,
  workOffset: 10,
  pathControl: 11,
  spindleMode: 12,
  diameter: 13,
  stopping: 14,
  toolChange: 15,
  spindle: 16,
  coolant: 17,
  override: 18,
  digital: 19,
  subprogram: 20,
  polar: 21,
  scaling: 22,
  rotation: 23,
} as const

export const GROUP_COUNT = 24

/** A bit for a group, as in `Block.groups`. */
export const groupBit = (group: number): number => 1 << group

const G_BY_GROUP: readonly [number, readonly number[]][] = [
  [GROUP.nonModal, [40, 100, 280, 281, 300, 301, 530, 920, 921, 922, 923]],
  [GROUP.motion, [0, 10, 20, 30, 382, 383, 384, 385, 730, 740, 800, 810, 820, 830, 840, 850, 860, 870, 880, 890]],
  [GROUP.plane, [170, 180, 190]],
  [GROUP.distance, [900, 910]],
  [GROUP.arcDistance, [901, 911]],
  [GROUP.feedMode, [930, 940, 950]],
  [GROUP.units, [200, 210]],
  [GROUP.cutterRadius, [400]],
  [GROUP.toolLength, [430, 431, 490]],
  [GROUP.retract, [980, 990]],
  [GROUP.workOffset, [540, 550, 560, 570, 580, 590, 591, 592, 593]],
  [GROUP.pathControl, [610, 611, 640]],
  [GROUP.spindleMode, [970]],
  [GROUP.diameter, [80]],
  [GROUP.polar, [150]],
  [GROUP.scaling, [500]],
  [GROUP.rotation, [690]],
]

const M_BY_GROUP: readonly [number, readonly number[]][] = [
  [GROUP.stopping, [0, 10, 20, 300, 600]],
  [GROUP.toolChange, [60, 610]],
  [GROUP.spindle, [30, 40, 50, 190]],
  [GROUP.coolant, [70, 80, 90]],
  [GROUP.override, [480, 490, 500, 510, 520, 530, 560]],
  [GROUP.digital, [620, 630, 640, 650, 660, 670, 680]],
  [GROUP.subprogram, [980, 990]],
]

/** Codes above this are no table's. */
export const LARGEST_CODE = 1999

function table(entries: readonly [number, readonly number[]][]): Uint8Array {
  const made = new Uint8Array(LARGEST_CODE + 1)
  for (const [group, codes] of entries) for (const code of codes) made[code] = group + 1
  return made
}

/** Code in tenths to its group + 1; 0 is a code the engine does not know. */
export const G_GROUPS = table(G_BY_GROUP)
export const M_GROUPS = table(M_BY_GROUP)

/** Canned cycles: G73, G74 and G81 to G89. */
export const isCycle = (motion: number): boolean => motion === 730 || motion === 740 || (motion >= 810 && motion <= 890)

/** Codes that only say what holds anyway, for a controller that does not know them: path control, and the ends of modes the engine refuses. */
export const isIdle = (tenths: number): boolean => IDLE.has(tenths)
const IDLE = new Set([80, 150, 500, 640, 690, 970])

/** `G38.2` for 382. */
export function codeName(letter: string, tenths: number): string {
  return tenths % 10 === 0 ? `${letter}${tenths / 10}` : `${letter}${Math.floor(tenths / 10)}.${tenths % 10}`
}

/** 382 for `G38.2`; undefined for what is no code. */
export function codeTenths(name: string): { letter: 'G' | 'M'; tenths: number } | undefined {
  const found = /^([GM])(\d{1,3})(?:\.(\d))?$/.exec(name.toUpperCase())
  if (!found) return undefined
  return { letter: found[1] as 'G' | 'M', tenths: Number(found[2]) * 10 + Number(found[3] ?? 0) }
}
