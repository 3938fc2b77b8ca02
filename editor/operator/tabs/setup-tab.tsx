/** Making a machine ready: homing, work zero, probing, tool, spindle and coolant. Each says what it does before it does it. */
import { Crosshair, Fan, House, Ruler, Wrench } from 'lucide-react'
import { useState } from 'react'
import { homeMachine, type MachineView } from '../../../server/api/machines.ts'
import type { AxisValues, WorkOffsetName } from '../../../server/api/motion.ts'
import { call } from '../../shared/api.ts'
import { HoldToConfirm } from '../../shared/machine/hold-to-confirm.tsx'
import { stateKeyOf } from '../../shared/machine/machine-state.ts'
import { useMachineText } from '../../shared/machine/use-machine-text.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { KeepUnits } from '../../shared/use-units.tsx'
import { useHandGate, useIdleGate } from '../gate.ts'
import { NumberDialog } from '../setup/number-dialog.tsx'
import { CYCLE_NAMES, type CycleName } from '../setup/probe-cycles.ts'
import { ProbeDialog } from '../setup/probe-dialog.tsx'
import { ZeroDialog } from '../setup/zero-dialog.tsx'
import { useActing } from '../use-acting.ts'
import { usePanelText } from '../use-operator-text.ts'

const OFFSETS: readonly WorkOffsetName[] = ['G54', 'G55', 'G56', 'G57', 'G58', 'G59']
const AXES = ['X', 'Y', 'Z'] as const

type Opened = { kind: 'zero'; axis: (typeof AXES)[number] } | { kind: 'probe'; cycle: CycleName } | { kind: 'tool' } | { kind: 'spindle' }

const offsetOf = (machine: MachineView): WorkOffsetName =>
  (machine.state?.modal?.find((word) => /^G5[4-9](\.[1-3])?$/.test(word)) as WorkOffsetName | undefined) ?? 'G54'

