/** What may be tried from the page, what is sent then, and the same for a terminal. Pure. */
import type { Operation } from './document.ts'

/**
 * What leads to motion: starting programs and jobs, pressing buttons, and whatever a flow does when it is started. A page that
 * knows only schemas cannot say in words what will move, so these are not sent from it.
 */
const MOVES = new Set(['machines.operate', 'machines.configure', 'panel.press', 'jobs.manage'])
const STARTS = new Set(['replayRun', 'goOnAll', 'goOnWaiting', 'endDebugging'])

/** `read` is sent at once, `write` after a second deliberate gesture, `moves` not at all. */
export type Risk = 'read' | 'write' | 'moves'

export function riskOf({ method, access, id }: Pick<Operation, 'method' | 'access' | 'id'>): Risk {
  if (method === 'GET') return 'read'
  return MOVES.has(access) || STARTS.has(id) ? 'moves' : 'write'
}

export type Values = Readonly<Record<string, string>>

/** The names of what must be given and is not. */
export function missing(operation: Pick<Operation, 'parameters'>, values: Values): string[] {
  return operation.parameters.filter(({ name, required }) => required && (values[name] ?? '') === '').map(({ name }) => name)
}

/** The address with its parameters filled in; what is not given in the path stays as it is named. */
export function addressOf({ path, parameters }: Pick<Operation, 'path' | 'parameters'>, values: Values): string {
  const filled = path.replaceAll(/\{(\w+)\}/g, (whole, name: string) => (values[name] ? encodeURIComponent(values[name]) : whole))
  const query = new URLSearchParams(
    parameters.filter((parameter) => parameter.in === 'query').flatMap(({ name }) => (values[name] ? [[name, values[name]]] : [])),
  ).toString()
  return query === '' ? filled : `${filled}?${query}`
}

/** Between apostrophes, as a shell takes it. */
const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`

/** The same call for a terminal, with an API token in `$CELLWRIGHT_TOKEN`. */
export function curlOf(operation: Operation, values: Values, body: string | undefined, origin: string): string {
  const parts = [`curl ${operation.method === 'GET' ? '' : `-X ${operation.method} `}${quoted(origin + addressOf(operation, values))}`]
  if (operation.access !== 'public') parts.push(`-H "Authorization: Bearer $CELLWRIGHT_TOKEN"`)
  if (operation.body?.isFile) parts.push(`-H 'Content-Type: application/octet-stream'`, '--data-binary @file')
  else if (operation.body && body !== undefined) parts.push(`-H 'Content-Type: application/json'`, `-d ${quoted(body)}`)
  return parts.join(' \\\n  ')
}
