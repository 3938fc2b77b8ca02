/**
 * The lines of a checked program, read ahead of the sending: a few hundred lines in memory whatever the
 * size of the file. Every piece must still have the checksum it had at the check.
 */
import type { FileHandle } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { crc32 } from 'node:zlib'
import { UserError } from '../../../base/errors.ts'
import { createFlatReader, type FlatForm, type FlatLine, type FlatReader } from './flat-lines.ts'
import type { LinePlace } from './program-lines.ts'

/** One read, and the unit of the checksums that are compared while streaming. */
export const PIECE_BYTES = 4 * 1024

/** Below this many lines the next piece is read. */
const LOW_WATER = 256

/** What is streamed, as the check left it. Its file stays open, so that it is this file that is streamed. */
export interface FlatProgram {
  file: FileHandle
  path: string
  form: FlatForm
  sizeBytes: number
  /** CRC-32 of every piece. */
  checksums: Uint32Array
  /** Lines that will be sent from `from` on. */
  totalLines: number
  /** Where the first of them begins. */
  from: LinePlace
  maxLineLength: number
  blockDelete: boolean
  /** Removes what the check wrote out. */
  dispose(): Promise<void>
}

export class ProgramSource {
  readonly #program: FlatProgram
  readonly #reader: FlatReader
  readonly #buffer = Buffer.allocUnsafe(PIECE_BYTES)
  readonly #onReadable: () => void
  readonly #onError: (error: unknown) => void
  #lines: FlatLine[] = []
  #head = 0
  #piece: number
  /** Bytes of the first piece that stand before the first line. */
  #skip: number
  #taken = 0
  #made = 0
  #isReading = false
  #isClosed = false
  #failure: unknown

  constructor(program: FlatProgram, listeners: { onReadable: () => void; onError: (error: unknown) => void }) {
    this.#program = program
    this.#reader = createFlatReader(program)
    this.#piece = Math.floor(program.from.at / PIECE_BYTES)
    this.#skip = program.from.at % PIECE_BYTES
    this.#onReadable = listeners.onReadable
    this.#onError = listeners.onError
  }

  /** Every line was taken. */
  get isAtEnd(): boolean {
    return this.#taken === this.#program.totalLines
  }

  /** Lines not taken yet. */
  get left(): number {
    return this.#program.totalLines - this.#taken
  }

  /** The next line, when it is read. Only before the end. @throws UserError `program-changed` */
  async next(): Promise<FlatLine> {
    for (;;) {
      const line = this.peek()
      if (line) return line
      if (this.#isClosed || this.#failure !== undefined) throw this.#failure ?? changed()
      this.read()
      await pause(1)
    }
  }

  peek(): FlatLine | undefined {
    return this.#lines[this.#head]
  }

  take(): void {
    this.#head += 1
    this.#taken += 1
    if (this.#lines.length - this.#head < LOW_WATER) this.read()
  }

  /** Reads ahead; `onReadable` follows. */
  read(): void {
    if (this.#isReading || this.#isClosed || this.#failure !== undefined || this.#made >= this.#program.totalLines) return
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
        this.#failure = error
        if (!this.#isClosed) this.#onError(error)
      },
    )
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#lines = []
    await this.#program.dispose()
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
    this.#add(this.#reader.add(bytes.subarray(this.#skip)))
    this.#skip = 0
    if (this.#piece * PIECE_BYTES >= sizeBytes) this.#add(this.#reader.end())
  }

  #add(lines: FlatLine[]): void {
    const room = this.#program.totalLines - this.#made
    const taken = lines.length > room ? lines.slice(0, room) : lines
    this.#lines.push(...taken)
    this.#made += taken.length
  }
}

export function changed(): UserError {
  return new UserError({
    code: 'program-changed',
    message: 'The program file is not the one that was chosen: its content has changed. Load it again and start anew.',
  })
}

/** Reads one piece whole. @throws UserError `program-changed` when the file became shorter */
async function readPiece(file: FileHandle, buffer: Buffer, index: number, sizeBytes: number): Promise<Buffer> {
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
