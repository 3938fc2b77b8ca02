/** What nodes may show on the operator panel, besides buttons: messages, values and charts. */

/** How a value or a chart looks. */
export interface TileFace {
  kind: 'value' | 'chart'
  label: string
  unit?: string
  decimals: number
  machineId?: string
  /** Outside of these it is abnormal. */
  warnBelow?: number
  warnAbove?: number
  alarmBelow?: number
  alarmAbove?: number
  /** Without news for so long it is shown as old. @defaultValue it stays */
  staleAfterS?: number
  /** Seconds that a chart shows. */
  spanS?: number
}

interface PanelMessageRequest {
  nodeId: string
  runId?: string
  /** The same key is the same matter: said again it is changed, not shown twice. */
  key: string
  priority: 'alarm' | 'warning' | 'action' | 'info'
  machineId?: string
  title: string
  text?: string
  /** It stays until a person has acknowledged it. */
  needsAck: boolean
  /** It lasts until it is cleared; otherwise it is over at once, and stays for its acknowledgement only. */
  lasts: boolean
}

export interface PanelServices {
  /** Shows a message. Waits for a gateway that is away. */
  message(request: PanelMessageRequest): Promise<void>
  /** What the key tells of is over. */
  clearMessage(request: { nodeId: string; key: string }): Promise<void>
  /** Puts a value or a chart on the panel. News is gathered: a node may say a thousand values a second. */
  registerTile(request: { nodeId: string; face: TileFace }): {
    say(value: number | string | boolean): void
    remove(): void
  }
}
