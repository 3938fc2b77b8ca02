/**
 * The planner's look-ahead: how fast each block of a chain is entered when the planner holds `window` blocks, must be
 * able to stop at the end of the last one it knows, and takes no corner faster than it allows (grbl 1.1: planner.c).
 *
 * GRBL computes this backwards over its queue for every block added. Here the backward pass is a minimum over the
 * window, `entry²(k) = min over j of (limit²(j) + P(j)) - P(k)` with P the running sum of 2·a·length, so a monotone
 * queue gives the same speeds at constant cost a block.
 */

/** A block whose speeds are settled. */
export interface SettledBlock {
  seconds: number
  /** What {@link LookAhead.add} was given. */
  slot: number
  sourceLine: number
  sentLine: number
}

const REBASE_ABOVE = 1e8

export class LookAhead {
  private readonly window: number
  private readonly onSettled: (block: SettledBlock) => void
  private readonly mask: number
  private readonly length: Float64Array
  private readonly acceleration: Float64Array
  private readonly nominal: Float64Array
  /** 2·a·length */
  private readonly gain: Float64Array
  /** Sum of all gains before the block. */
  private readonly prefix: Float64Array
  private readonly slot: Int32Array
  private readonly sourceLine: Float64Array
  private readonly sentLine: Float64Array
  /** The monotone queue: block numbers and limit² + prefix. */
  private readonly queueBlock: Float64Array
  private readonly queueValue: Float64Array
  private queueHead = 0
  private queueTail = 0
  /** Number of the oldest block not settled, and of the next to come. */
  private first = 0
  private next = 0
  private total = 0
  /** Speed at which the oldest block is entered, and its square. */
  private entry = 0
  private entrySquared = 0
  private readonly settled: SettledBlock = { seconds: 0, slot: 0, sourceLine: 0, sentLine: 0 }

  /** @param window blocks the planner holds, the one being executed included */
  constructor(window: number, onSettled: (block: Readonly<SettledBlock>) => void) {
    this.window = Math.max(2, Math.floor(window))
    this.onSettled = onSettled
    let size = 4
    while (size < this.window + 2) size *= 2
    this.mask = size - 1
    this.length = new Float64Array(size)
    this.acceleration = new Float64Array(size)
    this.nominal = new Float64Array(size)
    this.gain = new Float64Array(size)
    this.prefix = new Float64Array(size)
    this.slot = new Int32Array(size)
    this.sourceLine = new Float64Array(size)
    this.sentLine = new Float64Array(size)
    this.queueBlock = new Float64Array(size)
    this.queueValue = new Float64Array(size)
  }

  get isEmpty(): boolean {
    return this.first === this.next
  }

  /** mm/s the newest block is meant to have; 0 when the planner is empty. */
  get lastNominal(): number {
    return this.isEmpty ? 0 : (this.nominal[(this.next - 1) & this.mask] as number)
  }

  /**
   * Adds a block behind the others.
   * @param length mm, above 0
   * @param acceleration mm/s²
   * @param nominal mm/s
   * @param entryLimitSquared square of the speed its first corner allows; an empty planner starts from standing
   */
  add(length: number, acceleration: number, nominal: number, entryLimitSquared: number, slot: number, sourceLine: number, sentLine: number): void {
    const { mask } = this
    const at = this.next & mask
    this.length[at] = length
    this.acceleration[at] = acceleration
    this.nominal[at] = nominal
    const gain = 2 * acceleration * length
    this.gain[at] = gain
    this.prefix[at] = this.total
    this.slot[at] = slot
    this.sourceLine[at] = sourceLine
    this.sentLine[at] = sentLine
    const limit = this.isEmpty ? 0 : entryLimitSquared
    const value = limit + this.total
    let tail = this.queueTail
    while (tail > this.queueHead && (this.queueValue[(tail - 1) & mask] as number) >= value) tail -= 1
    this.queueBlock[tail & mask] = this.next
    this.queueValue[tail & mask] = value
    this.queueTail = tail + 1
    this.total += gain
    this.next += 1
    if (this.next - this.first >= this.window) this.settle()
  }

  /** Everything known comes to a stand, as when the controller waits for its planner to run empty. */
  drain(): void {
    while (this.first < this.next) this.settle()
    this.first = 0
    this.next = 0
    this.queueHead = 0
    this.queueTail = 0
    this.total = 0
    this.entry = 0
    this.entrySquared = 0
  }

  private settle(): void {
    const { mask } = this
    const at = this.first & mask
    const number = this.first
    this.first += 1
    while (this.queueHead < this.queueTail && (this.queueBlock[this.queueHead & mask] as number) <= number) this.queueHead += 1
    const gain = this.gain[at] as number
    const after = (this.prefix[at] as number) + gain
    let reachable = this.total - after
    if (this.queueHead < this.queueTail) {
      const limited = (this.queueValue[this.queueHead & mask] as number) - after
      if (limited < reachable) reachable = limited
    }
    const nominal = this.nominal[at] as number
    const acceleration = this.acceleration[at] as number
    let exitSquared = Math.min(reachable, this.entrySquared + gain)
    if (exitSquared < 0) exitSquared = 0
    const exit = exitSquared === this.entrySquared ? this.entry : Math.sqrt(exitSquared)
    const nominalSquared = nominal * nominal
    const peakSquared = (this.entrySquared + exitSquared + gain) / 2
    const { settled } = this
    settled.seconds =
      peakSquared <= nominalSquared
        ? (2 * Math.sqrt(peakSquared) - this.entry - exit) / acceleration
        : (2 * nominal - this.entry - exit) / acceleration +
          ((this.length[at] as number) - (2 * nominalSquared - this.entrySquared - exitSquared) / (2 * acceleration)) / nominal
    settled.slot = this.slot[at] as number
    settled.sourceLine = this.sourceLine[at] as number
    settled.sentLine = this.sentLine[at] as number
    this.entry = exit
    this.entrySquared = exitSquared
    if (this.total > REBASE_ABOVE) this.rebase(after)
    this.onSettled(settled)
  }

  /** Keeps the running sum small: differences of large numbers lose digits. */
  private rebase(by: number): void {
    const { mask } = this
    for (let block = this.first; block < this.next; block += 1) this.prefix[block & mask] = (this.prefix[block & mask] as number) - by
    for (let entry = this.queueHead; entry < this.queueTail; entry += 1) this.queueValue[entry & mask] = (this.queueValue[entry & mask] as number) - by
    this.total -= by
  }
}
