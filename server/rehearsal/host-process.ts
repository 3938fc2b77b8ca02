/**
 * The gateway's end of a rehearsal's host process (`host/main.ts`): one plan in, lines of what it does, one report out. When the
 * host ends in whatever way, nothing that it started outlives it.
 */
import { spawn } from 'node:child_process'
import { constants, setPriority } from 'node:os'
import { join } from 'node:path'
import { readJsonLines } from '../../base/child.ts'
import { type ErrorMessage, fromErrorMessage, OperationalError } from '../../base/errors.ts'
import type { RehearsalReport } from '../api/index.ts'
import { packageRoot } from '../cli/package-root.ts'
import { followChild } from '../system/own-children.ts'
import type { RehearsalPlan } from './plan.ts'

const GRACE_MS = 8000
const LONGEST_STDERR = 2000

export interface RehearsalHost {
  readonly pid: number | undefined
  /** @throws what the host threw; OperationalError `rehearsal-failed` when it ended without a word */
  readonly report: Promise<RehearsalReport>
  /** Resolves when neither it nor its shadow runs any more. */
  readonly gone: Promise<void>
  /** Ends it with what there is. */
  stop(why: string): void
  /** Ends it now; nothing of it lives on. */
  kill(): void
}

/** What the host says, line by line. */
interface Said {
  doing?: string
  result?: RehearsalReport
  error?: ErrorMessage
  /** The process of its shadow runtime; 0 when that has ended. */
  shadow?: number
}

export function startHost(plan: RehearsalPlan, onDoing: (doing: string) => void): RehearsalHost {
  const file = join(packageRoot(), import.meta.filename.endsWith('.ts') ? 'server/rehearsal/host/main.ts' : join('dist', 'rehearsal.js'))
  const child = spawn(process.execPath, [file], { stdio: ['pipe', 'pipe', 'pipe'], windowsHide: true })
  followChild(child, 'rehearsal')
  // machines that are real come first
  if (child.pid !== undefined) {
    try {
      setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL)
    } catch {
      // it has ended already, or the system does not let us: it is the same work at another speed
    }
  }
  let complaint = ''
  let shadow: number | undefined
  let hasEnded = false
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-LONGEST_STDERR)
  })
  // it may end before it has read what it is told: its end says so
  child.stdin.on('error', () => {})
  const tell = (line: object) => {
    if (child.stdin.writable) child.stdin.write(`${JSON.stringify(line)}\n`)
  }
  tell(plan)
  let whenGone = () => {}
  const gone = new Promise<void>((resolve) => {
    whenGone = resolve
  })
  const report = new Promise<RehearsalReport>((resolve, reject) => {
    const take = (said: unknown) => {
      const line = said as Said
      if (line.error) reject(fromErrorMessage(line.error))
      else if (line.result) resolve(line.result)
      else if (line.doing !== undefined) onDoing(line.doing)
      if (line.shadow !== undefined) shadow = line.shadow
    }
    child.stdout.on(
      'data',
      readJsonLines(take, () => {}),
    )
    child.once('error', (error) => {
      reject(error)
      if (child.pid === undefined) whenGone()
    })
    // not `close`: a shadow that holds on to the host's pipes must not keep us waiting
    child.once('exit', () => {
      hasEnded = true
      // a flow that never rests does not notice that its host has gone
      if (shadow) end(shadow)
      whenGone()
    })
    child.once('close', (code, signal) =>
      reject(
        new OperationalError({
          code: 'rehearsal-failed',
          message: `The rehearsal ended without a result (${signal ?? code}). ${causeIn(complaint)}`.trim(),
        }),
      ),
    )
  })
  // whoever waits for its end alone
  report.catch(() => {})
  return {
    pid: child.pid,
    report,
    gone,
    stop: (why) => tell({ why }),
    kill() {
      if (hasEnded) return
      // it closes its machines and its shadow, if it still can
      child.stdin.end()
      setTimeout(() => {
        if (!hasEnded) child.kill('SIGKILL')
      }, GRACE_MS).unref()
    },
  }
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // it has ended
  }
}

/** Of what Node says of a process that broke, the line that names the error. */
function causeIn(complaint: string): string {
  const lines = complaint.trim().split('\n')
  return lines.findLast((line) => /^\s*(Uncaught )?\w*Error\b/.test(line))?.trim() ?? lines.at(-1) ?? ''
}
