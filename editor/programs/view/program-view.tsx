/** One program: picture, code and figures in step, for a chosen machine or none, with what can be done with it. */
import { Button, Menu, Select } from '@mantine/core'
import { ArrowLeft, CircleAlert, CircleCheck, Download, Ellipsis, GitFork, History, Trash2 } from 'lucide-react'
import { useCallback, useEffect, useMemo, useState } from 'react'
import type { MachineView, Program } from '../../../server/api/machines.ts'
import { getProgramFile, type StartPlan } from '../../../server/api/motion.ts'
import type { Me } from '../../../server/api/people.ts'
import type { Job } from '../../../server/api/work.ts'
import { urlOf } from '../../shared/api.ts'
import { stateKeyOf } from '../../shared/machine/machine-state.ts'
import { StatePill } from '../../shared/machine/state-pill.tsx'
import { StopBar } from '../../shared/machine/stop-bar.tsx'
import { useMachineText } from '../../shared/machine/use-machine-text.ts'
import { may } from '../../shared/me.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { KeepUnits } from '../../shared/use-units.tsx'
import { writeAddress } from '../address.ts'
import { anyMachine, modelOf } from '../model.ts'
import type { Label, Point } from '../path/drawing.ts'
import { PathPane } from '../path/path-pane.tsx'
import { lengthOf, lineAt, placeOfLine, pointAt } from '../path/place.ts'
import { byName, type Library } from '../use-library.ts'
import { useProgramsText } from '../use-programs-text.ts'
import { useProgram } from '../worker/use-program.ts'
import { CodePane } from './code-pane.tsx'
import { JobBanner } from './job-banner.tsx'
import { ProgressBar } from './progress-bar.tsx'
import { RemoveDialog } from './remove-dialog.tsx'
import { ReportPane } from './report-pane.tsx'
import { Scrubber } from './scrubber.tsx'
import { StartPane } from './start-pane.tsx'
import { TransformDialog } from './transform-dialog.tsx'
import { useCheck } from './use-check.ts'
import { remember, remembered, useDrawing, useKey } from './use-machine.ts'

export interface ProgramViewProps {
  program: Program
  library: Library
  /** Undefined until they are known. */
  machines: readonly MachineView[] | undefined
  isStale: boolean
  me: Me | undefined
  machineId: string | undefined
  startLine: number | undefined
  isStart: boolean
  onOpen: (hash: string) => void
}

/** Marks beyond this would hide the path, and finding their places would take time. */
const MOST_MARKS = 60

type Pane = 'picture' | 'code' | 'report'

