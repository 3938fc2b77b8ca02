/** What the flow runtime tells the gateway of panels, besides buttons; spread into server/runtime/contract.ts. */
import { Type } from 'typebox'
import { MessagePriority, TileFace, TileNews } from '../api/panel.ts'

const Done = Type.Null()
const Key = Type.String({ minLength: 1, maxLength: 200 })
const closed = { additionalProperties: false }

export const panelAsks = {
  panelMessage: {
    params: Type.Object(
      {
        nodeId: Type.String(),
        runId: Type.Optional(Type.String()),
        key: Key,
        priority: MessagePriority,
        machineId: Type.Optional(Type.String()),
        title: Type.String({ minLength: 1, maxLength: 200 }),
        text: Type.Optional(Type.String({ maxLength: 2000 })),
        needsAck: Type.Boolean(),
        lasts: Type.Boolean(),
      },
      closed,
    ),
    result: Done,
  },
  clearPanelMessage: { params: Type.Object({ nodeId: Type.String(), key: Key }, closed), result: Done },
}

export const panelNotices = {
  /** The values and charts of all running nodes: the whole list when one comes or goes. */
  panelTiles: Type.Array(TileFace, { maxItems: 2000 }),
  /** What is new of them, gathered. */
  panelTileNews: Type.Array(TileNews, { maxItems: 2000 }),
}
