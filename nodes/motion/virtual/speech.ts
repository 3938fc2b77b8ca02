/** What a controller says on its way to the wire: answers that get lost, doubled or late, bytes that are spoilt. */
import type { Faults } from './faults.ts'

const ANSWER = /^(ok|error:\d+)\r\n$/

export class Speech {
  answersToLose = 0
  answersToDouble = 0
  /** Everything comes so much later. */
  delayMs = 0
  faults: Faults | undefined
  private readonly transmit: (text: string) => void
  /** What is late goes out in order. */
  private lateUntilMs = 0
  private readonly timers = new Set<NodeJS.Timeout>()

  constructor(transmit: (text: string) => void) {
    this.transmit = transmit
  }

  say(text: string): void {
    if (this.answersToLose || this.answersToDouble || this.faults) {
      for (const line of text.split(/(?<=\r\n)/)) {
        const { times, lateMs } = ANSWER.test(line) ? this.fate() : { times: 1, lateMs: 0 }
        for (let i = 0; i < times; i++) this.send(line, this.delayMs + lateMs)
      }
    } else this.send(text, this.delayMs)
  }

  close(): void {
    for (const timer of this.timers) clearTimeout(timer)
  }

  private fate(): { times: number; lateMs: number } {
    if (this.answersToLose > 0) {
      this.answersToLose--
      return { times: 0, lateMs: 0 }
    }
    if (this.answersToDouble > 0) {
      this.answersToDouble--
      return { times: 2, lateMs: 0 }
    }
    return this.faults?.answer() ?? { times: 1, lateMs: 0 }
  }

  private send(text: string, delayMs: number): void {
    const spoilt = this.faults ? this.faults.fromController(Buffer.from(text, 'latin1')).toString('latin1') : text
    const nowMs = performance.now()
    const atMs = Math.max(nowMs + delayMs, this.lateUntilMs)
    if (atMs <= nowMs) {
      this.transmit(spoilt)
      return
    }
    this.lateUntilMs = atMs
    const timer = setTimeout(() => {
      this.timers.delete(timer)
      this.transmit(spoilt)
    }, atMs - nowMs)
    this.timers.add(timer)
  }
}
