/** Messages on their way in: told of in their order, acknowledged when stored, and known again when the broker sends them twice. */
import { createHash } from 'node:crypto'
import type { IPublishPacket } from 'mqtt'
import { newId } from '../../base/ids.ts'
import type { Fate, Teller } from '../teller.ts'
import { type Handle, RECEIVE_MAXIMUM } from './client.ts'
import { parsed } from './parsed.ts'
import type { Settings } from './settings.ts'
import { isAmong } from './topics.ts'

/** Messages whose second coming is recognized: more than a broker has under way with one client. */
const REMEMBERED = RECEIVE_MAXIMUM + 1000

export function createIntake(settings: Pick<Settings, 'retained' | 'topics'>, teller: Teller): Handle {
  /** By message id and content, what became of the last ones. A broker that gets no answer sends a message again, marked as such. */
  const known = new Map<string, Promise<Fate>>()

  const tell = (packet: IPublishPacket): Promise<Fate> => {
    const { topic, qos } = packet
    const payload = { topic, message: parsed(packet.payload.toString('utf8')), qos, isRetained: packet.retain }
    return teller.tell({ key: newId('evt'), subject: topic.slice(0, 500), text: `message on ${topic}`.slice(0, 1000), payload })
  }
  const tellOnce = (packet: IPublishPacket): Promise<Fate> => {
    if (packet.qos === 0) return tell(packet)
    const name = `${(packet as { messageId?: number }).messageId} ${createHash('sha256').update(packet.topic).update('\0').update(packet.payload).digest('base64')}`
    const before = packet.dup ? known.get(name) : undefined
    if (before) return before
    const fate = tell(packet)
    // the newest last
    known.delete(name)
    known.set(name, fate)
    if (known.size > REMEMBERED) for (const oldest of known.keys()) if (known.delete(oldest)) break
    return fate
  }

  return (packet, { done, acknowledge }) => {
    // the broker keeps the topics of an earlier setting with the session
    if ((packet.retain && !settings.retained) || !isAmong(settings.topics, packet.topic)) {
      acknowledge()
      return done()
    }
    void tellOnce(packet).then((fate) => {
      // what can never be taken would come again for ever
      if (fate !== 'closed') acknowledge()
    })
    // the broker waits while there is too much to store
    void teller.room().then(done)
  }
}
