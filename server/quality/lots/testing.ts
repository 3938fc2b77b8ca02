/** For tests: calls a handler as a person who is signed in, without HTTP. */
import type { AnyRoute } from '../../api/index.ts'
import type { Context, RouteHandler } from '../../http/handler.ts'

/** Calls answer what the handler returns, or the file that it sends. */
export function callerOf(routes: readonly RouteHandler[]) {
  const caller = { userId: 'user_ann', name: 'Ann', capabilities: new Set() }
  return async (route: AnyRoute, given: { params?: object; query?: object; body?: object } = {}): Promise<unknown> => {
    const handler = routes.find((one) => one.route === route)
    if (!handler) throw new Error(`no handler for ${route.id}`)
    let sent: unknown
    const response = {
      status: () => response,
      setHeader: () => response,
      end(body: unknown) {
        sent = body
      },
    }
    const answer = await handler.run({ params: {}, query: {}, ...given, caller, response } as unknown as Context<AnyRoute>)
    return sent ?? answer
  }
}
