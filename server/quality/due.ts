/** When a characteristic is to be measured next. */
import { sql } from 'kysely'
import type { CharacteristicDefinition, Due } from '../api/index.ts'
import type { Db } from './contract.ts'

const MINUTE_MS = 60_000

/** Undefined: it has no rule, or is not measured any more. What was never measured is due. */
export function dueOf(
  {
    definition: { sampling },
    lastMeasuredAt,
    isRetired,
  }: { definition: Pick<CharacteristicDefinition, 'sampling'>; lastMeasuredAt: Date | null; isRetired: boolean },
  parts: number | undefined,
  now: number,
): Due | undefined {
  if (!sampling || isRetired) return undefined
  switch (sampling.every) {
    case 'minutes': {
      const at = lastMeasuredAt === null ? now : lastMeasuredAt.getTime() + sampling.count * MINUTE_MS
      return { isDue: at <= now, at: new Date(at).toISOString() }
    }
    case 'parts': {
      const since = parts ?? 0
      return { isDue: lastMeasuredAt === null || since >= sampling.count, partsSince: since }
    }
    default:
      return sampling.every satisfies never
  }
}

/** Programs that its machine has finished since each was measured. */
export async function partsSince(db: Db, ids: readonly string[]): Promise<Map<string, number>> {
  const { rows } = await sql<{ id: string; parts: number }>`
    select c.id, count(j.id)::int as parts from characteristic c
    left join job j on j."machineId" = c.definition->>'machineId' and j.kind = 'program' and j.state = 'completed' and j."endedAt" > coalesce(c."lastMeasuredAt", c."createdAt")
    where c.id = any(${[...ids]}) group by c.id`.execute(db)
  return new Map(rows.map(({ id, parts }) => [id, parts]))
}
