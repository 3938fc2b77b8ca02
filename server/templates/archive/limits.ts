/**
 * What a template may be, in size and in form. An archive comes from anywhere, so everything is counted while it is read, and
 * what passes a limit is refused whole.
 */
import { UserError } from '../../../base/errors.ts'

export const LIMITS = {
  /** Of a `.cwt` file. */
  packedBytes: 10_000_000,
  /** Of all files together, unpacked. */
  bytes: 30_000_000,
  fileBytes: 8_000_000,
  files: 300,
  /** Unpacked to packed, once there is a megabyte: text packs to a tenth at best, what goes far beyond is made to fill memory. */
  ratio: 100,
  ratioFromBytes: 1_000_000,
  pathLength: 160,
  /** Folders in a path. */
  pathDepth: 4,
  /** Long names and the like, before an entry. */
  metaBytes: 16_384,
  jsonDepth: 60,
} as const

/** Of JSON files, by name. */
export const JSON_BYTES: Readonly<Record<string, number>> = {
  'template.json': 200_000,
  'flow.json': 5_000_000,
  'tests.json': 2_000_000,
  'signature.json': 200_000,
}

/** The archive or folder is not taken; `file` is where it stands. */
export function refused(reason: string, details: { file?: string; why: string }, cause?: unknown): UserError {
  return new UserError({
    code: 'template-refused',
    status: 422,
    message: `This is no template that can be taken: ${reason} Nothing was kept.`,
    details,
    ...(cause === undefined ? {} : { cause }),
  })
}

export type Files = ReadonlyMap<string, Buffer>
