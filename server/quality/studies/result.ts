/** The result of a study, by the engine, and what its limits say of it. Pure. */
import { StatisticsError } from '../../../nodes/quality/engine/describe/statistics-error.ts'
import { anovaStudy, averageAndRange, biasStudy } from '../../../nodes/quality/engine/gage/index.ts'
import type { StudyDefinition, StudyReading, StudyResult } from '../../api/index.ts'

type Reading = Pick<StudyReading, 'part' | 'appraiser' | 'trial' | 'value'>

/** @param readings every one of the plan */
export function resultOf(definition: StudyDefinition, readings: readonly Reading[]): { result: StudyResult } | { problem: { code: string; text: string } } {
  try {
    return { result: definition.design.kind === 'crossed' ? crossed(definition, definition.design, readings) : bias(definition.design, readings) }
  } catch (error) {
    if (!(error instanceof StatisticsError)) throw error
    return { problem: { code: error.code, text: error.message } }
  }
}

type Design<Kind> = Extract<StudyDefinition['design'], { kind: Kind }>

function crossed({ toleranceWidth, limits }: StudyDefinition, design: Design<'crossed'>, readings: readonly Reading[]): StudyResult {
  const { spread, ndcFactor, method, errorTerm, poolingAlpha, constants } = design
  const common = { spread, ndcFactor, ...(toleranceWidth === undefined ? {} : { toleranceWidth }) }
  const rows = readings.map(({ trial, ...reading }) => ({ ...reading, trial: String(trial) }))
  const found = method === 'anova' ? anovaStudy(rows, { ...common, errorTerm, poolingAlpha }) : averageAndRange(rows, { ...common, constants })
  const { lines, ndc, ndcExact, setToZero } = found
  const grr = lines.find(({ source }) => source === 'gage-rr')
  const grrPercent = (limits.of === 'tolerance' ? grr?.tolerancePercent : grr?.studyPercent) ?? found.grrPercent
  // a gauge without variation tells everything apart
  const tellsEnough = ndc === null || ndc >= limits.ndc
  return {
    kind: 'crossed',
    method,
    lines,
    grrPercent,
    ndcExact,
    ndc,
    setToZero,
    ...(found.method === 'anova' ? { table: found.table, ...(found.pooledTable ? { pooledTable: found.pooledTable } : {}) } : {}),
    ...(found.method === 'average-and-range'
      ? { ranges: { meanRange: found.meanRange, appraiserRange: found.appraiserRange, partRange: found.partRange, k1: found.k1, k2: found.k2, k3: found.k3 } }
      : {}),
    proposal: grrPercent > limits.unacceptablePercent ? 'rejected' : grrPercent < limits.acceptablePercent && tellsEnough ? 'accepted' : 'conditional',
  }
}

function bias(design: Design<'bias'>, readings: readonly Reading[]): StudyResult {
  const references = new Map(design.parts.map(({ name, reference }) => [name, reference]))
  const { confidence, processVariation } = design
  const found = biasStudy(
    readings.map(({ part, value }) => ({ part, value, reference: references.get(part) ?? Number.NaN })),
    { confidence, ...(processVariation === undefined ? {} : { processVariation }) },
  )
  const { lines, overall, linearity } = found
  const isGood = linearity ? linearity.isAcceptable : lines.every(({ isAcceptable }) => isAcceptable)
  return {
    kind: 'bias',
    confidence,
    lines,
    bias: overall.bias,
    percentOfProcess: overall.percentOfProcess,
    ...(linearity ? { linearity } : {}),
    // whether what is off can be borne or corrected for is for a person to say
    proposal: isGood ? 'accepted' : 'conditional',
  }
}
