/** What goes wrong with a controller and its cable, by chance but repeatably: the same seed makes the same faults. */

interface ByteFaults {
  /** Chances for every byte, 0 to 1. */
  drop?: number
  duplicate?: number
  garble?: number
}

export interface FaultPlan {
  seed: number
  toController?: ByteFaults
  fromController?: ByteFaults
  /** Chances for every `ok` and `error`. */
  answers?: { missing?: number; double?: number; late?: number; lateMs?: number }
  /** How often each happens by itself, times a second of the wall clock. */
  perSecond?: Partial<Record<FaultKind, number>>
  /** The chance that power fails in a write to EEPROM. */
  brownOut?: number
}

/** `flood`: a hundred reports nobody asked for. `unplug`: for a while. `silence`: hears and says nothing for a while. */
export type FaultKind = 'flood' | 'restart' | 'door' | 'limit' | 'unplug' | 'silence'
const FAULT_KINDS: readonly FaultKind[] = ['flood', 'restart', 'door', 'limit', 'unplug', 'silence']

/** A 32-bit xorshift register. @returns numbers in [0, 1) */
function chanceOf(seed: number): () => number {
  let state = (seed ^ 0x9e3779b9) | 1
  const next = () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
  // the first numbers of neighbouring seeds are alike
  for (let i = 0; i < 8; i++) next()
  return next
}

export class Faults {
  private readonly plan: FaultPlan
  private readonly chance: () => number

  constructor(plan: FaultPlan) {
    this.plan = plan
    this.chance = chanceOf(plan.seed)
  }

  toController(bytes: Buffer): Buffer {
    return this.spoil(bytes, this.plan.toController)
  }
  fromController(bytes: Buffer): Buffer {
    return this.spoil(bytes, this.plan.fromController)
  }

  /** How often an answer is sent, and how late. */
  answer(): { times: number; lateMs: number } {
    const { missing = 0, double = 0, late = 0, lateMs = 50 } = this.plan.answers ?? {}
    const roll = this.chance()
    if (roll < missing) return { times: 0, lateMs: 0 }
    if (roll < missing + double) return { times: 2, lateMs: 0 }
    return { times: 1, lateMs: roll < missing + double + late ? lateMs : 0 }
  }

  failsInWrite(): boolean {
    return this.chance() < (this.plan.brownOut ?? 0)
  }

  /** The next thing that happens by itself, and when. */
  next(): { kind: FaultKind; inMs: number } | undefined {
    let first: { kind: FaultKind; inMs: number } | undefined
    for (const kind of FAULT_KINDS) {
      const perSecond = this.plan.perSecond?.[kind] ?? 0
      if (perSecond <= 0) continue
      const inMs = (-Math.log(1 - this.chance()) / perSecond) * 1000
      if (!first || inMs < first.inMs) first = { kind, inMs }
    }
    return first
  }

  private spoil(bytes: Buffer, faults: ByteFaults | undefined): Buffer {
    if (!faults) return bytes
    const { drop = 0, duplicate = 0, garble = 0 } = faults
    const spoilt: number[] = []
    for (const byte of bytes) {
      const roll = this.chance()
      if (roll < drop) continue
      const isGarbled = roll >= drop + duplicate && roll < drop + duplicate + garble
      spoilt.push(isGarbled ? byte ^ (1 << Math.floor(this.chance() * 8)) : byte)
      if (roll >= drop && roll < drop + duplicate) spoilt.push(byte)
    }
    return Buffer.from(spoilt)
  }
}
