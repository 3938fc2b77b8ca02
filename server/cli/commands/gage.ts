/** `cellwright gage`: what a gauge study in a CSV file says. */
import { basename } from 'node:path'
import { type Command, Option } from 'commander'
import type { StatisticsPlace } from '../../../nodes/quality/engine/describe/index.ts'
import { type AnovaOptions, anovaStudy, averageAndRange, type BiasLine, biasStudy } from '../../../nodes/quality/engine/gage/index.ts'
import { crossedFile, referenceFile, withLines } from '../study-file.ts'
import { ANOVA_COLUMNS, figure, VARIATION_COLUMNS, VERDICTS } from '../study-text.ts'
import { numberFrom, type Shell } from './shell.ts'

const above0 = numberFrom({ min: Number.MIN_VALUE, max: Number.MAX_VALUE })

const HELP = `
Columns of the file:
  R&R              part,appraiser,trial,value   every appraiser measures every part in every trial
  --bias           part,reference,value         parts whose value is known, measured again and again

Examples:
  cellwright gage study.csv --tolerance 0.04
  cellwright gage study.csv --method average-and-range
  cellwright gage masters.csv --bias --process-variation 6`

interface GageFlags {
  method: 'anova' | 'average-and-range'
  errorTerm?: AnovaOptions['errorTerm']
  pooling?: number
  tolerance?: number
  spread?: number
  ndcFactor?: 'sqrt2' | '1.41'
  aiagConstants?: boolean
  bias?: boolean
  confidence?: number
  processVariation?: number
}

const BIAS_COLUMNS = {
  PART: ({ part }: BiasLine) => part,
  REFERENCE: ({ reference }: BiasLine) => figure(reference, 8),
  READINGS: ({ count }: BiasLine) => count,
  BIAS: ({ bias }: BiasLine) => figure(bias),
  FROM: ({ lower }: BiasLine) => figure(lower),
  TO: ({ upper }: BiasLine) => figure(upper),
  P: ({ p }: BiasLine) => figure(p, 3),
  'NO BIAS': ({ isAcceptable }: BiasLine) => (isAcceptable ? 'possible' : 'no'),
}

export function addGageCommand(parent: Command, shell: Shell): void {
  parent
    .command('gage <file>')
    .description('tells how good a gauge is: R&R, or bias and linearity, of a CSV file; needs no server')
    .summary('gauge study of a CSV file: R&R, bias, linearity')
    .addOption(new Option('--method <name>', 'how R&R is reckoned').choices(['anova', 'average-and-range']).default('anova'))
    .addOption(new Option('--error-term <name>', 'what F is against: interaction (Minitab) or equipment (AIAG)').choices(['interaction', 'equipment']))
    .option('--pooling <p>', 'the interaction is pooled where its p is above this; 0 never (default: 0.05)', numberFrom({ min: 0, max: 1 }))
    .option('--tolerance <width>', 'upper less lower limit, for % of the tolerance', above0)
    .option('--spread <sigmas>', 'standard deviations that the tolerance is compared with (default: 6)', above0)
    .addOption(new Option('--ndc-factor <factor>', 'of the number of distinct categories (default: sqrt2)').choices(['sqrt2', '1.41']))
    .option('--aiag-constants', 'average-and-range: K1, K2, K3 to four decimals, as AIAG prints them')
    .option('--bias', 'bias and linearity instead of R&R')
    .option('--confidence <share>', 'bias: of the intervals (default: 0.95)', numberFrom({ min: 0, max: 1 }))
    .option('--process-variation <width>', 'bias: six standard deviations of the process', above0)
    .addHelpText('after', HELP)
    .action((file: string, flags: GageFlags) => (flags.bias ? tellBias(shell, file, flags) : tellRr(shell, file, flags)))
}

const byRow =
  (lines: readonly number[]) =>
  ({ row }: StatisticsPlace): number | undefined =>
    row === undefined ? undefined : lines[row]

async function tellRr(shell: Shell, file: string, { method, errorTerm, pooling, tolerance, spread, ndcFactor, aiagConstants }: GageFlags): Promise<void> {
  const { readings, lines } = await crossedFile(file)
  const common = {
    ...(tolerance === undefined ? {} : { toleranceWidth: tolerance }),
    ...(spread === undefined ? {} : { spread }),
    ...(ndcFactor ? { ndcFactor } : {}),
  }
  const found = withLines(
    () =>
      method === 'anova'
        ? anovaStudy(readings, { ...common, ...(errorTerm ? { errorTerm } : {}), ...(pooling === undefined ? {} : { poolingAlpha: pooling }) })
        : averageAndRange(readings, { ...common, ...(aiagConstants ? { constants: 'aiag' as const } : {}) }),
    byRow(lines),
  )
  const out = shell.output()
  if (out.isJson) return out.result({ file, ...found }, '')
  const { parts, appraisers, trials } = found
  out.result(undefined, `${basename(file)}: ${parts} parts, ${appraisers} appraisers, ${trials} trials.\n`)
  if (found.method === 'anova') {
    out.table(found.pooledTable ?? found.table, ANOVA_COLUMNS, '')
    out.result(undefined, found.pooledTable ? `The interaction is pooled with the equipment (p above ${found.poolingAlpha}).\n` : '')
  }
  out.table(found.lines, VARIATION_COLUMNS, '')
  out.result(undefined, `\nDistinct categories: ${found.ndc ?? 'any number'}${found.ndc !== null && found.ndc < 5 ? ' (AIAG asks for 5 or more)' : ''}.`)
  out.result(undefined, VERDICTS[found.verdict])
}

async function tellBias(shell: Shell, file: string, { confidence, processVariation }: GageFlags): Promise<void> {
  const { readings, lines } = await referenceFile(file)
  const found = withLines(
    () => biasStudy(readings, { ...(confidence === undefined ? {} : { confidence }), ...(processVariation === undefined ? {} : { processVariation }) }),
    byRow(lines),
  )
  const out = shell.output()
  if (out.isJson) return out.result({ file, ...found }, '')
  out.result(undefined, `${basename(file)}: ${found.lines.length} parts, ${readings.length} readings.\n`)
  out.table(found.lines, BIAS_COLUMNS, '')
  const { linearity } = found
  if (!linearity) return out.result(undefined, '\nLinearity needs parts of different sizes.')
  const { slope, intercept, rSquaredPercent, isAcceptable } = linearity
  out.result(
    undefined,
    `\nbias = ${figure(intercept.value)} + ${figure(slope.value)} x reference, R² ${figure(rSquaredPercent)} %, p of the slope ${figure(slope.p, 3)}.\n${
      isAcceptable
        ? 'No bias lies within the confidence band everywhere: linearity is acceptable.'
        : 'No bias lies outside of the confidence band somewhere: linearity is not acceptable.'
    }`,
  )
}
