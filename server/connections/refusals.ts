/** What is refused about connections, and how an error is told. */
import { toErrorMessage, UserError } from '../../base/errors.ts'
import type { ConnectionUse, Told } from '../api/index.ts'

/** An error as pages say it. */
export function toldOf(error: unknown): Told {
  const { code, message, details } = toErrorMessage(error)
  const { blanks } = (details ?? {}) as { blanks?: Record<string, string | number> }
  return { code, text: message, ...(blanks ? { blanks } : {}) }
}

export function notFound(connectionId: string): UserError {
  return new UserError({ code: 'connection-not-found', message: `There is no connection ${connectionId}.`, status: 404 })
}

export function nameTaken(error: unknown, name: string): unknown {
  return (error as { code?: unknown }).code === '23505' ? isTaken(name) : error
}

export function isTaken(name: string): UserError {
  return new UserError({
    code: 'connection-name-taken',
    message: `There is a connection "${name}" already. Choose another name.`,
    status: 409,
    details: { blanks: { name }, errors: [{ path: '/name', message: 'is taken' }] },
  })
}

export function inUse(name: string, uses: readonly ConnectionUse[]): UserError {
  const places = uses.map(({ nodeName, nodeType, flowName }) => `"${nodeName ?? nodeType}"${flowName ? ` in "${flowName}"` : ''}`)
  return new UserError({
    code: 'connection-in-use',
    message: `"${name}" is used by running flows: ${places.slice(0, 10).join(', ')}${places.length > 10 ? ` and ${places.length - 10} more` : ''}. Take it out of them first, or remove it all the same: they then wait for nothing.`,
    status: 409,
    details: { uses },
  })
}
