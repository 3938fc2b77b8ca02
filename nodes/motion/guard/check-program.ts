/**
 * Looks at a whole program before its first line is sent: is it the file that was meant, would the
 * controller take every line, does every move stay inside the envelope. Works in pieces of a millisecond
 * or two, so that a stop during the check is not late.
 */
import { createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { crc32 } from 'node:zlib'
import { messageOf, UserError } from '../../../base/errors.ts'
import { type CheckSetup, type Extents, ModalCheck, tokenise } from '../gcode/index.ts'
import { prepareLine, refuseLine } from '../grbl/index.ts'
import { createLineSplitter, type SourceLine } from './program-lines.ts'

/** One read, and the unit of the checksums that are compared while streaming. */
export const PIECE_BYTES = 16 * 1024

/** A program that was found good; its file stays open, so that it is this file that is streamed. */
export interface CheckedProgram {
  file: FileHandle
  /** Lines that will be sent. */
  totalLines: number
  /** CRC-32 of every piece. */
  checksums: Uint32Array
  sizeBytes: number
  maxLineLength: number
  extentsMm: Extents | undefined
}

/**
 * @throws UserError `program-changed` (not the file with this hash), `program-missing`, `line-refused` and
 * `outside-envelope` (both with line, column, reason), `program-empty`; the reason of `signal` when aborted
 */
export async function checkProgram(options: {
  path: string
  sha256: string
  setup: CheckSetup
  maxLineLength: number
  signal: AbortSignal
}): Promise<CheckedProgram> {
  const { path, sha256, setup, maxLineLength, signal } = options
  let file: FileHandle
  try {
    file = await open(path, 'r')
  } catch (error) {
    throw new UserError({ code: 'program-missing', message: `The program cannot be read: ${messageOf(error)}. Load it again and start anew.`, cause: error })
  }
  try {
    const { size } = await file.stat()
    const checksums = new Uint32Array(Math.ceil(size / PIECE_BYTES))
    const hash = createHash('sha256')
    const splitter = createLineSplitter()
    const lines = createLineCheck(new ModalCheck(setup), maxLineLength)
    const buffer = Buffer.allocUnsafe(PIECE_BYTES)
    let problem: unknown
    for (let index = 0; index * PIECE_BYTES < size; index += 1) {
      signal.throwIfAborted()
      const bytes = await readPiece(file, buffer, index, size)
      hash.update(bytes)
      checksums[index] = crc32(bytes)
      // the hash goes first: a problem in a file that is another one would only mislead
      if (problem === undefined) problem = attempt(() => lines.check(splitter.add(bytes)))
    }
    if (problem === undefined) problem = attempt(() => lines.check(splitter.end()))
    signal.throwIfAborted()
    if (hash.digest('hex') !== sha256.toLowerCase()) throw changed()
    if (problem !== undefined) throw problem
    if (lines.count === 0)
      throw new UserError({ code: 'program-empty', message: 'The program holds no line that could be sent. Check that it is the right file.' })
    return { file, totalLines: lines.count, checksums, sizeBytes: size, maxLineLength, extentsMm: lines.modal.extentsMm }
  } catch (error) {
    await file.close()
    throw error
  }
}

function attempt(work: () => void): unknown {
  try {
    work()
    return undefined
  } catch (error) {
    return error
  }
}

export function changed(): UserError {
  return new UserError({
    code: 'program-changed',
    message: 'The program file is not the one that was chosen: its content has changed. Load it again and start anew.',
  })
}

/** Reads one piece whole. @throws UserError `program-changed` when the file became shorter */
export async function readPiece(file: FileHandle, buffer: Buffer, index: number, sizeBytes: number): Promise<Buffer> {
  const position = index * PIECE_BYTES
  const wanted = Math.min(PIECE_BYTES, sizeBytes - position)
  let got = 0
  while (got < wanted) {
    const { bytesRead } = await file.read(buffer, got, wanted - got, position + got)
    if (bytesRead === 0) throw changed()
    got += bytesRead
  }
  return buffer.subarray(0, wanted)
}

/** Checks source lines one after the other and counts those that will be sent. */
export function createLineCheck(modal: ModalCheck, maxLineLength: number) {
  let count = 0
  let hasTapeEnded = false
  return {
    modal,
    get count() {
      return count
    },
    /** @throws UserError `line-refused`, `outside-envelope` */
    check(lines: readonly SourceLine[]): void {
      for (const { number, raw } of lines) {
        // a program ends at M2, M30 or its second %: what follows is never sent
        if (modal.hasEnded || hasTapeEnded) return
        if (isTapeMark(raw)) {
          hasTapeEnded = count > 0
          continue
        }
        const prepared = prepareLine(raw, { number, maxLength: maxLineLength })
        if (!prepared) continue
        const found = tokenise(raw)
        if (found.kind === 'problem') refuseLine({ number, raw, ...found.problem })
        if (found.kind === 'tape-mark') continue
        const problem = modal.line(found.words)
        if (problem?.kind === 'envelope') {
          throw new UserError({
            code: 'outside-envelope',
            message: `Line ${number} would leave the machine's travel: ${problem.reason} Check the work offset and the program. Nothing was sent.`,
            details: { line: number, column: problem.column, reason: problem.reason },
          })
        }
        if (problem) refuseLine({ number, raw, column: problem.column, reason: problem.reason })
        count += 1
      }
    },
  }
}

/** `%` alone in its line: where a program on tape begins, and ends. */
export function isTapeMark(raw: string): boolean {
  return raw.trim() === '%'
}
