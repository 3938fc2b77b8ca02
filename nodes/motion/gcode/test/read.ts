/** A program read for a test machine, with all that it says. */
import { dialectFor, type Finding, freshModalState, type GcodeDialect, type MachineModel, type Motion, type ProgramEvent, readProgram } from '../index.ts'

const zero = [0, 0, 0, 0, 0, 0]

export interface TestModel extends Partial<Omit<MachineModel, 'dialect'>> {
  dialect?: GcodeDialect['id'] | GcodeDialect
}

export function modelWith({ dialect = 'grbl', ...rest }: TestModel = {}): MachineModel {
  return {
    dialect: typeof dialect === 'string' ? dialectFor(dialect) : dialect,
    modal: freshModalState(),
    positionMm: zero,
    workOffsetsMm: Array.from({ length: 9 }, () => zero),
    g92Mm: zero,
    toolLengthMm: zero,
    g28Mm: zero,
    g30Mm: zero,
    envelopeMm: { min: [], max: [] },
    keepOut: [],
    ...rest,
  }
}

export interface Read {
  moves: Motion[]
  events: ProgramEvent[]
  /** `X10 Y0 Z0` of every end, for short comparisons. */
  path: string[]
  output: string[]
  findings: Finding[]
  /** Codes of the errors. */
  errors: string[]
  facts: ReturnType<ReturnType<typeof readProgram>['end']>
  state: ReturnType<typeof readProgram>['state']
}

const short = (value: number) => String(Number(value.toFixed(4)) + 0)

export function read(source: string | Uint8Array, model: TestModel = {}, pieces?: readonly number[]): Read {
  const bytes = typeof source === 'string' ? new TextEncoder().encode(source) : source
  const moves: Motion[] = []
  const events: ProgramEvent[] = []
  const output: string[] = []
  const findings: Finding[] = []
  const reader = readProgram(modelWith(model), {
    motion: (motion) => moves.push({ ...motion, from: motion.from.slice(), to: motion.to.slice(), offsetMm: motion.offsetMm.slice() }),
    event: (event) => events.push({ ...event }),
    output: (text) => output.push(text),
    finding: (finding) => findings.push({ ...finding }),
  })
  let at = 0
  for (const size of pieces ?? []) {
    reader.add(bytes.subarray(at, at + size))
    at += size
  }
  reader.add(bytes.subarray(at))
  const facts = reader.end()
  return {
    moves,
    events,
    path: moves.map(({ kind, to }) => `${kind} ${[...to.slice(0, 3)].map(short).join(' ')}`),
    output,
    findings,
    errors: findings.filter(({ severity }) => severity === 'error').map(({ code }) => code),
    facts,
    state: reader.state,
  }
}

export const lines = (...text: string[]): string => `${text.join('\n')}\n`
