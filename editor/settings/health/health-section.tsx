/** How the installation is: first what is not as it should be and what to do, then everything it was read from. */
import './health.css'
import { Button, NativeSelect } from '@mantine/core'
import { CircleAlert, CircleCheck, Download, TriangleAlert } from 'lucide-react'
import { useState } from 'react'
import { getDiagnostics } from '../../../server/api/diagnostics.ts'
import type { SystemReport } from '../../../server/api/system-report.ts'
import { may, useMe } from '../../shared/me.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { FactsView } from './facts-view.tsx'
import { ProcessesView } from './processes-view.tsx'
import { SpaceCard } from './space-view.tsx'
import { useReport } from './use-report.ts'
import { findingWords, useHealthText } from './words.ts'

export function HealthSection() {
  const text = useHealthText()
  const [host, setHost] = useState<string>()
  const { report, heardAt, isStale, refusal } = useReport(host)
  const { me } = useMe()
  /** Where these pages come from: it told first. */
  const [own, setOwn] = useState<string>()
  if (report && own === undefined) setOwn(report.host)
  if (!report)
    return (
      <div role="status">
        {refusal === undefined ? <span className="settings-only-read">{text.loading}</span> : <p className="settings-problem">{refusal}</p>}
        <div className="settings-skeleton" aria-hidden />
      </div>
    )
  /** It was chosen, and has not told anything yet. */
  const isOther = host !== undefined && report.host !== host
  const machines = new Map(report.machines.map(({ id, name }) => [id, name]))
  return (
    <div className="health" data-stale={(isStale && !isOther) || undefined}>
      {!isOther && <Summary report={report} isStale={isStale} heardAt={heardAt} />}
      {report.hosts.length > 1 && (
        <NativeSelect
          label={text.host}
          value={host ?? report.host}
          onChange={(event) => setHost(event.currentTarget.value)}
          data={report.hosts.map(({ name }) => ({ value: name, label: name === own ? text.thisHost(name) : name }))}
          data-testid="health-host"
        />
      )}
      {refusal !== undefined && (
        <p className="settings-problem" role="status" data-testid="health-refusal">
          {refusal} {isOther && text.askedAgain}
        </p>
      )}
      {/* what is known is of the host that was looked at before: it is not shown under another one's name */}
      {isOther ? (
        refusal === undefined && (
          <span className="settings-only-read" role="status">
            {text.loading}
          </span>
        )
      ) : (
        <>
          <Findings report={report} machines={machines} />
          <ProcessesView report={report} machines={machines} />
          <SpaceCard report={report} isHere={report.host === own} />
          <FactsView report={report} />
        </>
      )}
      {may(me, 'system.manage') && <Diagnostics />}
    </div>
  )
}

function Findings({ report, machines }: { report: SystemReport; machines: ReadonlyMap<string, string> }) {
  const text = useHealthText()
  const format = formats(useLanguage())
  if (!report.findings.length) return null
  return (
    <section className="settings-card" aria-label={text.findings}>
      <h3>{text.findings}</h3>
      <ul className="health-findings" data-testid="health-findings">
        {report.findings.map((finding) => {
          const [what, means, todo] = findingWords(finding, text, format, machines)
          const Icon = finding.level === 'problem' ? CircleAlert : TriangleAlert
          return (
            <li key={`${finding.code} ${finding.subject ?? ''}`} data-level={finding.level} data-testid={`finding-${finding.code}`}>
              <Icon size={20} aria-hidden />
              <div>
                <h4>
                  <span className="health-level">{text.levels[finding.level]}</span> {what}
                </h4>
                <p>{means}</p>
                <p>
                  <strong>{text.todo}</strong> {todo}
                </p>
              </div>
            </li>
          )
        })}
      </ul>
    </section>
  )
}

function Summary({ report, isStale, heardAt }: { report: SystemReport; isStale: boolean; heardAt: Date | undefined }) {
  const text = useHealthText()
  const format = formats(useLanguage())
  const problems = report.findings.filter(({ level }) => level === 'problem').length
  const warnings = report.findings.length - problems
  const state = problems ? 'problem' : warnings ? 'warning' : 'well'
  const Icon = { problem: CircleAlert, warning: TriangleAlert, well: CircleCheck }[state]
  const at = format.time(heardAt ?? report.at)
  return (
    <div className="health-summary" data-state={isStale ? 'stale' : state}>
      <Icon size={28} aria-hidden />
      <strong data-testid="health-summary" role="status">
        {isStale ? text.stale(at) : problems ? text.someProblems(problems) : warnings ? text.someWarnings(warnings) : text.well}
      </strong>
      {!isStale && <span className="settings-dim">{text.asOf(at)}</span>}
    </div>
  )
}

function Diagnostics() {
  const text = useHealthText().diagnostics
  const [isBusy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string>()
  const make = async () => {
    setBusy(true)
    setProblem(undefined)
    try {
      const answer = await fetch(getDiagnostics.path, { method: 'POST' })
      if (!answer.ok) throw new Error(((await answer.json()) as { detail?: string }).detail ?? String(answer.status))
      const link = document.createElement('a')
      link.href = URL.createObjectURL(await answer.blob())
      link.download = /filename="([^"]+)"/.exec(answer.headers.get('content-disposition') ?? '')?.[1] ?? 'diagnostics.tar.gz'
      link.click()
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
    } catch (error) {
      setProblem((error as Error).message)
    } finally {
      setBusy(false)
    }
  }
  return (
    <section className="settings-card" aria-label={text.title}>
      <h3>{text.title}</h3>
      <p>{text.says}</p>
      <p className="settings-warn">
        <TriangleAlert size={16} aria-hidden /> {text.read}
      </p>
      {problem !== undefined && (
        <p className="settings-problem" role="alert">
          {text.failed(problem)}
        </p>
      )}
      <Button variant="default" loading={isBusy} onClick={() => void make()} leftSection={<Download size={16} aria-hidden />} data-testid="get-diagnostics">
        {text.make}
      </Button>
    </section>
  )
}
