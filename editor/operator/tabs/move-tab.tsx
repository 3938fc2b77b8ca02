/** Moving a machine by hand: the pad, how far and how fast, and where the tool is meanwhile. */
import {
  ArrowDown,
  ArrowDownLeft,
  ArrowDownRight,
  ArrowLeft,
  ArrowRight,
  ArrowUp,
  ArrowUpLeft,
  ArrowUpRight,
  Hand,
  RotateCcw,
  RotateCw,
  TriangleAlert,
} from 'lucide-react'
import { useEffect, useState } from 'react'
import type { MachineView } from '../../../server/api/machines.ts'
import type { AxisValues } from '../../../server/api/motion.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { useUnits } from '../../shared/use-units.tsx'
import { useIdleGate } from '../gate.ts'
import { JogButton } from '../jog/jog-button.tsx'
import { digitsOf, feedOf, moreAxes, SPEEDS, type Speed, STEPS, type Step, stepBy, unitOfStep } from '../jog/jog-choices.ts'
import { useHold } from '../jog/use-hold.ts'
import { PositionReadout } from '../position-readout.tsx'
import { useActing } from '../use-acting.ts'
import { usePanelText } from '../use-operator-text.ts'

/** As the cross lies on the table, looked at from the front. */
const CROSS: readonly { direction: AxisValues; icon: typeof ArrowUp }[] = [
  { direction: { X: -1, Y: 1 }, icon: ArrowUpLeft },
  { direction: { Y: 1 }, icon: ArrowUp },
  { direction: { X: 1, Y: 1 }, icon: ArrowUpRight },
  { direction: { X: -1 }, icon: ArrowLeft },
  { direction: {}, icon: Hand },
  { direction: { X: 1 }, icon: ArrowRight },
  { direction: { X: -1, Y: -1 }, icon: ArrowDownLeft },
  { direction: { Y: -1 }, icon: ArrowDown },
  { direction: { X: 1, Y: -1 }, icon: ArrowDownRight },
]

/** `X+ Y-`: what is on the button, and in its test id without the space. */
const nameOf = (direction: AxisValues): string =>
  Object.entries(direction)
    .map(([letter, sign]) => `${letter}${sign > 0 ? '+' : '−'}`)
    .join(' ')

