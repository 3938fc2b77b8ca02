/**
 * The start of a program: what will move, in words, before it does. In mid-program the guard works out first what it would do,
 * and a person says yes to that very plan.
 */
import { Button, Checkbox, Switch } from '@mantine/core'
import { ArrowLeft, Play, TriangleAlert } from 'lucide-react'
import { useEffect, useState } from 'react'
import type { MachineView } from '../../../server/api/machines.ts'
import { type ProgramReport, planStart, type StartPlan } from '../../../server/api/motion.ts'
import { type Job, startProgram } from '../../../server/api/work.ts'
import { call } from '../../shared/api.ts'
import { HoldToConfirm } from '../../shared/machine/hold-to-confirm.tsx'
import { stateKeyOf } from '../../shared/machine/machine-state.ts'
import { useMachineText } from '../../shared/machine/use-machine-text.ts'
import { VirtualMark } from '../../shared/machine/virtual-mark.tsx'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { useUnits } from '../../shared/use-units.tsx'
import { useProgramsText } from '../use-programs-text.ts'

export interface StartPaneProps {
  programId: string
  programName: string
  machine: MachineView
  isStale: boolean
  report: ProgramReport | undefined
  /** The line chosen in code and picture, for a start there. */
  line: number
  totalLines: number
  fromLine: number
  onFromLine: (line: number) => void
  /** The way the plan would go, for the picture. */
  onPlan: (plan: StartPlan | undefined) => void
  onStarted: (job: Job) => void
  onClose: () => void
}

