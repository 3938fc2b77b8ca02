/** What a controller is and can do, as it said itself. */
import type { MachineState } from '../../server/api/machines.ts'
import { formats, useLanguage } from '../shared/text/index.ts'
import { within } from '../shared/units.ts'
import { useUnits } from '../shared/use-units.tsx'
import { useMachinesText } from './use-machines-text.ts'

export interface AbilitiesProps {
  firmware: string | undefined
  dialect: NonNullable<MachineState['abilities']>['dialect'] | undefined
  abilities: MachineState['abilities']
  /** What it said of its state when it was asked. */
  state?: string
}

export function Abilities({ firmware, dialect, abilities, state }: AbilitiesProps) {
  const text = useMachinesText().abilities
  const format = formats(useLanguage())
  const units = useUnits()
  /** What an axis can is never shown as more; what turns has degrees. */
  const perAxis = (values: readonly number[] | undefined, unitOf: (unit: string) => string) =>
    abilities && values?.length
      ? values
          .map((value, axis) => {
            const name = abilities.axes[axis] ?? '?'
            const isTurning = 'ABC'.includes(name)
            const shown = isTurning ? value : units.fromMm(value)
            const digits = units.unit === 'in' && !isTurning ? 2 : Number.isInteger(value) ? 0 : 1
            return `${name} ${format.number(within(shown, digits), digits)}${isTurning ? ` ${unitOf('°')}` : ''}`
          })
          .join('   ')
      : undefined
  const facts: [string, string | undefined, string?][] = [
    [text.firmware, firmware],
    [text.dialect, dialect && text.dialects[dialect]],
    [text.state, state],
    [text.axes, abilities?.axes.join(' ')],
    [text.homing, abilities && (abilities.hasHoming ? text.yes : text.no)],
    [text.softLimits, abilities && (abilities.hasSoftLimits ? text.on : text.off)],
    [text.travel, perAxis(abilities?.travelMm, String), units.unit],
    [text.maxRate, perAxis(abilities?.maxRateMmPerMin, (unit) => `${unit}/min`), units.feedUnit],
    [text.acceleration, perAxis(abilities?.accelerationMmPerS2, (unit) => `${unit}/s²`), `${units.unit}/s²`],
    [text.spindle, abilities?.spindleRpm && `${format.number(abilities.spindleRpm.min)} – ${format.number(abilities.spindleRpm.max)}`, 'rpm'],
    [text.laser, abilities?.isLaser === undefined ? undefined : abilities.isLaser ? text.on : text.off],
    [
      text.buffers,
      abilities?.rxBytes === undefined ? undefined : text.bufferSizes(format.number(abilities.rxBytes), format.number(abilities.plannerBlocks ?? 0)),
    ],
  ]
  return (
    <dl className="m-facts cw-numbers">
      {facts.map(([label, value, unit]) =>
        value === undefined || value === '' ? null : (
          <div key={label}>
            <dt>{label}</dt>
            <dd>
              {value} {unit && <small>{unit}</small>}
            </dd>
          </div>
        ),
      )}
    </dl>
  )
}
