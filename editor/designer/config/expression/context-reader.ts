/** Values of the context for previews, asked of the server; the same one is not asked for again for a moment. */
import { getContextValue } from '../../../../server/api/activity.ts'
import { ApiError, call } from '../../../shared/api.ts'
import type { ContextFound, Scope } from './messages.ts'

const FRESH_MS = 3_000

export interface WantedContext {
  scope: Scope
  key: string
  store?: string
  /** Tab of the node. */
  place: string | undefined
}

const known = new Map<string, { at: number; found: Promise<ContextFound> }>()

export function readContextValue(wanted: WantedContext): Promise<ContextFound> {
  const name = JSON.stringify([wanted.scope, wanted.scope === 'flow' ? wanted.place : '', wanted.key, wanted.store])
  const before = known.get(name)
  if (before && performance.now() - before.at < FRESH_MS) return before.found
  const found = ask(wanted)
  known.set(name, { at: performance.now(), found })
  return found
}

async function ask({ scope, place, key, store }: WantedContext): Promise<ContextFound> {
  try {
    const { isKnown, value } = await call(getContextValue, {
      query: { scope, key, ...(scope === 'flow' && place !== undefined && { place }), ...(store !== undefined && { store }) },
    })
    return isKnown ? { is: 'value', value } : { is: 'away' }
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    return { is: error.code === 'not-allowed' ? 'hidden' : 'away' }
  }
}
