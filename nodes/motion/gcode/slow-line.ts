/** Lines with parameters, expressions or O-words: evaluated to plain words, or read as a turn in the program's flow. */
import { type Block, LINE, letterBit } from './block.ts'
import { addCode, type CodeTable } from './code-table.ts'
import { ExpressionReader } from './expression.ts'
import { Refusal } from './findings.ts'
import type { Interpreter } from './interpreter.ts'
import { GROUP } from './modal-groups.ts'
import { numberText } from './output.ts'
import { ParameterProblem, type Parameters } from './parameters.ts'
import { type SlowText, slowText } from './slow-text.ts'

const KEYWORDS = [
  'sub',
  'endsub',
  'return',
  'call',
  'if',
  'elseif',
  'else',
  'endif',
  'while',
  'endwhile',
  'do',
  'repeat',
  'endrepeat',
  'break',
  'continue',
] as const
type Keyword = (typeof KEYWORDS)[number]

/** Longest first: `endif` before `if`. */
const BY_LENGTH = [...KEYWORDS].sort((a, b) => b.length - a.length)

/** A line that begins with O. */
export interface ControlLine {
  /** `100` or `<name>`; undefined where it is worked out (`O[#1+2] CALL`). */
  label: string | undefined
  /** `number`: the begin of a numbered program (`O1000` alone). */
  keyword: Keyword | 'number'
  source: SlowText
  /** Where the label, and what follows the keyword, begin in the text. */
  labelAt: number
  restAt: number
}

export interface SlowParts {
  interpreter: Interpreter
  parameters: Parameters
  table: CodeTable
  /** The controller evaluates for itself: the line goes out as it is. */
  isPassedOn: boolean
}

/** The reader of expressions in a line, with a warning for parameters that nothing has set. */
export function expressionReader(source: SlowText, { interpreter, parameters, isPassedOn }: SlowParts): ExpressionReader {
  return new ExpressionReader(source, parameters, (name, column) => {
    if (isPassedOn)
      throw new Refusal(
        column,
        'parameter-unknown',
        `${name} is read before the program sets it; the controller may hold any value there, so nothing can be checked.`,
      )
    interpreter.findings.warn(column, 'parameter-unset', `${name} is read before the program sets it: it counts as 0.`)
  })
}

/** @returns undefined for a line that does not begin with O @throws Refusal */
export function readControl(block: Block): ControlLine | undefined {
  const source = slowText(block)
  const { text } = source
  const start = /^(?:n\d+)?o/.exec(text)
  if (!start) return undefined
  const labelAt = start[0].length
  const refuse = (at: number, message: string): never => {
    throw new Refusal(source.columns[at] ?? 1, 'flow-invalid', message)
  }
  let at = labelAt
  let label: string | undefined
  const number = /\d+/y
  number.lastIndex = at
  const digits = number.exec(text)
  if (digits) {
    label = String(Number(digits[0]))
    at = number.lastIndex
  } else if (text.charAt(at) === '<') {
    const end = text.indexOf('>', at)
    if (end < 0) refuse(at, '"<" is never closed by ">".')
    label = text.slice(at, end + 1)
    at = end + 1
  } else if (text.charAt(at) === '[' || text.charAt(at) === '#') {
    at = labelEnd(text, at)
  } else refuse(at, 'O needs a number or a name: O100, O<name>.')
  const rest = text.slice(at)
  const keyword = BY_LENGTH.find((word) => rest.startsWith(word))
  if (keyword) return { label, keyword, source, labelAt, restAt: at + keyword.length }
  if (rest === '' && label !== undefined && !label.startsWith('<')) return { label, keyword: 'number', source, labelAt, restAt: at }
  return refuse(
    at,
    rest === '' ? 'The O-word has no keyword, such as SUB, CALL, IF or WHILE.' : `"${rest.slice(0, 20).toUpperCase()}" is no keyword of an O-word.`,
  )
}

/** Behind a worked-out label: `[#1+2]`, `#5`, `#<name>`. */
function labelEnd(text: string, from: number): number {
  let at = from
  while (text.charAt(at) === '#') at += 1
  if (text.charAt(at) === '<') {
    const end = text.indexOf('>', at)
    return end < 0 ? text.length : end + 1
  }
  if (text.charAt(at) === '[') {
    let depth = 0
    for (; at < text.length; at += 1) {
      if (text.charAt(at) === '[') depth += 1
      if (text.charAt(at) === ']') depth -= 1
      if (depth === 0) return at + 1
    }
    return at
  }
  while (/\d/.test(text.charAt(at))) at += 1
  return at
}

