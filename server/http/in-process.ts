/** Calls a route of another part within the gateway, as the same person. */
import type { AnyRoute, BodyOf, ParamsOf, QueryOf, ResponseOf } from '../api/index.ts'
import type { Caller } from '../auth/caller.ts'
import type { Context, RouteHandler } from './handler.ts'

/** Access is not judged again: whoever calls has a route of at least the same capability, or asks the caller for it. */
export type InProcess = <R extends AnyRoute>(
  route: R,
  input: { caller: Caller; params?: ParamsOf<R>; query?: QueryOf<R>; body?: BodyOf<R> },
) => Promise<ResponseOf<R>>

/** @throws Error for a route that nobody answers, a bug */
export function inProcess(handlers: () => readonly RouteHandler[]): InProcess {
  return async (route, { caller, params, query, body }) => {
    const handler = handlers().find((candidate) => candidate.route.id === route.id)
    if (!handler) throw new Error(`Nobody answers ${route.id}`)
    return (await handler.run({ caller, params, query, body } as unknown as Context<AnyRoute>)) as never
  }
}
