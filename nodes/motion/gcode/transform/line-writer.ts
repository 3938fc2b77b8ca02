/**
 * Writes lines of the new program in the manner of the old one: its units and distance mode, its spaces and decimals, its
 * comments and all words that do not say where to go. Knows where the new program really stands, rounding included, so
 * that roundings never add up.
 */
import { AXIS_LETTERS } from '../contract.ts'
import { type Arc, distance, lengthOf, planeAxes } from './asked-move.ts'
import { TransformFailed } from './failure.ts'
import type { ReadLine } from './reading.ts'
import { editLine, isSpaced, numberText, type SourceWord, type WordEdit } from './source-line.ts'

/** Decimals of what is written: 0.1 µm and 0.25 µm. */
const DECIMALS_MM = 4
const DECIMALS_INCH = 5
const MM_PER_INCH = 25.4
const MOTION_CODES = new Set([0, 10, 20, 30, 382, 383, 384, 385, 800])
const STOP_CODES = new Set([0, 10, 20, 300, 600])
const UNSURE = -1
const AMBIGUOUS = -2
const CENTRE_LETTERS = ['I', 'J', 'K'] as const
const PLACE_LETTERS = new Set(['X', 'Y', 'Z', 'A', 'B', 'C', 'I', 'J', 'K', 'R'])

/** One move to be written. Machine coordinates. */
export interface WrittenMove {
  /** Code in tenths; absent where the line moves without one (G28). */
  motion?: number
  to: readonly number[]
  arc?: Arc
  /** Axes whose word is written though nothing changes. */
  must: readonly boolean[]
  /** Path feed, where it has to be said anew (inverse time). */
  feed?: number
}

export class LineWriter {
  /** Where the program written so far stands. */
  readonly place: number[]
  /** Motion code in force, in tenths; undefined until the program has said one, `UNSURE` where it must say one anew. */
  motion: number | undefined
  /** In the old program. */
  private sourceMotion: number | undefined
  /** Decimals in mm; inches get one more. */
  private readonly decimals: number

  constructor(place: readonly number[], decimals = DECIMALS_MM) {
    this.place = [...place]
    this.decimals = decimals
  }

  /** A line as it is. `place` is where the program stands behind it. */
  keep(line: ReadLine, place: readonly number[]): string {
    place.forEach((value, axis) => {
      this.place[axis] = value
    })
    const index = motionWord(line)
    const before = this.motion
    const needs = (line.use === 'work' || line.use === 'machine') && index < 0 && this.motion !== line.modal.motion && this.motion !== undefined
    if (line.use === 'work' || line.use === 'machine') this.refuseAmbiguous(line, index >= 0)
    if (index >= 0) this.motion = tenths(line.source.words[index] as SourceWord)
    if (line.events.some(({ event }) => event.kind === 'end')) this.motion = 10
    if (needs) this.motion = line.modal.motion
    this.mayBeLeftOut(line, before)
    if (!needs) return line.source.text
    const number = line.source.words.findIndex(({ letter }) => letter === 'N')
    return editLine(line.source, { edits: new Map(), added: new Map([[number, [codeText(line.modal.motion)]]]) })
  }

