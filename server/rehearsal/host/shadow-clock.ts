/** The rehearsal's time as the host knows it: set by the host, run by the shadow runtime. */
import type { RpcPeer } from '../../../base/rpc.ts'
import type { runtimeRpc } from '../../runtime/contract.ts'
import { ANSWER_MS, type Patience } from './patience.ts'

export class ShadowClock {
  readonly #peer: () => RpcPeer<typeof runtimeRpc>
  #rate = 1
  #nowMs = 0
  #askedAt = performance.now()
  #epochMs = Date.now()
  readonly #patience: Patience

  constructor(peer: () => RpcPeer<typeof runtimeRpc>, patience: Patience) {
    this.#peer = peer
    this.#patience = patience
  }

  /** Milliseconds of rehearsed time since the beginning. */
  now(): number {
    return this.#nowMs + (performance.now() - this.#askedAt) * this.#rate
  }

  /** The same as a flow's date, epoch ms. */
  epoch(): number {
    return this.#epochMs + (this.now() - this.#nowMs)
  }

  async setRate(rate: number): Promise<void> {
    if (rate === this.#rate) return
    await this.#ask({ rate })
    this.#rate = rate
  }

  async jumpTo(ms: number): Promise<void> {
    await this.#ask({ jumpToMs: ms })
  }

  /** When the next timer of a flow is due; answered when the runtime has nothing else to do. */
  async nextDue(): Promise<number | undefined> {
    return (await this.#ask({})).nextDueMs
  }

  async #ask(request: { rate?: number; jumpToMs?: number }) {
    const answer = await this.#patience.for(this.#peer().call('shadowClock', request, { timeoutMs: ANSWER_MS }))
    this.#nowMs = answer.nowMs
    this.#epochMs = answer.epochMs
    this.#askedAt = performance.now()
    return answer
  }
}
