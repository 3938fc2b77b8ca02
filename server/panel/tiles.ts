/** Values and charts that flows show: what each was last, and of a chart what it was before, in memory. */
import type { RpcNotice } from '../../base/rpc.ts'
import type { PanelTile, TileFace, TileNews } from '../api/index.ts'
import type { LiveHub } from '../http/live-hub.ts'
import type { gatewayRpc } from '../runtime/contract.ts'

/** Of one chart: its width in pixels on a wall screen. */
const MOST_POINTS = 1200

interface Known {
  face: TileFace
  value?: TileNews['value']
  at?: string
  points: [number, number][]
}

export interface TilesPart {
  rpc: {
    notifications: {
      panelTiles(faces: RpcNotice<typeof gatewayRpc, 'panelTiles'>): void
      panelTileNews(news: RpcNotice<typeof gatewayRpc, 'panelTileNews'>): void
    }
  }
  list(): PanelTile[]
}

export function createTiles({ live }: { live: Pick<LiveHub, 'provide' | 'publish'> & { refresh(topic: 'panel-tiles'): void } }): TilesPart {
  let tiles = new Map<string, Known>()
  const list = (): PanelTile[] =>
    [...tiles.values()].map(({ face, value, at, points }) => ({
      ...face,
      ...(value === undefined ? {} : { value }),
      ...(at === undefined ? {} : { at }),
      ...(face.kind === 'chart' ? { points } : {}),
    }))
  live.provide('panel-tiles', list)
  return {
    list,
    rpc: {
      notifications: {
        panelTiles(faces) {
          tiles = new Map(faces.map((face) => [face.nodeId, { ...(tiles.get(face.nodeId) ?? { points: [] }), face }]))
          live.refresh('panel-tiles')
        },
        panelTileNews(news) {
          const told = news.filter(({ nodeId }) => tiles.has(nodeId))
          for (const { nodeId, value, at, points } of told) {
            const tile = tiles.get(nodeId)
            if (!tile) continue
            tile.value = value
            tile.at = at
            if (points) tile.points = kept([...tile.points, ...points], tile.face.spanS)
          }
          if (told.length) live.publish('panel-tiles', told)
        },
      },
    },
  }
}

/** The newest of a chart's time, not more than it can show: the older half is thinned out first. */
export function kept(points: [number, number][], spanS = 3600): [number, number][] {
  const newest = points.at(-1)?.[0] ?? 0
  const from = points.findIndex(([at]) => at >= newest - spanS * 1000)
  const within = points.slice(Math.max(0, from))
  if (within.length <= MOST_POINTS) return within
  const half = Math.floor(within.length / 2)
  return [...within.slice(0, half).filter((_, index) => index % 2 === 0), ...within.slice(half)].slice(-MOST_POINTS)
}
