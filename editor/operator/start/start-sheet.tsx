/**
 * Starting a program: choose it, look at what will move in words and in the picture, then by a kept press. After an interruption the
 * guard works out first how it would come back to the line, and a person says yes to that very plan.
 */
import { Play, Route, TriangleAlert } from 'lucide-react'
import { lazy, Suspense, useEffect, useState } from 'react'
import { listPrograms, type MachineView, type Program } from '../../../server/api/machines.ts'
import { type ProgramReport, planStart, type StartPlan } from '../../../server/api/motion.ts'
import { startProgram } from '../../../server/api/work.ts'
import { modelKey } from '../../programs/model.ts'
import { useCheck } from '../../programs/view/use-check.ts'
import { call } from '../../shared/api.ts'
import { HoldToConfirm } from '../../shared/machine/hold-to-confirm.tsx'
import { useMachineText } from '../../shared/machine/use-machine-text.ts'
import { VirtualMark } from '../../shared/machine/virtual-mark.tsx'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { useUnits } from '../../shared/use-units.tsx'
import { useIdleGate } from '../gate.ts'
import { Back, OperatorDialog, Problem } from '../operator-dialog.tsx'
import { newPressId } from '../press-id.ts'
import { usePanelText } from '../use-operator-text.ts'

const ProgramPicture = lazy(() => import('../program/program-picture.tsx'))
/** More findings are read on the page of the program. */
const MOST_FINDINGS = 4

export interface StartSheetProps {
  machine: MachineView
  isStale: boolean
  /** The program that was broken off is to be gone on with. */
  isResume: boolean
  onClose: () => void
}

export function StartSheet({ machine, isStale, isResume, onClose }: StartSheetProps) {
  const text = usePanelText().start
  const [programs, setPrograms] = useState<Program[]>()
  const [chosen, setChosen] = useState<Program>()
  const [search, setSearch] = useState('')
  const [problem, setProblem] = useState<string>()
  const sha256 = isResume ? machine.state?.resumable?.sha256 : undefined
  useEffect(() => {
    call(listPrograms, {}).then(
      (found) => {
        setPrograms(found)
        if (sha256) setChosen(found.find((one) => one.sha256 === sha256))
      },
      (error: Error) => setProblem(error.message),
    )
  }, [sha256])
  if (chosen)
    return (
      <Look
        machine={machine}
        isStale={isStale}
        program={chosen}
        isResume={isResume}
        onBack={isResume ? onClose : () => setChosen(undefined)}
        onClose={onClose}
      />
    )
  const newest = (programs ?? []).filter((one, index, all) => all.findIndex(({ name }) => name === one.name) === index)
  const shown = newest.filter(({ name }) => name.toLowerCase().includes(search.trim().toLowerCase()))
  return (
    <OperatorDialog title={text.choose} isWide onClose={onClose}>
      <Problem>{problem}</Problem>
      {isResume && programs && <p className="op-problem">{text.gone}</p>}
      {!isResume && (
        <>
          {newest.length > 6 && (
            <input
              className="op-search"
              placeholder={text.search}
              aria-label={text.search}
              value={search}
              onChange={(event) => setSearch(event.currentTarget.value)}
            />
          )}
          <ul className="op-list" data-testid="start-list">
            {shown.map((program) => (
              <li key={program.id}>
                <button type="button" className="op-plain" onClick={() => setChosen(program)} data-testid={`choose-${program.name}`}>
                  <strong>{program.name}</strong>
                  <span>{text.facts(String(program.revision), String(program.lines))}</span>
                </button>
              </li>
            ))}
          </ul>
          {programs && shown.length === 0 && <p className="op-why">{newest.length ? text.noneFound : text.noPrograms}</p>}
        </>
      )}
      <footer>
        <Back onClick={onClose} />
      </footer>
    </OperatorDialog>
  )
}

interface LookProps extends StartSheetProps {
  program: Program
  onBack: () => void
}

