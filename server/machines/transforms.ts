/** Programs made from others: rewritten in a process of its own, proven there, and stored as a new program that knows where it comes from. */
import { randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { OperationalError, UserError } from '../../base/errors.ts'
import { checker } from '../../base/schema.ts'
import { type Program, type ProgramTransform, TransformReport } from '../api/index.ts'
import { askHelper } from './helper-process.ts'
import type { ProgramLibrary } from './programs.ts'
import type { TransformQuestion } from './transform-question.ts'

const ENTRY = { source: 'server/machines/transform-run.ts', built: 'transform' }
const TIMEOUT_MS = 30 * 60_000
const MAX_MEMORY_MB = 1500
/** More would only slow each other and the machine that runs. */
const AT_ONCE = 2
/** The whole program is in memory there, twice, and both paths. */
const MAX_BYTES = 100_000_000
const MAX_RESULT_BYTES = 1_000_000_000
const report = checker(TransformReport)

export interface Transforms {
  /** @throws UserError `program-not-found`, `transform-failed` (422), `transform-busy` (429) */
  make(request: { programId: string; name: string; transform: ProgramTransform; by: string }): Promise<{ program: Program; report: TransformReport }>
  close(): void
}

/** @param options.workDir where results are written before they are stored */
export function createTransforms({ programs, workDir }: { programs: ProgramLibrary; workDir: string }): Transforms {
  const ending = new AbortController()
  let running = 0
  return {
    async make({ programId, name, transform, by }) {
      const source = await programs.get(programId)
      if (source.bytes > MAX_BYTES)
        throw new UserError({
          code: 'transform-failed',
          status: 422,
          message: `"${source.name}" has more than ${MAX_BYTES / 1_000_000} MB: a program of this size is not rewritten here. Do it where it was made.`,
        })
      if (running >= AT_ONCE)
        throw new UserError({
          code: 'transform-busy',
          status: 429,
          message: 'Other programs are just being rewritten. Try again in a moment.',
          details: { retryAfterS: 5 },
        })
      running += 1
      await mkdir(workDir, { recursive: true, mode: 0o700 })
      const output = join(workDir, randomBytes(8).toString('hex'))
      try {
        const question: TransformQuestion = { input: programs.path(source.sha256), output, transform }
        const answer = await askHelper(ENTRY, question, { timeoutMs: TIMEOUT_MS, signal: ending.signal, lowPriority: true, maxMemoryMb: MAX_MEMORY_MB }).catch(
          (error: unknown) => {
            if (!(error instanceof OperationalError) || error.code === 'closing') throw error
            throw new UserError({
              code: 'transform-failed',
              status: 422,
              message: `"${source.name}" could not be rewritten: ${error.message} Nothing was stored.`,
              cause: error,
            })
          },
        )
        const proof = report.parse(answer, 'The report of the transform')
        const origin = { programId: source.id, name: source.name, revision: source.revision, text: inWords(transform) }
        const program = await programs.upload({ name, content: createReadStream(output), maxBytes: MAX_RESULT_BYTES, by, origin })
        return { program, report: proof }
      } finally {
        running -= 1
        await rm(output, { force: true })
      }
    },
    close: () => ending.abort(),
  }
}

const list = (values: readonly number[]) => values.map((value) => Number(value.toFixed(4))).join(', ')

/** What a transform does, as a person would say it. */
function inWords(transform: ProgramTransform): string {
  switch (transform.kind) {
    case 'offset':
      return `moved by ${list(transform.byMm)} mm`
    case 'rotate':
      return `turned by ${transform.angleDeg}° about ${list(transform.aboutMm)} mm`
    case 'mirror':
      return `mirrored in ${transform.axis} at ${transform.atMm} mm`
    case 'scale':
      return `scaled by ${list(transform.factor)} about ${list(transform.aboutMm)} mm`
    case 'level':
      return `levelled to a height map of ${transform.map.columns} by ${transform.map.rows} points within ${transform.toleranceMm} mm`
    case 'optimise':
      return `optimised within ${transform.toleranceMm} mm`
    default:
      return transform satisfies never
  }
}