export function SetupTab({ machine }: { machine: MachineView }) {
  const text = usePanelText().setup
  const words = useMachineText()
  const format = formats(useLanguage())
  const [opened, setOpened] = useState<Opened>()
  const acting = useActing(machine.id)
  const [homing, setHoming] = useState<{ isBusy: boolean; problem?: string }>({ isBusy: false })
  const idle = useIdleGate(machine, ['tool'])
  const hand = useHandGate(machine)
  const key = stateKeyOf(machine)
  const homeGate = hand ?? (key === 'idle' || key === 'alarm' ? undefined : idle)
  const { state } = machine
  const offset = offsetOf(machine)
  const hasHoming = state?.abilities?.hasHoming !== false
  const hasSetter = machine.guarding?.toolChange?.kind === 'probe-length'
  const spindle = state?.abilities?.spindleRpm ?? machine.guarding?.spindleRpm
  const isSpinning = (state?.spindleRpm ?? 0) > 0
  const home = async () => {
    setHoming({ isBusy: true })
    try {
      await call(homeMachine, { params: { machineId: machine.id } })
      setHoming({ isBusy: false })
    } catch (error) {
      setHoming({ isBusy: false, problem: error instanceof Error ? error.message : String(error) })
    }
  }
  const close = () => {
    acting.forget()
    setOpened(undefined)
  }
  const done = async (work: Promise<unknown>) => {
    if (await work) setOpened(undefined)
  }
  return (
    <div className="op-setup" data-testid="setup">
      <section className="op-card" aria-labelledby="setup-home">
        <h2 id="setup-home">
          <House size={22} aria-hidden /> {text.home}
        </h2>
        <p>{!hasHoming ? text.cannotHome : state?.isPositionTrusted === false ? words.notTrusted : text.homed}</p>
        {homing.problem && (
          <p className="op-problem" role="alert">
            {homing.problem}
          </p>
        )}
        {hasHoming && (
          <HoldToConfirm
            testId="setup-home"
            tone={state?.isPositionTrusted === false ? 'action' : 'plain'}
            icon={<House size={22} aria-hidden />}
            label={homing.isBusy || key === 'home' ? words.state.home : words.home}
            says={words.homeMeaning}
            hint={homeGate ?? words.holdToConfirm}
            isDisabled={homeGate !== undefined || homing.isBusy}
            onConfirm={home}
          />
        )}
      </section>

      <section className="op-card" aria-labelledby="setup-zero">
        <h2 id="setup-zero">
          <Crosshair size={22} aria-hidden /> {text.zero}
        </h2>
        <fieldset className="op-chips" aria-label={words.workOffset}>
          {OFFSETS.map((name) => (
            <button
              key={name}
              type="button"
              aria-pressed={name === offset}
              disabled={idle !== undefined || acting.busy !== undefined}
              data-testid={`offset-${name}`}
              onClick={() => name !== offset && void acting.act({ kind: 'select-offset', workOffset: name })}
            >
              {name}
            </button>
          ))}
        </fieldset>
        <div className="op-row op-row-3">
          {AXES.map((axis) => (
            <button
              key={axis}
              type="button"
              className="op-plain"
              disabled={idle !== undefined}
              data-testid={`zero-${axis}`}
              onClick={() => setOpened({ kind: 'zero', axis })}
            >
              {text.zeroAxis(axis)}
            </button>
          ))}
        </div>
        <Why reason={idle} problem={opened ? undefined : acting.problem} />
      </section>

      <section className="op-card" aria-labelledby="setup-probe">
        <h2 id="setup-probe">
          <Ruler size={22} aria-hidden /> {text.probe}
        </h2>
        <div className="op-row op-row-3">
          {CYCLE_NAMES.filter((name) => name !== 'tool-length').map((name) => (
            <button
              key={name}
              type="button"
              className="op-plain"
              disabled={idle !== undefined}
              data-testid={`probe-${name}`}
              onClick={() => setOpened({ kind: 'probe', cycle: name })}
            >
              {text.cycleNames[name]}
            </button>
          ))}
        </div>
        <Why reason={idle} />
      </section>

      <section className="op-card" aria-labelledby="setup-tool">
        <h2 id="setup-tool">
          <Wrench size={22} aria-hidden /> {words.tool}{' '}
          <span className="cw-numbers">{state?.tool === undefined ? '' : state.tool === 0 ? words.noTool : words.toolNumber(String(state.tool))}</span>
        </h2>
        <div className="op-row">
          <button type="button" className="op-plain" disabled={idle !== undefined} data-testid="tool-is" onClick={() => setOpened({ kind: 'tool' })}>
            {text.toolIs}
          </button>
          <button
            type="button"
            className="op-plain"
            disabled={idle !== undefined || !hasSetter}
            data-testid="tool-measure"
            onClick={() => setOpened({ kind: 'probe', cycle: 'tool-length' })}
          >
            {text.measureTool}
          </button>
        </div>
        <Why reason={idle ?? (hasSetter ? undefined : text.noSetter)} />
      </section>

      <section className="op-card" aria-labelledby="setup-spindle">
        <h2 id="setup-spindle">
          <Fan size={22} aria-hidden /> {text.spindle} <span className="cw-numbers">{format.number(state?.spindleRpm ?? 0)} rpm</span>
        </h2>
        <div className="op-row op-row-3">
          <button
            type="button"
            className="op-plain"
            disabled={hand !== undefined || !isSpinning || state?.job !== undefined}
            data-testid="spindle-off"
            onClick={() => void acting.act({ kind: 'spindle', turn: 'off' })}
          >
            {text.spindleOff}
          </button>
          <button type="button" className="op-plain" disabled={idle !== undefined} data-testid="spindle-on" onClick={() => setOpened({ kind: 'spindle' })}>
            {text.spindleOn}
          </button>
          <button
            type="button"
            className="op-plain"
            aria-pressed={state?.accessories?.isFloodOn ?? false}
            disabled={idle !== undefined || acting.busy !== undefined}
            data-testid="coolant"
            onClick={() => void acting.act({ kind: 'coolant', isFloodOn: !state?.accessories?.isFloodOn, isMistOn: false })}
          >
            {state?.accessories?.isFloodOn ? text.coolantOff : text.coolantOn}
          </button>
        </div>
        <Why reason={idle} />
      </section>

      {opened?.kind === 'zero' && (
        <KeepUnits>
          <ZeroDialog
            axis={opened.axis}
            offset={offset}
            gate={idle}
            acting={acting}
            onSet={(value) => void done(acting.act({ kind: 'set-here', workOffset: offset, here: { [opened.axis]: value } as AxisValues }))}
            onClose={close}
          />
        </KeepUnits>
      )}
      {opened?.kind === 'tool' && (
        <NumberDialog
          title={text.toolIs}
          label={words.tool}
          initial={String(state?.tool ?? 1)}
          gate={idle}
          action={text.toolIsIt}
          says={(value) => (Number.isInteger(value) && value >= 0 && value <= 9999 ? text.toolIsSays(String(value)) : undefined)}
          icon={<Wrench size={22} aria-hidden />}
          problem={acting.problem}
          isBusy={acting.busy !== undefined}
          testId="tool"
          onConfirm={(value) => void done(acting.act({ kind: 'tool-is', tool: value }))}
          onClose={close}
        />
      )}
      {opened?.kind === 'spindle' && (
        <NumberDialog
          title={text.spindleOn}
          label={text.spindleSpeed}
          unit="rpm"
          initial={String(spindle ? Math.max(spindle.min, Math.round(spindle.max / 4)) : 1000)}
          gate={idle}
          action={text.spindleOn}
          says={(value) => (value > 0 && (!spindle || value <= spindle.max) ? text.spindleSays(machine.name, format.number(value)) : undefined)}
          icon={<Fan size={22} aria-hidden />}
          problem={acting.problem}
          isBusy={acting.busy !== undefined}
          testId="spindle"
          onConfirm={(value) => void done(acting.act({ kind: 'spindle', turn: 'cw', rpm: value }))}
          onClose={close}
        />
      )}
      {opened?.kind === 'probe' && (
        <KeepUnits>
          <ProbeDialog machine={machine} cycle={opened.cycle} offset={offset} onClose={close} />
        </KeepUnits>
      )}
    </div>
  )
}

function Why({ reason, problem }: { reason: string | undefined; problem?: string | undefined }) {
  if (problem)
    return (
      <p className="op-problem" role="alert">
        {problem}
      </p>
    )
  return reason ? <p className="op-why">{reason}</p> : null
}
