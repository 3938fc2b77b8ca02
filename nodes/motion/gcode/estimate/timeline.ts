/**
 * When each line of a program is done, in little memory: the time at every n-th line, n doubling as the table fills.
 * A program of any length costs at most 256 KB.
 */

/** Lines to times, both growing. Plain data: it may be cloned or transferred between threads. */
export interface TimelineData {
  /** Lines between two entries. */
  stride: number
  /** Seconds from the start until line `index * stride` is done; entry 0 is the start. */
  secondsAt: Float32Array
  totalS: number
  lastLine: number
}

const CAPACITY = 65_536

export class TimelineBuilder {
  private at = new Float64Array(256)
  private count = 1
  private stride = 1
  private lastLine = 0
  private now = 0

  /** `seconds` after the start a move of this line was done. What goes back to an earlier line counts for the latest one. */
  add(line: number, seconds: number): void {
    if (line > this.lastLine) {
      if (this.count * this.stride < line) this.fillTo(line - 1)
      this.lastLine = line
    }
    this.now = seconds
  }

  /** @param lines of the program, the last without a move included */
  end(lines: number): TimelineData {
    const lastLine = Math.max(lines, this.lastLine)
    this.fillTo(lastLine)
    return { stride: this.stride, secondsAt: Float32Array.from(this.at.subarray(0, this.count)), totalS: this.now, lastLine }
  }

  private fillTo(line: number): void {
    while (this.count * this.stride <= line) {
      if (this.count === CAPACITY) this.halve()
      else {
        if (this.count === this.at.length) this.grow()
        this.at[this.count++] = this.now
      }
    }
  }

  private grow(): void {
    const larger = new Float64Array(this.at.length * 4)
    larger.set(this.at)
    this.at = larger
  }

  private halve(): void {
    for (let i = 1; i < CAPACITY / 2; i += 1) this.at[i] = this.at[2 * i] as number
    this.count = CAPACITY / 2
    this.stride *= 2
  }
}

/** @returns seconds from the start until the line is done, by straight lines between the entries */
export function secondsUntilDone(timeline: TimelineData, line: number): number {
  if (!(line > 0)) return 0
  if (line >= timeline.lastLine) return timeline.totalS
  const { secondsAt, stride } = timeline
  const place = line / stride
  const index = Math.min(Math.floor(place), secondsAt.length - 1)
  const before = secondsAt[index] as number
  const isLast = index === secondsAt.length - 1
  const after = isLast ? timeline.totalS : (secondsAt[index + 1] as number)
  const span = isLast ? Math.max(timeline.lastLine - index * stride, 1) / stride : 1
  return before + ((after - before) * (place - index)) / span
}

/** @returns seconds of machining left when `line` is done; 0 behind the end */
export function remainingAt(timeline: TimelineData, line: number): number {
  return Math.max(timeline.totalS - secondsUntilDone(timeline, line), 0)
}
