/** A characteristic while it is edited: fields may be empty, and what is wrong is said by field. No DOM. */
import { ATTRIBUTE_KINDS, type CharacteristicDefinition, type ChartPlan } from '../../../server/api/quality/index.ts'
import type { Num } from '../../shared/number-field.tsx'

export type ChartKind = ChartPlan['kind']
export type Conventions = NonNullable<ChartPlan['conventions']>

export interface Draft {
  name: string
  part: string
  partRevision: string
  feature: string
  operation: string
  machineId: string
  unit: string
  decimals: Num
  nominal: Num
  lower: Num
  upper: Num
  kind: ChartKind
  subgroupSize: Num
  rules: readonly ChartPlan['rules'][number][]
  conventions: Conventions
  sigmas: Num
  estimator: ChartPlan['estimator'] | ''
  target: Num
  ewma: { lambda: Num; L: Num; limits: 'exact' | 'asymptotic' }
  cusum: { k: Num; h: Num; headStart: Num }
  /** Units of k and h of a CUSUM are kept as they are: they are not in the form. */
  cusumUnits: 'standard-errors' | 'raw' | undefined
  autoLimitsAfter: Num
  isAuto: boolean
  gaugeId: string
  overdueGauge: CharacteristicDefinition['overdueGauge']
  sampling: 'none' | 'minutes' | 'parts'
  samplingCount: Num
  asks: CharacteristicDefinition['asks']
  uniqueSerials: boolean
  afterSignal: CharacteristicDefinition['afterSignal']
  afterOutOfTolerance: CharacteristicDefinition['afterOutOfTolerance']
  isRetired: boolean
}

export const isOfCounts = (kind: ChartKind): boolean => (ATTRIBUTE_KINDS as readonly string[]).includes(kind)
/** Charts that are tested by their limits alone. */
export const hasRules = (kind: ChartKind): boolean => kind !== 'ewma' && kind !== 'cusum'
const AUTO_AFTER = 25
/** Subgroups that a chart begins with. */
const usualSize: Readonly<Record<ChartKind, number>> = { 'i-mr': 1, 'xbar-r': 5, 'xbar-s': 12, ewma: 1, cusum: 1, p: 1, np: 1, c: 1, u: 1 }
/** Where only one size is possible. */
export const isSizeFixed = (kind: ChartKind): boolean => kind === 'i-mr' || isOfCounts(kind)

export function newDraft(): Draft {
  return {
    name: '',
    part: '',
    partRevision: '',
    feature: '',
    operation: '',
    machineId: '',
    unit: 'mm',
    decimals: 3,
    nominal: '',
    lower: '',
    upper: '',
    kind: 'i-mr',
    subgroupSize: 1,
    rules: ['nelson-1', 'nelson-2', 'nelson-5', 'nelson-6'],
    conventions: {},
    sigmas: 3,
    estimator: '',
    target: '',
    ewma: { lambda: 0.2, L: 3, limits: 'exact' },
    cusum: { k: 0.5, h: 5, headStart: 0 },
    cusumUnits: undefined,
    autoLimitsAfter: AUTO_AFTER,
    isAuto: true,
    gaugeId: '',
    overdueGauge: 'flag',
    sampling: 'none',
    samplingCount: '',
    asks: [],
    uniqueSerials: false,
    afterSignal: 'nothing',
    afterOutOfTolerance: 'nothing',
    isRetired: false,
  }
}

export function draftOf({ chart, sampling, ...rest }: CharacteristicDefinition): Draft {
  const usual = newDraft()
  const { units, ...cusum } = chart.cusum ?? {}
  return {
    name: rest.name,
    part: rest.part ?? '',
    partRevision: rest.partRevision ?? '',
    feature: rest.feature ?? '',
    operation: rest.operation ?? '',
    machineId: rest.machineId ?? '',
    unit: rest.unit,
    decimals: rest.decimals,
    nominal: rest.nominal ?? '',
    lower: rest.lower ?? '',
    upper: rest.upper ?? '',
    kind: chart.kind,
    subgroupSize: chart.subgroupSize,
    rules: chart.rules,
    conventions: chart.conventions ?? {},
    sigmas: chart.sigmas ?? usual.sigmas,
    estimator: chart.estimator ?? '',
    target: chart.target ?? '',
    ewma: { ...usual.ewma, ...chart.ewma },
    cusum: { ...usual.cusum, ...cusum },
    cusumUnits: units,
    autoLimitsAfter: chart.autoLimitsAfter ?? AUTO_AFTER,
    isAuto: chart.autoLimitsAfter !== null,
    gaugeId: rest.gaugeId ?? '',
    overdueGauge: rest.overdueGauge,
    sampling: sampling?.every ?? 'none',
    samplingCount: sampling?.count ?? '',
    asks: rest.asks,
    uniqueSerials: rest.uniqueSerials,
    afterSignal: rest.afterSignal,
    afterOutOfTolerance: rest.afterOutOfTolerance,
    isRetired: rest.isRetired,
  }
}

