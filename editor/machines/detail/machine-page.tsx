/** One machine: what it does, its settings, its firmware's settings, and the talk with it. STOP and HOLD stand beside all of them. */
import { ArrowLeft } from 'lucide-react'
import type { MachineView } from '../../../server/api/machines.ts'
import { HostNote } from '../../shared/machine/host-note.tsx'
import { StatePill } from '../../shared/machine/state-pill.tsx'
import { StopBar } from '../../shared/machine/stop-bar.tsx'
import { VirtualMark } from '../../shared/machine/virtual-mark.tsx'
import { may, useMe } from '../../shared/me.ts'
import { KeepUnitsOfForm } from '../../shared/use-units.tsx'
import { Console } from '../console/console.tsx'
import { useMachinesText } from '../use-machines-text.ts'
import { Firmware } from './firmware.tsx'
import { Overview } from './overview.tsx'
import { Settings } from './settings.tsx'
import { TABS, type Tab } from './tabs.ts'

export interface MachinePageProps {
  machine: MachineView
  isStale: boolean
  tab: Tab
  onTab: (tab: Tab) => void
  onLeave: () => void
}

export function MachinePage({ machine, isStale, tab, onTab, onLeave }: MachinePageProps) {
  const text = useMachinesText()
  const { me } = useMe()
  // on the pages of its own host
  const mayConfigure = may(me, 'machines.configure') && !machine.host
  const mayOperate = may(me, 'machines.operate') && !machine.host
  return (
    <div className="cw-with-stops">
      <div className="cw-work m-machine" data-tab={tab}>
        <header className="m-machine-head">
          <button type="button" className="m-back" onClick={onLeave} aria-label={text.list.title}>
            <ArrowLeft size={18} aria-hidden />
          </button>
          <h1>{machine.name}</h1>
          {machine.isVirtual && <VirtualMark />}
          <StatePill machine={machine} isStale={isStale} />
          {machine.host && (
            <div className="m-host-note">
              <HostNote machine={machine} />
            </div>
          )}
          <nav className="m-tabs" aria-label={machine.name}>
            {TABS.map((one) => (
              <button key={one} type="button" aria-current={one === tab ? 'page' : undefined} onClick={() => onTab(one)} data-testid={`tab-${one}`}>
                {text.tabs[one]}
              </button>
            ))}
          </nav>
        </header>
        {tab === 'overview' && <Overview machine={machine} isStale={isStale} mayOperate={mayOperate} onTab={onTab} />}
        {tab === 'settings' && (
          <KeepUnitsOfForm>
            <Settings machine={machine} mayConfigure={mayConfigure} onRemoved={onLeave} />
          </KeepUnitsOfForm>
        )}
        {tab === 'firmware' && <Firmware machine={machine} isStale={isStale} mayConfigure={mayConfigure} />}
        {tab === 'console' && <Console key={machine.id} machine={machine} isStale={isStale} mayOperate={mayOperate} />}
      </div>
      <StopBar key={machine.id} machine={machine} isAllowed={may(me, 'machines.stop')} isNamed />
    </div>
  )
}
