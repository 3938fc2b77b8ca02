/** `cellwright sampling`: how many of a lot are inspected, and how many may be bad. */
import { type Command, Option } from 'commander'
import {
  AQLS,
  EDITIONS,
  type Edition,
  INSPECTION_LEVELS,
  type InspectionLevel,
  type OcPoint,
  operatingCurve,
  qualityAt,
  SEVERITIES,
  type Severity,
  samplingPlan,
  usualQualities,
} from '../../../nodes/quality/engine/sampling/index.ts'
import { withLines } from '../study-file.ts'
import { figure } from '../study-text.ts'
import { numberFrom, type Shell } from './shell.ts'

const HELP = `
AQL in percent: ${AQLS.join(', ')} (above 10: nonconformities per 100 items).

Example:
  cellwright sampling --lot 2000 --aql 1.0 --severity tightened --oc`

const OC_COLUMNS = {
  'NONCONFORMING %': ({ quality }: OcPoint) => figure(100 * quality, 4),
  'ACCEPTED %': ({ acceptance }: OcPoint) => (100 * acceptance).toFixed(2),
  'GOES OUT %': ({ outgoing }: OcPoint) => figure(100 * outgoing, 4),
  INSPECTED: ({ inspected }: OcPoint) => inspected.toFixed(1),
}

/** Lines of a printed curve. */
const POINTS = 20

interface SamplingFlags {
  lot: number
  aql: number
  level: InspectionLevel
  severity: Severity
  edition: Edition
  oc?: boolean
}

export function addSamplingCommand(parent: Command, shell: Shell): void {
  parent
    .command('sampling')
    .description('tells how many of a lot to inspect, and when to reject it (ANSI/ASQ Z1.4, ISO 2859-1); needs no server')
    .summary('sampling plan for a lot: ANSI/ASQ Z1.4, ISO 2859-1')
    .requiredOption('--lot <items>', 'items in the lot', numberFrom({ min: 2, max: Number.MAX_SAFE_INTEGER, isWhole: true }))
    .requiredOption('--aql <percent>', 'acceptance quality limit', numberFrom({ min: 0, max: 1000 }))
    .addOption(new Option('--level <level>', 'inspection level').choices([...INSPECTION_LEVELS]).default('II'))
    .addOption(new Option('--severity <severity>', 'how severely').choices([...SEVERITIES]).default('normal'))
    .addOption(new Option('--edition <edition>', 'whose tables; they differ in reduced inspection').choices([...EDITIONS]).default('ansi-z1.4'))
    .option('--oc', 'how likely lots of which quality are accepted')
    .addHelpText('after', HELP)
    .action(({ lot, aql, level, severity, edition, oc }: SamplingFlags) => {
      const plan = withLines(
        () => samplingPlan({ lot, aql, level, severity, edition }),
        () => undefined,
      )
      // above 10 an AQL counts nonconformities, of which an item may have several
      const model = plan.aql > 10 ? 'poisson' : 'binomial'
      const isCurved = !plan.isWholeLot
      const curve = oc && isCurved ? operatingCurve(plan, usualQualities(plan, { count: POINTS, model }), model) : undefined
      const risks = isCurved
        ? { acceptedAtAql: operatingCurve(plan, [plan.aql / 100], model)[0]?.acceptance, limitingQuality: qualityAt(0.1, plan, model) }
        : undefined
      const out = shell.output()
      if (out.isJson) return out.result({ ...plan, model, ...risks, ...(curve ? { curve } : {}) }, '')
      const { codeLetter, planLetter, sample, accept, reject } = plan
      out.result(
        undefined,
        [
          `Lot of ${plan.lot}, level ${plan.level}, AQL ${plan.aql}, ${plan.severity}: code letter ${codeLetter}${planLetter === codeLetter ? '' : `, plan of letter ${planLetter}`}.`,
          plan.isWholeLot ? `Inspect the whole lot of ${sample}.` : `Inspect ${sample}.`,
          `Accept with up to ${accept} nonconforming, reject from ${reject}${reject > accept + 1 ? `; in between accept, and go back to normal inspection` : ''}.`,
          ...(risks
            ? [
                `A lot at the AQL is accepted in ${figure(100 * (risks.acceptedAtAql ?? Number.NaN), 4)} % of cases; one with ${figure(100 * risks.limitingQuality, 3)} ${model === 'poisson' ? 'nonconformities per 100 items' : '% nonconforming'} in 10 %.`,
              ]
            : []),
        ].join('\n'),
      )
      if (!curve) return
      out.result(undefined, '')
      out.table(curve, OC_COLUMNS, '')
    })
}
