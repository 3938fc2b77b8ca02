/**
 * HOLD and STOP, tried on a slow move with the person's eyes on the machine. The page only records what the person saw; it
 * changes no setting. Every move begins with a press that is kept up, and says before what will move.
 */
import { Button, Checkbox, Select } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { CircleCheck, CircleX, Hand, MoveRight, TriangleAlert } from 'lucide-react'
import { useEffect, useReducer, useRef, useState } from 'react'
import { holdMachine, type MachineView } from '../../../server/api/machines.ts'
import { actOnMachine } from '../../../server/api/motion.ts'
import { call } from '../../shared/api.ts'
import { FeedField, LengthField } from '../../shared/length-field.tsx'
import { HoldToConfirm } from '../../shared/machine/hold-to-confirm.tsx'
import { stateKeyOf } from '../../shared/machine/machine-state.ts'
import { Remedies } from '../../shared/machine/remedies.tsx'
import { StatePill } from '../../shared/machine/state-pill.tsx'
import { useMachineText } from '../../shared/machine/use-machine-text.ts'
import type { Num } from '../../shared/number-field.tsx'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { useUnits } from '../../shared/use-units.tsx'
import { useMachinesText } from '../use-machines-text.ts'
import { roomOf, secondsOf, suggestMove, TEST_AXES, type TestAxis, type TestMove, trialAfter } from './test-move.ts'
import type { TestRecord } from './wizard-state.ts'

export interface PressedAt {
  kind: 'hold' | 'stop'
  at: number
}

export interface StopTestProps {
  machine: MachineView
  isStale: boolean
  mayOperate: boolean
  /** Who looks. */
  by: string
  /** The last press of the real buttons beside this page. */
  pressed: PressedAt | undefined
  records: readonly TestRecord[]
  onRecord: (record: TestRecord) => void
}

