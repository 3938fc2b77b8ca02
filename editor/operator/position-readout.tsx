/** Where the tool is: work coordinates large, machine coordinates beside them. Grey when no news can come. */
import type { MachineView } from '../../server/api/machines.ts'
import { useMachineText } from '../shared/machine/use-machine-text.ts'
import { formats, useLanguage } from '../shared/text/index.ts'

const AXES = ['X', 'Y', 'Z', 'A', 'B', 'C']
/** X, Y and Z. */
const LINEAR = 3

export function PositionReadout({ machine, isStale, isSmall = false }: { machine: MachineView; isStale: boolean; isSmall?: boolean }) {
  const text = useMachineText()
  const format = formats(useLanguage())
  const { state } = machine
  if (!state) return null
  return (
    <dl className={`op-axes cw-numbers ${isStale ? 'cw-stale' : ''}`} data-small={isSmall || undefined} aria-label={text.position}>
      {state.workPositionMm.map((value, axis) => {
        // what turns has no inches
        const place = (at: number) => (axis < LINEAR ? format.place(at) : { text: format.axisMm(at), unit: 'mm' })
        return (
          <div key={AXES[axis] ?? axis}>
            <dt>{AXES[axis]}</dt>
            <dd data-testid={`work-${AXES[axis]}`}>
              {place(value).text} <small>{place(value).unit}</small>
            </dd>
            <dd className="op-machine-axis">
              {text.machinePosition} {place(state.machinePositionMm[axis] ?? 0).text}
            </dd>
          </div>
        )
      })}
    </dl>
  )
}
