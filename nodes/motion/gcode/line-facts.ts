/** What stands in a line, and whether it may stand there together (grbl 1.1 gcode.c, STEP 3; NIST RS274/NGC 3.4). */
import { type Block, letterBit } from './block.ts'
import { AXIS_LETTERS, type GcodeDialect } from './contract.ts'
import { Refusal } from './findings.ts'
import { GROUP, groupBit, isCycle } from './modal-groups.ts'

const AXIS_INDEX = Uint8Array.from(AXIS_LETTERS, (letter) => letter.charCodeAt(0) - 65)
const AXIS_BITS = Int32Array.from(AXIS_LETTERS, letterBit)
const MOTION_BIT = groupBit(GROUP.motion)

const bits = (letters: string): number => [...letters].reduce((all, letter) => all | letterBit(letter), 0)
const F_N_S_T = bits('FNST')
const NEVER_NEGATIVE = bits('FNPST')
const WHOLE = bits('LNT')
const R = bits('R')
const IJK = bits('IJK')
const PLQ = bits('PLQ')
const RLPQ = bits('RLPQ')

/** No code of that kind in the line. */
const NONE = -1

/** One object, used for every line. */
export interface LineFacts {
  /** The motion code of the line, else the one in force. */
  motion: number
  hasMotionWord: boolean
  /** Tenths, or {@link NONE}. */
  nonModal: number
  toolLength: number
  hasAxes: boolean
  /** The axis words belong to G10, G28, G30, G92 or G43.1, not to a move. */
  isTaken: boolean
  /** Something is to be moved, or a motion code asks for it. */
  isMoving: boolean
  isCycle: boolean
  isIncremental: boolean
}

export const freshFacts = (): LineFacts => ({
  motion: 0,
  hasMotionWord: false,
  nonModal: NONE,
  toolLength: NONE,
  hasAxes: false,
  isTaken: false,
  isMoving: false,
  isCycle: false,
  isIncremental: false,
})

/** The machine's side of it. */
export interface LineRules {
  dialect: GcodeDialect
  /** Letters of its axes, as bits. */
  axisLetters: number
}

/** 1-based column of the first axis word, or of the line's first word. */
export function axisColumn(block: Block, axisCount: number): number {
  let first = 0
  for (let axis = 0; axis < axisCount; axis += 1) {
    if ((block.letters & (AXIS_BITS[axis] as number)) === 0) continue
    const column = block.columns[AXIS_INDEX[axis] as number] as number
    if (first === 0 || column < first) first = column
  }
  return first || block.firstColumn()
}

