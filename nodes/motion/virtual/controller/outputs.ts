/** Spindle and coolant as they are switched, and the overrides that people turn while a program runs (grbl 1.1: spindle_control.c, config.h). */
import type { Spindle } from './modal.ts'
import type { Settings } from './settings.ts'

/** Percent. */
export interface Overrides {
  feed: number
  rapid: number
  spindle: number
}
export const NO_OVERRIDES: Overrides = { feed: 100, rapid: 100, spindle: 100 }

/** Feed and spindle go from 10 to 200 %. */
export const overridePercent = (value: number): number => Math.min(Math.max(value, 10), 200)

/** What an override byte (0x90 to 0x9D) changes. */
export function overrideOf(byte: number, { feed, spindle }: Overrides): Partial<Overrides> {
  const rapid = RAPIDS[byte]
  if (rapid !== undefined) return { rapid }
  const isFeed = byte < 0x99
  const step = STEPS[byte - (isFeed ? 0x90 : 0x99)]
  if (step === undefined) return {}
  const changed = (now: number) => (step === 0 ? 100 : now + step)
  return isFeed ? { feed: changed(feed) } : { spindle: changed(spindle) }
}

const RAPIDS: Record<number, number> = { 149: 100, 150: 50, 151: 25 }
/** Back to 100 %, coarse and fine. */
const STEPS: Record<number, number> = { 0: 0, 1: 10, 2: -10, 3: 1, 4: -1 }

export class Outputs {
  spindle: Spindle = 5
  /** As turning, with override and limits. */
  rpm = 0
  hasMist = false
  hasFlood = false
  private readonly settings: () => Settings
  private readonly spindlePercent: () => number
  private readonly onChange: () => void

  constructor(options: { settings: () => Settings; spindlePercent: () => number; onChange: () => void }) {
    this.settings = options.settings
    this.spindlePercent = options.spindlePercent
    this.onChange = options.onChange
  }

  turn(spindle: Spindle, programmedRpm: number): void {
    const { 30: most, 31: least } = this.settings()
    const wished = (programmedRpm * this.spindlePercent()) / 100
    this.rpm = spindle === 5 || wished === 0 ? 0 : Math.min(Math.max(wished, least), most)
    this.spindle = this.rpm === 0 ? 5 : spindle
    this.onChange()
  }

  cool(hasMist: boolean, hasFlood: boolean): void {
    this.hasMist = hasMist
    this.hasFlood = hasFlood
    this.onChange()
  }

  off(): void {
    this.turn(5, 0)
    this.cool(false, false)
  }

  /** As after power-on: nobody is told. */
  reset(): void {
    this.spindle = 5
    this.rpm = 0
    this.hasMist = false
    this.hasFlood = false
  }
}
