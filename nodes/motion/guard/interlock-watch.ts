/** What follows from an interlock that is not safe any more: the byte first, in the same turn of the loop. */
import type { GuardCore } from './core.ts'
import { holdIfMoving, stop } from './hold-and-stop.ts'
import type { InterlockState } from './interlocks.ts'

const WORDS: Record<InterlockState, string> = { safe: 'safe', unsafe: 'not safe', unknown: 'not known any more' }

export function watchInterlocks(core: GuardCore): void {
  core.interlocks.onChange = ({ id, name, whenUnsafe }, state) => {
    if (state !== 'safe' && whenUnsafe === 'hold') brake(core, `the interlock "${name}", which is ${WORDS[state]}`)
    core.journal.append({ kind: 'interlock', id, state })
    core.event('interlock', `"${name}" is ${WORDS[state]}.`)
    core.view.changed()
  }
}

function brake(core: GuardCore, why: string): void {
  const { phase } = core
  // a homing controller obeys nothing but a reset (grbl 1.1 protocol.c)
  const isHoming = core.view.status.state === 'home' || (phase.kind === 'working' && phase.what === 'homing')
  if (isHoming && phase.kind !== 'stopping') stop(core, why, false)
  else holdIfMoving(core, why)
}
