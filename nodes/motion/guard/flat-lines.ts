/**
 * The lines that go to the controller, read from the program itself or, where that uses what the controller does not
 * know, from the file the check wrote out. The check proves its findings for exactly these lines, and the streaming reads them
 * with the same code.
 */
import { type PreparedLine, prepareLine } from '../grbl/index.ts'
import { createLineSplitter, type LinePlace, type SourceLine } from './program-lines.ts'

/**
 * `source`: as it was uploaded. `written`: one line is the number of its source line, a tab, and the text for the controller.
 */
export type FlatForm = 'source' | 'written'

export interface FlatLine extends PreparedLine {
  /** Where its line begins in the file, and which line of the file that is: see {@link placeOf}. */
  at: number
  fileLine: number
  /** What a comment in it says, or the one before it: asked for where the program waits. */
  note: string
}

/** The place in front of a line. */
export function placeOf({ at, fileLine }: FlatLine): LinePlace {
  return { at, lines: fileLine - 1 }
}

export interface FlatReader {
  /** @returns the lines that ended in these bytes @throws UserError `line-refused` */
  add(bytes: Buffer): FlatLine[]
  end(): FlatLine[]
}

export interface FlatOptions {
  form: FlatForm
  maxLineLength: number
  /** Lines that begin with `/` are left out. */
  blockDelete: boolean
  /** Where the first bytes stand. */
  from?: LinePlace
}

export function createFlatReader({ form, maxLineLength, blockDelete, from }: FlatOptions): FlatReader {
  const splitter = createLineSplitter(from)
  let note = ''
  const read = (lines: SourceLine[]): FlatLine[] => {
    const flat: FlatLine[] = []
    for (const line of lines) {
      const found = form === 'written' ? writtenLine(line, maxLineLength) : sourceLine(line, maxLineLength, blockDelete)
      const hasComment = form === 'source' && (line.raw.includes('(') || line.raw.includes(';'))
      if (hasComment) note = commentOf(line.raw)
      if (!found) continue
      const { number, text, isAlone, dwellS } = found
      flat.push({ number, text, isAlone, dwellS, at: line.at, fileLine: line.number, note })
      note = ''
    }
    return flat
  }
  return {
    add: (bytes) => read(splitter.add(bytes)),
    end: () => read(splitter.end()),
  }
}

function sourceLine({ number, raw }: SourceLine, maxLength: number, blockDelete: boolean): PreparedLine | undefined {
  if (isTapeMark(raw) || (blockDelete && raw.trimStart().startsWith('/'))) return undefined
  return prepareLine(raw, { number, maxLength })
}

function writtenLine({ raw }: SourceLine, maxLength: number): PreparedLine | undefined {
  const tab = raw.indexOf('\t')
  return prepareLine(raw.slice(tab + 1), { number: Number(raw.slice(0, tab)), maxLength })
}

/** A line of the file that is written out. */
export function writeFlatLine(text: string, number: number): string {
  return `${number}\t${text}\n`
}

/** `%` alone in its line: where a program on tape begins, and ends. */
function isTapeMark(raw: string): boolean {
  return raw.trim() === '%'
}

/** The words of a comment, for people. */
function commentOf(raw: string): string {
  const found = /\(([^)]*)\)|;(.*)$/.exec(raw)
  const words = Buffer.from(found?.[1] ?? found?.[2] ?? '', 'latin1').toString('utf8')
  return words
    .replace(/^\s*(?:MSG|DEBUG|PRINT)\s*,/i, '')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 200)
}
