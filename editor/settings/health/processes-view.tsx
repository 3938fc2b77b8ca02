/** Every process: how it is in words, since when, how often it was started again, and what it takes. */
import { CircleAlert, CircleCheck, CircleDashed } from 'lucide-react'
import type { HealthProcess, SystemReport } from '../../../server/api/system-report.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { processName, spanOf, useHealthText } from './words.ts'

/** Without a sign of life for so long it does not look fresh. */
const SILENT_MS = 5000

export function ProcessesView({ report, machines }: { report: SystemReport; machines: ReadonlyMap<string, string> }) {
  const text = useHealthText().processes
  const format = formats(useLanguage())
  const { memory, cpu } = report
  return (
    <section className="settings-card" aria-label={text.title}>
      <h3>{text.title}</h3>
      <p className="settings-dim">
        {text.computer}: {text.free(format.bytes(memory.freeBytes), format.bytes(memory.totalBytes))}
        {memory.limitBytes !== undefined && `, ${text.limited(format.bytes(memory.limitBytes))}`}
        {cpu.load !== undefined && `; ${text.load(format.number(cpu.load, 1), format.number(cpu.cores))}`}
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it is scrolled by keys */}
      <section className="health-scroll" tabIndex={0} aria-label={text.title}>
        <table className="health-table" data-testid="health-processes">
          <thead>
            <tr>
              <th scope="col">{text.process}</th>
              <th scope="col">{text.state}</th>
              <th scope="col">{text.since}</th>
              <th scope="col" className="health-number">
                {text.restarts}
              </th>
              <th scope="col" className="health-number">
                {text.lag}
              </th>
              <th scope="col" className="health-number">
                {text.memory}
              </th>
              <th scope="col" className="health-number">
                {text.cpu}
              </th>
            </tr>
          </thead>
          <tbody>
            {report.processes.map((process) => (
              <ProcessLine key={`${process.name} ${process.pid ?? ''}`} process={process} machines={machines} />
            ))}
          </tbody>
        </table>
      </section>
    </section>
  )
}

function ProcessLine({ process, machines }: { process: HealthProcess; machines: ReadonlyMap<string, string> }) {
  const whole = useHealthText()
  const text = whole.processes
  const format = formats(useLanguage())
  const { name, pid, state, since, restarts, lagMs, rssBytes, heapBytes, heapLimitBytes, cpuPercent, silentMs, lastEnd, from } = process
  const isSilent = silentMs !== undefined && silentMs > SILENT_MS
  const isBad = isSilent || state === 'failed' || state === 'restarting' || state === 'stopped'
  const Icon = isBad ? CircleAlert : state === 'starting' ? CircleDashed : CircleCheck
  const memory =
    rssBytes === undefined
      ? undefined
      : heapBytes === undefined || heapLimitBytes === undefined
        ? text.fromSystem
        : text.memoryOf(format.bytes(rssBytes), format.bytes(heapBytes), format.bytes(heapLimitBytes))
  return (
    <tr data-bad={isBad || undefined} data-silent={isSilent || undefined} data-testid={`process-${name}`}>
      <th scope="row">
        {processName(name, whole, machines)}
        {pid !== undefined && <small>{text.pid(String(pid))}</small>}
      </th>
      <td data-label={text.state}>
        <span className="health-state">
          <Icon size={16} aria-hidden /> {isSilent ? text.silent(spanOf(silentMs, format)) : text.states[state]}
        </span>
      </td>
      <td data-label={text.since}>{since === undefined ? '–' : format.dateTime(since)}</td>
      <td className="health-number" data-label={text.restarts}>
        {format.number(restarts)}
        {lastEnd && <small>{text.lastEnd(lastEnd.text, format.dateTime(lastEnd.at))}</small>}
      </td>
      <td className="health-number" data-label={text.lag}>
        {lagMs === undefined ? '–' : `${format.number(lagMs)} ms`}
      </td>
      <td className="health-number" title={memory} data-label={text.memory}>
        {rssBytes === undefined ? '–' : format.bytes(rssBytes)}
        {from === 'system' && rssBytes !== undefined && <small>{text.fromSystem}</small>}
        {heapBytes !== undefined && heapLimitBytes !== undefined && <small>{`JS ${format.bytes(heapBytes)} / ${format.bytes(heapLimitBytes)}`}</small>}
      </td>
      <td className="health-number" data-label={text.cpu}>
        {cpuPercent === undefined ? '–' : `${format.number(cpuPercent)} %`}
      </td>
    </tr>
  )
}
