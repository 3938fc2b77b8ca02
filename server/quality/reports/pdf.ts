/** PDFs of reports. Each is typeset in a process of its own, so that a long one never holds up the gateway, which is who a stop comes through. */
import { OperationalError, UserError } from '../../../base/errors.ts'
import { askHelper } from '../../machines/helper-process.ts'
import type { PdfDocument } from './contract.ts'

const ENTRY = { source: 'server/quality/reports/pdf-run.ts', built: 'pdf' }
const TIMEOUT_MS = 60_000
const MAX_MEMORY_MB = 512
/** More would only slow each other. */
const AT_ONCE = 2
/** Who comes later waits; who comes after so many is asked to come again. */
const MOST_WAITING = 20

let running = 0
const waiting: (() => void)[] = []
const never = new AbortController()

/**
 * @param signal gives it up
 * @returns the bytes of the PDF, with its fonts in it
 * @throws UserError `reports-busy` (429); OperationalError `report-failed` when it cannot be made
 */
export async function pdfOf(document: PdfDocument, signal: AbortSignal = never.signal): Promise<Buffer> {
  if (running >= AT_ONCE) {
    if (waiting.length >= MOST_WAITING)
      throw new UserError({
        code: 'reports-busy',
        status: 429,
        message: 'Many reports are being made just now. Try again in a moment.',
        details: { retryAfterS: 5 },
      })
    await new Promise<void>((resolve) => waiting.push(resolve))
  } else running += 1
  try {
    const answer = await askHelper(ENTRY, document, { timeoutMs: TIMEOUT_MS, signal, lowPriority: true, maxMemoryMb: MAX_MEMORY_MB }).catch(
      (error: unknown) => {
        if (error instanceof OperationalError && error.code === 'closing') throw error
        throw new OperationalError({
          code: 'report-failed',
          message: `The report could not be made: ${(error as Error).message} Try a shorter one.`,
          cause: error,
        })
      },
    )
    return Buffer.from(answer as string, 'base64')
  } finally {
    // its place goes to whoever waits longest
    const next = waiting.shift()
    if (next) next()
    else running -= 1
  }
}
