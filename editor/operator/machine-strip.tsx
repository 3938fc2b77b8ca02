import { LayoutGrid } from 'lucide-react'
import type { MachineView } from '../../server/api/machines.ts'
import { lookOf, stateKeyOf } from '../shared/machine/machine-state.ts'
import { useMachineText } from '../shared/machine/use-machine-text.ts'
import { useOperatorText, usePanelText } from './use-operator-text.ts'

/** All machines, small, while one of them is large. */
export function MachineStrip(props: {
  machines: readonly MachineView[]
  chosen: string | undefined
  isStale: boolean
  onChoose: (id: string) => void
  onCell: () => void
}) {
  const { machines, chosen, isStale, onChoose, onCell } = props
  const text = useOperatorText()
  const panel = usePanelText()
  const words = useMachineText()
  return (
    <nav className="op-tiles" aria-label={text.machines}>
      <button type="button" className="op-tile-cell" aria-pressed={chosen === undefined} onClick={onCell} data-testid="to-cell">
        <LayoutGrid size={24} aria-hidden />
        <strong>{panel.cell}</strong>
      </button>
      {chosen !== undefined &&
        machines.map((machine) => {
          const key = stateKeyOf(machine)
          const { tone, icon: Icon } = lookOf(key)
          return (
            <button
              key={machine.id}
              type="button"
              className={machine.isVirtual ? 'cw-virtual' : undefined}
              data-tone={isStale ? 'normal' : tone}
              aria-pressed={machine.id === chosen}
              data-testid={`tile-${machine.id}`}
              onClick={() => onChoose(machine.id)}
            >
              <Icon size={22} aria-hidden />
              <strong>{machine.name}</strong>
              <span className={isStale ? 'cw-stale' : undefined}>
                {words.state[key]}
                {machine.isVirtual ? ` · ${words.virtual}` : ''}
              </span>
            </button>
          )
        })}
    </nav>
  )
}
