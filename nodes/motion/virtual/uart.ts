/** One direction of a serial line: every byte takes its time, in order. Time is told, never looked up. */

export interface UartStatistics {
  bytes: number
  /** How long bytes were on the line, ms. */
  busyMs: number
  firstAtMs: number | undefined
  lastAtMs: number | undefined
}

export class Uart {
  private readonly byteMs: number
  private readonly deliver: (bytes: Buffer, atMs: number) => void
  private queue: Buffer[] = []
  private waiting = 0
  /** When the byte on the line has arrived. */
  private nextAtMs = Number.POSITIVE_INFINITY
  /** When the line is free. */
  private freeAtMs = Number.NEGATIVE_INFINITY
  readonly statistics: UartStatistics = { bytes: 0, busyMs: 0, firstAtMs: undefined, lastAtMs: undefined }

  /**
   * @param options.baud bits per second; 8N1 takes ten for a byte
   * @param options.deliver bytes that have arrived, one at a time
   */
  constructor(options: { baud: number; deliver: (bytes: Buffer, atMs: number) => void }) {
    this.byteMs = 10_000 / options.baud
    this.deliver = options.deliver
  }

  /** Bytes that have not arrived yet. */
  get pending(): number {
    return this.waiting
  }

  /** When the next byte arrives; infinite when none is on its way. */
  get nextMs(): number {
    return this.nextAtMs
  }

  send(bytes: Buffer, nowMs: number): void {
    if (bytes.length === 0) return
    if (this.waiting === 0) {
      this.nextAtMs = Math.max(nowMs, this.freeAtMs) + this.byteMs
      this.statistics.firstAtMs ??= this.nextAtMs - this.byteMs
    }
    this.queue.push(bytes)
    this.waiting += bytes.length
  }

  /** Delivers everything that has arrived by now. */
  run(nowMs: number): void {
    while (this.nextAtMs <= nowMs) {
      const atMs = this.nextAtMs
      const [first] = this.queue
      if (!first) break
      if (first.length === 1) this.queue.shift()
      else this.queue[0] = first.subarray(1)
      this.waiting--
      this.freeAtMs = atMs
      this.nextAtMs = this.waiting ? atMs + this.byteMs : Number.POSITIVE_INFINITY
      this.statistics.bytes++
      this.statistics.busyMs += this.byteMs
      this.statistics.lastAtMs = atMs
      this.deliver(first.subarray(0, 1), atMs)
    }
  }

  /** What is on the line never arrives. */
  clear(): void {
    this.queue = []
    this.waiting = 0
    this.nextAtMs = Number.POSITIVE_INFINITY
  }
}
