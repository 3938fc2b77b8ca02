/** What the forms add to the designer: the panel of shared settings, and actions that open forms. */
import { Database, Globe2, Settings2, SlidersHorizontal } from 'lucide-react'
import { useMemo } from 'react'
import type { Action } from '../host/action.ts'
import type { SidePanel } from '../host/designer-host.ts'
import { useActions, useHost, usePanels } from '../host/use-host.ts'
import { newId } from '../model/raw.ts'
import { SharedPanel } from './shared-settings/shared-panel.tsx'
import { useConfigText } from './text.ts'

export function ConfigFeature() {
  const text = useConfigText()
  const host = useHost()
  usePanels(useMemo((): SidePanel[] => [{ id: 'shared', title: text.shared.title, icon: Database, order: 15, body: SharedPanel }], [text]))
  useActions(
    useMemo((): Action[] => {
      const { workspace } = host
      return [
        {
          id: 'config.flow',
          title: text.actions.editFlow,
          group: 'edit',
          icon: SlidersHorizontal,
          words: text.actions.flowWords,
          on: ['nothing'],
          isShown: () => workspace.place !== undefined,
          run: () => {
            if (workspace.place !== undefined) host.page?.edit(workspace.place)
          },
        },
        {
          id: 'config.shared',
          title: text.shared.title,
          group: 'view',
          icon: Settings2,
          // as in Node-RED's editor
          keys: ['Ctrl+G C'],
          isEverywhere: true,
          words: text.shared.words,
          isInMenu: true,
          run: () => host.page?.openPanel('shared'),
        },
        {
          id: 'config.globalEnv',
          title: text.actions.globalEnv,
          group: 'edit',
          icon: Globe2,
          words: text.actions.globalWords,
          isInMenu: true,
          run: () => {
            const { model } = workspace
            let id = model.configNodes('global-config')[0]?.id
            if (id === undefined) {
              const made = newId()
              // the form Node-RED gives it (@node-red/nodes, common/91-global-config.html)
              model.edit('add', (draft) => draft.put({ id: made, type: 'global-config', env: [], modules: {} }))
              id = made
            }
            host.page?.edit(id)
          },
        },
      ]
    }, [host, text]),
  )
  return null
}