export function StopTest({ machine, isStale, mayOperate, by, pressed, records, onRecord }: StopTestProps) {
  const text = useMachinesText().test
  const words = useMachineText()
  const units = useUnits()
  const [trial, tell] = useReducer(trialAfter, { phase: 'ready' })
  const [isReady, setReady] = useState(false)
  const [move, setMove] = useState<{ axis: TestAxis; byMm: Num; feedMmPerMin: Num }>()
  const { state } = machine
  const key = stateKeyOf(machine)
  const isIdle = key === 'idle' && !isStale
  const suggested = suggestMove(machine)
  const wanted = move ?? suggested
  const whole: TestMove | undefined =
    wanted.byMm !== '' && wanted.byMm !== 0 && wanted.feedMmPerMin !== '' && wanted.feedMmPerMin > 0
      ? { axis: wanted.axis, byMm: wanted.byMm, feedMmPerMin: wanted.feedMmPerMin }
      : undefined
  const passed = (kind: 'hold' | 'stop') => records.findLast((record) => record.kind === kind)?.didStop === true
  const due: 'hold' | 'stop' = passed('hold') ? 'stop' : 'hold'
  const axisIndex = TEST_AXES.indexOf(trial.phase === 'moving' ? trial.move.axis : wanted.axis)

  // every report of the controller, and every press of the real buttons, moves the trial on
  const seen = useRef(pressed)
  useEffect(() => {
    if (pressed && pressed !== seen.current) tell({ type: 'press', kind: pressed.kind, at: pressed.at })
    seen.current = pressed
  }, [pressed])
  useEffect(() => {
    if (!state) return
    const isMoving = state.controller === 'jog' || state.controller === 'run' || (state.controller === 'hold' && state.subState === 1)
    tell({
      type: 'report',
      positionMm: state.machinePositionMm[axisIndex] ?? 0,
      isStanding: state.isStanding,
      isMoving,
      isPositionTrusted: state.isPositionTrusted,
      at: Date.now(),
    })
  }, [state, axisIndex])

  // who leaves while it moves cannot press any more: the machine is held
  const moving = useRef(false)
  moving.current = trial.phase === 'moving' && trial.pressedAt === undefined
  const { id } = machine
  useEffect(
    () => () => {
      if (!moving.current) return
      call(holdMachine, { params: { machineId: id } }).catch((error: Error) => notifications.show({ color: 'red', message: error.message, autoClose: false }))
    },
    [id],
  )

  const start = () => {
    if (!whole || !state) return
    tell({ type: 'start', kind: due, move: whole, from: state.machinePositionMm[axisIndex] ?? 0, at: Date.now() })
    const action = { kind: 'jog', by: { [whole.axis]: whole.byMm }, feedMmPerMin: whole.feedMmPerMin } as const
    call(actOnMachine, { params: { machineId: machine.id }, body: { action } }).then(
      () => tell({ type: 'answered', error: undefined }),
      (error: Error) => tell({ type: 'answered', error: error.message }),
    )
  }
  const answer = (didStop: boolean) => {
    if (trial.phase !== 'ask') return
    onRecord({
      kind: trial.kind,
      at: new Date().toISOString(),
      by,
      axis: trial.move.axis,
      distanceMm: Math.abs(trial.move.byMm),
      feedMmPerMin: trial.move.feedMmPerMin,
      standsAfterMs: trial.standsAfterMs,
      travelledMm: trial.travelledMm,
      isPositionTrusted: trial.isPositionTrusted,
      didStop,
    })
    setReady(false)
    tell({ type: 'reset' })
  }
  const failed = records.at(-1)?.didStop === false ? records.at(-1) : undefined

  return (
    <div className="stop-test" data-testid="stop-test" data-due={passed('hold') && passed('stop') ? 'done' : due} data-phase={trial.phase}>
      <div className="stop-test-machine">
        <StatePill machine={machine} isStale={isStale} />
        <span>{words.meaning[key]}</span>
      </div>
      {failed && (
        <div className="mf-problem" role="alert">
          <p>
            <strong>{text.didNotStop(failed.kind === 'hold' ? words.hold : words.stop)}</strong>
          </p>
          <ul>
            {text.didNotStopHelp.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </div>
      )}
      {passed('hold') && passed('stop') ? (
        <p className="stop-test-good" role="status" data-testid="stop-test-done">
          <CircleCheck size={22} aria-hidden /> {text.bothGood}
        </p>
      ) : (
        <section className="stop-test-card" aria-label={due === 'hold' ? words.hold : words.stop}>
          <h3>
            {due === 'hold' ? text.holdTitle : text.stopTitle} <small>{due === 'hold' ? text.part('1') : text.part('2')}</small>
          </h3>
          <p>{due === 'hold' ? text.holdWhat : text.stopWhat}</p>
          {(trial.phase === 'ready' || trial.phase === 'missed' || trial.phase === 'wrong-button' || trial.phase === 'failed') && (
            <>
              {trial.phase === 'missed' && <p className="mf-warning">{text.missed}</p>}
              {trial.phase === 'wrong-button' && <p className="mf-warning">{text.wrongButton(due === 'hold' ? words.hold : words.stop)}</p>}
              {trial.phase === 'failed' && (
                <p className="mf-problem" role="alert">
                  {trial.message}
                </p>
              )}
              <MoveFields machine={machine} move={wanted} onChange={setMove} />
              {whole && <MoveWords machine={machine} move={whole} />}
              {!isIdle && (
                <div className="stop-test-remedies">
                  <p className="mf-warning">
                    <TriangleAlert size={18} aria-hidden /> {text.notIdle(words.state[key])}
                  </p>
                  {mayOperate && <Remedies machine={machine} />}
                </div>
              )}
              <Checkbox
                className="stop-test-ready"
                size="md"
                label={machine.isVirtual ? text.readyVirtual : text.ready}
                checked={isReady}
                onChange={(event) => setReady(event.currentTarget.checked)}
                data-testid="stop-test-ready"
              />
              <HoldToConfirm
                testId="stop-test-start"
                icon={<MoveRight size={22} aria-hidden />}
                label={text.start}
                says={whole ? text.startSays(whole.axis, `${units.place(whole.byMm)} ${units.unit}`) : text.noMove}
                hint={words.holdToConfirm}
                isDisabled={!isReady || !isIdle || !whole || !mayOperate}
                onConfirm={start}
              />
            </>
          )}
          {trial.phase === 'moving' && (
            <div className="stop-test-now" role="alert">
              <Hand size={40} aria-hidden />
              <strong>{trial.pressedAt === undefined ? text.pressNow(due === 'hold' ? words.hold : words.stop) : text.braking}</strong>
              <p>{text.pressNowWhere}</p>
            </div>
          )}
          {trial.phase === 'ask' && (
            <div className="stop-test-ask" data-testid="stop-test-ask">
              <p>
                <Measured {...trial} byMm={trial.move.byMm} axis={trial.move.axis} />
              </p>
              <h4>{text.didItStop}</h4>
              <div>
                <Button size="lg" onClick={() => answer(true)} leftSection={<CircleCheck size={20} aria-hidden />} data-testid="stop-test-yes">
                  {text.yes}
                </Button>
                <Button size="lg" variant="default" onClick={() => answer(false)} leftSection={<CircleX size={20} aria-hidden />} data-testid="stop-test-no">
                  {text.no}
                </Button>
              </div>
            </div>
          )}
        </section>
      )}
      {records.length > 0 && <Records records={records} />}
    </div>
  )
}

interface MoveFieldsProps {
  machine: MachineView
  move: { axis: TestAxis; byMm: Num; feedMmPerMin: Num }
  onChange: (move: { axis: TestAxis; byMm: Num; feedMmPerMin: Num }) => void
}

function MoveFields({ machine, move, onChange }: MoveFieldsProps) {
  const text = useMachinesText().test
  const { minus, plus } = roomOf(machine, move.axis)
  const { room, unit } = useUnits()
  return (
    <div className="mf-row">
      <Select
        label={text.axis}
        value={move.axis}
        onChange={(axis) => onChange(suggestMove(machine, (axis ?? 'X') as TestAxis))}
        data={[...TEST_AXES]}
        allowDeselect={false}
      />
      <LengthField
        label={text.distance}
        value={move.byMm}
        onChange={(byMm) => onChange({ ...move, byMm })}
        description={text.room(`${room(minus)} ${unit}`, `${room(plus)} ${unit}`)}
        error={move.byMm !== '' && (move.byMm > plus || -move.byMm > minus) ? text.noRoom : undefined}
      />
      <FeedField label={text.feed} min={1} value={move.feedMmPerMin} onChange={(feedMmPerMin) => onChange({ ...move, feedMmPerMin })} />
    </div>
  )
}

function MoveWords({ machine, move }: { machine: MachineView; move: TestMove }) {
  const text = useMachinesText().test
  const format = formats(useLanguage())
  const units = useUnits()
  const from = machine.state?.machinePositionMm[TEST_AXES.indexOf(move.axis)]
  const place = (mm: number | undefined) => (mm === undefined ? '?' : `${units.place(mm)} ${units.unit}`)
  return (
    <p className="stop-test-says">
      {text.willMove(
        machine.name,
        move.axis,
        `${units.place(move.byMm)} ${units.unit}`,
        place(from),
        place(from === undefined ? undefined : from + move.byMm),
        units.feedText(move.feedMmPerMin),
        format.number(secondsOf(move)),
      )}
    </p>
  )
}

function Measured({
  standsAfterMs,
  travelledMm,
  isPositionTrusted,
  byMm,
  axis,
}: Pick<TestRecord, 'standsAfterMs' | 'travelledMm' | 'isPositionTrusted' | 'axis'> & { byMm: number }) {
  const text = useMachinesText().test
  const { lengthText } = useUnits()
  const format = formats(useLanguage())
  return (
    <>
      {text.measured(format.number(standsAfterMs / 1000, 1), axis, lengthText(travelledMm, 1), lengthText(Math.abs(byMm), 1))}
      {!isPositionTrusted && ` ${text.positionLost}`}
    </>
  )
}

/** What was tried and seen, in words, newest last. */
function Records({ records }: { records: readonly TestRecord[] }) {
  const text = useMachinesText().test
  const words = useMachineText()
  const { lengthText, feedText } = useUnits()
  const format = formats(useLanguage())
  return (
    <section className="stop-test-records" data-testid="stop-test-records">
      <h3>{text.records}</h3>
      <ol>
        {records.map((record) => (
          <li key={record.at} data-good={record.didStop || undefined}>
            {record.didStop ? <CircleCheck size={18} aria-hidden /> : <CircleX size={18} aria-hidden />}
            <div>
              <strong>
                {record.kind === 'hold' ? words.hold : words.stop}, {format.dateTime(record.at)}:{' '}
                {record.didStop ? text.sawStop(record.by) : text.sawNoStop(record.by)}
              </strong>
              <p>
                {text.moved(record.axis, lengthText(record.distanceMm, 1), feedText(record.feedMmPerMin))} <Measured {...record} byMm={record.distanceMm} />
              </p>
            </div>
          </li>
        ))}
      </ol>
      <p className="mf-hint">{text.changesNothing}</p>
    </section>
  )
}
