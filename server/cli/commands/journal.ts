/** `cellwright journal MACHINE`: what the guard of a machine did and what its controller said, from the files of this data directory. */
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import type { Command } from 'commander'
import { OperationalError, UserError } from '../../../base/errors.ts'
import { followJournal, type JournalEntry, readJournal } from '../../../nodes/motion/guard/journal-reader.ts'
import type { TimedRecord } from '../../../nodes/motion/guard/journal-records.ts'
import { Replay, type ReplayedState } from '../../../nodes/motion/guard/journal-replay.ts'
import { dataPaths, readConfig } from '../../config.ts'
import { watchInterrupt } from '../interrupt.ts'
import type { Shell } from './shell.ts'

interface Options {
  since?: string
  until?: string
  job?: string
  at?: string
  follow?: boolean
  replay?: boolean
}

/** `15m`, `2h`, `1d`, `30s`: so long ago; else a time as ISO 8601 writes it. @throws UserError `bad-time` */
export function timeOf(text: string, now: number = Date.now()): number {
  const ago = /^(\d+(?:\.\d+)?)\s*(s|m|h|d)$/.exec(text.trim())
  if (ago) return now - Number(ago[1]) * { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }[ago[2] as 's' | 'm' | 'h' | 'd']
  const time = Date.parse(text)
  if (Number.isNaN(time))
    throw new UserError({ code: 'bad-time', message: `"${text}" is no time. Write how long ago (30s, 15m, 2h, 1d) or a time as 2026-01-31T14:05:00.` })
  return time
}

const clock = (at: number) => {
  const local = new Date(at - new Date(at).getTimezoneOffset() * 60_000)
  return local.toISOString().slice(0, 23).replace('T', ' ')
}

/** One record as a line for people; undefined for what only programs want. */
function recordText(record: TimedRecord): string {
  switch (record.kind) {
    case 'guard':
      return `guard     ${record.what} (process ${record.pid}${record.isRestart ? ', in place of one that died' : ''})${record.text ? `: ${record.text}` : ''}`
    case 'torn':
      return `journal   a torn line of ${record.bytes} bytes stands before this: the guard was killed while it wrote`
    case 'gap':
      return `journal   ${record.records} records are missing here: the disk took nothing`
    case 'link':
      return `link      ${record.what}: ${record.text}`
    case 'request':
      return `request   ${record.what}${record.text ? ` ${record.text}` : ''}  by ${record.by}${record.lease === undefined ? '' : `, lease ${record.lease}`}`
    case 'lease':
      return `lease     ${record.token} ${record.what}: ${record.holder}${record.by ? `, by ${record.by}` : ''}`
    case 'interlock':
      return `interlock ${record.id} is ${record.state}${record.by ? `, by ${record.by}` : ''}`
    case 'realtime':
      return `sent      [${record.byte}]`
    case 'sent':
      return `sent      ${record.text}`
    case 'program':
      return record.lines.map(([line, text]) => `sent      ${text}  (line ${line})`).join('\n')
    case 'acknowledged':
      return `answered  line ${record.line}  (${record.acknowledged} in all)`
    case 'progress':
      return `progress  everything before line ${record.line} is done`
    case 'received':
      return `received  ${record.text}`
    case 'state':
      return `state     ${record.state} at ${record.positionMm.map((value) => value.toFixed(3)).join(' ')} mm`
    case 'trust':
      return record.isTrusted ? 'position  is certain' : `position  is not certain: ${record.text}`
    case 'job-start': {
      const { programName, jobId, by, totalLines, token } = record.job
      return `job       ${programName} begins (${jobId}, ${totalLines} lines)  by ${by}${token === undefined ? '' : `, token ${token}`}`
    }
    case 'job-end':
      return `job       ${record.end.state} (${record.end.jobId}): ${record.end.text}`
    case 'job-withdrawn':
      return `job       ${record.jobId} was refused: its begin could not be written down`
    case 'jobs-past':
      return `jobs      ${record.jobs.length} long ago`
    default:
      return record satisfies never
  }
}

