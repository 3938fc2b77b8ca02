/** `cellwright capability`: capability and performance of a CSV file against a tolerance. */
import { basename } from 'node:path'
import { type Command, Option } from 'commander'
import { capability, type Tolerance } from '../../../nodes/quality/engine/capability/index.ts'
import type { SigmaEstimator } from '../../../nodes/quality/engine/charts/index.ts'
import { subgroupsOfFile, withLines } from '../study-file.ts'
import { capabilitySummary, INDEX_COLUMNS, indexRows } from '../study-text.ts'
import { numberFrom, type Shell } from './shell.ts'

const any = numberFrom({ min: -Number.MAX_VALUE, max: Number.MAX_VALUE })

const HELP = `
Columns of the file: value, and subgroup where there are subgroups (their rows follow one another);
excluded (yes, or the reason) keeps a row out.

Example:
  cellwright capability bore.csv --lsl 11.98 --usl 12.02 --target 12`

interface CapabilityFlags {
  lsl?: number
  usl?: number
  target?: number
  within?: SigmaEstimator
  confidence?: number
  estimatorDf?: boolean
}

export function addCapabilityCommand(parent: Command, shell: Shell): void {
  parent
    .command('capability <file>')
    .description('tells how capable a process is: Cp, Cpk, Pp, Ppk, Cpm of a CSV file; needs no server')
    .summary('capability of a CSV file against a tolerance')
    .option('--lsl <number>', 'lower specification limit', any)
    .option('--usl <number>', 'upper specification limit', any)
    .option('--target <number>', 'what is aimed at, for Cpm', any)
    .addOption(
      new Option('--within <name>', 'how sigma within subgroups is estimated (default: by the size of the subgroups)').choices([
        'rbar',
        'sbar',
        'pooled',
        'pooled-unbiased',
        'mr-mean',
        'mr-median',
      ]),
    )
    .option('--confidence <share>', 'of the intervals (default: 0.95)', numberFrom({ min: 0.5, max: 1 }))
    .option('--estimator-df', 'intervals by what the estimate of sigma is worth, instead of by the number of values')
    .addHelpText('after', HELP)
    .action(async (file: string, { lsl, usl, target, within, confidence, estimatorDf }: CapabilityFlags) => {
      const { subgroups, lines } = await subgroupsOfFile(file)
      const tolerance: Tolerance = {
        ...(lsl === undefined ? {} : { lower: lsl }),
        ...(usl === undefined ? {} : { upper: usl }),
        ...(target === undefined ? {} : { target }),
      }
      const found = withLines(
        () =>
          capability(subgroups, {
            tolerance,
            ...(within ? { within } : {}),
            ...(confidence === undefined ? {} : { confidence }),
            ...(estimatorDf ? { degreesOfFreedom: 'estimator' as const } : {}),
          }),
        ({ subgroup, row }) => (subgroup === undefined ? undefined : lines[subgroup]?.[row ?? 0]),
      )
      const out = shell.output()
      if (out.isJson) return out.result({ file, ...found }, '')
      out.result(undefined, capabilitySummary(basename(file), found))
      out.table(indexRows(found), INDEX_COLUMNS, '')
    })
}
