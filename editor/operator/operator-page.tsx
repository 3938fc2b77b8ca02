/** The panel: which machine, how it is, what a person can do, and the two stops that never move. */
import './operator.css'
import { useState } from 'react'
import type { MachineView } from '../../server/api/machines.ts'
import { Frame } from '../shared/frame.tsx'
import { upsertBy, useLive } from '../shared/live.ts'
import { may, useMe } from '../shared/me.ts'
import { FlowButtons, PressDialog } from './flow-buttons.tsx'
import { MachinePanel } from './machine-panel.tsx'
import { lookOf, stateKeyOf } from './machine-state.ts'
import { RecentRuns } from './recent-runs.tsx'
import { StopBar } from './stop-bar.tsx'
import { useOperatorText } from './use-operator-text.ts'

export function OperatorPage() {
  const text = useOperatorText()
  const { me } = useMe()
  const machines = useLive(
    'machines',
    upsertBy((machine) => machine.id),
  )
  const panel = useLive('panel')
  const runs = useLive(
    'runs',
    upsertBy((run) => run.id),
    may(me, 'runs.view'),
  )
  const [chosen, setChosen] = useState<string | undefined>(() => location.hash.slice(1) || undefined)
  const list = machines.value
  const machine = list?.find(({ id }) => id === chosen) ?? list?.[0]
  const choose = (id: string) => {
    setChosen(id)
    history.replaceState(null, '', `#${id}`)
  }
  const [opened, setOpened] = useState<string>()
  const buttons = (panel.value ?? []).filter((button) => !button.machineId || button.machineId === machine?.id)
  const asking = buttons.find((button) => button.nodeId === opened)
  return (
    <Frame page="operator" isPanel>
      <div className="op-page">
        <div className="op-main" inert={asking !== undefined}>
          {list && list.length > 1 && <MachineTiles machines={list} chosen={machine?.id} onChoose={choose} />}
          {list === undefined && <div className="op-skeleton" aria-hidden />}
          {list?.length === 0 && (
            <section className="op-empty">
              <h1>{text.noMachine}</h1>
              <p>{text.noMachineText}</p>
            </section>
          )}
          {machine && <MachinePanel machine={machine} isStale={machines.isStale} mayOperate={may(me, 'machines.operate')} />}
          {panel.value && <FlowButtons buttons={buttons} mayPress={may(me, 'panel.press') && !panel.isStale} onOpen={setOpened} />}
          {runs.value && <RecentRuns runs={runs.value} />}
        </div>
        {asking && <PressDialog key={asking.nodeId} button={asking} onClose={() => setOpened(undefined)} />}
        <StopBar machine={machine} isAllowed={may(me, 'machines.stop')} />
      </div>
    </Frame>
  )
}

function MachineTiles({ machines, chosen, onChoose }: { machines: MachineView[]; chosen: string | undefined; onChoose: (id: string) => void }) {
  const text = useOperatorText()
  return (
    <nav className="op-tiles" aria-label={text.machines}>
      {machines.map((machine) => {
        const key = stateKeyOf(machine)
        const { tone, icon: Icon } = lookOf(key)
        return (
          <button
            key={machine.id}
            type="button"
            className={machine.isVirtual ? 'cw-virtual' : undefined}
            data-tone={tone}
            aria-pressed={machine.id === chosen}
            data-testid={`tile-${machine.id}`}
            onClick={() => onChoose(machine.id)}
          >
            <Icon size={22} aria-hidden />
            <strong>{machine.name}</strong>
            <span>
              {text.state[key]}
              {machine.isVirtual ? ` · ${text.virtual}` : ''}
            </span>
          </button>
        )
      })}
    </nav>
  )
}
