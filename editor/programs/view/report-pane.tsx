/** What is known of a program: whether this machine can run it, how far and how long it goes, its tools, and what was found. */
import { Button } from '@mantine/core'
import { CircleAlert, CircleCheck, CircleHelp, Info, Play, RefreshCw, TriangleAlert } from 'lucide-react'
import { memo } from 'react'
import type { ProgramFinding, ProgramReport } from '../../../server/api/motion.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { useUnits } from '../../shared/use-units.tsx'
import { useProgramsText } from '../use-programs-text.ts'
import type { Check } from './use-check.ts'

const ICONS = { error: CircleAlert, warning: TriangleAlert, note: Info }
const AXES = ['X', 'Y', 'Z', 'A', 'B', 'C']

export interface ReportPaneProps {
  /** Undefined without a machine. */
  machineName: string | undefined
  check: Check
  /** Read in the browser: all there is without a machine. */
  own: ProgramReport | undefined
  onLine: (line: number) => void
  onStart: (() => void) | undefined
  /** Why a start is not offered. */
  startHint: string | undefined
}

export const ReportPane = memo(function ReportPane({ machineName, check, own, onLine, onStart, startHint }: ReportPaneProps) {
  const text = useProgramsText().report
  const format = formats(useLanguage())
  const units = useUnits()
  const hasMachine = machineName !== undefined
  const report = hasMachine ? (check.report ?? own) : own
  return (
    <section className="report" aria-label={text.label} data-testid="report">
      <Verdict machineName={machineName} check={check} />
      {hasMachine && (
        <div className="report-start">
          <Button leftSection={<Play size={16} aria-hidden />} disabled={!onStart} onClick={onStart} data-testid="start">
            {text.start}
          </Button>
          {startHint && <p>{startHint}</p>}
        </div>
      )}
      {report === undefined && !check.error && (check.isThere || !hasMachine) && <div className="p-skeleton" aria-hidden />}
      {report && (
        <>
          <dl className="report-facts cw-numbers">
            <div>
              <dt>{text.time}</dt>
              <dd data-testid="estimate">{format.span(report.estimateS)}</dd>
            </div>
            <div>
              <dt>{text.cutting}</dt>
              <dd>
                {units.way(report.cuttingMm).text} <small>{units.way(report.cuttingMm).unit}</small>
              </dd>
            </div>
            <div>
              <dt>{text.rapid}</dt>
              <dd>
                {units.way(report.rapidMm).text} <small>{units.way(report.rapidMm).unit}</small>
              </dd>
            </div>
            <div>
              <dt>{text.lines}</dt>
              <dd>{format.number(report.sourceLines)}</dd>
            </div>
          </dl>
          {report.isExpanded && <p className="p-hint">{text.expanded(format.number(report.totalLines))}</p>}
          <p className="p-hint">{hasMachine ? text.timeWith : text.timeWithout}</p>
          <p className="p-hint" data-testid="program-units">
            {text.units[report.units ?? 'none']}
          </p>
          <Extents report={report} hasMachine={hasMachine} />
          <Tools report={report} onLine={onLine} />
          <Findings report={report} onLine={onLine} />
        </>
      )}
    </section>
  )
})

/** Whether it may run here, in one sentence. */
function Verdict({ machineName, check }: { machineName: string | undefined; check: Check }) {
  const text = useProgramsText().report
  const format = formats(useLanguage())
  if (machineName === undefined)
    return (
      <div className="report-verdict" data-kind="none" data-testid="verdict">
        <CircleHelp size={22} aria-hidden />
        <div>
          <strong>{text.noMachine}</strong>
          <p>{text.noMachineText}</p>
        </div>
      </div>
    )
  const { report, isCurrent, isAsking, isThere } = check
  const error = check.error ?? (isThere || report ? undefined : text.notThere(machineName))
  const kind = error ? 'failed' : !report ? 'asking' : !isCurrent ? 'old' : report.isRunnable ? 'good' : 'bad'
  const Icon = { failed: CircleAlert, asking: CircleHelp, old: TriangleAlert, good: CircleCheck, bad: CircleAlert }[kind]
  const errors = report?.findings.filter(({ severity }) => severity === 'error').length ?? 0
  // the list shows the worst first and not all of them
  const isMore = report !== undefined && errors === report.findings.length && report.findingsTotal > errors
  return (
    <div className="report-verdict" data-kind={kind} data-testid="verdict" role="status">
      <Icon size={22} aria-hidden />
      <div>
        <strong>
          {kind === 'failed' && text.notChecked}
          {kind === 'asking' && text.checking(machineName)}
          {kind === 'old' && text.old}
          {kind === 'good' && text.runnable(machineName)}
          {kind === 'bad' && text.notRunnable(machineName)}
        </strong>
        <p>
          {kind === 'failed' && error}
          {kind === 'asking' && text.checkingText}
          {kind === 'old' && text.oldText}
          {kind === 'good' && text.runnableText}
          {kind === 'bad' && (isMore ? text.notRunnableMany(String(errors)) : text.notRunnableText(String(errors)))}
          {check.at && kind !== 'asking' && kind !== 'failed' && <small> {text.checkedAt(format.time(check.at))}</small>}
        </p>
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<RefreshCw size={14} aria-hidden />}
          loading={isAsking}
          disabled={!isThere}
          onClick={check.ask}
          data-testid="check"
        >
          {text.checkAgain}
        </Button>
      </div>
    </div>
  )
}

