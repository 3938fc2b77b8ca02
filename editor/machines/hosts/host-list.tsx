/** The hosts that share the database: whether each lives, what it runs, which machines are wired to it. Nothing while there is one. */
import './hosts.css'
import { Button } from '@mantine/core'
import { ArrowRightLeft, Crown, ExternalLink, Server, ServerOff } from 'lucide-react'
import { useState } from 'react'
import { forgetHost, type HostView } from '../../../server/api/hosts.ts'
import type { MachineView } from '../../../server/api/machines.ts'
import { call } from '../../shared/api.ts'
import { useHostsText } from '../../shared/machine/host-note.tsx'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { MoveDialog } from './move-dialog.tsx'
import { useHosts } from './use-hosts.ts'

/** A clock that is off by so much is worth a word. */
const CLOCK_OFF_MS = 2000

export function HostList({ machines, mayConfigure }: { machines: readonly MachineView[]; mayConfigure: boolean }) {
  const text = useHostsText()
  const { hosts, readAgain } = useHosts()
  const [isMoving, setIsMoving] = useState(false)
  const [told, setTold] = useState('')
  if (!hosts || hosts.length < 2) return null
  return (
    <section className="m-hosts" aria-labelledby="m-hosts-title" data-testid="hosts">
      <header className="m-head">
        <div>
          <h2 id="m-hosts-title">{text.title}</h2>
          <p className="mf-hint">{text.help}</p>
        </div>
        {mayConfigure && machines.length > 0 && (
          <Button variant="default" leftSection={<ArrowRightLeft size={16} aria-hidden />} onClick={() => setIsMoving(true)} data-testid="move-machine">
            {text.move}
          </Button>
        )}
      </header>
      <p className="mf-hint" role="status">
        {told}
      </p>
      <ul className="m-host-rows">
        {hosts.map((host) => (
          <li key={host.name}>
            <HostRow host={host} mayForget={mayConfigure} onForgotten={readAgain} onTrouble={setTold} />
          </li>
        ))}
      </ul>
      {isMoving && (
        <MoveDialog
          machines={machines}
          hosts={hosts}
          onClose={() => setIsMoving(false)}
          onMoved={(machine, host) => {
            setIsMoving(false)
            setTold(text.moved(machine, host))
            readAgain()
          }}
        />
      )}
    </section>
  )
}

function HostRow({
  host,
  mayForget,
  onForgotten,
  onTrouble,
}: {
  host: HostView
  mayForget: boolean
  onForgotten: () => void
  onTrouble: (why: string) => void
}) {
  const text = useHostsText()
  const format = formats(useLanguage())
  const isLiving = host.state === 'living'
  const Icon = isLiving ? Server : ServerOff
  const facts = [
    ...(host.version === undefined ? [] : [text.version(host.version)]),
    ...(isLiving
      ? host.startedAt === undefined
        ? []
        : [text.since(format.dateTime(host.startedAt))]
      : [text.seen(format.span((Date.now() - Date.parse(host.seenAt)) / 1000))]),
  ]
  const warnings = [
    ...(isLiving && host.deployment !== 'current' ? [text.deployment[host.deployment]] : []),
    ...(isLiving && Math.abs(host.clockOffMs) >= CLOCK_OFF_MS ? [text.clockOff(format.number(host.clockOffMs / 1000, 1))] : []),
  ]
  return (
    <article className="m-host" data-state={host.state} data-testid={`host-${host.name}`}>
      <header>
        <Icon size={18} aria-hidden />
        <strong>{host.name}</strong>
        {host.isHere && <span className="mf-hint">({text.here})</span>}
        <span className="m-host-state" title={text.meaning[host.state]}>
          {text.state[host.state]}
        </span>
        {host.leads && (
          <span className="m-host-lead" title={text.leadsMeaning}>
            <Crown size={14} aria-hidden /> {text.leads}
          </span>
        )}
        {!host.isHere && isLiving && host.url !== undefined && (
          <a href={host.url} target="_blank" rel="noreferrer">
            {text.open(host.name)} <ExternalLink size={14} aria-hidden />
          </a>
        )}
        {!isLiving && !host.isHere && mayForget && host.machines.length === 0 && (
          <Button
            size="compact-sm"
            variant="default"
            title={text.forgetMeaning}
            onClick={() => void call(forgetHost, { params: { name: host.name } }).then(onForgotten, (error: Error) => onTrouble(error.message))}
          >
            {text.forget}
          </Button>
        )}
      </header>
      <p className="mf-hint">{facts.join(', ')}</p>
      {!isLiving && <p className="m-host-warning">{text.meaning[host.state]}</p>}
      {warnings.map((warning) => (
        <p key={warning} className="m-host-warning">
          {warning}
        </p>
      ))}
      <p>
        {text.machines}: {host.machines.length ? host.machines.map(({ name }) => name).join(', ') : text.none}
      </p>
    </article>
  )
}
