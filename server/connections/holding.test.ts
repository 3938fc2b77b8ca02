/** What is begun when the connector host comes, beside what people do just then. The test plays database and host. */
import { expect, it, vi } from 'vitest'
import { createLog } from '../../base/log.ts'
import { createHolding } from './holding.ts'
import { createStates } from './states.ts'
import type { ConnectionRow } from './view.ts'

const row = (id: string) => ({ id, name: id, connector: 'webhook', isEnabled: true }) as ConnectionRow

it('what somebody began, switched off or removed while the host came is left as they did it', async () => {
  const asked: string[] = []
  let read = (_: ConnectionRow[]) => {}
  const rows = new Promise<ConnectionRow[]>((resolve) => (read = resolve))
  const peer = { call: async (method: string, { connectionId }: { connectionId: string }) => asked.push(`${method} ${connectionId}`) }
  let begun = 0
  const holding = createHolding({
    db: { selectFrom: () => ({ selectAll: () => ({ execute: () => rows }) }) } as never,
    log: createLog('test', 'silent'),
    hosts: { leads: true },
    states: createStates(() => {}),
    settings: { of: () => ({ settings: {}, secrets: {} }), refresh: async () => {} } as never,
    ports: { tell: async () => {} },
    link: () => ({ peer: () => peer, awaited: async () => peer }) as never,
    onBegun: () => {
      begun += 1
    },
    onEnd: () => {},
  })
  holding.hostIs(true)
  await holding.begin(row('added'))
  await holding.stop('off')
  holding.gone('removed')
  // as they were when the host came
  read(['added', 'off', 'removed', 'other'].map(row))
  await vi.waitFor(() => expect(begun).toBe(1), { timeout: 15_000 })
  expect(asked).toEqual(['start added', 'stop off', 'start other'])
  expect(holding.isKnown('removed')).toBe(false)
  // one that comes later begins all that are on
  holding.hostIs(false)
  asked.length = 0
  holding.hostIs(true)
  await vi.waitFor(() => expect(begun).toBe(2), { timeout: 15_000 })
  expect(asked).toEqual(['start added', 'start off', 'start removed', 'start other'])
})
