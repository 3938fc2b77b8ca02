/** Messages as steps keep them: JSON, with bytes in base64; what lives in this process alone (an HTTP request) stays here. */
import { UserError } from '../../base/errors.ts'
import type { Step } from '../../nodes/orchestration/services.ts'
import type { WireStep } from '../orchestration/runtime-contract.ts'

/** Parts of a message that cannot be stored: the request and the way to answer it. */
export interface LiveParts {
  req?: unknown
  res?: unknown
}

const BYTES = '$bytes'

/** @throws UserError `message-not-storable` */
export function encodeStep(value: unknown): { text: string; live: LiveParts | undefined } {
  let live: LiveParts | undefined
  let stored = value
  if (typeof value === 'object' && value !== null && !Array.isArray(value) && ('req' in value || 'res' in value)) {
    const { req, res, ...rest } = value as LiveParts & Record<string, unknown>
    live = { ...(req === undefined ? {} : { req }), ...(res === undefined ? {} : { res }) }
    stored = rest
  }
  try {
    // Buffer.toJSON has made a list of numbers of it by the time a replacer sees the value
    const text = JSON.stringify(stored, function (this: Record<string, unknown>, key, seen: unknown) {
      const raw = this[key]
      return raw instanceof Uint8Array ? { [BYTES]: Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength).toString('base64') } : seen
    })
    return { text: text ?? 'null', live }
  } catch (error) {
    throw new UserError({
      code: 'message-not-storable',
      message: `This message cannot be kept: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}. A step keeps what JSON can say: take out what refers to itself.`,
      cause: error,
    })
  }
}

function decode(text: string): unknown {
  return JSON.parse(text, (_key, value: unknown) => {
    if (typeof value !== 'object' || value === null) return value
    const bytes = (value as { [BYTES]?: unknown })[BYTES]
    return typeof bytes === 'string' && Object.keys(value).length === 1 ? Buffer.from(bytes, 'base64') : value
  })
}

export function decodeStep(wire: WireStep, live: LiveParts | undefined): Step<unknown> {
  const { id, runId, parentId, kind, text, dueAt, isOut, createdAt } = wire
  const message = { ...(decode(wire.message) as object), ...live, _run: runId }
  return {
    id,
    runId,
    kind,
    text,
    isOut,
    createdAt,
    message,
    data: decode(wire.data),
    ...(parentId === undefined ? {} : { parentId }),
    ...(dueAt === undefined ? {} : { dueAt }),
  }
}
