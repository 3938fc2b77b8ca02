/** One job on the machine: feeds checked lines as the controller takes them, and counts. Knows nothing of how it is stopped. */

import type { Static } from 'typebox'
import type { PreparedLine } from '../grbl/index.ts'
import type { ActiveJob } from '../machine.ts'
import type { CheckedProgram } from './check-program.ts'
import type { Connection } from './connection.ts'
import type { JobEnd } from './contract.ts'
import type { Journal } from './journal.ts'
import { ProgramSource } from './program-source.ts'

export interface JobRequest {
  jobId: string
  programName: string
  path: string
  sha256: string
  by: string
  whenRequesterGone: 'finish' | 'hold'
}

export type JobStage =
  /** Nothing was sent; the file is being looked at. */
  | { kind: 'checking' }
  | { kind: 'streaming'; source: ProgramSource }
  /** Every line was acknowledged; the controller runs its planner out. */
  | { kind: 'draining' }
  | { kind: 'ended' }

export class JobRun {
  readonly request: JobRequest
  readonly connection: Connection
  readonly #journal: Journal
  readonly #startedAt = new Date()
  readonly #startedMs = performance.now()
  /** Ends the check. */
  readonly abort = new AbortController()
  stage: JobStage = { kind: 'checking' }
  /** Nothing more is fed: a hold was asked for or seen. */
  isPaused = false
  totalLines = 0
  linesSent = 0
  linesAcknowledged = 0
  currentLine = 0

  constructor(request: JobRequest, connection: Connection, journal: Journal) {
    this.request = request
    this.connection = connection
    this.#journal = journal
  }

  get startedAt(): string {
    return this.#startedAt.toISOString()
  }

  /** Lines went out, so the job has an end to tell of. */
  get hasStarted(): boolean {
    return this.stage.kind === 'streaming' || this.stage.kind === 'draining'
  }

  /** Begins to send. */
  stream(program: CheckedProgram, onError: (error: unknown) => void): void {
    const source = new ProgramSource(program, { onReadable: () => this.feed(), onError })
    this.totalLines = program.totalLines
    this.stage = { kind: 'streaming', source }
    source.read()
  }

  /** Sends what fits. */
  feed(): void {
    if (this.stage.kind !== 'streaming' || this.isPaused) return
    const { source } = this.stage
    const lines: [number, string][] = []
    const count = this.connection.fill(
      () => source.peek(),
      () => {
        const line = source.peek()
        if (line) lines.push([line.number, line.text])
        source.take()
      },
    )
    if (count === 0) return
    this.linesSent += count
    this.#journal.append({ kind: 'program', jobId: this.request.jobId, lines, sent: this.linesSent })
  }

  /** @returns whether that was the last line */
  acknowledge(line: PreparedLine): boolean {
    this.linesAcknowledged += 1
    this.currentLine = line.number
    this.#journal.append({ kind: 'acknowledged', jobId: this.request.jobId, line: line.number, acknowledged: this.linesAcknowledged })
    return this.linesAcknowledged === this.totalLines
  }

  /** @param reason why a check that still runs is given up */
  async close(reason: Error): Promise<void> {
    const { stage } = this
    this.stage = { kind: 'ended' }
    this.abort.abort(reason)
    if (stage.kind === 'streaming') await stage.source.close()
  }

  /** All lines are through; the file is not needed any more. */
  drain(): void {
    if (this.stage.kind !== 'streaming') return
    const { source } = this.stage
    this.stage = { kind: 'draining' }
    // read-only: a failed close loses nothing
    source.close().catch(() => {})
  }

  active(isStopping: boolean): Static<typeof ActiveJob> {
    const phase = isStopping ? 'stopping' : this.isPaused && this.hasStarted ? 'holding' : this.stage.kind === 'ended' ? 'draining' : this.stage.kind
    return {
      jobId: this.request.jobId,
      programName: this.request.programName,
      phase,
      totalLines: this.totalLines,
      linesSent: this.linesSent,
      linesAcknowledged: this.linesAcknowledged,
      currentLine: this.currentLine,
      startedAt: this.startedAt,
    }
  }

  end(state: JobEnd['state'], text: string, isPositionTrusted: boolean): JobEnd {
    return {
      jobId: this.request.jobId,
      state,
      text,
      linesSent: this.linesSent,
      linesAcknowledged: this.linesAcknowledged,
      totalLines: this.totalLines,
      durationMs: Math.round(performance.now() - this.#startedMs),
      isPositionTrusted,
      endedAt: new Date().toISOString(),
    }
  }
}
