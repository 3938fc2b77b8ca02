/** The product's lists for the stock editor's forms: `GET <admin root>/cellwright/machines` and the like. Empty outside Cellwright. */
import { messageOf } from '../../base/errors.ts'
import { cellwrightServices } from '../services.ts'
import type { Red } from './red.ts'

const served = new WeakSet<object>()

/** Adds the routes, once for each Node-RED. */
export function serveLists(red: Red): void {
  // absent where the admin API is switched off (httpAdminRoot: false)
  if (!red.httpAdmin?.get || served.has(red.httpAdmin)) return
  served.add(red.httpAdmin)
  const mayRead = red.auth.needsPermission('flows.read')
  for (const list of ['machines', 'programs', 'connections'] as const) {
    red.httpAdmin.get(`/cellwright/${list}`, mayRead, (_request, response) => {
      const services = cellwrightServices(red)
      if (!services) return response.json([])
      services[list]().then(
        (rows) => response.json(rows.map(({ id, name }) => ({ id, name }))),
        (error: unknown) => response.status(503).json({ message: messageOf(error) }),
      )
    })
  }
}
