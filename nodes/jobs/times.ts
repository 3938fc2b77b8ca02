/** Times as messages carry them: ISO text, a Date, or milliseconds since 1970. */
import { UserError } from '../../base/errors.ts'

/** @returns ISO, or undefined for nothing @throws UserError value-invalid */
export function timeOf(value: unknown, what: string): string | undefined {
  if (value === undefined || value === null || value === '') return undefined
  const time = value instanceof Date ? value : typeof value === 'number' || typeof value === 'string' ? new Date(value) : undefined
  if (time && Number.isFinite(time.getTime())) return time.toISOString()
  throw new UserError({
    code: 'value-invalid',
    message: `${what} is no time: ${JSON.stringify(value)}. Give ISO text such as 2026-11-30T14:00:00Z, or milliseconds since 1970.`,
  })
}

/** @returns job ids @throws UserError value-invalid */
export function jobIdsOf(value: unknown): string[] {
  if (value === undefined || value === null || value === '') return []
  const list: unknown[] = Array.isArray(value) ? value : [value]
  return list.map((each) => {
    const id = typeof each === 'string' ? each : (each as { jobId?: unknown } | null)?.jobId
    if (typeof id === 'string' && id) return id
    throw new UserError({
      code: 'value-invalid',
      message: `"Depends on" must be a job id or a list of them, as msg.queued.jobId is; it has ${JSON.stringify(each)}.`,
    })
  })
}