export function ProgramView(props: ProgramViewProps) {
  const { program, library, machines, isStale, me, startLine, onOpen } = props
  const text = useProgramsText()
  const words = useMachineText()
  const format = formats(useLanguage())
  /** Null: none is wanted. Undefined: nobody has chosen yet, and the only one there is is meant. */
  const [chosenId, setMachineId] = useState<string | null | undefined>(() => props.machineId ?? remembered())
  const only = machines?.length === 1 ? machines[0] : undefined
  const machine = machines?.find(({ id }) => id === chosenId) ?? (chosenId === null ? undefined : only)
  const machineId = machine?.id
  const key = useKey(machine)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key says when a machine means another model
  const model = useMemo(() => (machines === undefined ? undefined : machine ? modelOf(machine) : anyMachine()), [key, machines === undefined])
  const read = useProgram(program, model, key)
  const check = useCheck(program.id, machine, key)
  const { path, report: own } = read
  const report = check.report ?? own
  const [line, setLine] = useState(startLine ?? 0)
  const [place, setPlace] = useState<number>()
  const [pane, setPane] = useState<Pane>(props.isStart ? 'report' : 'picture')
  const [isStarting, setStarting] = useState(props.isStart)
  const [fromLine, setFromLine] = useState(startLine ?? 1)
  const [plan, setPlan] = useState<StartPlan>()
  const [started, setStarted] = useState<Job>()
  const openStart = useCallback(() => setStarting(true), [])
  const [dialog, setDialog] = useState<'transform' | 'remove'>()

  const whole = path?.levels[0] ? lengthOf(path.levels[0]) : 0
  const [isFollowing, setFollowing] = useState(true)
  const goToLine = useCallback(
    (to: number) => {
      setLine(to)
      setPlace(path ? placeOfLine(path, to) : undefined)
    },
    [path],
  )
  const chooseLine = useCallback(
    (to: number) => {
      setFollowing(false)
      goToLine(to)
    },
    [goToLine],
  )
  const scrub = useCallback(
    (to: number) => {
      setFollowing(false)
      setPlace(to)
      const [level] = path?.levels ?? []
      setLine((was) => (level && lineAt(level, to)) ?? was)
    },
    [path],
  )
  // another drawing: the chosen line keeps its place in it
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a new path asks for this
  useEffect(() => {
    if (!path) return
    setPlace((was) => (was === undefined && line === 0 ? undefined : placeOfLine(path, line)))
  }, [path])

  const choose = (id: string | null) => {
    setMachineId(id)
    remember(id ?? undefined)
    setPlan(undefined)
    if (!id) setStarting(false)
    history.replaceState(null, '', `#${writeAddress({ programId: program.id, machineId: id ?? undefined, line: undefined })}`)
  }
  const drawing = useDrawing(machine)
  const findings = useMemo(() => (check.isCurrent ? check.report?.findings : own?.findings) ?? [], [check.isCurrent, check.report, own])
  const marks = useMemo((): Label[] => {
    const [level] = path?.levels ?? []
    if (!path || !level) return []
    // a stop and a tool change at one place share their words
    const stops = new Map<string, Label>()
    for (const mark of path.marks) {
      const at = mark.atMm.join()
      const words = mark.kind === 'tool-change' ? `T${mark.tool}` : text.picture.stop
      const there = stops.get(at)
      stops.set(at, { kind: 'mark', text: there ? `${there.text}, ${words}` : words, at: mark.atMm, line: there?.line ?? mark.line })
    }
    const found = findings
      .filter(({ severity }) => severity !== 'note')
      .slice(0, MOST_MARKS)
      .flatMap((finding): Label[] => {
        const at = pointAt(level, placeOfLine(path, finding.line))
        return at ? [{ kind: finding.severity === 'error' ? 'error' : 'warning', text: finding.severity === 'error' ? '!' : '', at, line: finding.line }] : []
      })
    return [...found, ...[...stops.values()].slice(0, MOST_MARKS)]
  }, [path, findings, text])
  const approach = useMemo(() => (plan?.approachMm ?? []).map((point): Point => [point[0] ?? 0, point[1] ?? 0, point[2] ?? 0]), [plan])
  const position = machine?.state?.machinePositionMm
  const [x, y, z] = position ?? []
  const isFresh = machine?.state?.link === 'connected' && !isStale
  const machineTool = useMemo((): Point | undefined => (isFresh && x !== undefined ? [x, y ?? 0, z ?? 0] : undefined), [isFresh, x, y, z])
  const job = machine?.state?.job
  const isRunningHere = job !== undefined && job.programName === program.name
  const machineLine = isRunningHere && job.currentLine > 0 ? job.currentLine : undefined
  useEffect(() => {
    if (isFollowing && machineLine !== undefined) goToLine(machineLine)
  }, [isFollowing, machineLine, goToLine])

  const named = byName(library.programs ?? [], '').find(({ name }) => name === program.name)
  const revisions = named ? [named.newest, ...named.older] : [program]
  const mayOperate = may(me, 'machines.operate')
  const stateKey = machine ? stateKeyOf(machine) : undefined
  const startHint = !machine
    ? undefined
    : !mayOperate
      ? words.notAllowed
      : check.report && check.isCurrent && !check.report.isRunnable
        ? text.report.mustBeRight
        : stateKey !== 'idle'
          ? text.start.notIdle(words.state[stateKey ?? 'unknown'])
          : undefined
  const canStart = machine !== undefined && mayOperate && stateKey === 'idle' && !isStale && check.report?.isRunnable !== false

  const Verdict = check.report?.isRunnable ? CircleCheck : CircleAlert
  const verdictWords = machine && (check.report?.isRunnable ? text.report.runnable(machine.name) : text.report.notRunnable(machine.name))
  const file = urlOf(getProgramFile.path, { params: { programId: program.id } })
  const work = (
    <div className="cw-work program" data-testid="program">
      <header className="program-head">
        <button type="button" className="p-back" onClick={() => onOpen('')} aria-label={text.list.title}>
          <ArrowLeft size={18} aria-hidden />
        </button>
        <h1 title={program.name}>{program.name}</h1>
        {revisions.length > 1 ? (
          <Menu position="bottom-start" shadow="md">
            <Menu.Target>
              <Button size="compact-sm" variant="default" leftSection={<History size={14} aria-hidden />}>
                {text.list.revision(String(program.revision))}
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              {revisions.map((one) => (
                <Menu.Item
                  key={one.id}
                  disabled={one.id === program.id}
                  onClick={() => onOpen(writeAddress({ programId: one.id, machineId, line: undefined }))}
                >
                  {text.list.revision(String(one.revision))}, {one.uploadedBy}, {format.dateTime(one.uploadedAt)}
                </Menu.Item>
              ))}
            </Menu.Dropdown>
          </Menu>
        ) : (
          <small className="program-facts cw-numbers">{format.bytes(program.bytes)}</small>
        )}
        {program.origin && (
          <a className="program-origin" href={`#${program.origin.programId}`}>
            {text.list.from(program.origin.name)}: {program.origin.text}
          </a>
        )}
        <div className="program-tools">
          <Select
            aria-label={text.machine}
            placeholder={text.noMachine}
            value={machine?.id ?? null}
            onChange={choose}
            data={(machines ?? []).map(({ id, name }) => ({ value: id, label: name }))}
            clearable
            disabled={!machines?.length}
            data-testid="choose-machine"
          />
          {machine && <StatePill machine={machine} isStale={isStale} />}
          {may(me, 'programs.manage') && (
            <Button
              variant="default"
              onClick={() => setDialog('transform')}
              className="p-fold p-icon-button"
              aria-label={text.transform.button}
              data-testid="open-transform"
            >
              <GitFork size={16} aria-hidden /> <span className="p-fold-text">{text.transform.button}</span>
            </Button>
          )}
          <Menu position="bottom-end" shadow="md">
            <Menu.Target>
              <Button variant="default" aria-label={text.more} className="p-icon-button">
                <Ellipsis size={18} />
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item component="a" href={file} download={program.name} leftSection={<Download size={16} aria-hidden />}>
                {text.download}
              </Menu.Item>
              {may(me, 'programs.manage') && (
                <Menu.Item leftSection={<Trash2 size={16} aria-hidden />} onClick={() => setDialog('remove')} data-testid="open-remove">
                  {text.remove.button}
                </Menu.Item>
              )}
            </Menu.Dropdown>
          </Menu>
        </div>
      </header>
      {machine && (isRunningHere || started) && (
        <JobBanner
          machine={machine}
          started={started}
          isStale={isStale}
          isFollowing={isFollowing}
          onFollow={isRunningHere ? setFollowing : undefined}
          onForget={() => setStarted(undefined)}
        />
      )}
      <nav className="program-panes" aria-label={text.panes.label}>
        {(['picture', 'code', 'report'] as const).map((one) => (
          <button key={one} type="button" aria-pressed={pane === one} onClick={() => setPane(one)}>
            {text.panes[one]}
            {one === 'report' && check.isCurrent && check.report && (
              <Verdict size={16} data-kind={check.report.isRunnable ? 'good' : 'bad'} role="img" aria-label={verdictWords} />
            )}
          </button>
        ))}
      </nav>
      <div className="program-body" data-pane={pane} data-starting={isStarting || undefined}>
        <div className="program-code">
          <CodePane lines={read.lines} count={read.totalLines} line={line} findings={findings} machineLine={machineLine} onChoose={chooseLine} />
        </div>
        <div className="program-picture">
          <PathPane
            path={path}
            machine={drawing}
            marks={marks}
            approach={approach}
            place={place ?? whole}
            line={line}
            machineTool={machineTool}
            onPick={chooseLine}
          />
          <ProgressBar progress={read.progress} />
          {read.error && (
            <p className="p-problem program-error" role="alert">
              {read.error}
            </p>
          )}
          <Scrubber place={place ?? whole} whole={whole} line={line} totalLines={read.totalLines} timeline={read.timeline} onChange={scrub} />
        </div>
        <div className="program-report" key={isStarting ? 'start' : 'report'}>
          {isStarting && machine ? (
            <StartPane
              programId={program.id}
              programName={program.name}
              machine={machine}
              isStale={isStale}
              report={report}
              line={line}
              totalLines={read.totalLines}
              fromLine={fromLine}
              onFromLine={(to) => {
                setFromLine(to)
                if (to > 1) chooseLine(to)
              }}
              onPlan={setPlan}
              onStarted={(made) => {
                setStarted(made)
                setStarting(false)
                setFollowing(true)
              }}
              onClose={() => setStarting(false)}
            />
          ) : (
            <ReportPane
              machineName={machine?.name}
              check={check}
              own={own}
              onLine={chooseLine}
              onStart={canStart ? openStart : undefined}
              startHint={startHint}
            />
          )}
        </div>
      </div>
      {dialog === 'transform' && (
        <KeepUnits>
          <TransformDialog
            program={program}
            machine={machine}
            onClose={() => setDialog(undefined)}
            onMade={() => void library.refresh()}
            onOpen={(id) => onOpen(writeAddress({ programId: id, machineId, line: undefined }))}
          />
        </KeepUnits>
      )}
      {dialog === 'remove' && (
        <RemoveDialog
          program={program}
          onClose={() => setDialog(undefined)}
          onRemoved={() => {
            void library.refresh()
            onOpen('')
          }}
        />
      )}
    </div>
  )
  return machine ? (
    <div className="cw-with-stops">
      {work}
      <StopBar key={machine.id} machine={machine} isAllowed={may(me, 'machines.stop')} isNamed />
    </div>
  ) : (
    <div className="program-alone">{work}</div>
  )
}
