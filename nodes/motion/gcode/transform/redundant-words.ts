/** Words that say what is so already. Forgets what it knows wherever somebody else may have changed it. */
import { AXIS_LETTERS } from '../contract.ts'
import { motionWord, tenths } from './line-writer.ts'
import type { ReadLine } from './reading.ts'
import { codesOf, editLine, parseSourceLine, type SourceLine, type SourceWord, type WordEdit } from './source-line.ts'

/** After these a person or a macro may have moved the machine and set modes: M0, M1, M60, M6, M61, M98, M99, M2, M30. */
const OTHERS_ACT = new Set([0, 10, 20, 300, 600, 60, 610, 980, 990])

export class RedundantWords {
  private motion: number | undefined
  private feed: number | undefined
  /** Machine coordinates, where the program itself went. */
  private readonly place: (number | undefined)[] = AXIS_LETTERS.map(() => undefined)

  /**
   * A line about to be written.
   * @param text as it is to be written; its words mean what those of `line` mean
   * @returns without the words that change nothing; undefined when nothing is left of it
   */
  strip(text: string, line: ReadLine): string | undefined {
    const source = text === line.source.text ? line.source : parseSourceLine(text)
    const edits = line.use === 'work' && line.modal.feedMode === 940 && !source.isBlockDelete ? this.find(source, line) : new Map<number, WordEdit>()
    this.follow(source, line)
    if (edits.size === 0) return text
    const kept = source.words.filter((_, index) => !edits.has(index))
    if (kept.every(({ letter }) => letter === 'N') && !source.hasComment) return undefined
    return editLine(source, { edits })
  }

  private find(source: SourceLine, line: ReadLine): Map<number, WordEdit> {
    const edits = new Map<number, WordEdit>()
    const { modal, offset, motions } = line
    const scale = modal.isInches ? 25.4 : 1
    const motion = motionWord({ source })
    const kind = motions.at(-1)?.kind
    const isStraight = kind === 'rapid' || kind === 'feed'
    if (!isStraight && kind !== 'arc') return edits
    source.words.forEach((word, index) => {
      if (index === motion && tenths(word) === this.motion) edits.set(index, null)
      if (word.letter === 'F' && this.feed !== undefined && Math.abs(word.value * scale - this.feed) < 1e-9) edits.set(index, null)
      const axis = AXIS_LETTERS.indexOf(word.letter as (typeof AXIS_LETTERS)[number])
      if (axis < 0 || !isStraight || modal.isIncremental) return
      const place = this.place[axis]
      const target = word.value * (axis < 3 ? scale : 1) + (offset[axis] as number)
      if (place !== undefined && Math.abs(target - place) < 1e-9) edits.set(index, null)
    })
    return edits
  }

  private follow(source: SourceLine, line: ReadLine): void {
    const motion = motionWord({ source })
    if (motion >= 0) this.motion = tenths(source.words[motion] as SourceWord)
    const scale = line.modal.isInches ? 25.4 : 1
    const feed = source.words.find(({ letter }) => letter === 'F')
    const codes = codesOf(source, 'G')
    if (codes.some((code) => code >= 930 && code <= 950)) this.feed = undefined
    if (feed) this.feed = line.modal.feedMode === 940 ? feed.value * scale : undefined
    if (line.frameChange.length > 0 || codes.some((code) => code === 281 || code === 301)) this.forgetPlace()
    if (line.use === 'home' || line.use === 'machine' || line.motions.at(-1)?.kind === 'probe') this.forgetPlace()
    else if (line.use === 'work' && !line.modal.isIncremental)
      for (const word of source.words) {
        const axis = AXIS_LETTERS.indexOf(word.letter as (typeof AXIS_LETTERS)[number])
        if (axis >= 0) this.place[axis] = word.value * (axis < 3 ? scale : 1) + (line.offset[axis] as number)
      }
    else if (line.motions.length > 0) this.forgetPlace()
    if (source.isBlockDelete || codesOf(source, 'M').some((code) => OTHERS_ACT.has(code))) this.forgetAll()
  }

  private forgetPlace(): void {
    this.place.fill(undefined)
  }

  private forgetAll(): void {
    this.forgetPlace()
    this.motion = undefined
    this.feed = undefined
  }
}
