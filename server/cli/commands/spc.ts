/** `cellwright spc`: a control chart of a CSV file. */
import { basename } from 'node:path'
import type { Command } from 'commander'
import { CHART_KINDS } from '../../../nodes/quality/engine/charts/index.ts'
import { chartKindFrom, chartOfFile } from '../chart-file.ts'
import { chartOptionsFrom, type SpcOptions } from '../chart-options.ts'
import { chartJson, chartSummary, LIMIT_COLUMNS, limitRows, signalColumns, signalRows } from '../chart-text.ts'
import { numberFrom, type Shell } from './shell.ts'

const any = numberFrom({ min: -Number.MAX_VALUE, max: Number.MAX_VALUE })
const atLeastZero = numberFrom({ min: 0, max: Number.MAX_VALUE })
const whole = (min: number) => numberFrom({ min, max: 1_000_000, isWhole: true })
const several = (text: string, before: string[] = []) => [...before, text]

const HELP = `
Columns of the file (a header row, then one row for each value or sample):
  i-mr                 value
  xbar-r, xbar-s       subgroup,value   the rows of a subgroup follow one another
  ewma, cusum          value            or subgroup,value
  p, np, u             count,size
  c                    count            size as well, if it is always the same
  any of them          phase            own limits for each phase; rules start anew
                       excluded         kept out of limits and rules: yes, or the reason; empty or no is in

Conventions of rules (--convention name=value, several times):
  beyond=strict|inclusive  nelson2Length=9  nelson3Length=6  nelson4Length=14  nelson7Length=15  nelson8Length=8  nelson8Sides=both|either
  westernElectric4Length=8  zoneFlags=beyond|window  zoneWindows=partial|full  zones=local|mean-size  zoneRulesOn=symmetric|every-chart
  restartsAtMissing=true|false  restartsAtExcluded=true|false

Examples:
  cellwright spc i-mr flow.csv
  cellwright spc xbar-r rings.csv --limits-from trial --rules nelson-1,nelson-2 --convention nelson2Length=8
  cellwright spc ewma flow.csv --target 50 --sigma 2.0539 --lambda 0.3 --asymptotic
  cellwright spc cusum mass.csv --target 325 --raw --k 0.3175 --h 4.1959 --json`

export function addSpcCommand(parent: Command, shell: Shell): void {
  parent
    .command('spc <kind> <file>')
    .description('makes a control chart of a CSV file: limits, and which points break which rule; needs no server')
    .summary(`control chart of a CSV file: ${CHART_KINDS.join(', ')}`)
    .option('--rules <rules>', 'nelson, western-electric, none, or single ones: nelson-1,western-electric-4', 'nelson')
    .option('--convention <name=value>', 'how a rule is read; may be given several times', several)
    .option('--center <number>', 'known mean; share of 1 for p and np, rate for c and u', any)
    .option('--sigma <number>', 'known standard deviation of single values', atLeastZero)
    .option('--lower <number>', 'lower limit of the first chart as it is, with --center', any)
    .option('--upper <number>', 'upper limit of the first chart as it is, with --center', any)
    .option('--limits-from <phase>', 'limits of every phase from the data of this one')
    .option('--sigmas <number>', 'width of Shewhart limits (default: 3)', atLeastZero)
    .option('--estimator <name>', 'rbar, sbar, pooled, pooled-unbiased; mr-mean, mr-median for single values')
    .option('--subgroup-size <number>', 'refuse subgroups of another size', whole(1))
    .option('--span <number>', 'values in a moving range (default: 2)', whole(2))
    .option('--target <number>', 'what an EWMA or CUSUM aims at (default: the mean)', any)
    .option('--lambda <number>', 'EWMA: weight of the newest value (default: 0.2)', atLeastZero)
    .option('--L <number>', 'EWMA: width of the limits (default: 3)', atLeastZero)
    .option('--asymptotic', 'EWMA: limits as they are in the end, from the first point on')
    .option('--k <number>', 'CUSUM: slack (default: 0.5)', atLeastZero)
    .option('--h <number>', 'CUSUM: decision interval (default: 5)', atLeastZero)
    .option('--raw', 'CUSUM: k and h are in the unit of the values, not in standard errors')
    .option('--head-start <share>', 'CUSUM: both sums start at this share of h (default: 0)', atLeastZero)
    .addHelpText('after', HELP)
    .action(async (kindText: string, file: string, options: SpcOptions) => {
      const kind = chartKindFrom(kindText)
      const found = await chartOfFile(file, chartOptionsFrom(kind, options))
      const out = shell.output()
      if (out.isJson) return out.result({ file, ...chartJson(found) }, '')
      out.result(undefined, `${chartSummary(basename(file), found)}\n`)
      out.table(limitRows(found.result), LIMIT_COLUMNS, '')
      const signals = signalRows(found.result)
      out.result(undefined, signals.length ? '' : '\nNo point breaks a rule.')
      if (signals.length) out.table(signals, signalColumns(found), '')
    })
}