/** The talk on the wire only. */
const ON_THE_WIRE = new Set(['sent', 'program', 'realtime', 'received', 'acknowledged', 'link', 'job-start', 'job-end', 'gap'])
const wireText = (record: TimedRecord) =>
  recordText(record)
    .split('\n')
    .map((line) => line.replace(/^sent {6}/, '→ ').replace(/^(received|answered) {2}/, '← '))

function stateText(state: ReplayedState, at: number): string {
  const lines = [`At ${clock(at)} (last record ${state.at === undefined ? 'none' : clock(state.at)}):`]
  const say = (name: string, text: string) => lines.push(`  ${name.padEnd(12)}${text}`)
  say('guard', state.guard)
  say('link', state.link)
  say('controller', `${state.controller}${state.positionMm.length ? ` at ${state.positionMm.map((value) => value.toFixed(3)).join(' ')} mm` : ''}`)
  say('position', state.isPositionTrusted ? 'certain' : `not certain: ${state.trustText}`)
  const { job, lastEnd, lease, lastRequest, lastReceived, lastRealtime } = state
  if (job) {
    say('job', `${job.start.programName} (${job.start.jobId}), by ${job.start.by}${job.start.token === undefined ? '' : `, token ${job.start.token}`}`)
    say('', `line ${job.line} answered; ${job.sent} of ${job.start.totalLines} lines sent, ${job.sent - job.acknowledged} of them with the controller`)
  } else say('job', lastEnd ? `none; the last one ${lastEnd.state}: ${lastEnd.text}` : 'none')
  if (lease) say('held by', `${lease.holder} (token ${lease.token})`)
  if (lastRequest) say('last asked', `${lastRequest.what} by ${lastRequest.by}, ${clock(lastRequest.at)}`)
  if (lastRealtime) say('last byte', `${lastRealtime.byte}, ${clock(lastRealtime.at)}`)
  if (lastReceived) say('last said', `${lastReceived.text}, ${clock(lastReceived.at)}`)
  for (const [id, word] of state.interlocks) say('interlock', `${id}: ${word}`)
  return lines.join('\n')
}

export function addJournalCommands(program: Command, { output }: Shell): void {
  program
    .command('journal <machine>')
    .description("what a machine's guard did and its controller said, read from the data directory: works with the server stopped, and while it runs")
    .option('--since <time>', 'from then on: 30s, 15m, 2h, 1d ago, or a time as 2026-01-31T14:05:00')
    .option('--until <time>', 'up to then')
    .option('--job <id>', 'one job only')
    .option('--follow', 'goes on with what is written from now on, until interrupted')
    .option('--replay', 'the talk as it was on the wire, with seconds from its beginning; real seconds, whatever the clock did')
    .option('--at <time>', 'what the machine was doing at that time')
    .action(async (machineId: string, options: Options) => {
      const dir = join(dataPaths(readConfig(process.env)).journals, machineId)
      await access(dir).catch(() => {
        throw new UserError({
          code: 'no-journal',
          message: `There is no journal of a machine "${machineId}" in ${dir}. Name the data directory with CELLWRIGHT_DATA; "cellwright machine list" names the machines.`,
        })
      })
      try {
        if (options.at !== undefined) await tellState(dir, timeOf(options.at), output())
        else await tell(dir, options, output())
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EACCES') throw error
        throw new OperationalError({
          code: 'journal-unreadable',
          message: `The journal in ${dir} may be read only by the user who runs the server.`,
          cause: error,
        })
      }
    })
}

async function tellState(dir: string, at: number, out: ReturnType<Shell['output']>): Promise<void> {
  const replay = new Replay()
  // from the beginning: what was said once, long ago, may still hold
  for await (const entry of readJournal(dir)) {
    if (entry.kind !== 'record') continue
    if (entry.record.at > at) break
    replay.feed(entry.record)
  }
  if (replay.state.at === undefined) throw new UserError({ code: 'no-journal', message: `The journal begins after ${clock(at)}.` })
  out.result({ ...replay.state, interlocks: Object.fromEntries(replay.state.interlocks) }, stateText(replay.state, at))
}

