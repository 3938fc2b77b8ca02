/** The operating characteristic of the plans for a lot: how likely it is accepted, by its quality. */
import { acceptanceProbability, operatingCurve, qualityAt, type Severity, samplingPlan, usualQualities } from '../../../nodes/quality/engine/sampling/index.ts'
import type { SamplingDefinition } from '../../../server/api/quality/lots.ts'
import { useFormats } from '../use-quality-text.ts'
import { useSamplingText } from './words.ts'

const WIDTH = 640
const HEIGHT = 320
const LEFT = 52
const RIGHT = 16
const TOP = 12
const FOOT = 50
const SHARES = [0, 0.25, 0.5, 0.75, 1]

export function OcCurve({ definition, lot, severity }: { definition: SamplingDefinition; lot: number; severity: Severity }) {
  const text = useSamplingText().curve
  const severities = useSamplingText().severities
  const format = useFormats()
  const model = definition.counts === 'items' ? 'binomial' : 'poisson'
  const per100 = (quality: number) => 100 * quality
  const say = (quality: number) => `${format.number(per100(quality), per100(quality) < 1 ? 3 : 2)}${model === 'binomial' ? ' %' : ''}`
  const percent = (chance: number) => `${format.number(100 * chance, 1)} %`
  const unit = model === 'binomial' ? text.share : text.per100
  const plans = (['normal', 'tightened', 'reduced'] as const)
    .filter((one) => one !== 'reduced' || definition.allowsReduced || severity === 'reduced')
    .map((one) => {
      const plan = samplingPlan({ lot, level: definition.level, aql: definition.aql, severity: one, edition: definition.edition })
      // accepted in the gap of reduced inspection too
      const accepts = { sample: plan.sample, accept: plan.reject - 1 }
      const tells = accepts.accept < accepts.sample || model === 'poisson'
      return {
        severity: one,
        plan,
        accepts,
        tells,
        p95: tells ? qualityAt(0.95, accepts, model) : undefined,
        p10: tells ? qualityAt(0.1, accepts, model) : undefined,
      }
    })
  const shown = plans.find((one) => one.severity === severity)
  if (!shown) return null
  const { accepts, plan, p95, p10 } = shown
  const qualities = usualQualities(accepts, { model })
  const points = operatingCurve({ ...accepts, ...(plan.isWholeLot ? {} : { lot }) }, qualities, model)
  const last = Math.max(qualities.at(-1) ?? 1, (1.2 * definition.aql) / 100)
  const x = (quality: number) => LEFT + (quality / last) * (WIDTH - LEFT - RIGHT)
  const y = (chance: number) => TOP + (1 - chance) * (HEIGHT - TOP - FOOT)
  const aql = definition.aql / 100
  const atAql = model === 'binomial' && aql > 1 ? undefined : acceptanceProbability(accepts, aql, model)
  return (
    <>
      <p className="quality-dim">{text.text(format.number(plan.sample), format.number(plan.accept))}</p>
      <figure className="sampling-curve">
        <svg
          className="quality-picture"
          viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
          role="img"
          aria-label={[
            text.text(format.number(plan.sample), format.number(plan.accept)),
            p95 === undefined ? '' : text.at95(say(p95)),
            p10 === undefined ? '' : text.at10(say(p10)),
          ].join(' ')}
          data-testid="oc-curve"
        >
          {SHARES.map((share) => (
            <g key={share}>
              <line x1={LEFT} x2={WIDTH - RIGHT} y1={y(share)} y2={y(share)} className="picture-grid" />
              <text x={LEFT - 8} y={y(share) + 5} textAnchor="end">
                {format.number(100 * share)} %
              </text>
              <text x={x(last * share)} y={HEIGHT - FOOT + 20} textAnchor={share === 0 ? 'start' : share === 1 ? 'end' : 'middle'}>
                {format.number(per100(last * share), 2)}
              </text>
            </g>
          ))}
          <text x={(LEFT + WIDTH) / 2} y={HEIGHT - 8} textAnchor="middle">
            {text.axisX(unit)}
          </text>
          {aql <= last && <line x1={x(aql)} x2={x(aql)} y1={TOP} y2={HEIGHT - FOOT} className="picture-target" />}
          {aql <= last && (
            <text x={x(aql) + 6} y={HEIGHT - FOOT - 8}>
              AQL
            </text>
          )}
          <polyline
            points={points.map(({ quality, acceptance }) => `${x(quality).toFixed(1)},${y(acceptance).toFixed(1)}`).join(' ')}
            className="picture-curve"
          />
        </svg>
        <figcaption>
          {atAql !== undefined && <span>{text.atAql(`${format.number(definition.aql, 3)}${model === 'binomial' ? ' %' : ''}`, percent(atAql))}</span>}{' '}
          {p95 !== undefined && <span>{text.at95(say(p95))}</span>} {p10 !== undefined && <span>{text.at10(say(p10))}</span>}
        </figcaption>
      </figure>
      <div className="quality-scroll">
        <table className="quality-list sampling-still cw-numbers">
          <thead>
            <tr>
              {(['severity', 'letter', 'sample', 'accept', 'reject', 'p95', 'p10'] as const).map((column) => (
                <th key={column} scope="col">
                  {text.table[column]}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {plans.map((one) => (
              <tr key={one.severity} data-now={one.severity === severity || undefined}>
                <th scope="row">{severities[one.severity]}</th>
                <td>{one.plan.planLetter}</td>
                <td>{format.number(one.plan.sample)}</td>
                <td>{one.plan.accept}</td>
                <td>{one.plan.reject}</td>
                <td>{one.p95 === undefined ? '–' : say(one.p95)}</td>
                <td>{one.p10 === undefined ? '–' : say(one.p10)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  )
}