export function StartPane(props: StartPaneProps) {
  const { programId, programName, machine, isStale, report, line, totalLines, fromLine, onFromLine, onPlan, onStarted, onClose } = props
  const text = useProgramsText().start
  const words = useMachineText()
  const format = formats(useLanguage())
  const units = useUnits()
  const [plan, setPlan] = useState<StartPlan>()
  const [isPlanning, setPlanning] = useState(false)
  const [problem, setProblem] = useState<string>()
  const [optionalStop, setOptionalStop] = useState(false)
  const [blockDelete, setBlockDelete] = useState(false)
  const [seen, setSeen] = useState<readonly string[]>([])
  const [isStarting, setStarting] = useState(false)
  const isMiddle = fromLine > 1
  const key = stateKeyOf(machine)
  const isIdle = key === 'idle' && !isStale
  const machineId = machine.id

  const forget = () => {
    setPlan(undefined)
    setSeen([])
    setProblem(undefined)
    onPlan(undefined)
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: a plan is for one line of one machine, with or without some lines
  useEffect(forget, [fromLine, machineId, blockDelete])
  useEffect(() => () => onPlan(undefined), [onPlan])
  const work = async () => {
    setPlanning(true)
    forget()
    try {
      const found = await call(planStart, { params: { machineId }, body: { programId, fromLine, blockDelete } })
      setPlan(found)
      onPlan(found)
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error))
    } finally {
      setPlanning(false)
    }
  }
  const start = async () => {
    setStarting(true)
    setProblem(undefined)
    try {
      const options = {
        ...(optionalStop ? { optionalStop } : {}),
        ...(blockDelete ? { blockDelete } : {}),
        ...(plan ? { planId: plan.planId } : {}),
      }
      onStarted(await call(startProgram, { body: { machineId, programId, options } }))
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error))
      setStarting(false)
    }
  }
  const isReady = !isMiddle || plan?.warnings.every((warning) => seen.includes(warning)) === true
  return (
    <section className="start" aria-label={text.title(programName)} data-testid="start-pane">
      <header>
        <button type="button" className="p-back" onClick={onClose} aria-label={text.back}>
          <ArrowLeft size={18} aria-hidden />
        </button>
        <h2>{text.title(programName)}</h2>
      </header>
      <p className="start-on">
        {text.on} <strong>{machine.name}</strong> {machine.isVirtual && <VirtualMark />}
      </p>
      <div className="start-from" role="radiogroup" aria-label={text.where}>
        <label data-chosen={!isMiddle || undefined}>
          <input type="radio" name="start-where" checked={!isMiddle} onChange={() => onFromLine(1)} />
          {text.beginning}
        </label>
        <label data-chosen={isMiddle || undefined}>
          <input type="radio" name="start-where" checked={isMiddle} onChange={() => onFromLine(Math.max(2, line))} data-testid="start-middle" />
          {text.middle}
          <input
            type="number"
            className="cw-numbers"
            aria-label={text.middle}
            min={1}
            max={totalLines}
            value={isMiddle ? fromLine : ''}
            placeholder={line > 1 ? String(line) : ''}
            onChange={(event) => onFromLine(Math.max(1, Math.min(totalLines, Math.round(Number(event.currentTarget.value)) || 1)))}
            data-testid="start-line"
          />
        </label>
      </div>
      {isMiddle && line > 1 && line !== fromLine && (
        <button type="button" className="p-link start-take" onClick={() => onFromLine(line)}>
          {text.takeLine(format.number(line))}
        </button>
      )}
      <Switch
        label={text.optionalStop}
        description={text.optionalStopHint}
        checked={optionalStop}
        onChange={(event) => setOptionalStop(event.currentTarget.checked)}
      />
      <Switch
        label={text.blockDelete}
        description={text.blockDeleteHint}
        checked={blockDelete}
        onChange={(event) => setBlockDelete(event.currentTarget.checked)}
      />
      {isMiddle && (
        <Button variant={plan ? 'default' : 'filled'} loading={isPlanning} disabled={!isIdle} onClick={work} data-testid="plan">
          {plan ? text.planAgain : text.plan}
        </Button>
      )}
      {plan && <Plan plan={plan} seen={seen} onSeen={setSeen} />}
      {report && (!isMiddle || plan) && (
        <div className="start-words" data-testid="start-words">
          <h3>{text.willMove}</h3>
          <ul>
            <li>
              {isMiddle
                ? text.runsFrom(machine.name, programName, format.number(fromLine), format.number(report.sourceLines))
                : text.runs(machine.name, programName, format.number(report.totalLines), format.span(report.estimateS))}
            </li>
            {report.extentsMm && (
              <li>
                {text.reaches(
                  ...([0, 1, 2].map(
                    (axis) => `${units.length(report.extentsMm?.min[axis] ?? 0, 1)} … ${units.lengthText(report.extentsMm?.max[axis] ?? 0, 1)}`,
                  ) as [string, string, string]),
                )}
              </li>
            )}
            {report.tools.some(({ spindleRpm }) => spindleRpm.max > 0) && (
              <li>{text.spindle(format.number(Math.max(...report.tools.map(({ spindleRpm }) => spindleRpm.max))))}</li>
            )}
            {report.tools.length > 1 && <li>{text.changes(report.tools.map(({ tool }) => (tool === 0 ? text.noTool : `T${tool}`)).join(', '))}</li>}
          </ul>
        </div>
      )}
      {!isIdle && (
        <p className="p-notice">
          <TriangleAlert size={18} aria-hidden /> {text.notIdle(words.state[key])}
        </p>
      )}
      {problem && (
        <p className="p-problem" role="alert" data-testid="start-problem">
          {problem}
        </p>
      )}
      <HoldToConfirm
        testId="start-confirm"
        icon={<Play size={22} aria-hidden />}
        label={text.confirm}
        says={isMiddle ? text.confirmMiddle(format.number(fromLine)) : text.confirmSays(machine.name)}
        hint={isReady ? words.holdToConfirm : plan ? text.lookFirst : text.planFirst}
        isDisabled={!isReady || !isIdle || isStarting}
        onConfirm={start}
      />
    </section>
  )
}

function Plan({ plan, seen, onSeen }: { plan: StartPlan; seen: readonly string[]; onSeen: (seen: readonly string[]) => void }) {
  const text = useProgramsText().start
  const format = formats(useLanguage())
  return (
    <div className="start-plan" data-testid="start-plan">
      <h3>{text.planTitle(format.number(plan.fromLine))}</h3>
      <ol>
        {plan.lines.map((line, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the lines of a plan keep their order, and one may stand there twice
          <li key={index}>
            <code>{line.text}</code>
            <span>{line.says}</span>
          </li>
        ))}
      </ol>
      <p className="p-hint">{text.approach}</p>
      <p className="p-hint">
        {text.inForce} <code>{plan.modal.join(' ')}</code>
      </p>
      {plan.warnings.map((warning) => (
        <Checkbox
          key={warning}
          className="start-warning"
          label={warning}
          checked={seen.includes(warning)}
          onChange={(event) => onSeen(event.currentTarget.checked ? [...seen, warning] : seen.filter((one) => one !== warning))}
        />
      ))}
    </div>
  )
}
