/** A machine's state as a word with its shape and colour, small; grey and dated when it is not fresh. */
import './machine.css'
import type { MachineView } from '../../../server/api/machines.ts'
import { formats, useLanguage } from '../text/index.ts'
import { lookOf, stateKeyOf } from './machine-state.ts'
import { useMachineText } from './use-machine-text.ts'

export function StatePill({ machine, isStale }: { machine: MachineView; isStale: boolean }) {
  const text = useMachineText()
  const format = formats(useLanguage())
  const key = stateKeyOf(machine)
  const { tone, icon: Icon } = lookOf(key)
  return (
    <span className={`cw-pill ${isStale ? 'cw-stale' : ''}`} data-tone={isStale ? 'normal' : tone} data-state={key} data-testid="machine-state">
      <Icon size={16} aria-hidden fill={key === 'run' || key === 'hold' ? 'currentColor' : 'none'} />
      {text.state[key]}
      {isStale && machine.state?.reportedAt && ` ${text.asOf(format.time(machine.state.reportedAt))}`}
    </span>
  )
}
