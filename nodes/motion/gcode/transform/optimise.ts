/**
 * The same path in fewer lines: straight cuts in line with each other become one, chains of short ones become arcs, words
 * that change nothing are left out. Whatever stands between cuts (comments, modes, tools, stops) stays where it was.
 */
import { AXIS_LETTERS } from '../contract.ts'
import { type Arc, askedLike, planeAxes, shapeOf } from './asked-move.ts'
import { arcThrough, type Corner, farthest, isStraight } from './chain.ts'
import type { Emission, Stage } from './emission.ts'
import { givenAxes } from './known-place.ts'
import { LineWriter, tenths, type WrittenMove } from './line-writer.ts'
import type { KeptMotion, ReadLine } from './reading.ts'
import { RedundantWords } from './redundant-words.ts'

/** Rounding of what is written, mm. */
const ROUNDING_MM = 0.0002
/** Decimals that keep the numbers of any program as they were. */
const DECIMALS = 6
/** Share of the tolerance for arcs: between the places looked at they are a little farther off. */
const ARC_SHARE = 0.95
/** So many cuts are looked at together. */
const MOST_CUTS = 2048
/** A line or an arc that stands for fewer lines is not worth it. */
const FEWEST_FOR_ARC = 4

interface OptimiseOptions {
  toleranceMm: number
  dropsRedundantWords: boolean
  mergesLines: boolean
  fitsArcs: boolean
  startMm: readonly number[]
}

export function optimiseStage(options: OptimiseOptions): Stage {
  const stage = new OptimiseStage(options)
  return { line: (line) => stage.line(line), end: () => stage.flush(), notes: () => [] }
}

/** One piece of what is made of a chain: up to corner `to`. */
interface ChainPiece {
  to: number
  arc?: Arc
}

class OptimiseStage {
  private readonly options: OptimiseOptions
  private readonly writer: LineWriter
  private readonly redundant = new RedundantWords()
  /** Cuts that may become one; the first may carry other words, too. */
  private chain: ReadLine[] = []

  constructor(options: OptimiseOptions) {
    this.options = options
    this.writer = new LineWriter(options.startMm, DECIMALS)
  }

  line(line: ReadLine): Emission[] {
    if (this.chain.length > 0 && this.isLink(line)) {
      this.chain.push(line)
      return this.chain.length >= MOST_CUTS ? this.flush() : []
    }
    const before = this.flush()
    if (this.isHead(line)) {
      this.chain.push(line)
      return before
    }
    return [...before, this.single(line)]
  }

  flush(): Emission[] {
    const { chain } = this
    this.chain = []
    const pieces = this.piecesOf(chain)
    const emissions: Emission[] = []
    let from = 0
    for (const piece of pieces) {
      const sources = chain.slice(from, piece.to)
      emissions.push(sources.length === 1 && !piece.arc ? this.single(sources[0] as ReadLine) : this.merged(sources, piece))
      from = piece.to
    }
    return emissions
  }

  /** A cut that others may be added to. */
  private isHead(line: ReadLine): boolean {
    if (!this.options.mergesLines && !this.options.fitsArcs) return false
    const isStop = line.events.some(({ event, movesBefore }) => movesBefore > 0 || event.kind === 'stop' || event.kind === 'end')
    return this.isPlainCut(line) && !isStop
  }

  /** A cut and nothing else, like the one before. */
  private isLink(line: ReadLine): boolean {
    if (!this.isPlainCut(line) || line.events.length > 0 || line.source.hasComment || line.frameChange.length > 0) return false
    const last = this.chain.at(-1) as ReadLine
    const before = last.motions[0] as KeptMotion
    const motion = line.motions[0] as KeptMotion
    const isOnlyWay = line.source.words.every((word) => 'NXYZF'.includes(word.letter) || (word.letter === 'G' && tenths(word) === 10))
    const isAlike = motion.feedMmPerMin === before.feedMmPerMin && motion.tool === before.tool && motion.spindleRpm === before.spindleRpm
    const isSameMode = last.modal.isIncremental === line.modal.isIncremental && last.modal.isInches === line.modal.isInches
    return isOnlyWay && isAlike && isSameMode && before.spindle === motion.spindle
  }

