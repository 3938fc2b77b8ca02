/** The G-code of a macro against the engine, for a controller that nobody has looked at yet. On its machine the guard checks it again. */
import { dialectFor, freshModalState, type MachineModel, readProgram } from '../../../nodes/motion/gcode/index.ts'

const ZERO = [0, 0, 0, 0, 0, 0]
const MOST = 4

/** What it cannot be run for, in words; empty when all is well. */
export function problemsOf(lines: readonly string[]): string[] {
  const model: MachineModel = {
    dialect: dialectFor('grbl', { axisCount: 3, changesTools: true }),
    modal: freshModalState(),
    positionMm: ZERO,
    workOffsetsMm: Array.from({ length: 9 }, () => ZERO),
    g92Mm: ZERO,
    toolLengthMm: ZERO,
    g28Mm: ZERO,
    g30Mm: ZERO,
    // whether it stays on the table is for the machine to say
    envelopeMm: { min: [], max: [] },
    keepOut: [],
  }
  const problems: string[] = []
  const reader = readProgram(model, {
    finding({ severity, line, text }) {
      if (severity === 'error' && problems.length < MOST) problems.push(`${line}: ${text}`)
    },
  })
  reader.add(new TextEncoder().encode(`${lines.join('\n')}\n`))
  reader.end()
  return problems
}
