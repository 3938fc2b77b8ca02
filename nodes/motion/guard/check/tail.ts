/**
 * The check of what is left of a program, from a line of it on, with the lines that lead there: after a tool change (offsets
 * may be others now) and for a start in mid-program.
 */

import { crc32 } from 'node:zlib'
import { toErrorMessage, UserError } from '../../../../base/errors.ts'
import { type Finding, type MachineModel, type ModalState, type ProgramReader, readProgram } from '../../gcode/index.ts'
import { createFlatReader, type FlatLine } from '../flat-lines.ts'
import { changed, PIECE_BYTES } from '../program-source.ts'
import type { TailAnswer, TailOrder } from './contract.ts'
import { openProgramFile } from './program-file.ts'
import { refusalOf } from './refusal.ts'

/** Places that should be the same differ by less. */
const SAME_MM = 0.005

/** @throws UserError `program-missing`, `program-changed`; what is wrong is in the answer */
export function checkTail(order: TailOrder): TailAnswer {
  const { model, lines, expected, from } = order
  const refused = (error: UserError): TailAnswer => ({ kind: 'tail', refusal: toErrorMessage(error) })
  const before = checkLines(model, lines)
  if (before.finding) {
    const text = lines[before.finding.line - 1] ?? ''
    return refused(onTheWay(before.finding, text))
  }
  const difference = differenceOf(before.reader.state, expected, model)
  // the way is worked out from the same numbers: a difference is a fault of ours, and nothing may be sent then
  if (difference) throw new Error(`the way to line ${from.lines + 1} leads elsewhere: ${difference}`)

  const file = openProgramFile(order.path)
  try {
    let finding: Finding | undefined
    let raw = ''
    let numbers: FlatLine[] = []
    let readBefore = 0
    const start: MachineModel = { ...model, modal: { ...expected.modal }, positionMm: expected.positionMm }
    const reader = readProgram(start, {
      finding(found) {
        if (found.severity !== 'error' || finding) return
        const line = numbers[found.line - 1 - readBefore]
        finding = { ...found, line: line?.number ?? 0 }
        raw = line?.text ?? ''
      },
    })
    const flat = createFlatReader({ form: order.form, maxLineLength: model.dialect.maxLineLength, blockDelete: model.blockDelete === true, from })
    let left = order.count
    const leftOut = new Set(order.leftOut)
    const take = (found: FlatLine[]) => {
      const counted = found.slice(0, left)
      left -= counted.length
      const taken = leftOut.size === 0 ? counted : counted.filter(({ fileLine }) => !leftOut.has(fileLine))
      if (taken.length === 0 || finding) return
      numbers = taken
      reader.add(Buffer.from(`${taken.map(({ text }) => text).join('\n')}\n`, 'latin1'))
      readBefore += taken.length
    }
    let skip = from.at % PIECE_BYTES
    file.read((bytes, firstPiece) => {
      for (let at = 0, piece = firstPiece; at < bytes.length; at += PIECE_BYTES, piece += 1)
        if (crc32(bytes.subarray(at, at + PIECE_BYTES)) !== order.checksums[piece]) throw changed()
      take(flat.add(bytes.subarray(skip)))
      skip = 0
    }, from.at)
    take(flat.end())
    numbers = []
    reader.end()
    return { kind: 'tail', refusal: finding ? toErrorMessage(refusalOf(finding, raw)) : undefined }
  } finally {
    file.close()
  }
}

/** A few lines of ours. @returns the first error in them, what goes to the controller, and the state behind them */
export function checkLines(model: MachineModel, lines: readonly string[]): { finding: Finding | undefined; output: string[]; reader: ProgramReader } {
  let finding: Finding | undefined
  const output: string[] = []
  const reader = readProgram(model, {
    output: (text) => output.push(text),
    finding(found) {
      if (found.severity === 'error') finding ??= { ...found }
    },
  })
  if (lines.length > 0) reader.add(Buffer.from(`${lines.join('\n')}\n`, 'latin1'))
  return { finding, output, reader }
}

/** The way to the line would not be safe. */
function onTheWay(finding: Finding, text: string): UserError {
  return new UserError({
    code: finding.code === 'outside-envelope' || finding.code === 'keep-out' ? finding.code : 'line-refused',
    message: `The way there is not safe: ${finding.text} (${text}) Set the safe height of the machine, or move it to where the way is free. Nothing was sent.`,
    details: { reason: finding.text, text, finding: finding.code },
  })
}

function differenceOf(
  { modal, positionMm }: { modal: Readonly<ModalState>; positionMm: ArrayLike<number> },
  expected: TailOrder['expected'],
  model: MachineModel,
): string | undefined {
  for (let axis = 0; axis < model.dialect.axisCount; axis += 1) {
    const [is, should] = [positionMm[axis] ?? 0, expected.positionMm[axis] ?? 0]
    if (Math.abs(is - should) > SAME_MM) return `axis ${axis} at ${is}, not ${should}`
  }
  const same: (keyof ModalState)[] = ['plane', 'isInches', 'isIncremental', 'isArcAbsolute', 'feedMode', 'workOffset', 'spindle', 'isFloodOn', 'isMistOn']
  for (const key of same) if (modal[key] !== expected.modal[key]) return `${key} is ${modal[key]}, not ${expected.modal[key]}`
  if (expected.modal.spindle !== 5 && Math.abs(modal.spindleRpm - expected.modal.spindleRpm) > 0.5) return `spindle at ${modal.spindleRpm}`
  // a feed that was never set cannot be put back, and need not: a move without one was refused before
  if (expected.modal.feedMode !== 930 && expected.modal.feed > 0 && Math.abs(modal.feed - expected.modal.feed) > 0.01)
    return `feed at ${modal.feed}, not ${expected.modal.feed}`
  return undefined
}
