/** Values and charts of flows as they are told: what is new is put beside what was there. */
import type { PanelTile, TileNews } from '../../../server/api/panel.ts'
import { type LiveValue, useLive } from '../../shared/live.ts'

/** On one panel: a pixel each. */
const MOST_POINTS = 1200

/** Tiles with the news in them; a chart keeps the points of its time. */
export function withNews(tiles: readonly PanelTile[], news: readonly TileNews[]): PanelTile[] {
  const byNode = new Map(news.map((one) => [one.nodeId, one]))
  return tiles.map((tile) => {
    const fresh = byNode.get(tile.nodeId)
    if (!fresh) return tile
    const { value, at, points } = fresh
    if (tile.kind !== 'chart' || !points?.length) return { ...tile, value, at }
    const from = (points.at(-1)?.[0] ?? 0) - (tile.spanS ?? 3600) * 1000
    return { ...tile, value, at, points: [...(tile.points ?? []), ...points].filter(([time]) => time >= from).slice(-MOST_POINTS) }
  })
}

export function useTiles(): LiveValue<PanelTile[]> {
  return useLive<'panel-tiles', PanelTile[]>('panel-tiles', withNews as (value: PanelTile[], change: TileNews[]) => PanelTile[])
}
