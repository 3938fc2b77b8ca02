/** Starts in mid-program that a person looks at before saying yes. They are good for a while, and only while nothing has changed. */

import { randomUUID } from 'node:crypto'
import { UserError } from '../../../../base/errors.ts'
import type { PlannedStart } from '../check/contract.ts'

export interface KeptPlan {
  planId: string
  sha256: string
  blockDelete: boolean
  /** What the machine was when it was made. */
  fingerprint: string
  fromLine: number
  plan: PlannedStart
  expiresAt: number
  /** The same, monotonic: what counts, whatever becomes of the clock. */
  endsAt: number
}

/** Long enough to walk round the machine. */
const LIFE_MS = 10 * 60_000
const MOST_PLANS = 8

export class StartPlans {
  #plans: KeptPlan[] = []

  add(plan: Omit<KeptPlan, 'planId' | 'expiresAt' | 'endsAt'>): KeptPlan {
    const kept = { ...plan, planId: randomUUID(), expiresAt: Date.now() + LIFE_MS, endsAt: performance.now() + LIFE_MS }
    this.#plans = [...this.#plans.filter(({ endsAt }) => endsAt > performance.now()), kept].slice(-MOST_PLANS)
    return kept
  }

  /** @throws UserError `plan-stale` */
  find(planId: string, { sha256, blockDelete, fingerprint }: Pick<KeptPlan, 'sha256' | 'blockDelete' | 'fingerprint'>): KeptPlan {
    const plan = this.#plans.find((other) => other.planId === planId)
    if (!plan) throw stale('it is not known any more')
    if (plan.endsAt <= performance.now()) throw stale('too much time has gone by')
    if (plan.sha256 !== sha256) throw stale('it was made for another program')
    if (plan.blockDelete !== blockDelete) throw stale(`it was made ${plan.blockDelete ? 'without' : 'with'} the lines that begin with /`)
    if (plan.fingerprint !== fingerprint) throw stale('the machine has moved since, or its offsets, modes or settings are others')
    return plan
  }

  /** A program runs: what was planned before is history. */
  clear(): void {
    this.#plans = []
  }
}

function stale(why: string): UserError {
  return new UserError({
    code: 'plan-stale',
    message: `This plan cannot be used: ${why}. Have the start worked out again, look at it, and then start.`,
    status: 409,
  })
}
