/**
 * Where a program has to be interrupted by the guard: tool change, program stop, optional stop. None of these words
 * goes to the controller, unless it changes tools itself. Grbl 1.1 takes no M6 at all, and at M0 it holds until `~`
 * with the lines behind it already in its buffer, which an operator at a pendant could set going: so the guard runs
 * the machine empty and waits by itself. Pure.
 */
import { mustGoAlone, type PreparedLine } from '../../grbl/index.ts'

type StopKind = 'tool-change' | 'program-stop' | 'optional-stop'

/** One thing to do for a line of the program. The last step of a line counts it as done. */
export type LineStep =
  | { kind: 'send'; line: PreparedLine; isLast: boolean }
  | { kind: 'stop'; stop: StopKind; number: number; tool: number; isLast: boolean }
  /** M6 for a controller that changes tools: sent by itself, since it may wait for a person there. */
  | { kind: 'controller-change'; line: PreparedLine; tool: number; isLast: boolean }
  /** Nothing is left of the line. */
  | { kind: 'nothing'; number: number; isLast: true }

export interface StopRules {
  /** Stop at M1; otherwise it is passed over. */
  optionalStop: boolean
  /** M6 is sent as it is. */
  isToolChangedByController: boolean
}

/** M word without a figure or point behind it. */
const M_WORD = /M(\d+(?:\.\d*)?)/g
const T_WORD = /T(\d+(?:\.\d*)?)/

/** @returns the tool a line selects */
export function toolWordOf(text: string): number | undefined {
  const found = T_WORD.exec(text)
  return found ? Math.trunc(Number(found[1])) : undefined
}

/** Whether {@link stepsOf} has anything to say: cheap, asked of every line. */
export function mayStop(text: string): boolean {
  return text.includes('M')
}

/**
 * What a line asks for, in the order RS-274/NGC gives it: T, tool change, everything else, stop.
 * @param selectedTool by the last T word before this line
 */
export function stepsOf(line: PreparedLine, rules: StopRules, selectedTool: number): LineStep[] {
  let isToolChange = false
  let stop: 'program-stop' | 'optional-stop' | undefined
  const rest = line.text.replace(M_WORD, (word, digits: string) => {
    switch (Number(digits)) {
      case 6:
        isToolChange = true
        return rules.isToolChangedByController ? word : ''
      case 0:
      case 60:
        stop = 'program-stop'
        return ''
      case 1:
        stop ??= 'optional-stop'
        return ''
      default:
        return word
    }
  })
  const isStopped = stop === 'program-stop' || (stop === 'optional-stop' && rules.optionalStop)
  const tool = toolWordOf(line.text) ?? selectedTool
  const steps: LineStep[] = []
  const send: PreparedLine = rest === line.text ? line : { ...line, text: rest, isAlone: mustGoAlone(rest) }
  if (isToolChange && rules.isToolChangedByController) steps.push({ kind: 'controller-change', line: send, tool, isLast: false })
  else {
    if (isToolChange) steps.push({ kind: 'stop', stop: 'tool-change', number: line.number, tool, isLast: false })
    if (hasWords(rest)) steps.push({ kind: 'send', line: send, isLast: false })
  }
  if (isStopped && stop) steps.push({ kind: 'stop', stop, number: line.number, tool, isLast: false })
  const last = steps.at(-1)
  if (!last) return [{ kind: 'nothing', number: line.number, isLast: true }]
  last.isLast = true
  return steps
}

/** A line number alone says nothing. */
function hasWords(text: string): boolean {
  return text.replace(/^N\d+/, '') !== ''
}
