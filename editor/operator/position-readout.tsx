/** Where the tool is: work coordinates large, machine coordinates beside them. Grey when no news can come. */
import type { MachineView } from '../../server/api/machines.ts'
import { useMachineText } from '../shared/machine/use-machine-text.ts'
import { useUnits } from '../shared/use-units.tsx'

const AXES = ['X', 'Y', 'Z', 'A', 'B', 'C']

export function PositionReadout({ machine, isStale, isSmall = false }: { machine: MachineView; isStale: boolean; isSmall?: boolean }) {
  const text = useMachineText()
  const units = useUnits()
  const { state } = machine
  if (!state) return null
  return (
    <dl className={`op-axes cw-numbers ${isStale ? 'cw-stale' : ''}`} data-small={isSmall || undefined} aria-label={text.position}>
      {state.workPositionMm.map((value, axis) => {
        const work = units.axis(axis, value)
        const own = units.axis(axis, state.machinePositionMm[axis] ?? 0)
        return (
          <div key={AXES[axis] ?? axis}>
            <dt>{AXES[axis]}</dt>
            <dd data-testid={`work-${AXES[axis]}`}>
              {work.text} <small>{work.unit}</small>
            </dd>
            <dd className="op-machine-axis">
              {text.machinePosition} {own.text} {own.unit}
            </dd>
          </div>
        )
      })}
    </dl>
  )
}
