/** What of a line goes to the controller: all of it, or what is left when the engine has done the rest. */
import { type Block, letterBit } from './block.ts'
import { AXIS_LETTERS, type GcodeDialect } from './contract.ts'
import type { Findings } from './findings.ts'
import type { LineFacts } from './line-facts.ts'
import { codeName, GROUP, isCycle, isIdle } from './modal-groups.ts'
import { normalise, type Output, withoutWords } from './output.ts'

interface Sender {
  dialect: GcodeDialect
  axisLetters: number
  output: Output
  findings: Findings
}

export interface Sending {
  facts: LineFacts
  /** Its moves are written by the engine; only the other words go out here. */
  isRewrittenCycle: boolean
  /** The centre of an arc counted from its begin, as words, for a controller that does not know G90.1. */
  centre: string | undefined
}

export function send(block: Block, { facts, isRewrittenCycle, centre }: Sending, sender: Sender): void {
  const { dialect, output, findings } = sender
  const dropsNumber = !dialect.takes.lineNumbers && block.hasLetter('N')
  const dropsTool = block.has(GROUP.toolChange) && block.code(GROUP.toolChange) === 60 && !dialect.takes.toolChange
  const dropsSlash = block.isBlockDelete && !dialect.takes.blockDelete
  const splitsLength = mustSplitLength(block, dialect)
  const needsMotion = mustLeaveCancel(facts, dialect)
  const isAltered =
    block.hasForeignCode ||
    splitsLength ||
    needsMotion ||
    block.cancelColumn !== 0 ||
    block.nestedColumn !== 0 ||
    block.checksumColumn !== 0 ||
    centre !== undefined ||
    dropsSlash ||
    isRewrittenCycle ||
    dropsNumber ||
    dropsTool
  if (block.evaluated !== undefined || isAltered) output.isExpanded = true
  if (!isAltered) {
    output.source(block, findings.line)
    return
  }
  if (splitsLength) output.write('G49', findings.line)
  // alone it moves nothing
  if (needsMotion) output.write('G0', findings.line)
  warnOfDropped(block, sender)
  const dropsPath = block.has(GROUP.pathControl) && !dialect.gCodes.has(block.code(GROUP.pathControl))
  const cycleLetters = isRewrittenCycle ? sender.axisLetters | letterBit('R') | letterBit('L') | letterBit('P') | letterBit('Q') : 0
  const pathLetters = dropsPath ? letterBit('P') | letterBit('Q') : 0
  const text = withoutWords(block.evaluated ?? normalise(block), (letter, value) => {
    const tenths = Math.round(value * 10)
    switch (letter) {
      case 'N':
        return dropsNumber || isRewrittenCycle
      case 'M':
        return dropsTool && tenths === 60
      case 'G':
        if (tenths === 980 || tenths === 990) return isRewrittenCycle || !dialect.gCodes.has(tenths)
        if (tenths === 490) return splitsLength
        if (tenths === 901) return !dialect.gCodes.has(901)
        if (tenths === 800) return block.cancelColumn !== 0 || needsMotion
        return (isRewrittenCycle && isCycle(tenths)) || (isIdle(tenths) && !dialect.gCodes.has(tenths))
      case 'I':
      case 'J':
      case 'K':
        return centre !== undefined
      default:
        return (letterBit(letter) & (cycleLetters | pathLetters)) !== 0
    }
  })
  // a line number alone does nothing
  output.write(/^N\d+$/.test(text) ? '' : text + (centre ?? ''), findings.line)
}

/** Groups of the codes that may be left out. */
const IDLE_GROUPS = [GROUP.pathControl, GROUP.diameter, GROUP.polar, GROUP.scaling, GROUP.rotation, GROUP.spindleMode]

function warnOfDropped(block: Block, { dialect, findings }: Sender): void {
  if (block.cancelColumn !== 0)
    findings.note(block.cancelColumn, 'code-dropped', `G80 is left out: ${codeName('G', block.code(GROUP.motion))} in the same line ends a cycle as well.`)
  if (!block.hasForeignCode) return
  for (const group of IDLE_GROUPS) {
    const code = block.has(group) ? block.code(group) : 0
    if (!isIdle(code) || dialect.gCodes.has(code)) continue
    const why = code === 640 ? 'it always follows the path as exactly as it can' : 'what it ends is never on'
    findings.note(block.codeColumn(group), 'code-dropped', `${codeName('G', code)} is left out, since this controller does not know it: ${why}.`)
  }
}

/** Grbl takes G49 for a user of axis words, and refuses it beside a move (grbl 1.1 gcode.c, "case 43: case 49"): it goes first, alone. */
function mustSplitLength(block: Block, dialect: GcodeDialect): boolean {
  if (!block.has(GROUP.toolLength) || block.code(GROUP.toolLength) !== 490 || (dialect.id !== 'grbl' && dialect.id !== 'fluidnc')) return false
  const hasMotion = block.has(GROUP.motion) && block.code(GROUP.motion) !== 800
  return hasMotion || block.has(GROUP.nonModal) || AXIS_LETTERS.some((letter) => block.hasLetter(letter))
}

/** While G80 is on, Grbl takes no axis words, not even for G28 or G92 (grbl 1.1 gcode.c, "G80 Errors"): a motion code goes first, alone. */
function mustLeaveCancel({ motion, hasAxes, isTaken }: LineFacts, { id }: GcodeDialect): boolean {
  return motion === 800 && hasAxes && isTaken && id !== 'linuxcnc'
}
