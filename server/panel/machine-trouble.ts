/** Why a machine cannot do now what a button would start, in words; undefined when it can. */
import type { MachineView } from '../api/index.ts'

/** @param needs what the button asks beyond a machine that can be reached and is not in alarm */
export function machineTrouble({ name, guard, state }: Pick<MachineView, 'name' | 'guard' | 'state'>, needs?: 'standing' | 'idle'): string | undefined {
  if (guard !== 'running' || !state) return guard === 'starting' ? `${name} is starting.` : `${name} cannot be reached: its guard is not running.`
  if (state.link === 'waiting-for-person') return `${name} waits for a person to connect it.`
  if (state.link !== 'connected') return `${name} is not connected.`
  if (state.alarm || state.controller === 'alarm') return `${name} is in alarm${state.alarm ? `: ${state.alarm.text}` : ''}.`
  if (state.controller === 'door') return `The door of ${name} is open.`
  if (needs === undefined) return undefined
  if (!state.isStanding) return `${name} moves. Wait until it stands.`
  if (needs === 'standing') return undefined
  if (state.job) return `${name} works on ${state.job.programName}. Wait until it is done.`
  if (state.controller !== 'idle') return `${name} is not idle.`
  if (state.lease) return `${name} is in use by ${state.lease.holder}.`
  const open = (state.interlocks ?? []).filter((one) => one.state !== 'safe')
  if (open.length) return `${name} may not start: ${open.map((one) => `${one.name} ${one.state === 'unsafe' ? 'is not safe' : 'gives no news'}`).join(', ')}.`
  return undefined
}