interface EvaluatedWord {
  letter: string
  value: number
  literal: string | undefined
  column: number
}

/**
 * Evaluates a line into the block, as if it had been written with numbers, and carries its assignments out.
 * @throws Refusal
 */
export function readSlowLine(block: Block, parts: SlowParts): void {
  const { interpreter, parameters, isPassedOn, table } = parts
  const source = slowText(block)
  const reader = expressionReader(source, parts)
  const words: EvaluatedWord[] = []
  const settings: { parameter: number | string; value: number; at: number }[] = []
  while (reader.at < source.text.length) {
    const at = reader.at
    const char = reader.peek()
    if (char === '#') {
      const parameter = reader.parameter()
      if (reader.peek() !== '=') reader.refuse('line-refused', 'A parameter stands here without a letter before it or "=" behind it.', at)
      reader.at += 1
      settings.push({ parameter, value: reader.value('The parameter').value, at })
      continue
    }
    if (!/[a-z]/.test(char)) reader.refuse('line-refused', /[\d.+-]/.test(char) ? 'A number stands here without a letter.' : `"${char}" is not G-code.`)
    const letter = char.toUpperCase()
    const column = reader.column
    reader.at += 1
    if (letter === 'O') reader.refuse('flow-invalid', 'An O-word must stand at the begin of its line.', at)
    const { value, literal } = reader.value(letter)
    words.push({ letter, value, literal, column })
  }
  const { isBlockDelete } = block
  block.reset()
  block.isBlockDelete = isBlockDelete
  block.isOdd = true
  fill(block, words, { interpreter, table, isPassedOn })
  if (block.kind === LINE.problem) throw new Refusal(block.problemColumn, block.problemCode, block.problemText)
  // a setting takes effect behind the line (LinuxCNC "Numbered Parameters")
  for (const { parameter, value, at } of settings) {
    try {
      if (typeof parameter === 'number') parameters.setNumbered(parameter, value)
      else parameters.setNamed(parameter, value)
    } catch (error) {
      if (error instanceof ParameterProblem) reader.refuse(error.code, error.message, at)
      throw error
    }
  }
}

const WHOLE = new Set(['L', 'N', 'T', 'H', 'D'])

function fill(block: Block, words: readonly EvaluatedWord[], options: { interpreter: Interpreter; table: CodeTable; isPassedOn: boolean }): void {
  const { interpreter, table, isPassedOn } = options
  const text: string[] = []
  for (const { letter, value, column } of words) {
    if (letter === 'G' || letter === 'M') {
      // near enough to a code (LinuxCNC "Numbers")
      const tenths = Math.round(value * 10) / 10
      if (!addCode(block, letter === 'G' ? 71 : 77, Math.abs(tenths - value) < 1e-4 ? tenths : value, { column, table })) return
    }
  }
  const { modal } = interpreter.course
  const isIncremental = block.has(GROUP.distance) ? block.code(GROUP.distance) === 910 : modal.isIncremental
  const isInches = block.has(GROUP.units) ? block.code(GROUP.units) === 200 : modal.isInches
  const fine = isIncremental || isInches ? 6 : 4
  for (const { letter, value, literal, column } of words) {
    if (letter === 'G' || letter === 'M') {
      text.push(`${letter}${literal ?? numberText(value, 1)}`)
      continue
    }
    const bit = letterBit(letter)
    if (block.letters & bit) {
      block.refuse(column, 'word-repeated', `${letter} stands twice in the line.`)
      return
    }
    const isWhole = WHOLE.has(letter) && Math.abs(value - Math.round(value)) < 1e-4
    const written = literal ?? (isWhole ? String(Math.round(value)) : numberText(value, decimals(letter, fine)))
    block.letters |= bit
    // what is written out is what is checked
    block.values[letter.charCodeAt(0) - 65] = isPassedOn && !isWhole ? value : Number(written)
    block.columns[letter.charCodeAt(0) - 65] = column
    text.push(`${letter}${written}`)
  }
  block.kind = words.length === 0 ? LINE.empty : LINE.words
  if (!isPassedOn) block.evaluated = text.join('')
}

function decimals(letter: string, fine: number): number {
  if ('XYZIJKRQ'.includes(letter)) return fine
  if ('ABC'.includes(letter)) return 4
  return 3
}
