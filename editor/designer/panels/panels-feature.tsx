/** The side panels: outline, debug, versions, problems. */
import { Bug, History, ListTree, TriangleAlert } from 'lucide-react'
import { useMemo } from 'react'
import type { SidePanel } from '../host/designer-host.ts'
import { useHost, usePanels } from '../host/use-host.ts'
import { useDesignerText } from '../text.ts'
import { DebugPanel } from './debug-panel.tsx'
import { OutlinePanel } from './outline-panel.tsx'
import { ProblemsPanel } from './problems-panel.tsx'
import { VersionsPanel } from './versions-panel.tsx'

export function PanelsFeature() {
  const text = useDesignerText().toolbar
  const host = useHost()
  usePanels(
    useMemo((): SidePanel[] => {
      const open = (id: string) => host.page?.edit(id)
      return [
        { id: 'outline', title: text.outline, icon: ListTree, order: 10, body: ({ onClose }) => <OutlinePanel onClose={onClose} onOpen={open} /> },
        { id: 'debug', title: text.debug, icon: Bug, order: 20, body: ({ onClose }) => <DebugPanel log={host.log} onClose={onClose} /> },
        { id: 'versions', title: text.versions, icon: History, order: 30, body: VersionsPanel },
        {
          id: 'problems',
          title: text.problems,
          icon: TriangleAlert,
          order: 40,
          body: ({ onClose }) => <ProblemsPanel onClose={onClose} onOpen={open} />,
          count: () => [...host.workspace.problems.values()].reduce((sum, list) => sum + list.length, 0),
        },
      ]
    }, [host, text]),
  )
  return null
}
