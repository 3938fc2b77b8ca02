/** Says of a machine that is wired to another host where that is, and what can be done from here. */
import './host-note.css'
import { ExternalLink, Server, ServerOff } from 'lucide-react'
import type { MachineView } from '../../../server/api/machines.ts'
import { hosts as de } from '../text/de/hosts.ts'
import { hosts as en } from '../text/en/hosts.ts'
import { catalogue, formats, useLanguage } from '../text/index.ts'

export const useHostsText = catalogue(en, de)

/** @param isShort one line without a link, for cards */
export function HostNote({ machine, isShort = false }: { machine: MachineView; isShort?: boolean }) {
  const text = useHostsText()
  const format = formats(useLanguage())
  const { host } = machine
  if (!host) return null
  const Icon = host.isSilent ? ServerOff : Server
  const title = host.isSilent ? text.isSilent(host.name) : text.elsewhere(host.name)
  return (
    <span
      className="cw-host-note"
      data-silent={host.isSilent || undefined}
      role={host.isSilent && !isShort ? 'alert' : undefined}
      data-testid={`host-note-${machine.id}`}
    >
      <Icon size={16} aria-hidden />
      <span>
        <strong>{title}</strong>
        {!isShort && ` ${host.isSilent ? text.isSilentMeaning : text.elsewhereMeaning}`}
        {!isShort && host.isSilent && host.heardAt && ` ${text.lastHeard(format.time(new Date(host.heardAt)))}`}
        {!isShort && host.url && (
          <>
            {' '}
            <a href={host.url} target="_blank" rel="noreferrer">
              {text.open(host.name)} <ExternalLink size={14} aria-hidden />
            </a>
          </>
        )}
      </span>
    </span>
  )
}
