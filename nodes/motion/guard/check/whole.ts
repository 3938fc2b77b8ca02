/** The check of a whole program: is it the file that was meant, would this controller take every line, is every move safe. */
import { createHash } from 'node:crypto'
import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { toErrorMessage } from '../../../../base/errors.ts'
import { createProgramReport } from '../../gcode/estimate/index.ts'
import { type Finding, type MachineModel, type ProgramEvent, readProgram } from '../../gcode/index.ts'
import { prepareLine } from '../../grbl/index.ts'
import { createFlatReader, type FlatLine, writeFlatLine } from '../flat-lines.ts'
import { toolWordOf } from '../job/program-stops.ts'
import { createLineSplitter } from '../program-lines.ts'
import { changed, PIECE_BYTES } from '../program-source.ts'
import type { CheckAnswer, CheckOrder, FlatFacts } from './contract.ts'
import { openProgramFile, type ProgramFile, pieceChecksums } from './program-file.ts'
import { emptyProgram, refusalOf } from './refusal.ts'

/**
 * @throws UserError `program-missing`, `program-changed`; what is wrong with the program is in the answer
 */
export function checkWhole(order: Pick<CheckOrder, 'path' | 'sha256' | 'model' | 'writeTo'>): CheckAnswer {
  const { path, sha256, model } = order
  const file = openProgramFile(path)
  try {
    const checksums = new Uint32Array(Math.ceil(file.sizeBytes / PIECE_BYTES))
    const hash = createHash('sha256')
    const comparison = createComparison(model)
    const tool = watchFirstTool()
    const refused = refuseToolChanges(model, (finding) => collector.listener.finding(finding))
    let firstError: Finding | undefined
    const collector = createProgramReport(model, {
      also: {
        output(text, line) {
          tool.output(text)
          comparison.output(text, line)
        },
        event(event) {
          tool.event(event)
          refused.event(event)
        },
        motion: (motion) => tool.motion(motion.kind),
        finding(finding) {
          if (finding.severity === 'error') firstError ??= { ...finding }
        },
      },
    })
    const reader = readProgram(model, collector.listener)
    file.read((bytes, firstPiece) => {
      pieceChecksums(bytes, firstPiece, checksums)
      hash.update(bytes)
      comparison.add(bytes)
      reader.add(bytes)
    })
    // the hash goes first: a problem in a file that is another one would only mislead
    if (hash.digest('hex') !== sha256.toLowerCase()) throw changed()
    comparison.end()
    const facts = reader.end()
    const report = collector.finish({ ...facts, errors: facts.errors + refused.count })
    const isEmpty = report.totalLines === 0
    const refusal = firstError ? refusalOf(firstError, rawLine(file, firstError.line)) : isEmpty ? emptyProgram() : undefined
    const source: FlatFacts = { form: 'source', path, sizeBytes: file.sizeBytes, checksums, totalLines: report.totalLines }
    const flat = refusal || comparison.isSame ? source : writeOut(file, { ...order, totalLines: report.totalLines })
    return {
      kind: 'check',
      report: { ...report, isRunnable: refusal === undefined },
      flat,
      timeline: collector.timeline.bySentLine,
      firstTool: tool.first,
      beginsWithToolChange: tool.isChangedFirst,
      endsAtMm: [...reader.state.positionMm],
      refusal: refusal ? toErrorMessage(refusal) : undefined,
    }
  } finally {
    file.close()
  }
}

/**
 * Whether the program's own lines are what goes to the controller: then they are streamed from the program itself. The
 * streaming reads them with {@link createFlatReader}, so what was checked is compared with just that, line by line.
 */
