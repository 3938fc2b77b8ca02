import { Bell } from 'lucide-react'
import type { PanelMessage } from '../../../server/api/panel.ts'
import { usePanelText } from '../use-operator-text.ts'
import { byUrgency } from './urgency.ts'

/** The worst thing that nobody has seen yet, over every tab. */
export function Urgent({ messages, isHidden, onOpen }: { messages: readonly PanelMessage[]; isHidden: boolean; onOpen: () => void }) {
  const panel = usePanelText()
  const worst = byUrgency(messages.filter((message) => message.acknowledgedAt === undefined && message.priority !== 'info'))[0]
  const note = messages.find(({ kind, acknowledgedAt }) => kind === 'note' && acknowledgedAt === undefined)
  const shown = worst ?? note
  if (!shown || isHidden) return null
  return (
    <button type="button" className="op-urgent" data-priority={shown.priority} onClick={onOpen} data-testid="urgent">
      <Bell size={24} aria-hidden />
      <span>
        <strong>{shown.title}</strong>
        {shown.text && <span>{shown.text}</span>}
      </span>
      <em>{panel.messages.look}</em>
    </button>
  )
}
