/** Characteristics that a flow gives with each value: made when they are first measured, and known by name, unit and nominal from then on. */
import type { CharacteristicDefinition } from '../api/index.ts'
import { insertCharacteristic, reviseCharacteristic } from './characteristics.ts'
import { lockCharacteristic, type QualityContext } from './context.ts'
import { checkDefinition } from './definition.ts'
import type { CharacteristicRow } from './rows.ts'

export interface Inline {
  name: string
  unit: string
  decimals: number
  nominal: number
  /** The limits themselves. */
  lower: number
  upper: number
}

const FLOW = { name: 'Flow' }

/** @returns its id, and whether its tolerance is another than that of the list */
export async function settleInline(context: QualityContext, inline: Inline, nodeId: string): Promise<{ characteristicId: string; differs: boolean }> {
  const { store, charts } = context
  const { name, unit, nominal, lower, upper } = inline
  const inlineKey = `${name}\n${unit}\n${nominal}`
  const known = await store.db.selectFrom('characteristic').selectAll().where('inlineKey', '=', inlineKey).executeTakeFirst()
  if (known) {
    if (isSame(known, inline)) return { characteristicId: known.id, differs: false }
    // the node that gave it says anew what it is; another node, or a person since then, is not overruled
    if (known.fromNode !== nodeId || known.origin === 'person') return { characteristicId: known.id, differs: true }
    await context.oneAtATime(known.id, () =>
      store.db.transaction().execute(async (tx) => {
        const before = await lockCharacteristic(tx, known.id)
        if (isSame(before, inline) || before.origin === 'person') return
        const definition = { ...before.definition, lower, upper, decimals: inline.decimals }
        checkDefinition(definition)
        await reviseCharacteristic(tx, { before, definition, who: FLOW, reason: 'The flow that measures it has another tolerance', origin: 'flow' })
      }),
    )
    charts.forget(known.id)
    context.publish({ kind: 'changed', characteristicId: known.id, what: 'definition' })
    return { characteristicId: known.id, differs: false }
  }
  const definition = definitionOf(inline)
  checkDefinition(definition)
  try {
    const row = await store.db.transaction().execute((tx) =>
      insertCharacteristic(tx, {
        definition,
        who: FLOW,
        reason: 'Measured by a flow for the first time',
        origin: { origin: 'flow', inlineKey, fromNode: nodeId },
      }),
    )
    context.publish({ kind: 'changed', characteristicId: row.id, what: 'definition' })
    return { characteristicId: row.id, differs: false }
  } catch (error) {
    // another message, or another host, has just made it
    if ((error as { constraint?: string }).constraint !== 'characteristic_inlineKey_key') throw error
    return settleInline(context, inline, nodeId)
  }
}

const isSame = ({ definition }: CharacteristicRow, { lower, upper }: Inline): boolean => definition.lower === lower && definition.upper === upper

const definitionOf = ({ name, unit, decimals, nominal, lower, upper }: Inline): CharacteristicDefinition => ({
  name,
  unit,
  decimals,
  nominal,
  lower,
  upper,
  chart: { kind: 'i-mr', subgroupSize: 1, rules: ['nelson-1'], autoLimitsAfter: 25 },
  overdueGauge: 'flag',
  asks: [],
  uniqueSerials: false,
  afterSignal: 'nothing',
  afterOutOfTolerance: 'nothing',
  isRetired: false,
})
