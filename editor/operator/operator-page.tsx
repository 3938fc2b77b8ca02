/** The panel: which machine, how it is, what a person can do, and the two stops that never move. */
import './operator.css'
import { useState } from 'react'
import type { MachineView } from '../../server/api/machines.ts'
import { Frame } from '../shared/frame.tsx'
import { upsertBy, useLive } from '../shared/live.ts'
import { lookOf, stateKeyOf } from '../shared/machine/machine-state.ts'
import { StopBar } from '../shared/machine/stop-bar.tsx'
import { useMachineText } from '../shared/machine/use-machine-text.ts'
import { may, useMe } from '../shared/me.ts'
import { FlowButtons, PressDialog } from './flow-buttons.tsx'
import { MachinePanel } from './machine-panel.tsx'
import { RecentRuns } from './recent-runs.tsx'
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
          <div className="op-side">
            {panel.value && <FlowButtons buttons={buttons} mayPress={may(me, 'panel.press') && !panel.isStale} onOpen={setOpened} />}
            {runs.value && <RecentRuns runs={runs.value} />}
          </div>
        </div>
        {asking && <PressDialog key={asking.nodeId} button={asking} onClose={() => setOpened(undefined)} />}
        <StopBar key={machine?.id} machine={machine} isAllowed={may(me, 'machines.stop')} />
      </div>
    </Frame>
  )
}

function MachineTiles({ machines, chosen, onChoose }: { machines: MachineView[]; chosen: string | undefined; onChoose: (id: string) => void }) {
  const text = useOperatorText()
  const words = useMachineText()
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
              {words.state[key]}
              {machine.isVirtual ? ` · ${words.virtual}` : ''}
            </span>
          </button>
        )
      })}
    </nav>
  )
}
