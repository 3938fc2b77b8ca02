/** One line, as a person or a flow sends it, held against the same rules as a program. */
import type { Finding, MachineModel, ModalState, Motion, ProgramFacts } from './contract.ts'
import { readProgram } from './reader.ts'

export interface LineCheck {
  /** Errors keep the line from being sent. What only matters in a whole program is left out. */
  findings: Finding[]
  /** What goes to the controller; several lines where it is written out, none where nothing is left. */
  output: string[]
  /** Ways gone, copied. */
  moves: { kind: Motion['kind']; fromMm: number[]; toMm: number[] }[]
  facts: ProgramFacts
  /** Behind the line. */
  modal: ModalState
  positionMm: number[]
  offsetMm: number[]
}

/** Findings that speak of programs, not of lines. */
const OF_PROGRAMS = new Set(['units-unclear', 'tool-unclear', 'end-missing', 'g92-left', 'spindle-off'])

/**
 * Reads a single line as the controller would, from the state in `model`.
 * @param text without its line end; bytes beyond ASCII may stand in comments only
 */
export function checkLine(model: MachineModel, text: string): LineCheck {
  const findings: Finding[] = []
  const output: string[] = []
  const moves: LineCheck['moves'] = []
  const reader = readProgram(model, {
    finding: (finding) => {
      if (!OF_PROGRAMS.has(finding.code)) findings.push(finding)
    },
    output: (line) => output.push(line),
    motion: ({ kind, from, to }) => moves.push({ kind, fromMm: [...from], toMm: [...to] }),
  })
  reader.add(new TextEncoder().encode(text))
  const facts = reader.end()
  const { modal, positionMm, offsetMm } = reader.state
  return { findings, output, moves, facts, modal: { ...modal }, positionMm: [...positionMm], offsetMm: [...offsetMm] }
}
