/** What is looked for in the audit log. */
const FIELDS = ['who', 'target', 'search'] as const
export type AuditQuery = Partial<Record<(typeof FIELDS)[number] | 'action' | 'actions' | 'from' | 'to', string>>

/**
 * What a person typed as a query; times are those of this browser.
 * @param actionsLike the actions whose words are like what was typed; where none is, it is taken for a part of an action's own name
 */
export function queryOf(typed: Readonly<Record<string, string>>, actionsLike: (typed: string) => readonly string[]): AuditQuery {
  const query: AuditQuery = {}
  for (const field of FIELDS) if (typed[field]?.trim()) query[field] = typed[field].trim()
  const { action: typedAction = '' } = typed
  const action = typedAction.trim()
  if (action) {
    const actions = actionsLike(action)
    if (actions.length) query.actions = actions.join(',')
    else query.action = action
  }
  for (const end of ['from', 'to'] as const) {
    const at = typed[end] ? new Date(typed[end]) : undefined
    if (at && !Number.isNaN(at.getTime())) query[end] = at.toISOString()
  }
  return query
}
