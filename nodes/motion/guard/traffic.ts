/**
 * The latest talk between guard and controller, for the console. Kept in arrays made once: while a program is streamed,
 * thousands of lines a second pass here and nothing may be left for the garbage collector.
 */
import type { TrafficLine } from '../controller-talk.ts'

const SIZE = 1000
/** A line that never ends (noise) is shown this far. */
const SHOWN = 256

export class Traffic {
  readonly #at = new Float64Array(SIZE)
  readonly #direction: TrafficLine['direction'][] = new Array(SIZE).fill('note')
  readonly #text: string[] = new Array(SIZE).fill('')
  readonly #by: (string | undefined)[] = new Array(SIZE).fill(undefined)
  /** Number of the next line; the first is 1. */
  #next = 1

  add(direction: TrafficLine['direction'], text: string, by?: string): void {
    const slot = this.#next % SIZE
    this.#at[slot] = Date.now()
    this.#direction[slot] = direction
    this.#text[slot] = text.length > SHOWN ? text.slice(0, SHOWN) : text
    this.#by[slot] = by
    this.#next += 1
  }

  /** Status reports are left out: there are several a second and the state shows them. */
  received(line: string): void {
    // the one that comes a thousand times a second is always the same text, which nothing has to be kept for
    if (line === 'ok') this.add('received', 'ok')
    else if (line.charCodeAt(0) !== 60 /* < */) this.add('received', line)
  }

  /** What is kept of the lines after number `after`, oldest first. */
  since(after: number): TrafficLine[] {
    const lines: TrafficLine[] = []
    for (let seq = Math.max(1, after + 1, this.#next - SIZE); seq < this.#next; seq += 1) {
      const slot = seq % SIZE
      const by = this.#by[slot]
      lines.push({
        seq,
        at: new Date(this.#at[slot] ?? 0).toISOString(),
        direction: this.#direction[slot] ?? 'note',
        text: this.#text[slot] ?? '',
        ...(by === undefined ? {} : { by }),
      })
    }
    return lines
  }
}
