/**
 * What the flows do just now, for the pages: each viewer is told of what it has in view, at most ten times a second,
 * only when something changed, and never faster than its line takes it. The runtime keeps the figures and
 * stops counting a minute after nobody asked.
 */
import type { Logger } from '../../../base/log.ts'
import { type Activity, type ActivityLook, getContextValue, getPassedMessage } from '../../api/index.ts'
import { handle, type RouteHandler } from '../../http/handler.ts'
import type { LookHub, Viewer, ViewerLine } from '../../http/live-hub.ts'
import type { Runtime } from '../contract.ts'

/** Ten a second at most. */
const EVERY_MS = 100
/** While the runtime is away or its loop is blocked. */
const AWAY_MS = 1000
const ANSWER_MS = 5000
/** The overview has figures of whole seconds. */
const OVERVIEW_EVERY_MS = 1000
/** So much longer until the next one for every thousand things that changed: a whole busy tab is told of less often. */
const PAUSE_PER_THOUSAND_MS = 200

export function createActivity({ runtime, live, log }: { runtime: Pick<Runtime, 'peer'>; live: LookHub; log: Logger }): {
  routes: RouteHandler[]
  close(): void
} {
  const viewers = new Set<Viewer<'activity'>>()

  function open(line: ViewerLine<'activity'>): Viewer<'activity'> {
    let wanted: ActivityLook = {}
    /** What the page knows, of what it looked at then. */
    let known: { epoch: string; after: number; look: string } | undefined
    let overviewAt = 0
    let timer: NodeJS.Timeout | undefined
    let isAsking = false
    let isClosed = false

    const next = (ms: number) => {
      if (isClosed) return
      clearTimeout(timer)
      timer = setTimeout(() => void ask(), ms)
      timer.unref()
    }
    const ask = async () => {
      if (isAsking || isClosed) return
      if (!line.hasRoom()) return next(EVERY_MS)
      isAsking = true
      let pauseMs = EVERY_MS
      const startedAt = performance.now()
      try {
        const look = JSON.stringify([wanted.place, wanted.nodes])
        const isOverviewDue = wanted.withOverview === true && startedAt - overviewAt >= OVERVIEW_EVERY_MS
        const { withOverview: _, ...seen } = wanted
        const since = known?.look === look ? { epoch: known.epoch, after: known.after } : {}
        const { upTo, activity } = await runtime
          .peer()
          .call('activity', { ...since, look: isOverviewDue ? { ...seen, withOverview: true } : seen }, { timeoutMs: ANSWER_MS })
        if (isClosed) return
        known = { epoch: activity.epoch, after: upTo, look }
        if (isOverviewDue) overviewAt = startedAt
        if (says(activity)) line.send(activity)
        const changed = activity.wires.length + activity.nodes.length
        pauseMs = Math.max(EVERY_MS - (performance.now() - startedAt), 0) + (changed / 1000) * PAUSE_PER_THOUSAND_MS
      } catch (error) {
        // away, being restarted, or held up by a flow: the page sees that elsewhere, and here that nothing moves
        log.debug({ err: error }, 'no activity from the runtime')
        pauseMs = AWAY_MS
      } finally {
        isAsking = false
        next(pauseMs)
      }
    }
    const viewer: Viewer<'activity'> = {
      look(at) {
        const before = wanted
        wanted = at
        if (at.withOverview && !before.withOverview) overviewAt = 0
        if (timer === undefined) void ask()
      },
      close() {
        isClosed = true
        clearTimeout(timer)
        viewers.delete(viewer)
      },
    }
    viewers.add(viewer)
    return viewer
  }
  live.serve('activity', open)

  return {
    routes: [
      handle(getContextValue, ({ query: { scope, key, place, store } }) =>
        runtime
          .peer()
          .call('contextValue', { scope, key, ...(place === undefined ? {} : { place }), ...(store === undefined ? {} : { store }) }, { timeoutMs: ANSWER_MS }),
      ),
      handle(getPassedMessage, ({ query }) =>
        runtime.peer().call(
          'passedMessage',
          {
            ...(query.from === undefined ? {} : { from: query.from }),
            ...(query.port === undefined ? {} : { port: query.port }),
            ...(query.to === undefined ? {} : { to: query.to }),
          },
          { timeoutMs: ANSWER_MS },
        ),
      ),
    ],
    close() {
      for (const viewer of [...viewers]) viewer.close()
    },
  }
}

const says = ({ isWhole, wires, nodes, overview, thrown }: Activity) =>
  isWhole || wires.length > 0 || nodes.length > 0 || overview !== undefined || thrown !== undefined
