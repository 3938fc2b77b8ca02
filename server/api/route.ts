/** How an HTTP route is declared: once, for the server, the OpenAPI document, the CLI and the pages. Browser-safe. */
import type { Static, TSchema } from 'typebox'
import type { Access } from './access.ts'

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete'

/** One route of the API. */
export interface Route<
  Params extends TSchema | undefined = TSchema | undefined,
  Query extends TSchema | undefined = TSchema | undefined,
  Body extends TSchema | undefined = TSchema | undefined,
  Response extends TSchema = TSchema,
  IsRaw extends boolean = boolean,
> {
  /** operationId in OpenAPI, verb first: `stopMachine`. */
  id: string
  method: Method
  /** Full path with `:name` parameters. */
  path: string
  access: Access
  /** One sentence: what it does. */
  summary: string
  /** Groups routes in the documents. */
  tag: string
  params?: Params
  query?: Query
  body?: Body
  response: Response
  /** Answered on success. @defaultValue 200 */
  status?: number
  /** Largest body accepted, in bytes. @defaultValue 1 MB */
  maxBodyBytes?: number
  /** The body is the raw request stream (file upload); `body` is then absent. */
  rawBody?: IsRaw
  /** The answer is a file, not JSON; `response` is then only for the documents. */
  rawResponse?: boolean
  /** May be called with PostgreSQL stopped: access is judged from memory alone. */
  worksWithoutStore?: boolean
  /** Stable codes of the errors it answers with besides the common ones. */
  errors?: readonly string[]
}

/** Any route, for lists of routes. */
export type AnyRoute = Route

type StaticOf<T> = [NonNullable<T>] extends [never] ? undefined : NonNullable<T> extends TSchema ? Static<NonNullable<T>> : never
export type ParamsOf<R extends AnyRoute> = StaticOf<R['params']>
export type QueryOf<R extends AnyRoute> = StaticOf<R['query']>
export type BodyOf<R extends AnyRoute> = StaticOf<R['body']>
export type ResponseOf<R extends AnyRoute> = Static<R['response']>
/** Whether its body is a file. */
export type IsRaw<R extends AnyRoute> = [NonNullable<R['rawBody']>] extends [true] ? true : false

/** Declares a route; identity, for its types. */
export function route<
  Response extends TSchema,
  Params extends TSchema | undefined = undefined,
  Query extends TSchema | undefined = undefined,
  Body extends TSchema | undefined = undefined,
  IsRaw extends boolean = false,
>(declaration: Route<Params, Query, Body, Response, IsRaw>): Route<Params, Query, Body, Response, IsRaw> {
  return declaration
}
