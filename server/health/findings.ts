/** What of an installation is not as it should be. Pure: from the facts to findings, the worst first. */
import type { HealthCode, HealthFinding, SystemReport } from '../api/index.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

/** Above a person notices that something hangs. */
const LAG_MS = 250
const SILENT_MS = 5000
const RESTARTED_MS = 60 * MINUTE_MS
/** Of the heap that a process may have: it spends its time on cleaning up from here on. */
const HEAP_PART = 0.9
const FREE_PART = 0.05
const SLOW_ANSWER_MS = 250
const LONG_QUERY_S = 60
const CONNECTIONS_PART = 0.9
const CLOCK_OFF_MS = 2000
const JUMP_TOLD_MS = 24 * 60 * MINUTE_MS
/** A controller that is connected reports several times a second. */
const LINK_SILENT_MS = 5000
const TLS_DAYS = 14
const BACKUP_DAYS = 8

type Facts = Omit<SystemReport, 'findings'>

export function findingsOf(report: Facts): HealthFinding[] {
  const found: HealthFinding[] = []
  const now = Date.parse(report.at)
  const say = (level: HealthFinding['level'], code: HealthCode, facts: HealthFinding['facts'] = {}, subject?: string) =>
    void found.push({ code, level, facts, ...(subject === undefined ? {} : { subject }) })
  ofProcesses(report, now, say)
  ofDatabase(report, say)
  ofQueues(report, say)
  ofDisk(report, say)
  ofMachines(report, say)
  ofClock(report, now, say)
  ofCertificate(report, now, say)
  ofBackup(report, now, say)
  for (const { name, state } of report.hosts) if (state === 'silent') say('problem', 'host-silent', {}, name)
  return found.sort((a, b) => Number(a.level === 'warning') - Number(b.level === 'warning'))
}

type Say = (level: HealthFinding['level'], code: HealthCode, facts?: HealthFinding['facts'], subject?: string) => void

function ofProcesses({ isSafeMode, processes, memory }: Facts, now: number, say: Say): void {
  if (isSafeMode) say('problem', 'safe-mode')
  for (const { name, state, text, lastEnd, restarts, silentMs, lagMs, heapBytes, heapLimitBytes } of processes) {
    if (state === 'failed' || state === 'restarting' || state === 'stopped') say('problem', 'process-down', { text: text ?? '' }, name)
    else if (silentMs !== undefined && silentMs > SILENT_MS) say('problem', 'process-silent', { ms: silentMs }, name)
    else if (lagMs !== undefined && lagMs > LAG_MS) say('warning', 'process-lag', { ms: lagMs }, name)
    if (lastEnd && now - Date.parse(lastEnd.at) < RESTARTED_MS && state === 'running')
      say('warning', 'process-restarted', { restarts, text: lastEnd.text, at: lastEnd.at }, name)
    if (heapBytes !== undefined && heapLimitBytes !== undefined && heapBytes > heapLimitBytes * HEAP_PART)
      say('warning', 'process-memory', { bytes: heapBytes, limitBytes: heapLimitBytes }, name)
  }
  if (memory.freeBytes < memory.totalBytes * FREE_PART) say('warning', 'memory-low', { freeBytes: memory.freeBytes })
}

function ofDatabase({ database, redis }: Facts, say: Say): void {
  if (database.state === 'away') say('problem', 'database-away')
  if (database.answerMs !== undefined && database.answerMs > SLOW_ANSWER_MS) say('warning', 'database-slow', { ms: database.answerMs })
  if (database.longestS !== undefined && database.longestS > LONG_QUERY_S) say('warning', 'database-query', { seconds: database.longestS })
  const { connections, mostConnections } = database
  if (connections !== undefined && mostConnections !== undefined && connections > mostConnections * CONNECTIONS_PART)
    say('warning', 'database-connections', { connections, most: mostConnections })
  if (redis === 'away') say('problem', 'redis-away')
}

function ofQueues({ queues }: Facts, say: Say): void {
  for (const { name, mode, why, waiting, late, dead } of queues) {
    if (mode !== 'open' && waiting > 0) say('warning', 'queue-held', { waiting, why: why ?? '' }, name)
    if (late > 0) say('warning', 'queue-late', { late }, name)
    if (dead > 0) say('warning', 'letters-open', { dead }, name)
  }
}

function ofDisk({ disk, space }: Facts, say: Say): void {
  const { path, freeBytes, state } = disk
  if (state === 'low') say('warning', 'disk-low', { freeBytes, path })
  if (state === 'critical') say('problem', 'disk-critical', { freeBytes, path })
  if (state === 'full') say('problem', 'disk-full', { freeBytes, path })
  // what is deleted from time to time may stand a little above its limit until then
  for (const { kind, bytes, countedBytes = bytes, limitBytes } of space.spaces)
    if (limitBytes !== undefined && countedBytes > limitBytes * 1.1) say('warning', 'space-over', { bytes: countedBytes, limitBytes }, kind)
}

function ofMachines({ machines }: Facts, say: Say): void {
  for (const { name, guard, link, silentMs } of machines) {
    if (guard === 'gone') say('problem', 'guard-away', {}, name)
    else if (link === 'lost') say('problem', 'link-lost', {}, name)
    else if (link === 'connected' && silentMs !== undefined && silentMs > LINK_SILENT_MS) say('warning', 'link-silent', { ms: silentMs }, name)
  }
}

function ofClock({ clock }: Facts, now: number, say: Say): void {
  if (clock.offMs !== undefined && Math.abs(clock.offMs) > CLOCK_OFF_MS) say('warning', 'clock-off', { ms: clock.offMs })
  const jump = clock.jumps.at(-1)
  if (jump && now - Date.parse(jump.at) < JUMP_TOLD_MS) say('warning', 'clock-jumped', { ms: jump.ms, at: jump.at })
}

function ofCertificate({ certificate }: Facts, now: number, say: Say): void {
  if (!certificate) return
  const leftMs = Date.parse(certificate.endsAt) - now
  if (certificate.trouble !== undefined) say('problem', 'tls-trouble', { text: certificate.trouble })
  if (leftMs <= 0) say('problem', 'tls-ended', { at: certificate.endsAt })
  else if (leftMs < TLS_DAYS * DAY_MS) say('warning', 'tls-ends', { at: certificate.endsAt, days: Math.floor(leftMs / DAY_MS) })
}

function ofBackup({ backup }: Facts, now: number, say: Say): void {
  if (!backup) return
  const { at, failed, isScheduled } = backup
  if (failed !== undefined) say('problem', 'backup-failed', { text: failed })
  if (at === undefined) say('warning', 'backup-never')
  else if (isScheduled && now - Date.parse(at) > BACKUP_DAYS * DAY_MS) say('warning', 'backup-old', { at, days: Math.floor((now - Date.parse(at)) / DAY_MS) })
}