/** Reads the facts of a line. @throws Refusal where its words cannot stand together */
export function readFacts(facts: LineFacts, block: Block, now: { motion: number; isIncremental: boolean }, rules: LineRules): void {
  const { dialect, axisLetters } = rules
  const { groups, letters } = block
  facts.hasMotionWord = (groups & MOTION_BIT) !== 0
  facts.motion = facts.hasMotionWord ? block.code(GROUP.motion) : now.motion
  facts.nonModal = block.has(GROUP.nonModal) ? block.code(GROUP.nonModal) : NONE
  facts.toolLength = block.has(GROUP.toolLength) ? block.code(GROUP.toolLength) : NONE
  facts.hasAxes = (letters & axisLetters) !== 0
  facts.isIncremental = block.has(GROUP.distance) ? block.code(GROUP.distance) === 910 : now.isIncremental
  const { motion, nonModal, toolLength, hasAxes } = facts
  const isLengthTaker = toolLength === 431
  const isNonModalTaker = nonModal === 100 || nonModal === 280 || nonModal === 300 || nonModal === 920
  facts.isTaken = isNonModalTaker || isLengthTaker
  facts.isMoving = !facts.isTaken && motion !== 800 && (hasAxes || facts.hasMotionWord)
  facts.isCycle = facts.isMoving && isCycle(motion)
  if (facts.isTaken && ((facts.hasMotionWord && motion !== 800) || (isNonModalTaker && isLengthTaker)))
    throw new Refusal(
      block.codeColumn(facts.hasMotionWord ? GROUP.motion : GROUP.toolLength),
      'axis-conflict',
      'Two codes in the line want the axis words. Put them in two lines.',
    )
  if (motion === 800 && hasAxes && !facts.isTaken)
    throw new Refusal(axisColumn(block, dialect.axisCount), 'axis-words-unused', 'There are axis words and no code that uses them (G80 is on).')
  if (nonModal === NONE) return
  const column = block.codeColumn(GROUP.nonModal)
  if (nonModal === 530 && motion !== 0 && motion !== 10) throw new Refusal(column, 'modal-conflict', 'G53 needs G0 or G1.')
  if (nonModal === 530 && facts.isIncremental && dialect.id === 'linuxcnc')
    throw new Refusal(column, 'modal-conflict', 'LinuxCNC takes G53 only in absolute distance mode (G90).')
  // Grbl aims before it clears the offset, RS274/NGC behind (grbl 1.1 gcode.c, "interpreted as an implicit motion mode")
  if ((nonModal === 921 || nonModal === 922 || nonModal === 923) && hasAxes)
    throw new Refusal(
      column,
      'axis-conflict',
      'With a move in the same line, controllers differ on whether the offset still counts. Put it in a line of its own.',
    )
}

/** Signs, whole numbers, and words that nothing uses. @throws Refusal */
export function checkWords(facts: LineFacts, block: Block, { dialect, axisLetters }: LineRules): void {
  const { letters } = block
  if (letters & NEVER_NEGATIVE) {
    for (const letter of 'FNPST') {
      if (letters & letterBit(letter) && block.value(letter) < 0) throw new Refusal(block.column(letter), 'value-negative', `${letter} must not be negative.`)
    }
  }
  if (letters & WHOLE) {
    for (const letter of 'LNT') {
      if (letters & letterBit(letter) && !Number.isInteger(block.value(letter)))
        throw new Refusal(block.column(letter), 'integer-needed', `${letter} needs a whole number.`)
    }
  }
  const left = letters & ~usedLetters(facts, block, { dialect, axisLetters })
  if (left === 0) return
  const letter = String.fromCharCode(65 + (31 - Math.clz32(left & -left)))
  const isAxis = (AXIS_LETTERS as readonly string[]).includes(letter)
  throw new Refusal(
    block.column(letter),
    'word-unused',
    isAxis && !(letterBit(letter) & axisLetters) ? `This machine has no axis ${letter}.` : `${letter} is not used by anything in this line.`,
  )
}

function usedLetters(facts: LineFacts, block: Block, { dialect, axisLetters }: LineRules): number {
  const { motion, nonModal, toolLength, isMoving } = facts
  let used = F_N_S_T | axisLetters
  if (isMoving && (motion === 20 || motion === 30)) {
    used |= block.letters & R ? R : IJK
    if (dialect.id === 'linuxcnc' || dialect.id === 'grblhal') used |= bits('P')
  } else if (facts.isCycle) used |= RLPQ
  if (nonModal === 100) used |= bits('PL')
  if (nonModal === 40) used |= bits('P')
  if (toolLength === 430) used |= bits('H')
  if (block.groups >>> GROUP.stopping === 0 && !block.has(GROUP.pathControl)) return used
  if (block.has(GROUP.override)) used |= bits('P')
  if (block.has(GROUP.pathControl) && block.code(GROUP.pathControl) === 640) used |= bits('PQ')
  if (block.has(GROUP.digital)) used |= bits('PQELR')
  if (block.has(GROUP.toolChange) && block.code(GROUP.toolChange) === 610) used |= bits('Q')
  if (block.has(GROUP.spindle) && block.code(GROUP.spindle) === 190) used |= bits('RPQ')
  if (block.has(GROUP.subprogram)) used |= PLQ
  return used
}
