/** Pages see what happens on other hosts too: changes of what all hosts share are told to them, live. */
import type { LiveHub } from '../http/live-hub.ts'
import type { Hosts } from './contract.ts'

/** Topics whose snapshot comes from the database, or is about all hosts. The others are about the runtime of one host. */
const SHARED = ['jobs', 'job-queues', 'triggers', 'runs', 'asks', 'deploys', 'machine-events', 'panel-layouts', 'change-requests'] as const
type Shared = (typeof SHARED)[number]
const isShared = (topic: string): topic is Shared => (SHARED as readonly string[]).includes(topic)

/** @returns a hub whose changes reach the pages of the other hosts as well */
export function relayLive<T extends LiveHub>(live: T, hosts: Pick<Hosts, 'bus' | 'hasOthers'>): T {
  hosts.bus.on('live', (body) => {
    const { topic, change } = body as { topic: string; change: never }
    if (isShared(topic)) live.publish(topic, change)
  })
  return {
    ...live,
    publish(topic, change) {
      live.publish(topic, change)
      if (isShared(topic) && hosts.hasOthers) hosts.bus.tell('live', { topic, change })
    },
  } satisfies T
}
