/** What was done, in the page's language. */
import { AUDIT_ACTIONS, type AuditAction, NODE_RED_ACTION } from '../../../server/api/audit-actions.ts'
import type { HistoryText } from '../use-history-text.ts'

type Words = Pick<HistoryText, 'actions' | 'nodeRedEvents' | 'nodeRed'>

const isKnown = (action: string): action is AuditAction => (AUDIT_ACTIONS as readonly string[]).includes(action)

/** Entries of versions to come may have actions that this one does not know: they are shown as they are. */
export function wordsOfAction(action: string, text: Words): string {
  if (isKnown(action)) return text.actions[action]
  if (!action.startsWith(NODE_RED_ACTION)) return action
  const event = action.slice(NODE_RED_ACTION.length)
  const known: Readonly<Record<string, string>> = text.nodeRedEvents
  return known[event] ?? text.nodeRed(event)
}

/** Actions whose words have all that was typed: by them an entry is found in the language of whoever looks. */
export function actionsLike(typed: string, text: Words): string[] {
  const parts = typed.trim().toLowerCase().split(/\s+/)
  const has = (words: string) => parts.every((part) => words.toLowerCase().includes(part))
  return [...AUDIT_ACTIONS, ...Object.keys(text.nodeRedEvents).map((event) => NODE_RED_ACTION + event)].filter((action) => has(wordsOfAction(action, text)))
}