  /** A line whose way changes: its own words where they can stay, more lines where one does not do. */
  write(line: ReadLine, moves: readonly WrittenMove[]): string[] {
    const smallest = 2 * 10 ** -this.decimals
    let at: readonly number[] = this.place
    const [first, ...others] = moves.map((move) => {
      const isPoint = move.arc !== undefined && Math.abs(move.arc.sweep) < Math.PI && distance(at, move.to) < smallest
      at = move.to
      // an arc whose ends are written the same would be a full circle
      if (!isPoint) return move
      const { arc: _, ...straight } = move
      return { ...straight, motion: 10 }
    })
    if (!first) throw new Error('A line is written without a move')
    const { source } = line
    const { words } = source
    const edits = new Map<number, WordEdit>()
    const tokens = new Map<string, number>()
    words.forEach((word, index) => {
      if (PLACE_LETTERS.has(word.letter) || (word.letter === 'F' && first.feed !== undefined)) tokens.set(word.letter, index)
    })
    const before = this.motion
    const made = this.wordsOf(line, first, (letter) => words[tokens.get(letter) ?? -1])
    const added: string[] = []
    const motion = motionWord(line)
    if (first.motion !== undefined) this.refuseAmbiguous(line, motion >= 0)
    if (first.motion === undefined) {
      // nothing to say
    } else if (motion >= 0) {
      const word = words[motion] as SourceWord
      if (tenths(word) !== first.motion) edits.set(motion, codeLike(word, first.motion, source.text))
    } else if (this.motion !== first.motion) added.push(codeText(first.motion))
    this.motion = first.motion ?? this.motion
    for (const [letter, number] of made) {
      const index = tokens.get(letter)
      if (index === undefined) added.push(letter + number)
      else if ((words[index] as SourceWord).number !== number) edits.set(index, (source.text[(words[index] as SourceWord).start] as string) + number)
    }
    for (const [letter, index] of tokens) if (!made.some(([written]) => written === letter)) edits.set(index, null)
    const hasTurns = first.arc === undefined || others.length > 0
    if (hasTurns && (line.modal.motion === 20 || line.modal.motion === 30))
      for (const [index, word] of words.entries()) if (word.letter === 'P') edits.set(index, null)
    const stops = others.length > 0 ? words.flatMap((word, index) => (word.letter === 'M' && STOP_CODES.has(tenths(word)) ? [index] : [])) : []
    for (const index of stops) edits.set(index, null)
    const places = words.flatMap(({ letter }, index) => (PLACE_LETTERS.has(letter) ? [index] : []))
    const axes = places.filter((index) => (AXIS_LETTERS as readonly string[]).includes((words[index] as SourceWord).letter))
    const last = motion >= 0 ? motion : words.findIndex(({ letter }) => letter === 'N')
    const insert = new Map<number, string[]>()
    const add = (behind: number, list: string[]) => {
      if (list.length > 0) insert.set(behind, [...(insert.get(behind) ?? []), ...list])
    }
    add(
      places[0] === undefined ? last : places[0] - 1,
      added.filter((word) => word.startsWith('G')),
    )
    add(
      axes.at(-1) ?? last,
      added.filter((word) => (AXIS_LETTERS as readonly string[]).includes(word[0] as string)),
    )
    add(
      places.at(-1) ?? last,
      added.filter((word) => 'IJKRF'.includes(word[0] as string)),
    )
    const prefix = source.isBlockDelete ? '/' : ''
    const gap = isSpaced(source) ? ' ' : ''
    const lines = [editLine(source, { edits, added: insert })]
    for (const move of others) {
      const rest = this.wordsOf(line, move, () => undefined).map(([letter, number]) => letter + number)
      if (move.motion !== undefined && this.motion !== move.motion) rest.unshift(codeText(move.motion))
      this.motion = move.motion ?? this.motion
      if (rest.length > 0) lines.push(prefix + rest.join(gap))
    }
    this.mayBeLeftOut(line, before)
    for (const index of stops) lines.push(prefix + source.text.slice((words[index] as SourceWord).start, (words[index] as SourceWord).end))
    return lines
  }

  /** Whether a line with `/` is run is not known here, nor which motion is in force behind it. */
  private mayBeLeftOut(line: ReadLine, before: number | undefined): void {
    const sourceBefore = this.sourceMotion
    this.sourceMotion = line.modal.motion
    if (!line.source.isBlockDelete) return
    if (sourceBefore === line.modal.motion) {
      if (this.motion !== before) this.motion = UNSURE
    } else if (before !== sourceBefore || this.motion !== line.modal.motion) this.motion = AMBIGUOUS
  }

  /** @throws TransformFailed where the motion depends on whether a line with `/` is run, and would depend on it otherwise than before */
  private refuseAmbiguous(line: ReadLine, hasMotionWord: boolean): void {
    if (this.motion === AMBIGUOUS && !hasMotionWord)
      throw new TransformFailed(
        line.number,
        'Which motion this is depends on whether the line with "/" before it is run. Say it in this line (G0, G1, G2 or G3).',
      )
  }