function Extents({ report, hasMachine }: { report: ProgramReport; hasMachine: boolean }) {
  const text = useProgramsText().report
  const { unit, axis: shown } = useUnits()
  const { extentsMm, workExtentsMm } = report
  const work = workExtentsMm ?? extentsMm
  if (!work) return <p className="p-hint">{text.noMoves}</p>
  const rows = work.min.map((_, axis) => axis).filter((axis) => axis < 3 || work.min[axis] !== work.max[axis])
  return (
    <table className="report-table cw-numbers">
      <caption>{text.extents}</caption>
      <thead>
        <tr>
          <th scope="col">{unit}</th>
          <th scope="col">{text.from}</th>
          <th scope="col">{text.to}</th>
          {hasMachine && extentsMm && (
            <>
              <th scope="col">{text.machineFrom}</th>
              <th scope="col">{text.machineTo}</th>
            </>
          )}
        </tr>
      </thead>
      <tbody>
        {rows.map((axis) => (
          <tr key={axis}>
            <th scope="row">
              {AXES[axis]} {axis < 3 ? '' : <small>°</small>}
            </th>
            <td>{shown(axis, work.min[axis] ?? 0).text}</td>
            <td>{shown(axis, work.max[axis] ?? 0).text}</td>
            {hasMachine && extentsMm && (
              <>
                <td>{shown(axis, extentsMm.min[axis] ?? 0).text}</td>
                <td>{shown(axis, extentsMm.max[axis] ?? 0).text}</td>
              </>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Tools({ report, onLine }: { report: ProgramReport; onLine: (line: number) => void }) {
  const text = useProgramsText().report
  const format = formats(useLanguage())
  const units = useUnits()
  if (!report.tools.length) return null
  const range = ({ min, max }: { min: number; max: number }, number: (value: number) => string) =>
    number(min) === number(max) ? number(max) : `${number(min)}–${number(max)}`
  return (
    <table className="report-table cw-numbers" data-testid="tools">
      <caption>{text.tools}</caption>
      <thead>
        <tr>
          <th scope="col">{text.tool}</th>
          <th scope="col">{text.toolTime}</th>
          <th scope="col">
            {text.feed} <small>{units.feedUnit}</small>
          </th>
          <th scope="col">
            {text.spindle} <small>rpm</small>
          </th>
          <th scope="col">
            {text.lowest} <small>{units.unit}</small>
          </th>
        </tr>
      </thead>
      <tbody>
        {report.tools.map((tool) => (
          <tr key={tool.tool}>
            <th scope="row">
              <button type="button" className="p-link" onClick={() => onLine(tool.firstLine)} title={text.toLine(format.number(tool.firstLine))}>
                {tool.tool === 0 ? text.noTool : `T${tool.tool}`}
              </button>
            </th>
            <td>{format.span(tool.seconds)}</td>
            <td>{range(tool.feedMmPerMin, units.feed)}</td>
            <td>{range(tool.spindleRpm, format.number)}</td>
            <td>{units.place(tool.minZMm)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

const Findings = memo(function Findings({ report, onLine }: { report: ProgramReport; onLine: (line: number) => void }) {
  const text = useProgramsText().report
  const format = formats(useLanguage())
  return (
    <section className="report-findings">
      <h3>
        {text.findings} <small className="cw-numbers">{format.number(report.findingsTotal)}</small>
      </h3>
      {report.findings.length === 0 && <p className="p-hint">{text.noFindings}</p>}
      <ul data-testid="findings">
        {report.findings.map((finding) => (
          <Finding key={`${finding.line} ${finding.column} ${finding.code} ${finding.text}`} finding={finding} onLine={onLine} />
        ))}
      </ul>
      {report.findingsTotal > report.findings.length && (
        <p className="p-hint">{text.moreFindings(format.number(report.findingsTotal - report.findings.length))}</p>
      )}
    </section>
  )
})

function Finding({ finding, onLine }: { finding: ProgramFinding; onLine: (line: number) => void }) {
  const text = useProgramsText().report
  const format = formats(useLanguage())
  const Icon = ICONS[finding.severity]
  return (
    <li data-severity={finding.severity}>
      <button type="button" onClick={() => onLine(finding.line)}>
        <Icon size={16} role="img" aria-label={text.severities[finding.severity]} />
        <span>{finding.text}</span>
        <small className="cw-numbers">{text.atLine(format.number(finding.line))}</small>
      </button>
    </li>
  )
}
