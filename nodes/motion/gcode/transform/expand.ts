/**
 * A program in simple lines. What a plain controller would not know (expressions, subprograms, canned cycles) is written
 * out by the engine; a program without any of it stays as it was written, comments and all.
 */
import type { Finding, ProgramFacts } from '../contract.ts'
import { readProgram } from '../reader.ts'
import { TransformFailed } from './failure.ts'
import { type KeptMotion, keepMotion, neutralModel, ProgramReading, type Rules } from './reading.ts'
import { parseSourceLine, type SourceLine } from './source-line.ts'

const BYTES_AT_ONCE = 8192
const PIECE_BYTES = 65_536

export interface SimpleProgram {
  lines: string[]
  eol: string
  /** The last line has a line end, too. */
  endsWithEol: boolean
  /** Numbers of lines that do nothing and are kept, 1-based. */
  inert: ReadonlySet<number>
  isExpanded: boolean
  rules: Rules
}

/**
 * The program as lines of one byte a character.
 * @throws TransformFailed when the program has errors
 */
export function* simpleProgram(pieces: readonly Uint8Array[]): Generator<void, SimpleProgram> {
  const first = yield* factsOf(pieces, 'linuxcnc')
  const second = 'line' in first ? yield* factsOf(pieces, 'grblhal') : first
  if ('line' in first && 'line' in second) throw new TransformFailed(first.line, `${first.text} A program with errors is not transformed.`)
  const rules: Rules = 'line' in first ? 'grblhal' : 'linuxcnc'
  const facts = second as ProgramFacts
  const source = yield* sourceLines(pieces)
  if (!facts.isExpanded) return { ...source, inert: new Set(), isExpanded: false, rules }
  const written = yield* writtenOut(pieces, facts, rules)
  const merged = mergedWithSource(source.lines, written, facts.hasEnded)
  if (merged) return { ...source, ...merged, rules }
  return { ...source, lines: written.map(({ text }) => text), endsWithEol: true, inert: new Set(), isExpanded: true, rules }
}

/** A line for the controller and the source line it comes from. */
interface WrittenLine {
  text: string
  line: number
}

/**
 * The lines of the source where they are what is written out, those written out where not: comments stay, program numbers
 * (`O1001`) and checksums, too.
 * @returns undefined for a program that is not run from top to bottom
 */
function mergedWithSource(
  source: readonly string[],
  written: readonly WrittenLine[],
  hasEnded: boolean,
): Pick<SimpleProgram, 'lines' | 'inert' | 'isExpanded'> | undefined {
  if (written.some(({ line }, index) => index > 0 && line < (written[index - 1] as WrittenLine).line)) return undefined
  const lines: string[] = []
  const inert = new Set<number>()
  let isExpanded = false
  let at = 0
  for (const [index, text] of source.entries()) {
    if (at === written.length && hasEnded) {
      lines.push(...source.slice(index))
      break
    }
    const made: string[] = []
    for (; written[at]?.line === index + 1; at += 1) made.push((written[at] as WrittenLine).text)
    const line = parseSourceLine(text)
    const isSame = !line.isStrange && (made.length === 1 ? wordsOf(line) === wordsOf(parseSourceLine(made[0] as string)) : made.length === 0)
    const isNumber = made.length === 0 && line.words.every(({ letter }) => letter === 'N' || letter === 'O')
    if (isSame && (made.length === 1 || isNumber)) {
      lines.push(text)
      if (made.length === 0 && line.words.length > 0) inert.add(lines.length)
      continue
    }
    isExpanded = true
    const comments = text.match(/\([^)]*\)|;.*/g)
    if (comments) lines.push(comments.join(' '))
    lines.push(...made)
  }
  return { lines, inert, isExpanded }
}

function wordsOf(line: SourceLine): string {
  return line.words.map(({ letter, value }) => letter + value).join(' ')
}