async function tell(dir: string, options: Options, out: ReturnType<Shell['output']>): Promise<void> {
  const sinceMs = options.since === undefined ? undefined : timeOf(options.since)
  const untilMs = options.until === undefined ? undefined : timeOf(options.until)
  const show = createShow(options, out)
  for await (const entry of readJournal(dir, sinceMs === undefined ? {} : { sinceMs })) {
    if (entry.kind === 'record') {
      if (sinceMs !== undefined && entry.record.at < sinceMs) continue
      if (untilMs !== undefined && entry.record.at > untilMs) continue
    } else if (sinceMs !== undefined && !show.hasBegun) continue
    show.entry(entry)
  }
  if (!options.follow) return show.end()
  const interrupt = watchInterrupt()
  try {
    for await (const entry of followJournal(dir, { signal: interrupt.asked })) show.entry(entry)
  } finally {
    interrupt.close()
  }
}

const isOf = (record: TimedRecord, jobId: string) =>
  ('jobId' in record && record.jobId === jobId) ||
  (record.kind === 'job-start' && record.job.jobId === jobId) ||
  (record.kind === 'job-end' && record.end.jobId === jobId)

/**
 * Writes entries as they come: lines for people; with `--json` one array, or, where it is followed and has no end, one value a
 * line.
 */
function createShow({ job, replay, follow }: Options, out: ReturnType<Shell['output']>) {
  let before: TimedRecord | undefined
  /** Real milliseconds since the first record shown. */
  let elapsedMs = 0
  const write = (text: string) => process.stdout.write(`${text}\n`)
  let count = 0
  const writeJson = (value: unknown) => {
    if (follow) return write(JSON.stringify(value))
    process.stdout.write(`${count === 0 ? '[' : ','}\n${JSON.stringify(value)}`)
    count += 1
  }
  return {
    end(): void {
      if (out.isJson) write(count === 0 ? '[]' : '\n]')
    },
    get hasBegun() {
      return before !== undefined
    },
    entry(entry: JournalEntry): void {
      if (entry.kind === 'torn') {
        const text = `a line of ${entry.bytes} bytes in ${entry.file} is not whole: the guard was killed while it wrote it, or the disk was full`
        if (out.isJson) writeJson({ kind: 'torn-line', file: entry.file, bytes: entry.bytes })
        else write(`${''.padEnd(23)}  journal   ${text}`)
        return
      }
      const { record } = entry
      const isShown = job === undefined || isOf(record, job)
      if (!isShown) return
      // the monotonic clock begins anew with every process
      const isSameLife = before?.ms !== undefined && record.ms !== undefined && record.ms >= before.ms
      const realMs = isSameLife ? (record.ms ?? 0) - (before?.ms ?? 0) : Math.max(0, record.at - (before?.at ?? record.at))
      const jumpMs = isSameLife ? record.at - (before?.at ?? 0) - realMs : 0
      elapsedMs += realMs
      before = record
      if (out.isJson) {
        writeJson(replay ? { ...record, elapsedMs } : record)
        return
      }
      if (Math.abs(jumpMs) > 2000)
        write(
          `${''.padEnd(23)}  clock     the clock of this computer was set ${jumpMs > 0 ? 'forward' : 'back'} by ${(Math.abs(jumpMs) / 1000).toFixed(1)} s here`,
        )
      if (!replay) {
        for (const line of printable(recordText(record)).split('\n')) write(`${clock(record.at)}  ${line}`)
      } else if (ON_THE_WIRE.has(record.kind)) for (const line of wireText(record)) write(`${(elapsedMs / 1000).toFixed(3).padStart(10)}  ${printable(line)}`)
    },
  }
}

/** What a controller said must not steer the terminal. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
const printable = (text: string) => text.replaceAll(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g, '·')
