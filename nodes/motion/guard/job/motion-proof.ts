/**
 * Which lines of a program are proven done. An acknowledged move may still wait in the planner, so a line counts as done
 * only when more moves behind it were acknowledged than the planner holds, or when the machine was seen empty. Errs on the
 * safe side: what is in doubt is not done, and cutting a line twice does no harm. Pure.
 */
import type { PreparedLine } from '../../grbl/index.ts'

/** A line to go on from. */
export interface LineMark {
  number: number
  text: string
}

/** What a line puts into the planner. */
interface Kind {
  mayMove: boolean
  /** One block at least. */
  isMove: boolean
}

/** Segments that are already cut out of a finished block, and rounding of what a controller says of itself. */
const MARGIN_BLOCKS = 4

export class MotionProof {
  readonly #blocks: number
  /** Acknowledged and not proven done, oldest first. */
  #open: (LineMark & Kind)[] = []
  #head = 0
  /** Moves among the open lines. */
  #moves = 0
  /** A move was proven done. */
  hasProven = false
  readonly #last = new Map<string, number>()
  #isIncremental = false

  /** @param plannerBlocks as the controller said */
  constructor(plannerBlocks: number) {
    this.#blocks = plannerBlocks + MARGIN_BLOCKS
  }

  acknowledged({ number, text }: PreparedLine): void {
    // a dwell is answered when everything before it is done (grbl 1.1 motion_control.c)
    if (/G0*4(?![\d.])/.test(text)) {
      this.allDone()
      return
    }
    const kind = this.#kindOf(text)
    this.#open.push({ number, text, ...kind })
    if (kind.isMove) this.#moves += 1
    for (let first = this.#open[this.#head]; first && this.#moves - Number(first.isMove) >= this.#blocks; first = this.#open[this.#head]) {
      this.#head += 1
      if (first.isMove) this.#moves -= 1
      if (first.mayMove) this.hasProven = true
    }
    if (this.#head > 256 && this.#head * 2 > this.#open.length) {
      this.#open = this.#open.slice(this.#head)
      this.#head = 0
    }
  }

  /** The planner was seen empty. */
  allDone(): void {
    if (this.firstOpen()) this.hasProven = true
    this.#open = []
    this.#head = 0
    this.#moves = 0
  }

  /** @returns the first move that is not proven done; undefined when there is none among those acknowledged */
  firstOpen(): LineMark | undefined {
    for (let i = this.#head; i < this.#open.length; i += 1) {
      const line = this.#open[i]
      if (line?.mayMove) return { number: line.number, text: line.text }
    }
    return undefined
  }

  /** One that goes to where it is already puts no block into the planner, so an axis counts only where its place before is known. */
  #kindOf(text: string): Kind {
    if (text.includes('G91') && !text.includes('G91.1')) this.#isIncremental = true
    else if (text.includes('G90') && !text.includes('G90.1')) this.#isIncremental = false
    // axis words of these mean no place to go to, one that is not in the line, or other coordinates from now on
    if (/G0*(?:10|28|30|43|49|5[3-9]|92)(?!\d)/.test(text)) {
      this.#last.clear()
      return { mayMove: /G0*(?:28|30|5[3-9])(?!\d)/.test(text) && /[XYZABC]|G0*(?:28|30)/.test(text), isMove: false }
    }
    let isMove = false
    let mayMove = false
    // by hand: this is done for every line, and a regular expression leaves a kilobyte behind each time
    for (let at = 0; at < text.length; at += 1) {
      const axis = text.charAt(at)
      if (!AXES.includes(axis)) continue
      const end = endOfNumber(text, at + 1)
      if (end === undefined) continue
      const to = Number(text.slice(at + 1, end))
      const before = this.#last.get(axis)
      mayMove = true
      if (this.#isIncremental ? to !== 0 : before !== undefined && before !== to) isMove = true
      if (this.#isIncremental) this.#last.delete(axis)
      else this.#last.set(axis, to)
      at = end - 1
    }
    // a whole turn names no end
    return { mayMove: mayMove || /[IJKR]/.test(text), isMove }
  }
}

const AXES = 'XYZABC'

/** @returns undefined where no number stands */
function endOfNumber(text: string, from: number): number | undefined {
  const sign = text.charAt(from)
  let end = sign === '-' || sign === '+' ? from + 1 : from
  const first = end
  for (let code = text.charCodeAt(end); (code >= 0x30 && code <= 0x39) || code === 0x2e; code = text.charCodeAt(end)) end += 1
  return end > first ? end : undefined
}
