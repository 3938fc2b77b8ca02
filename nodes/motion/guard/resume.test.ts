import { expect, test } from 'vitest'
import { type ControllerStatus, UNKNOWN_STATUS } from '../grbl/index.ts'
import type { Connection } from './connection.ts'
import { resumeMachine } from './resume.ts'

/** This process does nothing for a while, as when the host was asleep. */
function sleep(ms: number): void {
  const until = performance.now() + ms
  while (performance.now() < until);
}

const held = (subState: number): ControllerStatus => ({ ...UNKNOWN_STATUS, state: 'hold', subState })

test('a machine that brakes while this process sleeps is resumed when it stands', async () => {
  const written: string[] = []
  const reports = [held(1), held(1), held(1), held(1), held(0)]
  let status = held(1)
  let asked = 0
  await resumeMachine({
    connection: { realtime: (name: string) => written.push(name) } as unknown as Connection,
    status: () => (written.length > 0 ? { ...UNKNOWN_STATUS, state: 'run' } : status),
    async freshReport() {
      asked += 1
      if (asked === 2) sleep(1000)
      status = reports.shift() ?? status
    },
    isCurrent: () => true,
    brakingMs: 300,
    pollMs: 10,
  })
  expect(written).toEqual(['cycleStart'])
})
