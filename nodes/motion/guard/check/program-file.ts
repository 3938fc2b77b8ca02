/** A program's bytes for the check worker: read in order in large pieces, with the checksums the streaming compares. Blocks: for a worker thread only. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { messageOf, UserError } from '../../../../base/errors.ts'
import { changed, PIECE_BYTES } from '../program-source.ts'

/** A whole number of pieces. */
const READ_BYTES = 32 * PIECE_BYTES

export interface ProgramFile {
  readonly sizeBytes: number
  /** Hands over the bytes from `from` on, and says which piece a run of them begins with. @throws UserError `program-changed` */
  read(use: (bytes: Buffer, firstPiece: number) => void, from?: number): void
  close(): void
}

/** @throws UserError `program-missing` */
export function openProgramFile(path: string): ProgramFile {
  let file: number
  try {
    file = openSync(path, 'r')
  } catch (error) {
    throw new UserError({ code: 'program-missing', message: `The program cannot be read: ${messageOf(error)}. Load it again and start anew.`, cause: error })
  }
  const sizeBytes = fstatSync(file).size
  const buffer = Buffer.allocUnsafe(Math.min(READ_BYTES, Math.max(1, sizeBytes)))
  return {
    sizeBytes,
    read(use, from = 0) {
      let at = Math.floor(from / PIECE_BYTES) * PIECE_BYTES
      while (at < sizeBytes) {
        const wanted = Math.min(buffer.length, sizeBytes - at)
        let got = 0
        while (got < wanted) {
          const count = readSync(file, buffer, got, wanted - got, at + got)
          if (count === 0) throw changed()
          got += count
        }
        use(buffer.subarray(0, wanted), at / PIECE_BYTES)
        at += wanted
      }
    },
    close: () => closeSync(file),
  }
}

/** CRC-32 of each piece in bytes that begin with one. */
export function pieceChecksums(bytes: Buffer, firstPiece: number, into: Uint32Array): void {
  for (let at = 0, piece = firstPiece; at < bytes.length; at += PIECE_BYTES, piece += 1) into[piece] = crc32(bytes.subarray(at, at + PIECE_BYTES))
}
