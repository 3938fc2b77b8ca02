/** Messages, values and charts of nodes on their way to the panels: gathered, so that a value a millisecond costs a few messages a second. */
import type { PanelServices, TileFace } from '../../nodes/operator/services.ts'
import type { TileNews } from '../api/panel.ts'
import type { GatewayLink } from './gateway-link.ts'

/** A person reads no faster. */
const NEWS_MS = 200
const FACES_MS = 20
/** Points of a chart between two news; more are thinned out. */
const MOST_POINTS = 100

interface Tile {
  face: TileFace
  last: TileNews | undefined
  points: [number, number][]
  isNew: boolean
}

export function createPanelServices(link: Pick<GatewayLink, 'call' | 'callPatiently' | 'notify' | 'hasRoom' | 'onConnection'>): {
  services: PanelServices
  close(): void
} {
  const tiles = new Map<string, Tile>()
  let facesTimer: NodeJS.Timeout | undefined
  let newsTimer: NodeJS.Timeout | undefined

  const tellFaces = () => {
    clearTimeout(facesTimer)
    facesTimer = undefined
    link.notify(
      'panelTiles',
      [...tiles].map(([nodeId, { face }]) => ({ nodeId, ...face })),
    )
  }
  const facesChanged = () => {
    facesTimer ??= setTimeout(tellFaces, FACES_MS)
  }
  const tellNews = () => {
    newsTimer = undefined
    // a gateway that is behind gets the newest later
    if (!link.hasRoom()) {
      newsTimer = setTimeout(tellNews, NEWS_MS)
      return
    }
    // of a tile that is not known yet nothing can be told
    if (facesTimer) tellFaces()
    const news: TileNews[] = []
    for (const tile of tiles.values()) {
      if (!tile.isNew || !tile.last) continue
      tile.isNew = false
      news.push(tile.points.length ? { ...tile.last, points: tile.points } : tile.last)
      tile.points = []
    }
    if (news.length) link.notify('panelTileNews', news)
  }

  const off = link.onConnection((isConnected) => {
    if (!isConnected) return
    // the gateway has forgotten us
    if (tiles.size) tellFaces()
    for (const tile of tiles.values()) tile.isNew ||= tile.last !== undefined
    newsTimer ??= setTimeout(tellNews, NEWS_MS)
  })

  return {
    services: {
      async message(request) {
        await link.callPatiently('panelMessage', request)
      },
      async clearMessage(request) {
        await link.callPatiently('clearPanelMessage', request)
      },
      registerTile({ nodeId, face }) {
        const before = tiles.get(nodeId)
        // a deploy starts a node anew: what it said last stays
        const tile: Tile = { face, last: before?.last, points: [], isNew: before?.last !== undefined }
        tiles.set(nodeId, tile)
        facesChanged()
        return {
          say(value) {
            const at = Date.now()
            tile.last = { nodeId, value, at: new Date(at).toISOString() }
            tile.isNew = true
            if (face.kind === 'chart' && typeof value === 'number' && Number.isFinite(value)) {
              tile.points.push([at, value])
              if (tile.points.length > MOST_POINTS) tile.points = tile.points.filter((_, index) => index % 2 === 1)
            }
            newsTimer ??= setTimeout(tellNews, NEWS_MS)
          },
          remove() {
            if (tiles.get(nodeId) !== tile) return
            tiles.delete(nodeId)
            facesChanged()
          },
        }
      },
    },
    close() {
      off()
      clearTimeout(facesTimer)
      clearTimeout(newsTimer)
    },
  }
}
