/** All machines and what each is doing. */
import { Button, TextInput } from '@mantine/core'
import { Cable, Globe, Network, Plus, Search, Usb } from 'lucide-react'
import { useState } from 'react'
import type { MachineView } from '../../server/api/machines.ts'
import { HostNote } from '../shared/machine/host-note.tsx'
import { StatePill } from '../shared/machine/state-pill.tsx'
import { useMachineText } from '../shared/machine/use-machine-text.ts'
import { VirtualMark } from '../shared/machine/virtual-mark.tsx'
import { formats, useLanguage } from '../shared/text/index.ts'
import { HostList } from './hosts/host-list.tsx'
import { useMachinesText } from './use-machines-text.ts'

const LINK_ICONS = { serial: Usb, tcp: Network, websocket: Globe, virtual: Cable }

/** A search is of use from this many machines on. */
const MANY = 6

export interface MachineListProps {
  machines: readonly MachineView[]
  isStale: boolean
  mayAdd: boolean
  /** Told above the list: the address named a machine that is not there. */
  missing: string | undefined
  onOpen: (id: string) => void
  onAdd: () => void
}

export function MachineList({ machines, isStale, mayAdd, missing, onOpen, onAdd }: MachineListProps) {
  const text = useMachinesText().list
  const [wanted, setWanted] = useState('')
  const shown = machines.filter(({ name, id }) => `${name} ${id}`.toLowerCase().includes(wanted.trim().toLowerCase()))
  if (!machines.length) return <EmptyList mayAdd={mayAdd} onAdd={onAdd} />
  return (
    <div className="m-page m-scroll">
      <header className="m-head">
        <h1>{text.title}</h1>
        {machines.length > MANY && (
          <TextInput
            aria-label={text.search}
            placeholder={text.search}
            leftSection={<Search size={16} aria-hidden />}
            value={wanted}
            onChange={(event) => setWanted(event.currentTarget.value)}
          />
        )}
        {mayAdd && (
          <Button leftSection={<Plus size={16} aria-hidden />} onClick={onAdd} data-testid="add-machine">
            {text.add}
          </Button>
        )}
      </header>
      {missing && <p className="mf-warning">{missing}</p>}
      <ul className="m-cards">
        {shown.map((machine) => (
          <li key={machine.id}>
            <MachineCard machine={machine} isStale={isStale} onOpen={() => onOpen(machine.id)} />
          </li>
        ))}
      </ul>
      {shown.length === 0 && <p className="mf-hint">{text.noMatch}</p>}
      <HostList machines={machines} mayConfigure={mayAdd} />
    </div>
  )
}

function MachineCard({ machine, isStale, onOpen }: { machine: MachineView; isStale: boolean; onOpen: () => void }) {
  const text = useMachinesText()
  const words = useMachineText()
  const format = formats(useLanguage())
  const { state, link } = machine
  // nobody here knows: saying that no program runs would be a guess
  const isUnknown = machine.host?.isSilent === true
  const Icon = LINK_ICONS[link.kind]
  const where = {
    serial: () => ('path' in link ? link.path : ''),
    tcp: () => ('host' in link ? `${link.host}:${link.port}` : ''),
    websocket: () => ('url' in link ? link.url : ''),
    virtual: () => text.link.kinds.virtual,
  }[link.kind]()
  const open = state?.interlocks?.filter((one) => one.state !== 'safe') ?? []
  return (
    <button type="button" className={`m-card ${machine.isVirtual ? 'cw-virtual' : ''}`} onClick={onOpen} data-testid={`machine-${machine.id}`}>
      <span className="m-card-head">
        <strong>{machine.name}</strong>
        {machine.isVirtual && <VirtualMark />}
      </span>
      <StatePill machine={machine} isStale={isStale} />
      <HostNote machine={machine} isShort />
      <span className="m-card-link">
        <Icon size={16} aria-hidden /> <span>{where}</span>
      </span>
      {!isUnknown && <span className="m-card-fact">{state?.firmware ?? text.list.noFirmware}</span>}
      {isUnknown ? null : state?.job ? (
        <span className="m-card-fact cw-numbers">
          {state.job.programName}: {words.line(format.number(state.job.linesAcknowledged), format.number(state.job.totalLines))}
        </span>
      ) : (
        <span className="m-card-fact">{words.noProgram}</span>
      )}
      {open.length > 0 && (
        <span className="m-card-warning">{`${words.interlocks}: ${open.map((one) => `${one.name} ${words.interlock[one.state]}`).join(', ')}`}</span>
      )}
      {(state?.settingsDrift ?? 0) > 0 && <span className="m-card-warning">{words.drift(String(state?.settingsDrift))}</span>}
    </button>
  )
}

function EmptyList({ mayAdd, onAdd }: { mayAdd: boolean; onAdd: () => void }) {
  const text = useMachinesText().list
  return (
    <div className="m-page m-scroll">
      <section className="m-teach">
        <h1>{text.empty}</h1>
        <p>{text.emptyText}</p>
        <ol>
          {Object.values(text.emptySteps).map((step) => (
            <li key={step.title}>
              <strong>{step.title}</strong>
              <span>{step.text}</span>
            </li>
          ))}
        </ol>
        {mayAdd ? (
          <Button size="md" leftSection={<Plus size={18} aria-hidden />} onClick={onAdd} data-testid="add-machine">
            {text.add}
          </Button>
        ) : (
          <p>{text.askEngineer}</p>
        )}
        <p className="mf-hint">{text.emptyVirtual}</p>
      </section>
      <HostList machines={[]} mayConfigure={mayAdd} />
    </div>
  )
}
