/** The tabs of a panel, and the way to arranging them. */
import { Bell, Box, Crosshair, Gauge, LayoutDashboard, LayoutGrid, LayoutPanelTop, ListOrdered, Move, PanelsTopLeft, Ruler } from 'lucide-react'
import type { LayoutTab, PanelPage } from '../../server/api/panel-layouts.ts'
import { useArrangeText } from './arrange/words.ts'
import { usePanelText } from './use-operator-text.ts'

const PAGE_ICONS: Record<PanelPage, typeof Gauge> = {
  status: Gauge,
  program: Box,
  move: Move,
  setup: Crosshair,
  measure: Ruler,
  work: ListOrdered,
  messages: Bell,
  cell: LayoutGrid,
}
const iconOf = (tab: LayoutTab) => (tab.kind === 'page' ? PAGE_ICONS[tab.page] : tab.kind === 'dashboard' ? LayoutDashboard : PanelsTopLeft)
/** Can be looked at on every panel, on it or not: what is urgent leads there. */
export const MESSAGES: LayoutTab = { kind: 'page', id: 'messages', page: 'messages' }

export interface PanelTabsProps {
  tabs: readonly LayoutTab[]
  /** One of them, or the messages. */
  shown: LayoutTab | undefined
  /** Messages that are open. */
  open: number
  /** One of them calls for somebody. */
  isCalling: boolean
  onChoose: (tabId: string) => void
  /** Whoever may. */
  onArrange: (() => void) | undefined
}

export function PanelTabs({ tabs, shown, open, isCalling, onChoose, onArrange }: PanelTabsProps) {
  const panel = usePanelText()
  const arrangeText = useArrangeText()
  return (
    <nav className="op-tabs" aria-label={panel.tabs.label}>
      {[...tabs, ...(shown === MESSAGES ? [MESSAGES] : [])].map((one) => {
        const Icon = iconOf(one)
        const isMessages = one.kind === 'page' && one.page === 'messages'
        return (
          <button key={one.id} type="button" aria-current={one === shown ? 'page' : undefined} data-testid={`tab-${one.id}`} onClick={() => onChoose(one.id)}>
            <Icon size={24} aria-hidden />
            <span>{one.name ?? (one.kind === 'page' ? (one.page === 'cell' ? panel.cell : panel.tabs[one.page]) : one.id)}</span>
            {isMessages && open > 0 && (
              <em data-calls={isCalling || undefined} data-testid="messages-count">
                {open}
              </em>
            )}
          </button>
        )
      })}
      {onArrange && (
        <button type="button" className="op-tabs-arrange" onClick={onArrange} data-testid="arrange-start">
          <LayoutPanelTop size={24} aria-hidden />
          <span>{arrangeText.arrange}</span>
        </button>
      )}
    </nav>
  )
}
