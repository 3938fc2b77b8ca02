/** Ties a declared route to the function that answers it. */
import type { Request, Response } from 'express'
import type { AnyRoute, BodyOf, ParamsOf, QueryOf, ResponseOf } from '../api/index.ts'
import type { Caller } from '../auth/caller.ts'

/** What a handler gets: everything already checked against the route's schemas. */
export interface Context<R extends AnyRoute> {
  params: ParamsOf<R>
  query: QueryOf<R>
  body: BodyOf<R>
  /** Absent on public routes. */
  caller: R['access'] extends 'public' ? Caller | undefined : Caller
  /** For raw bodies and headers; the answer is what the handler returns. */
  request: Request
  response: Response
}

export interface RouteHandler {
  route: AnyRoute
  run: (context: Context<AnyRoute>) => Promise<unknown>
}

/** Binds a handler to its route; what it returns is sent as JSON. */
export function handle<R extends AnyRoute>(route: R, run: (context: Context<R>) => ResponseOf<R> | Promise<ResponseOf<R>>): RouteHandler {
  return { route, run: async (context) => run(context as unknown as Context<R>) }
}
