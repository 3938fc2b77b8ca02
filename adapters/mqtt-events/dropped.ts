/** What the broker says it has dropped: it counts for all its clients together, and that is how it is shown. */
import type { IPublishPacket } from 'mqtt'
import type { InboxProblem } from '../contract.ts'

/** Mosquitto: messages dropped "due to inflight/queuing limits" (its manual, "Broker status"). Others keep it for administrators, or have none. */
export const DROPPED_TOPIC = '$SYS/broker/publish/messages/dropped'

/** @returns takes what the broker says on {@link DROPPED_TOPIC}: a total since it was started */
export function createDropped(where: string, problem: (problem: InboxProblem) => void): (packet: IPublishPacket) => void {
  let before: number | undefined
  return ({ payload }) => {
    const now = Number(payload.toString('utf8'))
    if (!Number.isFinite(now)) return
    // a broker that was started anew counts from nought
    const more = before === undefined || now < before ? 0 : now - before
    before = now
    if (more === 0) return
    problem({
      source: where,
      reason: `The broker has dropped ${more} messages since it last said so, of all its clients together; some may have been for this connection. It keeps only so many for each client: raise its limit (Mosquitto: max_queued_messages).`,
      code: 'broker-dropped',
      blanks: { count: more },
    })
  }
}