  private isPlainCut(line: ReadLine): boolean {
    const motion = line.motions[0]
    return (
      line.use === 'work' &&
      line.motions.length === 1 &&
      motion?.kind === 'feed' &&
      line.modal.feedMode === 940 &&
      line.modal.motion === 10 &&
      !line.source.isBlockDelete &&
      motion.from.slice(3).every((value, index) => value === motion.to[index + 3])
    )
  }

  private piecesOf(chain: readonly ReadLine[]): ChainPiece[] {
    const first = chain[0]?.motions[0]
    if (!first) return []
    const { mergesLines, fitsArcs, toleranceMm } = this.options
    const corners: Corner[] = [first.from, ...chain.map((line) => (line.motions[0] as KeptMotion).to)]
    const last = corners.length - 1
    const allowed = Math.max(toleranceMm - ROUNDING_MM, 1e-7)
    const plane = (chain[0] as ReadLine).modal.plane
    const pieces: ChainPiece[] = []
    for (let from = 0; from < last; ) {
      const straight = mergesLines ? farthest(from + 2, last, (to) => isStraight(corners, from, to, allowed)) : from + 1
      const arcTo =
        fitsArcs && from + FEWEST_FOR_ARC <= last
          ? farthest(from + FEWEST_FOR_ARC, last, (to) => arcThrough(corners, { from, to, plane, allowed: allowed * ARC_SHARE }) !== undefined)
          : from
      const arc = arcTo > straight ? arcThrough(corners, { from, to: arcTo, plane, allowed: allowed * ARC_SHARE }) : undefined
      const piece: ChainPiece = arc ? { to: arcTo, arc } : { to: straight }
      pieces.push(piece)
      from = piece.to
    }
    return pieces
  }

  /** A line as it is, but for words that change nothing. */
  private single(line: ReadLine): Emission {
    const asked = line.motions.map((motion) =>
      askedLike(motion, { from: motion.from, to: motion.to, shape: shapeOf(motion), isInverseTime: line.modal.feedMode === 930 }),
    )
    return { lines: this.stripped(this.writer.keep(line, line.position), line), asked, sources: [line] }
  }

  private merged(sources: readonly ReadLine[], piece: ChainPiece): Emission {
    const head = sources[0] as ReadLine
    const last = sources.at(-1) as ReadLine
    const named = new Set(sources.flatMap(givenAxes))
    const to = (last.motions[0] as KeptMotion).to
    // axes that moved are written; one that was named and did not move keeps its word unless words are dropped
    const plane = piece.arc ? planeAxes(piece.arc.plane).slice(0, 2) : []
    const must = AXIS_LETTERS.map((_, axis) => plane.includes(axis) || (named.has(axis) && !this.options.dropsRedundantWords))
    const move: WrittenMove = { motion: piece.arc ? (piece.arc.sweep < 0 ? 20 : 30) : 10, to, must, ...(piece.arc ? { arc: piece.arc } : {}) }
    const asked = sources.map((line) => {
      const motion = line.motions[0] as KeptMotion
      return askedLike(motion, { from: motion.from, to: motion.to, shape: { kind: 'line' }, isInverseTime: false })
    })
    const made: ReadLine = { ...last, motions: [{ ...(last.motions[0] as KeptMotion), kind: piece.arc ? 'arc' : 'feed' }], source: head.source }
    const lines = this.writer.write({ ...head, modal: last.modal }, [move]).flatMap((text) => this.stripped(text, made))
    return { lines, asked, sources: [...sources] }
  }

  private stripped(text: string, line: ReadLine): string[] {
    if (!this.options.dropsRedundantWords) return [text]
    const kept = this.redundant.strip(text, line)
    return kept === undefined ? [] : [kept]
  }
}
