/** What a rehearsal writes down while it goes on. */
import type { CaughtCall, RehearsalReport, SentMessage } from '../../api/index.ts'

type Wire = RehearsalReport['coverage']['wires'][number]

const MAX_CALLS = 2000
const MAX_ERRORS = 500
const MAX_SENT = 2000

export class Notes {
  readonly calls: CaughtCall[] = []
  readonly errors: RehearsalReport['errors'] = []
  readonly sent: SentMessage[] = []
  readonly wires = new Map<string, Wire>()
  /** Nodes that something outside the flow set going. */
  readonly begun = new Set<string>()

  call(call: CaughtCall): void {
    if (this.calls.length < MAX_CALLS) this.calls.push(call)
  }

  error(error: RehearsalReport['errors'][number]): void {
    if (this.errors.length < MAX_ERRORS) this.errors.push({ ...error, atMs: Math.round(error.atMs) })
  }

  message(sent: SentMessage): void {
    const { from, port, to } = sent
    this.wires.set(`${from} ${port} ${to}`, { from, port, to })
    if (this.sent.length < MAX_SENT) this.sent.push({ ...sent, atMs: Math.round(sent.atMs) })
  }
}
