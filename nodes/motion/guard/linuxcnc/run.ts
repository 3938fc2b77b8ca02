/** One program that LinuxCNC runs from its own file: what was asked, how far it was seen, and how it ended. */
import type { Static } from 'typebox'
import type { ActiveJob } from '../../machine.ts'
import type { JobEnd } from '../contract.ts'
import type { JobRequest } from '../job-run.ts'

/** LinuxCNC shows a program as running some cycles after it took `RUN`; one that was over between two looks is never shown. */
const SHOWN_WITHIN_MS = 1000

export class LinuxcncRun {
  readonly request: JobRequest
  readonly token: number
  readonly #startedAt = new Date()
  readonly #startedMs = performance.now()
  /** Ends the check. */
  readonly abort = new AbortController()
  /** `RUN` is out: it has an end to tell of. */
  hasStarted = false
  #takenMs: number | undefined
  #wasSeenRunning = false
  totalLines = 0
  /** The highest line LinuxCNC was seen at. */
  furthestLine = 0
  currentLine = 0
  /** Machine position at the program's end, by the check; absent where it cannot be known. */
  endsAtMm: readonly number[] | undefined
  /** The most lines it went on from one look to the next. */
  #stride = 0
  readonly errors: string[] = []

  constructor(request: JobRequest, token: number) {
    this.request = request
    this.token = token
  }

  get startedAt(): string {
    return this.#startedAt.toISOString()
  }

  /** LinuxCNC has taken `RUN`. */
  taken(): void {
    this.#takenMs = performance.now()
  }

  seenRunning(): void {
    this.#wasSeenRunning = true
  }

  /** That LinuxCNC is idle means its end, and not that it has yet to begin. */
  get mayHaveEnded(): boolean {
    return this.#wasSeenRunning || (this.#takenMs !== undefined && performance.now() - this.#takenMs > SHOWN_WITHIN_MS)
  }

  at(line: number): void {
    if (line <= 0) return
    this.#stride = Math.max(this.#stride, line - this.currentLine)
    this.currentLine = line
    this.furthestLine = Math.max(this.furthestLine, Math.min(line, this.totalLines))
  }

  /** The lines not seen fit between the last looks; behind the end of a program there may be a few that are never run. */
  get isNearEnd(): boolean {
    return this.totalLines - this.furthestLine <= 3 * this.#stride + 10
  }

  active({ isStopping, isHeld }: { isStopping: boolean; isHeld: boolean }): Static<typeof ActiveJob> {
    return {
      jobId: this.request.jobId,
      programName: this.request.programName,
      phase: isStopping ? 'stopping' : !this.hasStarted ? 'checking' : isHeld ? 'holding' : 'streaming',
      totalLines: this.totalLines,
      // the whole file is with LinuxCNC from the start
      linesSent: this.hasStarted ? this.totalLines : 0,
      linesAcknowledged: this.furthestLine,
      currentLine: this.currentLine,
      startedAt: this.startedAt,
    }
  }

  end(state: JobEnd['state'], text: string, isPositionTrusted: boolean): JobEnd {
    return {
      jobId: this.request.jobId,
      state,
      text,
      linesSent: this.hasStarted ? this.totalLines : 0,
      linesAcknowledged: state === 'completed' ? this.totalLines : this.furthestLine,
      totalLines: this.totalLines,
      durationMs: Math.round(performance.now() - this.#startedMs),
      isPositionTrusted,
      endedAt: new Date().toISOString(),
    }
  }
}
