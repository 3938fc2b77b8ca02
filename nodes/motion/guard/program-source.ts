/**
 * The lines of a checked program, read ahead of the sending: a few hundred lines in memory whatever the
 * size of the file. Every piece must still have the checksum it had at the check.
 */
import { crc32 } from 'node:zlib'
import { type PreparedLine, prepareLine } from '../grbl/index.ts'
import { type CheckedProgram, changed, isTapeMark, PIECE_BYTES, readPiece } from './check-program.ts'
import { createLineSplitter, type SourceLine } from './program-lines.ts'

/** Below this many lines the next piece is read. */
const LOW_WATER = 256

export class ProgramSource {
  readonly #program: CheckedProgram
  readonly #splitter = createLineSplitter()
  readonly #buffer = Buffer.allocUnsafe(PIECE_BYTES)
  readonly #onReadable: () => void
  readonly #onError: (error: unknown) => void
  #lines: PreparedLine[] = []
  #head = 0
  #piece = 0
  #taken = 0
  #made = 0
  #isReading = false
  #isClosed = false

  constructor(program: CheckedProgram, listeners: { onReadable: () => void; onError: (error: unknown) => void }) {
    this.#program = program
    this.#onReadable = listeners.onReadable
    this.#onError = listeners.onError
  }

  /** Every line was taken. */
  get isAtEnd(): boolean {
    return this.#taken === this.#program.totalLines
  }

  peek(): PreparedLine | undefined {
    return this.#lines[this.#head]
  }

  take(): void {
    this.#head += 1
    this.#taken += 1
    if (this.#lines.length - this.#head < LOW_WATER) this.read()
  }

  /** Reads ahead; `onReadable` follows. */
  read(): void {
    if (this.#isReading || this.#isClosed || this.#made >= this.#program.totalLines) return
    if (this.#piece * PIECE_BYTES >= this.#program.sizeBytes) return
    this.#isReading = true
    this.#readPiece().then(
      () => {
        this.#isReading = false
        if (this.#isClosed) return
        if (this.#lines.length - this.#head < LOW_WATER) this.read()
        this.#onReadable()
      },
      (error) => {
        this.#isReading = false
        if (!this.#isClosed) this.#onError(error)
      },
    )
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#lines = []
    await this.#program.file.close()
  }

  async #readPiece(): Promise<void> {
    const { file, checksums, sizeBytes } = this.#program
    const bytes = await readPiece(file, this.#buffer, this.#piece, sizeBytes)
    if (crc32(bytes) !== checksums[this.#piece]) throw changed()
    this.#piece += 1
    if (this.#head > 0) {
      this.#lines = this.#lines.slice(this.#head)
      this.#head = 0
    }
    this.#add(this.#splitter.add(bytes))
    if (this.#piece * PIECE_BYTES >= sizeBytes) this.#add(this.#splitter.end())
  }

  #add(lines: SourceLine[]): void {
    for (const { number, raw } of lines) {
      if (this.#made >= this.#program.totalLines) return
      if (isTapeMark(raw)) continue
      const line = prepareLine(raw, { number, maxLength: this.#program.maxLineLength })
      if (!line) continue
      this.#lines.push(line)
      this.#made += 1
    }
  }
}
