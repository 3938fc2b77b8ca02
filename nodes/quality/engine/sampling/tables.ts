/**
 * Code letters and single sampling plans of ANSI/ASQ Z1.4, which are those of MIL-STD-105E (public domain, tables I and II-A to II-C), and of
 * ISO 2859-1:1999 (tables 1 and 2-A to 2-C; the same as GB/T 2828.1-2012). Acceptance numbers stand on diagonals of the tables: what matters
 * is the row plus the column.
 */
import { AQLS, CODE_LETTERS, type CodeLetter, type Edition, INSPECTION_LEVELS, type InspectionLevel, type Severity } from './contract.ts'

/** Largest lot of each row of table I. */
const LOT_UP_TO = [8, 15, 25, 50, 90, 150, 280, 500, 1200, 3200, 10_000, 35_000, 150_000, 500_000, Number.POSITIVE_INFINITY]
/** A row for each size of lot; columns S-1 to S-4, I to III. */
const LETTERS = 'AAAAAAB AAAAABC AABBBCD ABBCCDE BBCCCEF BBCDDFG BCDEEGH BCDEFHJ CCEFGJK CDEGHKL CDFGJLM CDFHKMN DEGJLNP DEGJMPQ DEHKNQR'.split(' ')

export function letterFor(lot: number, level: InspectionLevel): CodeLetter {
  const row = LETTERS[LOT_UP_TO.findIndex((most) => lot <= most)] ?? ''
  return row.charAt(INSPECTION_LEVELS.indexOf(level)) as CodeLetter
}

const NORMAL_SIZES = [2, 3, 5, 8, 13, 20, 32, 50, 80, 125, 200, 315, 500, 800, 1250, 2000]
const SIZES: Record<Severity, readonly number[]> = {
  normal: NORMAL_SIZES,
  // S is there for the plan 3150, 1 / 2 alone
  tightened: [...NORMAL_SIZES, 3150],
  reduced: [2, 2, 2, 3, 5, 8, 13, 20, 32, 50, 80, 125, 200, 315, 500, 800],
}

type Numbers = readonly [accept: number, reject: number]
const next = (accept: number): Numbers => [accept, accept + 1]

type Diagonals = Readonly<Record<number, Numbers>>
const DIAGONALS: Record<Severity, Diagonals> = {
  normal: {
    14: next(0),
    17: next(1),
    18: next(2),
    19: next(3),
    20: next(5),
    21: next(7),
    22: next(10),
    23: next(14),
    24: next(21),
    25: next(30),
    26: next(44),
  },
  tightened: { 15: next(0), 18: next(1), 19: next(2), 20: next(3), 21: next(5), 22: next(8), 23: next(12), 24: next(18), 25: next(27), 26: next(41) },
  reduced: {
    14: [0, 1],
    17: [0, 2],
    18: [1, 3],
    19: [1, 4],
    20: [2, 5],
    21: [3, 6],
    22: [5, 8],
    23: [7, 10],
    24: [10, 13],
    25: [14, 17],
    26: [21, 24],
  },
}

/** Rows A and B of reduced inspection as they are printed, by column: their samples of 2 are too small for the diagonals. */
const REDUCED_ROWS: readonly Readonly<Record<number, Numbers>>[] = [
  { 14: [0, 1], 17: [1, 2], 18: [2, 3], 19: [3, 4], 20: [5, 6], 21: [7, 8], 22: [10, 11], 23: [14, 15], 24: [21, 22], 25: [30, 31] },
  { 13: [0, 1], 16: [0, 2], 17: [1, 3], 18: [2, 4], 19: [3, 5], 20: [5, 6], 21: [7, 8], 22: [10, 11], 23: [14, 15], 24: [21, 22], 25: [30, 31] },
]

/** Reduced inspection of ISO 2859-1: what is not accepted is rejected. */
const ISO_REDUCED: Diagonals = {
  14: next(0),
  18: next(1),
  19: next(2),
  20: next(3),
  21: next(5),
  22: next(6),
  23: next(8),
  24: next(10),
  25: next(14),
  26: next(21),
}
const ISO_REDUCED_ENDS: Diagonals = { 17: next(1), 18: next(2), 19: next(3), 20: next(5), 21: next(7), 22: next(10), 23: next(14), 24: next(21), 25: next(30) }
const ISO_REDUCED_ROWS: readonly Diagonals[] = [
  { 14: next(0), ...ISO_REDUCED_ENDS },
  { 13: next(0), ...ISO_REDUCED_ENDS },
]

interface Table {
  severity: Severity
  edition: Edition
}

/** Only rows A to E go beyond the diagonal of 21 / 22 (normal). */
const LAST_LONG_ROW = CODE_LETTERS.indexOf('E')
const LONGEST_DIAGONAL = 24

function numbersAt({ severity, edition }: Table, row: number, column: number): Numbers | undefined {
  const isIso = edition === 'iso-2859-1'
  const printed = severity === 'reduced' && (isIso ? ISO_REDUCED_ROWS : REDUCED_ROWS)[row]
  if (printed) return printed[column]
  const diagonal = row + column
  if (diagonal > LONGEST_DIAGONAL && row > LAST_LONG_ROW) return undefined
  // a sample of 2 is no plan there in Z1.4: the table leads on to 8
  if (!isIso && severity === 'tightened' && row === 0 && diagonal === 15) return undefined
  return (isIso && severity === 'reduced' ? ISO_REDUCED : DIAGONALS[severity])[diagonal]
}

export interface TablePlan {
  letter: CodeLetter
  sample: number
  accept: number
  reject: number
}

/**
 * The plan of a cell, over its arrow where it has one: above the diagonals and for the two cells between 0 / 1 and 1 / 2 it leads to the
 * first plan below or above, with that row's sample.
 */
export function planAt(severity: Severity, letter: CodeLetter, aql: (typeof AQLS)[number], edition: Edition = 'ansi-z1.4'): TablePlan {
  const sizes = SIZES[severity]
  const column = AQLS.indexOf(aql)
  const start = CODE_LETTERS.indexOf(letter)
  const at = (row: number): TablePlan | undefined => {
    const found = row >= 0 && row < sizes.length ? numbersAt({ severity, edition }, row, column) : undefined
    return found && { letter: CODE_LETTERS[row] as CodeLetter, sample: sizes[row] as number, accept: found[0], reject: found[1] }
  }
  const search = (step: 1 | -1): TablePlan | undefined => {
    for (let row = start + step; row >= 0 && row < sizes.length; row += step) {
      const found = at(row)
      if (found) return found
    }
    return undefined
  }
  const isUp = arrowAt(severity, start, column) === 'up'
  // where the table ends, an arrow can only point the other way
  const found = at(start) ?? (isUp ? (search(-1) ?? search(1)) : (search(1) ?? search(-1)))
  if (!found) throw new RangeError(`table ${severity} has no plan for AQL ${aql}`)
  return found
}

function arrowAt(severity: Severity, row: number, column: number): 'up' | 'down' {
  const diagonal = row + column
  if (diagonal > LONGEST_DIAGONAL) return 'up'
  // behind the plan 0 / 1: the first cell leads back to it, the second one on to 1 / 2; tightened inspection goes on from both
  return severity !== 'tightened' && diagonal === 15 ? 'up' : 'down'
}
