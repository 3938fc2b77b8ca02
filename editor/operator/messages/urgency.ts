/** Which message a person reads first. No DOM. */
import type { PanelMessage } from '../../../server/api/panel.ts'

const ORDER = ['alarm', 'action', 'warning', 'info'] as const satisfies readonly PanelMessage['priority'][]

/** Alarms first; within one priority what nobody has seen, then the newest. */
export function byUrgency(messages: readonly PanelMessage[]): PanelMessage[] {
  const rank = (message: PanelMessage) => ORDER.indexOf(message.priority) * 2 + (message.acknowledgedAt === undefined ? 0 : 1)
  return [...messages].sort((a, b) => rank(a) - rank(b) || b.at.localeCompare(a.at))
}

/** Nobody has seen it, and it is bad enough to be heard. */
export const callsOut = (message: PanelMessage): boolean =>
  message.acknowledgedAt === undefined && (message.priority === 'alarm' || (message.priority === 'action' && message.endedAt === undefined))
