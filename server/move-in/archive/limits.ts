/** How much of what somebody brings is read. It comes from another computer, so everything is counted while it is read. */
import { UserError } from '../../../base/errors.ts'

export const LIMITS = {
  /** Of the file that is sent. */
  packedBytes: 100_000_000,
  /** Of one file in it that is kept: flows of that size are the largest that are known. */
  fileBytes: 50_000_000,
  /** Of all that is kept. */
  bytes: 80_000_000,
  /** Of all that is in it, kept or passed over: a folder with its node_modules is large. */
  unpackedBytes: 3_000_000_000,
  /** Entries in it, kept or passed over. */
  entries: 400_000,
  /** That are kept. */
  files: 5000,
  /** Unpacked to packed, from so many bytes on. */
  ratio: 200,
  ratioFromBytes: 20_000_000,
  pathLength: 1000,
  jsonDepth: 200,
} as const

export type WhyRefused =
  | 'empty'
  | 'packed-large'
  | 'file-large'
  | 'too-large'
  | 'ratio'
  | 'too-many'
  | 'path'
  | 'link'
  | 'twice'
  | 'encrypted'
  | 'not-an-archive'
  | 'not-json'
  | 'json-deep'
  | 'flow-file'

/** @param file where it stands */
export function refused(why: WhyRefused, reason: string, file?: string, cause?: unknown): UserError {
  return new UserError({
    code: 'move-in-refused',
    status: 422,
    message: `This cannot be read: ${reason} Nothing was kept.`,
    details: { why, ...(file === undefined ? {} : { file: file.slice(0, 200) }) },
    ...(cause === undefined ? {} : { cause }),
  })
}

/** Files by their path within what was brought, `/` between its parts. */
export type Files = ReadonlyMap<string, Buffer>
