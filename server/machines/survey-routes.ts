/** Routes of the set-up of a machine: the ports of this host, and what is behind one. */
import { listSerialPorts, surveyLink } from '../api/index.ts'
import { handle, type RouteHandler } from '../http/handler.ts'
import type { RouteParts } from './route-parts.ts'

export function surveyRoutes({ machines, surveys, audit }: RouteParts): RouteHandler[] {
  return [
    handle(listSerialPorts, () => surveys.list(machines.list())),
    handle(surveyLink, ({ body: { link, controller }, caller }) => {
      audit.record({ caller, action: 'looked behind a link', detail: { link } })
      return surveys.survey({ link, controller }, machines.list())
    }),
  ]
}