export function MoveTab({ machine, isStale }: { machine: MachineView; isStale: boolean }) {
  const text = usePanelText().move
  const format = formats(useLanguage())
  const units = useUnits()
  const { unit } = units
  const [wanted, setWanted] = useState<{ step: Step; unit: string }>({ step: 'hold', unit })
  // another unit: a step that was chosen would be another length
  const step = wanted.unit === unit ? wanted.step : 'hold'
  const [speed, setSpeed] = useState<Speed>('slow')
  const [direction, setDirection] = useState<AxisValues>()
  const hold = useHold(machine.id)
  const acting = useActing(machine.id)
  // a jog that runs is this one's own: its buttons stay
  const isMine = hold.state.kind === 'running' || hold.state.kind === 'starting' || acting.busy !== undefined
  const gate = useIdleGate(machine, isMine ? ['jog'] : ['tool'])
  const reason = gate
  const { release } = hold
  // an alarm, control that went elsewhere, a lost line: nothing goes on
  useEffect(() => {
    if (reason !== undefined) release()
  }, [reason, release])
  const move = (to: AxisValues) => {
    setDirection(to)
    if (step === 'hold') hold.press(to, feedOf(machine, speed, to, unit))
    else void acting.act({ kind: 'jog', by: stepBy(to, step, unit), feedMmPerMin: feedOf(machine, speed, to, unit) })
  }
  const problem = hold.state.kind === 'ended' ? hold.state.why : acting.problem
  const hasTurns = moreAxes(machine).length > 0
  const movesNow = isMine ? direction : undefined
  const stepText = (of: number, to: AxisValues = { X: 1 }) => `${format.number(of, digitsOf(of))} ${unitOfStep(to, unit)}`
  const button = (to: AxisValues, Icon: typeof ArrowUp) => {
    const name = nameOf(to)
    return (
      <JogButton
        key={name}
        label={step === 'hold' ? text.holdDirection(name) : text.stepDirection(name, stepText(step, to))}
        isDiagonal={Object.keys(to).length > 1}
        isDisabled={reason !== undefined}
        isMoving={movesNow !== undefined && nameOf(movesNow) === name}
        testId={`jog-${name.replace(' ', '').replaceAll('−', '-')}`}
        onPress={() => move(to)}
        onRelease={hold.release}
      >
        <Icon size={34} aria-hidden />
        <span>{name}</span>
      </JogButton>
    )
  }
  const feed = units.feedText(feedOf(machine, speed, { X: 1, Y: 1 }, unit))
  const feedZ = units.feedText(feedOf(machine, speed, { Z: 1 }, unit))
  return (
    <div className="op-move" data-testid="move">
      <div className="op-move-pad">
        <fieldset className="op-jog" aria-label={text.plane}>
          {CROSS.map(({ direction: to, icon }) =>
            Object.keys(to).length ? (
              button(to, icon)
            ) : (
              <span key="centre" className="op-jog-centre" data-state={hold.state.kind} aria-live="polite">
                {movesNow ? nameOf(movesNow) : step === 'hold' ? text.hold : stepText(step, direction)}
              </span>
            ),
          )}
        </fieldset>
        <fieldset className="op-jog-column" aria-label={text.height}>
          {button({ Z: 1 }, ArrowUp)}
          <span className="op-jog-axis">Z</span>
          {button({ Z: -1 }, ArrowDown)}
        </fieldset>
        {moreAxes(machine).map((letter) => (
          <fieldset key={letter} className="op-jog-column" aria-label={text.axis(letter)}>
            {button({ [letter]: 1 }, RotateCcw)}
            <span className="op-jog-axis">{letter}</span>
            {button({ [letter]: -1 }, RotateCw)}
          </fieldset>
        ))}
      </div>
      <div className="op-move-side">
        <PositionReadout machine={machine} isStale={isStale} isSmall />
        <Choice
          legend={hasTurns ? `${text.howFar}, ${unit} / °` : text.howFar}
          values={STEPS[unit]}
          chosen={step}
          onChoose={(one) => setWanted({ step: one, unit })}
          testId="step"
        >
          {(one) => (one === 'hold' ? text.hold : hasTurns ? format.number(one, digitsOf(one)) : stepText(one))}
        </Choice>
        <Choice legend={text.howFast} values={SPEEDS} chosen={speed} onChoose={setSpeed} testId="speed">
          {(one) => text.speeds[one]}
        </Choice>
      </div>
      <p className="op-move-says" data-testid="move-says" data-problem={problem !== undefined || undefined} role="status">
        {reason ? (
          <>
            <TriangleAlert size={22} aria-hidden /> {reason}
          </>
        ) : problem ? (
          <>
            <TriangleAlert size={22} aria-hidden /> {problem}
          </>
        ) : step === 'hold' ? (
          text.holdSays(machine.name, feed, feedZ)
        ) : (
          text.stepSays(machine.name, hasTurns ? `${stepText(step)} / ${stepText(step, { A: 1 })}` : stepText(step), feed, feedZ)
        )}
      </p>
    </div>
  )
}

interface ChoiceProps<Value extends string | number> {
  legend: string
  values: readonly Value[]
  chosen: Value
  onChoose: (value: Value) => void
  testId: string
  children: (value: Value) => string
}

/** One of a few, all of them in sight. */
export function Choice<Value extends string | number>({ legend, values, chosen, onChoose, testId, children }: ChoiceProps<Value>) {
  return (
    <fieldset className="op-choice">
      <legend>{legend}</legend>
      <div>
        {values.map((value) => (
          <button key={value} type="button" aria-pressed={value === chosen} onClick={() => onChoose(value)} data-testid={`${testId}-${value}`}>
            {children(value)}
          </button>
        ))}
      </div>
    </fieldset>
  )
}
