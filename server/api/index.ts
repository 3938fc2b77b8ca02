/** What goes over the wire: every resource, route and topic. Browser-safe: the server, the CLI and the pages import it. */
import * as activity from './activity.ts'
import * as flowDebugger from './debugger.ts'
import * as flows from './flows.ts'
import * as machines from './machines.ts'
import * as motion from './motion.ts'
import * as people from './people.ts'
import type { AnyRoute } from './route.ts'
import * as together from './together.ts'
import * as work from './work.ts'

export * from './access.ts'
export * from './activity.ts'
export * from './debugger.ts'
export * from './flows.ts'
export * from './live.ts'
export * from './machines.ts'
export * from './motion.ts'
export * from './people.ts'
export * from './route.ts'
export * from './together.ts'
export * from './work.ts'

/** Every route of the API, for the OpenAPI document and the test that walks them all. */
export const ROUTES: readonly AnyRoute[] = [activity, flowDebugger, flows, machines, motion, people, together, work].flatMap((area) =>
  (Object.values(area) as unknown[]).filter(
    (value): value is AnyRoute => typeof value === 'object' && value !== null && 'method' in value && 'path' in value && 'access' in value,
  ),
)