  /** The letters and numbers of a move; the place moves on. */
  private wordsOf(line: ReadLine, move: WrittenMove, tokenOf: (letter: string) => SourceWord | undefined): [string, string][] {
    const { modal, offset, source } = line
    const scale = modal.isInches ? MM_PER_INCH : 1
    const decimals = modal.isInches ? this.decimals + DECIMALS_INCH - DECIMALS_MM : this.decimals
    const from = [...this.place]
    const made: [string, string][] = []
    const style = source.words.find(({ letter }) => letter === 'X' || letter === 'Y' || letter === 'Z')?.number
    AXIS_LETTERS.forEach((letter, axis) => {
      const unit = axis < 3 ? scale : 1
      const at = this.place[axis] as number
      const to = move.to[axis] as number
      if (!move.must[axis] && Math.abs(to - at) < 0.6 * 10 ** -decimals * unit) return
      const zero = modal.isIncremental ? at : (offset[axis] as number)
      const wanted = (to - zero) / unit
      const token = tokenOf(letter)
      const number =
        token && Math.abs(token.value - wanted) < 1e-9 * (1 + Math.abs(wanted)) ? token.number : numberText(wanted, decimals, token?.number ?? style)
      this.place[axis] = Number(number.replaceAll(/\s/g, '')) * unit + zero
      made.push([letter, number])
    })
    if (move.arc)
      made.push(
        ...this.arcWords({ line, move, arc: move.arc, from, decimals: Math.min(decimals, modal.isInches ? DECIMALS_INCH : DECIMALS_MM), scale, tokenOf }),
      )
    if (move.feed !== undefined) {
      const length = lengthOf({ from, to: [...this.place], shape: move.arc ? { kind: 'arc', ...move.arc } : { kind: 'line' } })
      const perMinute = move.feed / Math.max(length, 1e-6)
      made.push(['F', numberText(perMinute, Math.min(Math.max(6 - Math.floor(Math.log10(perMinute)), 0), 8))])
    }
    return made
  }

  private arcWords(facts: {
    line: ReadLine
    move: WrittenMove
    arc: Arc
    from: number[]
    decimals: number
    scale: number
    tokenOf: (letter: string) => SourceWord | undefined
  }): [string, string][] {
    const { line, move, arc, from, decimals, scale, tokenOf } = facts
    const { modal, offset } = line
    const [a, b] = planeAxes(arc.plane)
    const radius = tokenOf('R')
    // a radius says which arc only as long as both ends are where they were meant to be
    if (radius && Math.abs(Math.abs(radius.value) * scale - arc.radius) < 1e-7 && distance(this.place, move.to) < 1e-7 && isOnCircle(from, arc))
      return [['R', radius.number]]
    const words: [string, string][] = []
    for (const [axis, centre] of [
      [a, arc.centreA],
      [b, arc.centreB],
    ] as const) {
      const letter = CENTRE_LETTERS[axis] as string
      const token = tokenOf(letter)
      const zero = (modal.isArcAbsolute ? offset[axis] : from[axis]) as number
      const wanted = (centre - zero) / scale
      const number = token && Math.abs(token.value - wanted) < 0.6 * 10 ** -decimals ? token.number : numberText(wanted, decimals, token?.number)
      if (modal.isArcAbsolute || token || Number(number) !== 0) words.push([letter, number])
    }
    if (words.length === 0) words.push([CENTRE_LETTERS[a] as string, '0'])
    return words
  }
}

function isOnCircle(from: readonly number[], arc: Arc): boolean {
  const [a, b] = planeAxes(arc.plane)
  return Math.abs(Math.hypot((from[a] as number) - arc.centreA, (from[b] as number) - arc.centreB) - arc.radius) < 1e-7
}

/** Index of the word that chooses the motion; -1 without. */
export function motionWord(line: Pick<ReadLine, 'source'>): number {
  return line.source.words.findIndex((word) => word.letter === 'G' && MOTION_CODES.has(tenths(word)))
}

export function tenths(word: SourceWord): number {
  return Math.round(word.value * 10)
}

function codeText(code: number): string {
  return `G${code / 10}`
}

/** `G03` for `G02`, `g3` for `g2`. */
function codeLike(word: SourceWord, code: number, text: string): string {
  const letter = text[word.start] as string
  return letter + String(code / 10).padStart(code % 10 === 0 && !word.number.includes('.') ? word.number.trim().length : 0, '0')
}
