/** Whether a value is as it should be. No DOM. */
import type { PanelTile } from '../../../server/api/panel.ts'

export type TileTone = 'normal' | 'warning' | 'alarm'

export function toneOf({ value, warnBelow, warnAbove, alarmBelow, alarmAbove }: PanelTile): { tone: TileTone; side?: 'low' | 'high' } {
  if (typeof value !== 'number') return { tone: 'normal' }
  if (alarmBelow !== undefined && value < alarmBelow) return { tone: 'alarm', side: 'low' }
  if (alarmAbove !== undefined && value > alarmAbove) return { tone: 'alarm', side: 'high' }
  if (warnBelow !== undefined && value < warnBelow) return { tone: 'warning', side: 'low' }
  if (warnAbove !== undefined && value > warnAbove) return { tone: 'warning', side: 'high' }
  return { tone: 'normal' }
}

/** Said so long ago that it may not look current. */
export function isOld({ at, staleAfterS }: PanelTile, now: number): boolean {
  return staleAfterS !== undefined && staleAfterS > 0 && at !== undefined && now - Date.parse(at) > staleAfterS * 1000
}
