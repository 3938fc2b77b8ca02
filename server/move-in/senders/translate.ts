/**
 * A macro as steps of this product. CNCjs and gSender: `;` begins a comment, a line with `%` is theirs (`%wait`, assignments), `[…]` is
 * an expression in JavaScript (cncjs/cncjs src/server/controllers/Grbl/GrblController.js, the feeder's dataFilter). UGS: lines end with
 * `;` or a line break, `{work_x}` and the like are put in, `{prompt|…}` asks (MacroHelper.java).
 */
import type { MacroStep, MoveInLine } from '../../api/index.ts'
import { line } from '../lines.ts'
import type { FoundMacro } from './contract.ts'
import { type Assignment, assignedValue, assignmentsOf, expressionOf, NoEqual, readsPosition } from './expression.ts'

export interface Translation {
  /** Absent where it cannot come along. */
  steps?: MacroStep[]
  lines: MoveInLine[]
}

const LONGEST_LINE = 2000

/** As CNCjs writes it itself: a dwell is answered when the planner is empty. */
const WAIT = 'G4 P0.5'

const COMMANDS: Readonly<Record<string, Extract<MacroStep, { kind: 'command' }>['command']>> = {
  $H: 'home',
  $X: 'unlock',
  '!': 'hold',
  '~': 'resume',
  '\u0018': 'stop',
}
/** They only make the controller tell something. */
const QUESTIONS = /^(\$[$#GIN]?|\?)$/i
/** Lines that are no G-code: settings, jogs, other words of the firmware. */
const FIRMWARE = /^([$!~?[]|\p{Cc}|[\u0080-\u00ff])/u

export function translate(macro: FoundMacro): Translation {
  const all = macro.substitution === 'ugs' ? ugsLines(macro.text) : cncjsLines(macro.text)
  const steps: MacroStep[] = []
  const rewritten = new Set<string>()
  const noEqual: string[] = []
  const leftOut: string[] = []
  const names = createNames()
  let isInInches = false
  let asksWhere = false

  const gcode = (text: string) => {
    const last = steps.at(-1)
    if (last?.kind === 'gcode') last.lines.push(text)
    else steps.push({ kind: 'gcode', lines: [text] })
  }
  for (const text of all) {
    // no controller takes such a line, and looking for expressions in it would take the time of its square
    if (text.length > LONGEST_LINE) {
      noEqual.push(`${text.slice(0, 80)}…`)
      continue
    }
    try {
      if (readsPosition(text) || /\{(machine|work)_/.test(text)) asksWhere = true
      if (/\bG0*20\b/i.test(text)) isInInches = true
      const command = Object.hasOwn(COMMANDS, text.toUpperCase()) ? COMMANDS[text.toUpperCase()] : undefined
      if (command !== undefined) {
        steps.push({ kind: 'command', command })
        names.nextStep()
      } else if (QUESTIONS.test(text)) leftOut.push(text)
      else if (macro.substitution === 'cncjs' && text.startsWith('%')) {
        for (const each of percent(text, names)) gcode(each)
        rewritten.add(text)
      } else if (FIRMWARE.test(text)) noEqual.push(text)
      else {
        const written = macro.substitution === 'ugs' ? withUgsValues(text) : withExpressions(text, names)
        if (written !== text) rewritten.add(text)
        gcode(written)
      }
    } catch (error) {
      if (!(error instanceof NoEqual)) throw error
      noEqual.push(error.message === text || text.includes(error.message) ? text : `${text} (${error.message})`)
    }
  }
  const lines: MoveInLine[] = []
  if (leftOut.length) lines.push(line('macro-left-out', { lines: leftOut }))
  if (noEqual.length) return { lines: [...lines, line('macro-not', { lines: noEqual })] }
  if (isInInches && asksWhere) return { lines: [...lines, line('macro-inches', {})] }
  if (steps.length === 0) return { lines: [...lines, line('macro-not', { lines: [macro.text.trim().slice(0, 80)] })] }
  if (rewritten.size) lines.push(line('macro-rewritten', { what: [...rewritten] }))
  else lines.push(line('macro-as-it-is', {}))
  if (steps.length > 1) lines.push(line('macro-parts', { count: steps.length }))
  return { steps, lines }
}

const cncjsLines = (text: string): string[] =>
  text
    .split(/\r\n|\r|\n/)
    .map((each) => each.split(';', 1).join('').trim())
    .filter((each) => each !== '')

const ugsLines = (text: string): string[] =>
  text
    .split(/[;\r\n]+/)
    .map((each) => each.trim())
    .filter((each) => each !== '')

interface Names {
  readonly known: ReadonlyMap<string, string>
  /** A parameter for a variable. @throws NoEqual for two that differ by case alone */
  set(name: string): string
  /** What is between two programs is not G-code; parameters end with the program. */
  nextStep(): void
}

function createNames(): Names {
  let known = new Map<string, string>()
  return {
    get known() {
      return known
    },
    set(name) {
      const parameter = `#<m_${name.toLowerCase().replaceAll('$', '_')}>`
      for (const [other, its] of known) if (its === parameter && other !== name) throw new NoEqual(`${other}, ${name}`)
      known.set(name, parameter)
      return parameter
    },
    nextStep() {
      known = new Map()
    },
  }
}

/** A line of the sender's own. @throws NoEqual */
function percent(text: string, names: Names): string[] {
  const own = text.slice(1).trim()
  if (own === 'wait') return [WAIT]
  if (/^\w+$/.test(own)) throw new NoEqual(text)
  return assignmentsOf(own).map((assignment: Assignment) => {
    // before its name is known: `%x = x + 1` reads the old one
    const value = assignedValue(assignment, names.known)
    return `${names.set(assignment.name)} = ${value}`
  })
}

/** `X[posx + 5]` is a word with an expression; an expression alone would put in whole words. @throws NoEqual */
function withExpressions(text: string, names: Names): string {
  return text.replaceAll(/(\([^)]*\))|([A-Za-z]?)\s*\[([^\]]+)\]/g, (whole: string, comment: string | undefined, letter: string, inside: string) => {
    if (comment !== undefined) return comment
    if (letter === '') throw new NoEqual(whole)
    return `${letter}${expressionOf(inside, names.known)}`
  })
}

/** @throws NoEqual */
function withUgsValues(text: string): string {
  return text.replaceAll(/\{([^}]*)\}/g, (whole: string, inside: string) => {
    const [, where, axis] = /^(machine|work)_([xyz])$/.exec(inside) ?? []
    if (where === undefined || axis === undefined) throw new NoEqual(whole)
    return where === 'work' ? `[#<_${axis}>]` : `[#<_abs_${axis}>]`
  })
}
