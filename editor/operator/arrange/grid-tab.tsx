/** A tab that an engineer has arranged, as people use it. */
import type { CSSProperties } from 'react'
import type { MachineView } from '../../../server/api/machines.ts'
import type { LayoutItem } from '../../../server/api/panel-layouts.ts'
import { lookOf, stateKeyOf } from '../../shared/machine/machine-state.ts'
import { useMachineText } from '../../shared/machine/use-machine-text.ts'
import { VirtualMark } from '../../shared/machine/virtual-mark.tsx'
import { AskCards } from '../asks.tsx'
import { inReadingOrder } from './model.ts'
import { isLeftOut, Part, type Parts } from './parts.tsx'

/** The place of a control in the grid, for the style sheet: on a narrow panel it puts them below each other instead, as they are written. */
export const placeOf = ({ x, y, w, h }: Pick<LayoutItem, 'x' | 'y' | 'w' | 'h'>): CSSProperties =>
  ({ '--op-column': `${x + 1} / span ${w}`, '--op-row': `${y + 1} / span ${h}` }) as CSSProperties

export function GridTab({ items, parts }: { items: readonly LayoutItem[]; parts: Parts }) {
  const shown = inReadingOrder(items).filter(({ shows }) => !isLeftOut(shows, parts))
  const placed = new Set(shown.flatMap(({ shows }) => (shows.kind === 'node' ? [shows.nodeId] : [])))
  const hasAll = shown.some(({ shows }) => shows.kind === 'block' && shows.block === 'asks')
  // whoever is asked something sees it, whatever was placed
  const asks = hasAll ? [] : parts.asks.filter(({ nodeId, ask }) => parts.here(ask.machineId) && !placed.has(nodeId))
  return (
    <div className="op-grid-tab">
      {parts.machine && !shown.some(({ shows }) => shows.kind === 'block' && shows.block === 'state') && (
        <StateLine machine={parts.machine} isStale={parts.isStale} />
      )}
      <AskCards asks={[...asks]} me={parts.me} isStale={parts.stale.asks} onOpen={parts.onAsk} />
      <div className="op-grid" data-testid="grid">
        {shown.map((item) => (
          <div
            key={item.id}
            className="op-place"
            style={placeOf(item)}
            data-block={item.shows.kind === 'block' ? item.shows.block : 'node'}
            data-testid={`place-${item.id}`}
          >
            <Part shows={item.shows} parts={parts} />
          </div>
        ))}
      </div>
    </div>
  )
}

/** Whatever was placed: whose panel this is and how the machine is, and that a virtual one is none of metal. */
function StateLine({ machine, isStale }: { machine: MachineView; isStale: boolean }) {
  const key = stateKeyOf(machine)
  const text = useMachineText()
  const { tone, icon: Icon } = lookOf(key)
  return (
    <p className={`op-state-line ${machine.isVirtual ? 'cw-virtual' : ''}`} data-tone={isStale ? 'normal' : tone} role="status" data-testid="state-line">
      <Icon size={22} aria-hidden />
      <strong>{machine.name}</strong>
      <span className={isStale ? 'cw-stale' : undefined}>{text.state[key]}</span>
      {machine.isVirtual && <VirtualMark />}
    </p>
  )
}
