/** The G and M codes the check understands, by modal group (grbl 1.1 gcode.c, RS-274/NGC table 4). Codes are tenths: G38.2 is 382. */

/** What a code belongs to; two of one group never stand in one line. */
export type Group =
  | 'non-modal'
  | 'motion'
  | 'plane'
  | 'distance'
  | 'arc-distance'
  | 'feed-mode'
  | 'units'
  | 'cutter-radius'
  | 'tool-length'
  | 'work-offset'
  | 'path-control'
  | 'stopping'
  | 'tool-change'
  | 'spindle'
  | 'coolant'

const groups = (entries: Partial<Record<Group, number[]>>): ReadonlyMap<number, Group> =>
  new Map(Object.entries(entries).flatMap(([group, codes]) => codes.map((code) => [code, group as Group] as const)))

export const G_CODES = groups({
  'non-modal': [40, 100, 280, 281, 300, 301, 530, 920, 921],
  motion: [0, 10, 20, 30, 382, 383, 384, 385, 800],
  plane: [170, 180, 190],
  distance: [900, 910],
  'arc-distance': [911],
  'feed-mode': [930, 940],
  units: [200, 210],
  'cutter-radius': [400],
  'tool-length': [431, 490],
  'work-offset': [540, 550, 560, 570, 580, 590],
  'path-control': [610],
})

export const M_CODES = groups({
  stopping: [0, 10, 20, 300],
  spindle: [30, 40, 50],
  coolant: [70, 80, 90],
  'tool-change': [60],
})

/** `G38.2` for 382. */
export function codeName(letter: string, tenths: number): string {
  return tenths % 10 === 0 ? `${letter}${tenths / 10}` : `${letter}${Math.floor(tenths / 10)}.${tenths % 10}`
}
