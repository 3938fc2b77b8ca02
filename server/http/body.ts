/** Reads JSON bodies: never more than the route's limit in memory, malformed text is the sender's mistake. */
import type { IncomingMessage } from 'node:http'
import { UserError } from '../../base/errors.ts'
import { parseJsonInSlices } from '../../base/json-slices.ts'
import { inSteps } from '../../base/steps.ts'
import { isDeeperThan } from './json-depth.ts'

/** Flows are some ten levels deep. */
const MAX_JSON_DEPTH = 200

const tooLarge = (maxBytes: number) =>
  new UserError({
    code: 'body-too-large',
    status: 413,
    message: `The request is larger than the ${maxBytes >= 1_000_000 ? `${maxBytes / 1_000_000} MB` : `${maxBytes} bytes`} this address accepts. Nothing of it was kept.`,
  })

/** Refuses by the declared length, before a byte is read. */
export function checkDeclaredLength(request: IncomingMessage, maxBytes: number): void {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes)
}

async function readBytes(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  checkDeclaredLength(request, maxBytes)
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    const finish = (work: () => void) => {
      request.off('data', onData)
      request.off('end', onEnd)
      request.off('error', onError)
      request.off('close', onClose)
      work()
    }
    const onData = (chunk: Buffer) => {
      size += chunk.length
      if (size > maxBytes) {
        // the rest flows past unread, so that the sender gets to see the answer
        chunks.length = 0
        finish(() => reject(tooLarge(maxBytes)))
        request.resume()
      } else chunks.push(chunk)
    }
    const onEnd = () => finish(() => resolve(Buffer.concat(chunks)))
    const onError = (error: Error) =>
      finish(() => reject(new UserError({ code: 'body-broken-off', message: 'The request broke off before its end.', cause: error })))
    const onClose = () => onError(new Error('closed'))
    request.on('data', onData)
    request.on('end', onEnd)
    request.on('error', onError)
    request.on('close', onClose)
  })
}

/**
 * The request's JSON body; undefined where there is none.
 * @throws UserError `body-too-large` (413), `body-not-json`, `body-too-deep` (400), `body-type-unknown` (415)
 */
export async function readJson(request: IncomingMessage, maxBytes: number): Promise<unknown> {
  const bytes = await readBytes(request, maxBytes)
  if (bytes.length === 0) return undefined
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
  if (type !== 'application/json' && !type.endsWith('+json'))
    throw new UserError({ code: 'body-type-unknown', status: 415, message: 'The body must be JSON with the header "Content-Type: application/json".' })
  if (await inSteps(isDeeperThan(MAX_JSON_DEPTH, bytes)))
    throw new UserError({ code: 'body-too-deep', message: `The body is nested more than ${MAX_JSON_DEPTH} levels deep. Nothing of it was kept.` })
  try {
    return await parseJsonInSlices(bytes)
  } catch (cause) {
    throw new UserError({ code: 'body-not-json', message: `The body is not valid JSON: ${(cause as Error).message}.`, cause })
  }
}
