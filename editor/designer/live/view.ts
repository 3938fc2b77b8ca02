/** What the server is asked to tell of: the nodes in the window, or the whole tab where there are too many of them. */
import type { ActivityLook } from '../../../server/api/activity.ts'
import type { FlowCanvas } from '../canvas/flow-canvas.ts'

const MOST_NODES = 400
/** A message of a page is at most 16 kB. */
const MOST_CHARACTERS = 12_000

/** @param options.withOverview all flows together, too */
export function lookOf(canvas: FlowCanvas | undefined, place: string | undefined, options: { withOverview: boolean }): ActivityLook {
  const overview = options.withOverview ? { withOverview: true } : {}
  if (!canvas || place === undefined) return overview
  const seen = canvas.area.nodeGrid.within(canvas.view.visible)
  const nodes = seen.size > MOST_NODES ? [] : [...seen].sort()
  const isTooMuch = seen.size > MOST_NODES || nodes.reduce((sum, id) => sum + id.length + 3, 0) > MOST_CHARACTERS
  return { place, ...(isTooMuch || nodes.some((id) => id.length > 120) ? {} : { nodes }), ...overview }
}