/** Another kind of chart, with what of the draft does not fit it put right. */
export function withKind(draft: Draft, kind: ChartKind): Draft {
  const size = draft.subgroupSize === '' ? 0 : draft.subgroupSize
  const fits = isSizeFixed(kind) ? size === 1 : kind === 'xbar-r' || kind === 'xbar-s' ? size >= 2 : size >= 1
  return {
    ...draft,
    kind,
    subgroupSize: fits ? draft.subgroupSize : usualSize[kind],
    estimator: '',
    ...(isOfCounts(kind) ? { nominal: '' as const, decimals: 0, unit: draft.unit === 'mm' ? '' : draft.unit } : {}),
    ...(isOfCounts(draft.kind) && !isOfCounts(kind) ? { unit: draft.unit === '' ? 'mm' : draft.unit, decimals: 3 } : {}),
  }
}

type Problem = 'name' | 'nominal' | 'reversed' | 'size' | 'count'
export type Problems = Partial<Record<'name' | 'nominal' | 'upper' | 'subgroupSize' | 'samplingCount' | 'autoLimitsAfter', Problem>>

const isCount = (value: Num): boolean => value !== '' && Number.isInteger(value) && value >= 1

/** What is wrong, by field. The server looks again, always. */
export function problemsOf(draft: Draft): Problems {
  const problems: Problems = {}
  if (draft.name.trim() === '') problems.name = 'name'
  if (!isOfCounts(draft.kind) && draft.nominal === '') problems.nominal = 'nominal'
  if (draft.lower !== '' && draft.upper !== '' && draft.lower > draft.upper) problems.upper = 'reversed'
  if (!isCount(draft.subgroupSize)) problems.subgroupSize = 'count'
  else if ((draft.kind === 'xbar-r' || draft.kind === 'xbar-s') && Number(draft.subgroupSize) < 2) problems.subgroupSize = 'size'
  if (draft.sampling !== 'none' && !isCount(draft.samplingCount)) problems.samplingCount = 'count'
  if (draft.isAuto && !isCount(draft.autoLimitsAfter)) problems.autoLimitsAfter = 'count'
  return problems
}

/** What is kept. Call it for a draft without problems only. */
export function definitionOf(draft: Draft): CharacteristicDefinition {
  const text = <K extends string>(key: K, value: string) => (value.trim() === '' ? {} : ({ [key]: value.trim() } as Record<K, string>))
  const orNull = (value: Num) => (value === '' ? null : value)
  return {
    name: draft.name.trim(),
    ...text('part', draft.part),
    ...text('partRevision', draft.partRevision),
    ...text('feature', draft.feature),
    ...text('operation', draft.operation),
    ...text('machineId', draft.machineId),
    unit: draft.unit.trim(),
    decimals: draft.decimals === '' ? 3 : draft.decimals,
    nominal: isOfCounts(draft.kind) ? null : orNull(draft.nominal),
    lower: orNull(draft.lower),
    upper: orNull(draft.upper),
    chart: planOf(draft),
    ...text('gaugeId', draft.gaugeId),
    overdueGauge: draft.overdueGauge,
    ...(draft.sampling === 'none' ? {} : { sampling: { every: draft.sampling, count: Number(draft.samplingCount) } }),
    asks: draft.asks,
    uniqueSerials: draft.uniqueSerials,
    afterSignal: draft.afterSignal,
    afterOutOfTolerance: draft.afterOutOfTolerance,
    isRetired: draft.isRetired,
  }
}

/** What is as usual is left out: then it follows what the engine has as usual. */
function planOf(draft: Draft): ChartPlan {
  const { kind, sigmas, estimator, target, ewma, cusum, cusumUnits } = draft
  const given = <T extends object>(value: T) => Object.fromEntries(Object.entries(value).filter(([, one]) => one !== '' && one !== undefined)) as Partial<T>
  const isMemory = kind === 'ewma' || kind === 'cusum'
  const usual = newDraft()
  return {
    kind,
    subgroupSize: Number(draft.subgroupSize),
    rules: [...draft.rules],
    ...(Object.keys(draft.conventions).length > 0 ? { conventions: draft.conventions } : {}),
    ...(isMemory || sigmas === '' || sigmas === usual.sigmas ? {} : { sigmas }),
    ...(isOfCounts(kind) || !estimator ? {} : { estimator }),
    ...(isMemory && target !== '' ? { target } : {}),
    ...(kind === 'ewma' ? { ewma: given(ewma) as NonNullable<ChartPlan['ewma']> } : {}),
    ...(kind === 'cusum' ? { cusum: { ...(given(cusum) as NonNullable<ChartPlan['cusum']>), ...(cusumUnits ? { units: cusumUnits } : {}) } } : {}),
    autoLimitsAfter: draft.isAuto ? Number(draft.autoLimitsAfter) : null,
  }
}

/** Estimators of sigma that fit subgroups of this size. */
export function estimatorsFor(kind: ChartKind, size: Num): NonNullable<ChartPlan['estimator']>[] {
  if (isOfCounts(kind)) return []
  return size === 1 ? ['mr-mean', 'mr-median'] : ['rbar', 'sbar', 'pooled', 'pooled-unbiased']
}
