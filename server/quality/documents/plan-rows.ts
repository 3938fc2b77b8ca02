/** Rows of a control plan as the characteristics of a part give them. */
import { newId } from '../../../base/ids.ts'
import type { CharacteristicDefinition, ControlPlanRow } from '../../api/index.ts'
import type { Db } from '../contract.ts'

/** Those that are still measured, by operation and feature. */
export async function rowsOfPart(db: Db, { part, partRevision }: { part: string; partRevision?: string | undefined }): Promise<ControlPlanRow[]> {
  const found = await db
    .selectFrom('characteristic')
    .select(['id', 'revision', 'name', 'definition'])
    .where('part', '=', part)
    .where('isRetired', '=', false)
    .orderBy('name')
    .limit(300)
    .execute()
  const fitting = found.filter(
    ({ definition }) => partRevision === undefined || definition.partRevision === undefined || definition.partRevision === partRevision,
  )
  const gauges = await namesOfGauges(
    db,
    fitting.flatMap(({ definition }) => definition.gaugeId ?? []),
  )
  return fitting
    .map(({ id, revision, name, definition }): ControlPlanRow => {
      const { operation, machineId, feature, gaugeId, sampling, chart } = definition
      const gauge = gaugeId === undefined ? undefined : gauges.get(gaugeId)
      return {
        id: newId('qdc'),
        of: 'product',
        characteristic: feature ? `${feature} ${name}` : name,
        characteristicId: id,
        characteristicRevision: revision,
        ...(operation === undefined ? {} : { operation }),
        ...(machineId === undefined ? {} : { machineId }),
        specification: specificationOf(definition),
        ...(gauge === undefined ? {} : { evaluation: gauge }),
        sample: String(chart.subgroupSize),
        ...(sampling === undefined ? {} : { frequency: sampling.every === 'parts' ? `1 / ${sampling.count} parts` : `1 / ${sampling.count} min` }),
        control: `${CHARTS[chart.kind]} chart`,
      }
    })
    .sort(
      (a, b) =>
        (a.operation ?? '').localeCompare(b.operation ?? '', undefined, { numeric: true }) ||
        a.characteristic.localeCompare(b.characteristic, undefined, { numeric: true }),
    )
}

const CHARTS: Record<CharacteristicDefinition['chart']['kind'], string> = {
  'xbar-r': 'X-bar/R',
  'xbar-s': 'X-bar/S',
  'i-mr': 'I-MR',
  p: 'p',
  np: 'np',
  c: 'c',
  u: 'u',
  ewma: 'EWMA',
  cusum: 'CUSUM',
}

/** `12.000 (11.980 … 12.020) mm` */
function specificationOf({ nominal, lower, upper, decimals, unit }: CharacteristicDefinition): string {
  const said = (value: number) => value.toFixed(decimals)
  const limits =
    lower !== null && upper !== null ? `${said(lower)} … ${said(upper)}` : lower !== null ? `≥ ${said(lower)}` : upper !== null ? `≤ ${said(upper)}` : undefined
  const text = nominal === null ? limits : limits === undefined ? said(nominal) : `${said(nominal)} (${limits})`
  return text === undefined ? '' : `${text} ${unit}`.trim()
}

async function namesOfGauges(db: Db, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map()
  const rows = await db
    .selectFrom('gaugeRevision')
    .select(['gaugeId', 'name'])
    .distinctOn('gaugeId')
    .where('gaugeId', 'in', [...new Set(ids)])
    .orderBy('gaugeId')
    .orderBy('revision', 'desc')
    .execute()
  return new Map(rows.map(({ gaugeId, name }) => [gaugeId, name]))
}
