/** Numbers of quality, each series by itself. */
import type { Transaction } from 'kysely'
import { type Numbering, numberText } from '../api/quality/documents/numbering.ts'
import type { Database } from '../store/index.ts'

export const seriesOf = ({ before, after }: Numbering) => `${before}\n${after}`

/**
 * Counted up in the transaction that opens what gets it: the row of its series is locked until that commits, so that there is no gap when it
 * fails, and nobody gets the same one.
 */
export async function takeNext(tx: Transaction<Database>, numbering: Numbering): Promise<string> {
  const { last } = await tx
    .insertInto('qualityNumber')
    .values({ scope: seriesOf(numbering), last: 1 })
    .onConflict((conflict) => conflict.column('scope').doUpdateSet((e) => ({ last: e('qualityNumber.last', '+', 1) })))
    .returning('last')
    .executeTakeFirstOrThrow()
  return numberText(numbering, Number(last))
}