function Look({ machine, isStale, program, isResume, onBack, onClose }: LookProps) {
  const text = usePanelText().start
  const words = useMachineText()
  const format = formats(useLanguage())
  const check = useCheck(program.id, machine, modelKey(machine))
  const gate = useIdleGate(machine)
  const [plan, setPlan] = useState<StartPlan>()
  const [isPlanning, setPlanning] = useState(false)
  const [seen, setSeen] = useState<readonly string[]>([])
  const [problem, setProblem] = useState<string>()
  const [isStarting, setStarting] = useState(false)
  // the same key at every try: a lost answer is not a second start
  const [startKey] = useState(newPressId)
  const fromLine = isResume ? (machine.state?.resumable?.line ?? 1) : 1
  const { report } = check
  const isChecked = report !== undefined && check.isCurrent
  const isReady = isChecked && report.isRunnable && (!isResume || plan?.warnings.every((warning) => seen.includes(warning)) === true)
  const work = async () => {
    setPlanning(true)
    setProblem(undefined)
    setSeen([])
    try {
      setPlan(await call(planStart, { params: { machineId: machine.id }, body: { programId: program.id, fromLine } }))
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
      await call(startProgram, {
        body: { machineId: machine.id, programId: program.id, idempotencyKey: startKey, ...(plan ? { options: { planId: plan.planId } } : {}) },
      })
      onClose()
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error))
      setStarting(false)
      // a plan is worked out anew: the machine may have been changed
      setPlan(undefined)
    }
  }
  const hint =
    gate ??
    (isReady ? words.holdToConfirm : !isChecked ? (check.error ?? text.checking) : !report.isRunnable ? text.refused : plan ? text.lookFirst : text.planFirst)
  return (
    <OperatorDialog title={isResume ? text.resumeTitle(program.name, format.number(fromLine)) : text.title(program.name)} isWide onClose={onClose}>
      <div className="op-start">
        <div className="op-start-picture">
          <Suspense fallback={<div className="op-skeleton" aria-hidden />}>
            <ProgramPicture machine={machine} program={program} isStale={isStale} line={isResume ? fromLine : 0} isAtWork={false} plan={plan} />
          </Suspense>
        </div>
        <div className="op-start-words">
          <p>
            {text.on} <strong>{machine.name}</strong> {machine.isVirtual && <VirtualMark />}
          </p>
          {report && !plan && <WhatMoves machine={machine} program={program} report={report} fromLine={fromLine} />}
          {report && report.findingsTotal > 0 && (
            <ul className="op-findings" data-testid="start-findings">
              {report.findings.slice(0, MOST_FINDINGS).map((finding) => (
                <li key={`${finding.line} ${finding.text}`} data-severity={finding.severity}>
                  <TriangleAlert size={18} aria-hidden /> {text.atLine(format.number(finding.line))}: {finding.text}
                </li>
              ))}
              {report.findingsTotal > MOST_FINDINGS && <li>{text.moreFindings(format.number(report.findingsTotal - MOST_FINDINGS))}</li>}
            </ul>
          )}
          {isResume && !plan && (
            <button type="button" className="op-main-action" disabled={gate !== undefined || isPlanning || !isChecked} onClick={work} data-testid="plan">
              <Route size={24} aria-hidden /> {isPlanning ? text.planning : text.plan}
            </button>
          )}
          {plan && <Plan plan={plan} seen={seen} onSeen={setSeen} />}
          {problem && (
            <p className="op-problem" role="alert" data-testid="start-problem">
              {problem}
            </p>
          )}
        </div>
      </div>
      <footer>
        <Back onClick={onBack} />
        <HoldToConfirm
          testId="start-confirm"
          icon={<Play size={24} aria-hidden />}
          label={isResume ? text.goOn : text.start}
          says={isResume ? text.confirmResume(machine.name, format.number(fromLine)) : text.confirm(machine.name)}
          hint={hint}
          isDisabled={!isReady || gate !== undefined || isStarting}
          onConfirm={start}
        />
      </footer>
    </OperatorDialog>
  )
}

function WhatMoves({ machine, program, report, fromLine }: { machine: MachineView; program: Program; report: ProgramReport; fromLine: number }) {
  const text = usePanelText().start
  const format = formats(useLanguage())
  const units = useUnits()
  const axis = (index: number) => `${units.length(report.extentsMm?.min[index] ?? 0, 1)} … ${units.lengthText(report.extentsMm?.max[index] ?? 0, 1)}`
  const fastest = Math.max(0, ...report.tools.map(({ spindleRpm }) => spindleRpm.max))
  return (
    <ul className="op-what" data-testid="start-words">
      <li>
        {fromLine > 1
          ? text.runsFrom(machine.name, program.name, format.number(fromLine))
          : text.runs(machine.name, program.name, format.number(report.totalLines), format.span(report.estimateS))}
      </li>
      {report.extentsMm && <li>{text.reaches(axis(0), axis(1), axis(2))}</li>}
      {fastest > 0 && <li>{text.spindle(format.number(fastest))}</li>}
      {report.tools.length > 1 && <li>{text.tools(report.tools.map(({ tool }) => `T${tool}`).join(', '))}</li>}
    </ul>
  )
}

function Plan({ plan, seen, onSeen }: { plan: StartPlan; seen: readonly string[]; onSeen: (seen: readonly string[]) => void }) {
  const text = usePanelText().start
  return (
    <div className="op-plan" data-testid="start-plan">
      <h3>{text.first}</h3>
      <ol>
        {plan.lines.map((line, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the lines of a plan keep their order, and one may stand there twice
          <li key={index}>
            <code>{line.text}</code> <span>{line.says}</span>
          </li>
        ))}
      </ol>
      <p>
        {text.inForce} <code>{plan.modal.join(' ')}</code>
      </p>
      {plan.warnings.map((warning) => (
        <label key={warning} className="op-check" data-warning>
          <input
            type="checkbox"
            checked={seen.includes(warning)}
            onChange={(event) => onSeen(event.currentTarget.checked ? [...seen, warning] : seen.filter((one) => one !== warning))}
          />
          {warning}
        </label>
      ))}
    </div>
  )
}
