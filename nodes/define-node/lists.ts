/** The product's lists for the stock editor's forms: `GET <admin root>/cellwright/machines` and the like. Empty outside Cellwright. */
import { messageOf } from '../../base/errors.ts'
import { type CellwrightServices, cellwrightServices } from '../services.ts'
import type { Red } from './red.ts'

const served = new WeakSet<object>()

/** Adds the routes, once for each Node-RED. */
export function serveLists(red: Red): void {
  // absent where the admin API is switched off (httpAdminRoot: false)
  if (!red.httpAdmin?.get || served.has(red.httpAdmin)) return
  served.add(red.httpAdmin)
  const mayRead = red.auth.needsPermission('flows.read')
  const lists = {
    machines: (services: CellwrightServices) => services.machines(),
    programs: (services: CellwrightServices) => services.programs(),
    connections: (services: CellwrightServices) => services.connections(),
    'quality-characteristics': (services: CellwrightServices) => services.quality.characteristics(),
  }
  for (const [list, ask] of Object.entries(lists)) {
    red.httpAdmin.get(`/cellwright/${list}`, mayRead, (_request, response) => {
      const services = cellwrightServices(red)
      if (!services) return response.json([])
      ask(services).then(
        (rows) => response.json(rows.map(({ id, name }) => ({ id, name }))),
        (error: unknown) => response.status(503).json({ message: messageOf(error) }),
      )
    })
  }
}
