/** Machine profiles as proposals: they fill the form of a new machine, and a person goes through it. */
import { Button } from '@mantine/core'
import type { MoveIn, MoveInMachine } from '../../../server/api/move-in.ts'
import { proposeMachine } from '../../machines/wizard/propose.ts'
import { may, useMe } from '../../shared/me.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { useUnits } from '../../shared/use-units.tsx'
import { Lines } from './lines.tsx'
import { useMoveInText } from './words.ts'

const AXES = ['X', 'Y', 'Z'] as const

export function MachinesStep({ report }: { report: MoveIn }) {
  const text = useMoveInText()
  const { me } = useMe()
  return (
    <section className="settings-card">
      <h3>{text.machines}</h3>
      {report.machines.length === 0 ? (
        <p className="settings-dim">{text.noMachines}</p>
      ) : (
        <>
          <p className="settings-dim">{text.machinesHint}</p>
          <ul className="move-in-items">
            {report.machines.map((machine) => (
              <MachineRow key={machine.id} machine={machine} mayAdd={may(me, 'machines.configure')} />
            ))}
          </ul>
        </>
      )}
    </section>
  )
}

function MachineRow({ machine, mayAdd }: { machine: MoveInMachine; mayAdd: boolean }) {
  const text = useMoveInText()
  const format = formats(useLanguage())
  const { link, envelopeMm, spindleRpm } = machine
  const where = !link
    ? text.unknown
    : link.kind === 'serial'
      ? `${link.path}, ${link.baudRate} baud`
      : link.kind === 'tcp'
        ? `${link.host}:${link.port}`
        : link.kind === 'websocket'
          ? link.url
          : link.kind
  const units = useUnits()
  const limit = (value: number | undefined) => units.length(value ?? 0, 1)
  return (
    <li data-testid={`move-in-${machine.id}`}>
      <div className="move-in-item">
        <strong>{machine.name}</strong>
        {mayAdd && (
          <Button
            component="a"
            href="/machines#+new"
            variant="default"
            onClick={() => proposeMachine(machine)}
            aria-label={`${text.machineForm}: ${machine.name}`}
            data-testid={`propose-${machine.id}`}
          >
            {text.machineForm}
          </Button>
        )}
      </div>
      <dl className="settings-facts">
        <div>
          <dt>{text.machineLink}</dt>
          <dd>{where}</dd>
        </div>
        <div>
          <dt>{text.machineTravel}</dt>
          <dd>
            {envelopeMm
              ? AXES.map((axis, index) => <div key={axis}>{`${axis} ${limit(envelopeMm.min[index])} … ${limit(envelopeMm.max[index])} ${units.unit}`}</div>)
              : text.unknown}
          </dd>
        </div>
        {spindleRpm && (
          <div>
            <dt>{text.machineSpindle}</dt>
            <dd>
              {format.number(spindleRpm.min)} … {format.number(spindleRpm.max)} rpm
            </dd>
          </div>
        )}
      </dl>
      <Lines lines={machine.lines} />
    </li>
  )
}
