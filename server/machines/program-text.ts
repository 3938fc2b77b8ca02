/** Looks at a program's bytes as they stream in: is it text, how many lines, is any line absurdly long. */
import { UserError } from '../../base/errors.ts'

/** GRBL takes 80 to 128 characters; comments of CAM systems are longer, but not by this much. */
const MAX_LINE_BYTES = 4096
const LF = 10
const CR = 13
const TAB = 9
const FORM_FEED = 12
/** The end mark of DOS files. */
const CTRL_Z = 26

const invalid = (message: string, line: number) =>
  new UserError({ code: 'program-invalid', message: `This is not a G-code program: ${message} (line ${line}). Nothing was stored.`, details: { line } })

export interface ProgramText {
  /** The next bytes, in order. @throws UserError `program-invalid` with the line */
  take(chunk: Uint8Array): void
  /** @returns the number of lines @throws UserError `program-invalid` for an empty file or one that ends within a character */
  end(): number
}

export function programText(): ProgramText {
  const utf8 = new TextDecoder('utf-8', { fatal: true })
  let lines = 0
  let inLine = 0
  const decode = (chunk?: Uint8Array) => {
    try {
      if (chunk) utf8.decode(chunk, { stream: true })
      else utf8.decode()
    } catch {
      throw invalid('it holds characters that are not UTF-8 text; save it as UTF-8 or plain ASCII', lines + 1)
    }
  }
  return {
    take(chunk) {
      for (const byte of chunk) {
        if (byte === LF) {
          lines += 1
          inLine = 0
          continue
        }
        if (byte < 32 && byte !== CR && byte !== TAB && byte !== FORM_FEED && byte !== CTRL_Z)
          throw invalid(byte === 0 ? 'it holds zero bytes, as binary files and UTF-16 text do' : `it holds the control character ${byte}`, lines + 1)
        inLine += 1
        if (inLine > MAX_LINE_BYTES) throw invalid(`a line is longer than ${MAX_LINE_BYTES} characters`, lines + 1)
      }
      decode(chunk)
    },
    end() {
      decode()
      if (inLine > 0) lines += 1
      if (lines === 0) throw invalid('the file is empty', 1)
      return lines
    },
  }
}
