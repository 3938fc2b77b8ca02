/** What `cellwright capability`, `gage` and `sampling` print for people. */
import type { Capability, CapabilityIndex } from '../../nodes/quality/engine/capability/index.ts'
import type { AnovaRow, VariationLine } from '../../nodes/quality/engine/gage/index.ts'

/** So many digits as a person compares. */
export const figure = (value: number | null | undefined, digits = 5): string =>
  value === null || value === undefined ? '' : String(Number(value.toPrecision(digits)))

interface IndexRow {
  name: string
  index: CapabilityIndex
}

export const indexRows = (found: Capability): IndexRow[] =>
  (
    [
      ['Cp', found.cp],
      ['CPL', found.cpl],
      ['CPU', found.cpu],
      ['Cpk', found.cpk],
      ['Cpm', found.cpm],
      ['Pp', found.pp],
      ['PPL', found.ppl],
      ['PPU', found.ppu],
      ['Ppk', found.ppk],
    ] as const
  ).flatMap(([name, index]) => (index ? [{ name, index }] : []))

export const INDEX_COLUMNS = {
  INDEX: ({ name }: IndexRow) => name,
  VALUE: ({ index }: IndexRow) => figure(index.value),
  FROM: ({ index }: IndexRow) => figure(index.lower),
  TO: ({ index }: IndexRow) => figure(index.upper),
  'CONFIDENCE %': ({ index }: IndexRow) => figure(100 * index.confidence),
}

export function capabilitySummary(file: string, found: Capability): string {
  const { count, subgroups, mean, within, overall, observedPpm, expectedOverallPpm, normality } = found
  return [
    `${file}: ${count} values in ${subgroups} subgroups.`,
    '',
    `Mean ${figure(mean, 8)}, sigma within ${figure(within.sigma)} (${within.estimator}), overall ${figure(overall.sigma)}.`,
    `Out of tolerance: ${figure(observedPpm.total)} ppm of the values, ${figure(expectedOverallPpm.total)} ppm expected if they are normally distributed.`,
    normality
      ? `Anderson-Darling ${figure(normality.adjusted)}, p ${normality.isBound ? 'below ' : ''}${figure(normality.p, 3)}${normality.p < 0.05 ? ': the values do not look normal, so that these figures say little.' : '.'}`
      : 'Too few values to tell whether they are normally distributed.',
    '',
  ].join('\n')
}

const SOURCES: Record<VariationLine['source'], string> = {
  'gage-rr': 'gage R&R',
  repeatability: '  repeatability',
  reproducibility: '  reproducibility',
  appraiser: '    appraiser',
  interaction: '    appraiser x part',
  part: 'part to part',
  total: 'total',
}

export const VARIATION_COLUMNS = {
  SOURCE: ({ source }: VariationLine) => SOURCES[source],
  SIGMA: ({ standardDeviation }: VariationLine) => figure(standardDeviation),
  '% CONTRIBUTION': ({ contributionPercent }: VariationLine) => contributionPercent.toFixed(2),
  '% STUDY': ({ studyPercent }: VariationLine) => studyPercent.toFixed(2),
  '% TOLERANCE': ({ tolerancePercent }: VariationLine) => tolerancePercent?.toFixed(2),
}

export const ANOVA_COLUMNS = {
  SOURCE: ({ source }: AnovaRow) => source,
  DF: ({ df }: AnovaRow) => df,
  SS: ({ ss }: AnovaRow) => figure(ss, 7),
  MS: ({ ms }: AnovaRow) => figure(ms, 7),
  F: ({ f }: AnovaRow) => figure(f),
  P: ({ p }: AnovaRow) => figure(p, 3),
}

/** AIAG MSA: below 10 %, up to 30 %, above. */
export const VERDICTS = {
  acceptable: 'The gauge is acceptable (R&R below 10 % of the study variation).',
  conditional: 'The gauge may be acceptable, by what the measurement is for and what a better one costs (R&R from 10 to 30 %).',
  unacceptable: 'The gauge is not acceptable (R&R above 30 % of the study variation).',
}
