/** What happened at machines of late, for the topic `machine-events`. */
import type { MachineEvent } from '../api/index.ts'
import type { LiveHub } from '../http/live-hub.ts'
import type { MachineRegistry } from './machines.ts'

const KEPT = 100

export function publishMachineEvents({ machines, live }: { machines: Pick<MachineRegistry, 'onEvent'>; live: LiveHub }): void {
  const kept: MachineEvent[] = []
  live.provide('machine-events', () => [...kept])
  machines.onEvent((machineId, event) => {
    const told: MachineEvent = { machineId, ...event }
    kept.push(told)
    if (kept.length > KEPT) kept.shift()
    live.publish('machine-events', told)
  })
}