/** @returns the facts, or the first error */
function* factsOf(pieces: readonly Uint8Array[], rules: Rules): Generator<void, ProgramFacts | Pick<Finding, 'line' | 'text'>> {
  let error: Pick<Finding, 'line' | 'text'> | undefined
  const reader = readProgram(neutralModel(rules), {
    finding: (finding) => {
      if (finding.severity === 'error') error ??= { line: finding.line, text: finding.text }
    },
  })
  for (const piece of pieces) {
    for (let at = 0; at < piece.length && error === undefined; at += PIECE_BYTES) {
      reader.add(piece.subarray(at, at + PIECE_BYTES))
      yield
    }
  }
  const facts = reader.end()
  return error ?? facts
}

/** Every move of the program is compared with the move of the line it was written out as. */
function* writtenOut(pieces: readonly Uint8Array[], facts: ProgramFacts, rules: Rules): Generator<void, WrittenLine[]> {
  const lines: WrittenLine[] = []
  let moves: KeptMotion[] = []
  const simple = new ProgramReading(neutralModel(rules))
  const reader = readProgram(neutralModel(rules), { output: (text, line) => lines.push({ text, line }), motion: (motion) => moves.push(keepMotion(motion)) })
  let read = 0
  let written: KeptMotion[] = []
  const compare = () => {
    for (; read < lines.length; read += 1) written.push(...simple.read((lines[read] as WrittenLine).text).motions)
    const count = Math.min(moves.length, written.length)
    for (let i = 0; i < count; i += 1) if (!isSameMotion(moves[i] as KeptMotion, written[i] as KeptMotion)) throw different((moves[i] as KeptMotion).line)
    moves = moves.slice(count)
    written = written.slice(count)
  }
  for (const piece of pieces) {
    for (let at = 0; at < piece.length; at += PIECE_BYTES) {
      reader.add(piece.subarray(at, at + PIECE_BYTES))
      compare()
      yield
    }
  }
  reader.end()
  compare()
  if (moves.length > 0 || written.length > 0 || lines.length !== facts.outputLines) throw different(moves[0]?.line ?? 0)
  return lines
}

function different(line: number): TransformFailed {
  return new TransformFailed(line, 'Written out in simple lines, the program would not do the same. Please keep it as an example of this fault.')
}

function isSameMotion(one: KeptMotion, other: KeptMotion): boolean {
  const isNear = (a: number, b: number) => Math.abs(a - b) < 1e-3
  return (
    one.kind === other.kind &&
    one.to.every((value, axis) => isNear(value, other.to[axis] as number)) &&
    Math.abs(one.feedMmPerMin - other.feedMmPerMin) <= 1e-3 * Math.max(one.feedMmPerMin, 1) &&
    (one.kind !== 'arc' || (isNear(one.radius, other.radius) && isNear(one.sweep, other.sweep) && one.plane === other.plane))
  )
}

function* sourceLines(pieces: readonly Uint8Array[]): Generator<void, { lines: string[]; eol: string; endsWithEol: boolean }> {
  const lines: string[] = []
  let eol: string | undefined
  let rest = ''
  for (const piece of pieces) {
    for (let at = 0; at < piece.length; at += BYTES_AT_ONCE) {
      rest += String.fromCharCode.apply(null, piece.subarray(at, at + BYTES_AT_ONCE) as unknown as number[])
      // a carriage return at the end may be half of a line end
      const whole = rest.endsWith('\r') ? rest.slice(0, -1) : rest
      const found = whole.split(/(\r\n|\n|\r)/)
      for (let i = 0; i + 1 < found.length; i += 2) {
        eol ??= found[i + 1]
        lines.push(found[i] as string)
      }
      rest = (found.at(-1) as string) + rest.slice(whole.length)
      if (at % (16 * BYTES_AT_ONCE) === 0) yield
    }
  }
  const endsWithEol = rest === '' || rest.endsWith('\r')
  if (rest !== '') lines.push(rest.endsWith('\r') ? rest.slice(0, -1) : rest)
  return { lines, eol: eol ?? '\n', endsWithEol }
}
