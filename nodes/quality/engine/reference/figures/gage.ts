/** AIAG's gauge study: ten parts, three appraisers, three trials. */
import { anovaStudy, averageAndRange, biasStudy } from '../../gage/index.ts'
import { figure, type ReferenceSet } from '../figure.ts'
import { AIAG_LINEARITY, AIAG_RR } from '../sets/gage.ts'

const printed = { relative: 2e-4, note: 'AIAG reckons on with figures rounded before.' }

export function gageSets(): ReferenceSet[] {
  const ranges = averageAndRange(AIAG_RR, { constants: 'aiag', ndcFactor: '1.41' })
  const aiag = anovaStudy(AIAG_RR, { errorTerm: 'equipment', poolingAlpha: 0 })
  const pooled = anovaStudy(AIAG_RR)
  const unpooled = anovaStudy(AIAG_RR, { poolingAlpha: 0 })
  const sd = (lines: typeof ranges.lines, source: string) => lines.find((line) => line.source === source)?.standardDeviation ?? Number.NaN
  const line = (source: string) => pooled.lines.find((one) => one.source === source)
  const row = (table: typeof aiag.table | null, source: string) => table?.find((one) => one.source === source)
  const or = (value: number | null | undefined) => value ?? Number.NaN
  const size = AIAG_RR.length
  return [
    {
      id: 'aiag-ranges',
      title: "R&R by averages and ranges, with AIAG's constants",
      source: 'AIAG MSA, 4th edition; the longer figures recomputed',
      size,
      figures: [
        figure('mean range', '0.341666667', ranges.meanRange),
        figure('range of appraisers', '0.444666667', ranges.appraiserRange),
        figure('range of parts', '3.511111111', ranges.partRange),
        figure('EV', '0.2018566667', sd(ranges.lines, 'repeatability')),
        figure('AV', '0.2296670291', sd(ranges.lines, 'reproducibility')),
        figure('GRR', '0.3057663457', sd(ranges.lines, 'gage-rr')),
        figure('PV', '1.1045955556', sd(ranges.lines, 'part')),
        figure('TV', '1.1461345469', sd(ranges.lines, 'total')),
        figure('EV as printed', '0.20188', sd(ranges.lines, 'repeatability'), printed),
        figure('AV as printed', '0.22963', sd(ranges.lines, 'reproducibility'), printed),
        figure('GRR as printed', '0.30575', sd(ranges.lines, 'gage-rr'), printed),
        figure('PV as printed', '1.10456', sd(ranges.lines, 'part'), printed),
        figure('TV as printed', '1.14610', sd(ranges.lines, 'total'), printed),
        figure('% GRR', '26.68', ranges.grrPercent),
        figure('distinct categories, exact', '5.094', or(ranges.ndcExact)),
        figure('distinct categories', '5', or(ranges.ndc)),
      ],
    },
    {
      id: 'aiag-anova',
      title: 'Analysis of variance, error term equipment',
      source: 'AIAG MSA; R aov',
      size,
      figures: [
        figure('SS appraiser', '3.1672622', or(row(aiag.table, 'appraiser')?.ss)),
        figure('SS part', '88.3619344', or(row(aiag.table, 'part')?.ss)),
        figure('SS interaction', '0.3589822', or(row(aiag.table, 'interaction')?.ss)),
        figure('SS equipment', '2.7589333', or(row(aiag.table, 'equipment')?.ss)),
        figure('SS total', '94.6471122', or(row(aiag.table, 'total')?.ss)),
        figure('F appraiser', '34.44', or(row(aiag.table, 'appraiser')?.f)),
        figure('F part', '213.52', or(row(aiag.table, 'part')?.f)),
        figure('F interaction', '0.434', or(row(aiag.table, 'interaction')?.f)),
        figure('p interaction', '0.97411', or(row(aiag.table, 'interaction')?.p)),
      ],
    },
    {
      id: 'aiag-anova-pooled',
      title: 'Analysis of variance, interaction pooled',
      source: 'R aov, SixSigma; as Minitab does it',
      size,
      figures: [
        figure('F appraiser', '39.6172', or(row(pooled.pooledTable, 'appraiser')?.f)),
        figure('F part', '245.6141', or(row(pooled.pooledTable, 'part')?.f), { relative: 1e-6, note: 'From mean squares that were rounded before.' }),
        figure('variance repeatability', '0.0399732764', or(line('repeatability')?.variance)),
        figure('variance reproducibility', '0.0514552612', or(line('reproducibility')?.variance)),
        figure('variance GRR', '0.0914285375', or(line('gage-rr')?.variance), { relative: 2e-9, note: 'A sum of figures that were rounded before.' }),
        figure('variance part', '1.0864466044', or(line('part')?.variance)),
        figure('variance total', '1.1778751419', or(line('total')?.variance)),
        figure('% study variation GRR', '27.86', or(line('gage-rr')?.studyPercent)),
        figure('% contribution GRR', '7.76', or(line('gage-rr')?.contributionPercent)),
        figure('distinct categories, exact', '4.875', or(pooled.ndcExact)),
        figure('distinct categories', '4', or(pooled.ndc)),
      ],
    },
    {
      id: 'anova-interaction',
      title: 'Analysis of variance, error term interaction',
      source: 'R aov, random model',
      size,
      figures: [figure('F appraiser', '79.4060', or(row(unpooled.table, 'appraiser')?.f)), figure('F part', '492.2914', or(row(unpooled.table, 'part')?.f))],
    },
    {
      id: 'aiag-linearity',
      title: 'Linearity: five parts, twelve readings each',
      source: 'AIAG MSA, 4th edition',
      size: AIAG_LINEARITY.length,
      figures: (() => {
        const { linearity } = biasStudy(AIAG_LINEARITY)
        return [
          figure('slope', '-0.131667', or(linearity?.slope.value)),
          figure('intercept', '0.736667', or(linearity?.intercept.value)),
          figure('s', '0.23954', or(linearity?.s)),
          figure('R squared, %', '71.4', or(linearity?.rSquaredPercent)),
          figure('t of the slope', '-12.043', or(linearity?.slope.t)),
          figure('t of the intercept', '10.158', or(linearity?.intercept.t)),
        ]
      })(),
    },
  ]
}
