/** The machines page: the list, the set-up of a new one, or one machine. */
import './machines.css'
import { Frame } from '../shared/frame.tsx'
import { upsertBy, useLive } from '../shared/live.ts'
import { may, useMe } from '../shared/me.ts'
import { useHash } from '../shared/use-hash.ts'
import { KeepUnitsOfForm } from '../shared/use-units.tsx'
import { MachinePage } from './detail/machine-page.tsx'
import { TABS, type Tab } from './detail/tabs.ts'
import { MachineList } from './machine-list.tsx'
import { useMachinesText } from './use-machines-text.ts'
import { Wizard } from './wizard/wizard.tsx'

/** No machine can be called so: an id has no leading `+`. */
const NEW = '+new'

export function MachinesPage() {
  const text = useMachinesText()
  const { me } = useMe()
  const [hash, go] = useHash()
  const { value: machines, isStale } = useLive(
    'machines',
    upsertBy((machine) => machine.id),
  )
  const [id = '', wanted = ''] = hash.split('/')
  const machine = machines?.find((one) => one.id === id)
  const tab = TABS.find((one) => one === wanted) ?? 'overview'
  return (
    <Frame page="machines">
      {machines === undefined ? (
        <div className="m-page">
          <div className="m-skeleton" aria-hidden />
        </div>
      ) : id === NEW && may(me, 'machines.configure') ? (
        <KeepUnitsOfForm>
          <Wizard machines={machines} isStale={isStale} onLeave={() => go('')} onDone={(added) => go(added)} />
        </KeepUnitsOfForm>
      ) : machine ? (
        <MachinePage key={machine.id} machine={machine} isStale={isStale} tab={tab} onTab={(to: Tab) => go(`${machine.id}/${to}`)} onLeave={() => go('')} />
      ) : (
        <MachineList
          machines={machines}
          isStale={isStale}
          mayAdd={may(me, 'machines.configure')}
          missing={id !== '' && id !== NEW ? text.list.gone(id) : undefined}
          onOpen={go}
          onAdd={() => go(NEW)}
        />
      )}
    </Frame>
  )
}
