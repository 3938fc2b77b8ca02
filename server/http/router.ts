/** Mounts declared routes on Express: access, limits, validation of everything that comes in, answers and errors. */
import type { IncomingMessage } from 'node:http'
import type { Express, Request, Response } from 'express'
import type { TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { UserError } from '../../base/errors.ts'
import { hasLargeArray, stringifyInSlices } from '../../base/json-slices.ts'
import type { Logger } from '../../base/log.ts'
import { type Checker, checker } from '../../base/schema.ts'
import { type Access, type AuditOrigin, CAPABILITIES, CLI_AGENT, PANEL_HEADER } from '../api/index.ts'
import type { Caller } from '../auth/caller.ts'
import { checkDeclaredLength, readJson } from './body.ts'
import type { RouteHandler } from './handler.ts'
import type { Limit } from './limits.ts'
import type { Metrics } from './metrics.ts'
import { notAllowed, notSignedIn, sendProblem } from './problem.ts'
import { isOwnWrite, notOwnWrite } from './same-origin.ts'

const DEFAULT_MAX_BODY_BYTES = 1_000_000

/** Who asks, as the HTTP side needs to know it. */
export interface CallerLookup {
  /** From memory; asks the store about a well signed session that memory does not know yet. */
  callerOf(request: IncomingMessage): Promise<Caller | undefined>
  /** From memory alone. */
  callerNow(request: IncomingMessage): Caller | undefined
  /** What the browser is bound to, if it is a kiosk. From memory alone. */
  kioskOf?(request: IncomingMessage): { id: string } | undefined
}

export interface RouterOptions {
  auth: CallerLookup
  log: Logger
  metrics: Metrics
  /** For every route but those that work without the store (stop, hold, resume). */
  generalLimit: Limit
  /** Stricter limits by route id. */
  limits: ReadonlyMap<string, Limit>
  /** Check answers against their schema, for tests and development. */
  checkResponses: boolean
}

/** @throws UserError `not-signed-in` (401), `not-allowed` (403) */
export function requireAccess(access: Access, caller: Caller | undefined): void {
  if (access === 'public') return
  if (!caller) throw notSignedIn()
  if (access !== 'session' && !caller.capabilities.has(access)) throw notAllowed(CAPABILITIES[access])
}

/** Text of a URL becomes what the schema says: numbers, booleans. */
function fromText<T extends TSchema>(check: Checker<T>, raw: unknown, what: string): unknown {
  // no text of ours holds it, and the database cannot
  if (Object.values(raw as object).some((value) => String(value).includes('\0')))
    throw new UserError({ code: 'invalid-input', message: `${what} is not valid: it holds the character U+0000.` })
  return check.parse(Value.Convert(check.schema, { ...(raw as object) }), what)
}

function pipeline({ route, run }: RouteHandler, options: RouterOptions) {
  const { auth, generalLimit, limits, checkResponses } = options
  const params = route.params && checker(route.params)
  const query = route.query && checker(route.query)
  const body = route.body && checker(route.body)
  const answer = checker(route.response)
  const ownLimit = limits.get(route.id)
  const maxBodyBytes = route.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES

  return async (request: Request, response: Response): Promise<void> => {
    const address = request.ip ?? 'unknown'
    if (!route.worksWithoutStore) await generalLimit(address)
    if (ownLimit) await ownLimit(address)
    const known = route.worksWithoutStore ? auth.callerNow(request) : await auth.callerOf(request)
    const caller = known && { ...known, origin: originOf(request, known) }
    requireAccess(route.access, caller)
    if (caller?.via !== 'token' && !isOwnWrite(request)) throw notOwnWrite()
    const context = {
      params: params && fromText(params, request.params, 'The address'),
      query: query && fromText(query, request.query, 'The query'),
      body: undefined as unknown,
      caller,
      request,
      response,
    }
    if (route.rawBody) checkDeclaredLength(request, maxBodyBytes)
    else if (body) context.body = body.parse(await readJson(request, maxBodyBytes), 'The body')
    const result = await run(context as Parameters<typeof run>[0])
    if (response.headersSent) return
    if (checkResponses && !answer.is(result)) {
      const problems = answer.errors(result).slice(0, 3)
      throw new Error(`${route.id} answered against its declaration: ${JSON.stringify(problems)}`)
    }
    response.status(route.status ?? 200).setHeader('Cache-Control', 'no-store')
    if (hasLargeArray(result)) response.type('json').send(await stringifyInSlices(result))
    else response.json(result)
  }
}

/**
 * Mounts the routes, those of the stop path first.
 * @throws Error when two handlers answer the same route
 */
export function mountRoutes(app: Express, handlers: readonly RouteHandler[], options: RouterOptions): void {
  const seen = new Set<string>()
  const isUrgent = ({ route }: RouteHandler) => route.worksWithoutStore === true
  for (const handler of [...handlers.filter(isUrgent), ...handlers.filter((one) => !isUrgent(one))]) {
    const { method, path, id } = handler.route
    const key = `${method} ${path}`
    if (seen.has(key)) throw new Error(`${id}: ${key} is answered twice`)
    seen.add(key)
    const answer = pipeline(handler, options)
    app[method](path, (request, response) => {
      const begun = performance.now()
      response.on('finish', () => options.metrics.answered(id, response.statusCode, (performance.now() - begun) / 1000))
      answer(request, response).catch((error: unknown) => sendProblem(response, error, options.log))
    })
  }
}

/** Where a request came from, as far as it can be known; panel and command line as they say of themselves. */
function originOf(request: Request, caller: Caller): AuditOrigin {
  const panel = request.headers[PANEL_HEADER]
  return {
    ...(request.ip ? { address: request.ip } : {}),
    ...(caller.tokenName === undefined ? {} : { token: caller.tokenName }),
    ...(typeof panel === 'string' && panel.length <= 64 ? { panel } : {}),
    ...(request.headers['user-agent']?.startsWith(CLI_AGENT) ? { client: 'cli' as const } : {}),
  }
}

export const notFound = () =>
  new UserError({ code: 'not-found', status: 404, message: 'There is nothing at this address. /api/openapi.json lists what there is.' })
