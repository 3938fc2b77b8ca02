/** What follows from an interlock that is not safe any more: the byte first, in the same turn of the loop. */
import type { GuardCore } from './core.ts'
import { holdIfMoving } from './hold-and-stop.ts'
import type { InterlockState } from './interlocks.ts'

const WORDS: Record<InterlockState, string> = { safe: 'safe', unsafe: 'not safe', unknown: 'not known any more' }

export function watchInterlocks(core: GuardCore): void {
  core.interlocks.onChange = ({ id, name, whenUnsafe }, state) => {
    if (state !== 'safe' && whenUnsafe === 'hold') holdIfMoving(core, because(name, state))
    core.journal.append({ kind: 'interlock', id, state })
    core.event('interlock', `"${name}" is ${WORDS[state]}.`)
    core.view.changed()
  }
}

/** Something of ours moves all the same, set going at the machine perhaps: seen in every report. */
export function holdIfUnsafe(core: GuardCore): void {
  const { state } = core.view.status
  if (core.hold.kind !== 'none' || (state !== 'run' && state !== 'jog' && state !== 'home')) return
  if (core.phase.kind !== 'job' && core.phase.kind !== 'working') return
  const open = core.interlocks.open().find(({ interlock }) => interlock.whenUnsafe === 'hold')
  if (open) holdIfMoving(core, because(open.interlock.name, open.state))
}

const because = (name: string, state: InterlockState) => `the interlock "${name}", which is ${WORDS[state]}`