function createComparison(model: MachineModel) {
  const flat = createFlatReader({ form: 'source', maxLineLength: model.dialect.maxLineLength, blockDelete: model.blockDelete === true })
  let isSame = true
  /** Lines of the bytes that are being read, the next one to be told at `head`. */
  let expected: FlatLine[] = []
  let head = 0
  const take = (read: () => FlatLine[]) => {
    if (!isSame) return
    try {
      // lines that were not told when the next bytes come are none that go out: behind the end of the program
      const left = expected.length - head
      if (left > 0) isBehindEnd = true
      expected = read()
      head = 0
    } catch {
      // a line that cannot be sent as it stands; if the engine takes it, it is written out
      isSame = false
    }
  }
  let isBehindEnd = false
  return {
    get isSame() {
      return isSame
    },
    output(text: string, line: number) {
      if (!isSame) return
      const same = expected[head]
      head += 1
      if (isBehindEnd || same?.text !== text || same.number !== line) isSame = false
    },
    /** Before the engine reads them. */
    add: (bytes: Buffer) => take(() => flat.add(bytes)),
    end: () => take(() => flat.end()),
  }
}

/** The tool a program names before its first cut, unless it changes tools before that itself. */
function watchFirstTool() {
  let first: number | undefined
  let isSettled = false
  let isChangedFirst = false
  return {
    get first() {
      return first
    },
    get isChangedFirst() {
      return isChangedFirst
    },
    output(text: string) {
      if (!isSettled && first === undefined && text.includes('T')) first = toolWordOf(text)
    },
    event({ kind }: ProgramEvent) {
      if (isSettled || kind !== 'tool-change') return
      first = undefined
      isSettled = true
      isChangedFirst = true
    },
    motion(kind: string) {
      if (kind !== 'rapid') isSettled = true
    },
  }
}

/** Without a way to change tools, a program that asks for one would go on with the wrong one. */
function refuseToolChanges(model: MachineModel, tell: (finding: Finding) => void) {
  let count = 0
  return {
    get count() {
      return count
    },
    event(event: ProgramEvent) {
      if (event.kind !== 'tool-change' || model.dialect.takes.toolChange) return
      count += 1
      tell({
        severity: 'error',
        code: 'line-refused',
        line: event.line,
        column: 1,
        text: `M6 asks for tool ${event.tool}, but this controller changes no tools and the settings of the machine do not say how it is done.`,
      })
    },
  }
}

/** The lines for the controller in a file of their own, beside the numbers of their source lines. */
function writeOut(file: ProgramFile, { model, writeTo, totalLines }: { model: MachineModel; writeTo: string; totalLines: number }): FlatFacts {
  rmSync(writeTo, { force: true })
  const target = openSync(writeTo, 'wx', 0o600)
  try {
    const checksums: number[] = []
    let sizeBytes = 0
    let lines = 0
    let pending = Buffer.alloc(0)
    let texts: string[] = []
    const flush = (isLast: boolean) => {
      pending = Buffer.concat([pending, Buffer.from(texts.join(''), 'latin1')])
      texts = []
      while (pending.length >= PIECE_BYTES || (isLast && pending.length > 0)) {
        const piece = pending.subarray(0, PIECE_BYTES)
        writeSync(target, piece)
        checksums.push(crc32(piece))
        sizeBytes += piece.length
        pending = pending.subarray(piece.length)
      }
    }
    const reader = readProgram(model, {
      output(text, line) {
        // the last word on what may be sent is always the same one
        if (prepareLine(text, { number: line, maxLength: model.dialect.maxLineLength })?.text !== text)
          throw new Error(`line ${line} was written out as "${text}"`)
        texts.push(writeFlatLine(text, line))
        lines += 1
        if (texts.length >= 1000) flush(false)
      },
    })
    file.read((bytes) => {
      reader.add(bytes)
      flush(false)
    })
    reader.end()
    flush(true)
    if (lines !== totalLines) throw changed()
    return { form: 'written', path: writeTo, sizeBytes, checksums: Uint32Array.from(checksums), totalLines }
  } catch (error) {
    rmSync(writeTo, { force: true })
    throw error
  } finally {
    closeSync(target)
  }
}

/** One line as it stands in the program, latin-1. */
function rawLine(file: ProgramFile, number: number): string {
  const splitter = createLineSplitter()
  let found: string | undefined
  file.read((bytes) => {
    if (found !== undefined) return
    found = splitter.add(bytes).find((line) => line.number === number)?.raw
  })
  return found ?? splitter.end().find((line) => line.number === number)?.raw ?? ''
}
