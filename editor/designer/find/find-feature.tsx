/** Finding and doing: the base actions, the keys, the context menu, the command palette, the search, going to and fro. */
import { useMantineColorScheme } from '@mantine/core'
import { TextSearch } from 'lucide-react'
import { useCallback, useEffect, useMemo, useState } from 'react'
import { may, useMe } from '../../shared/me.ts'
import type { Action } from '../host/action.ts'
import type { SidePanel } from '../host/designer-host.ts'
import { useActions, useAllPanels, useHost, usePanels } from '../host/use-host.ts'
import type { FlowNode } from '../model/raw.ts'
import { FlowList } from '../tabs/flow-list.tsx'
import { useAddress } from '../tabs/use-address.ts'
import { useDesignerText } from '../text.ts'
import { baseActions } from './base-actions.ts'
import { CommandPalette } from './command-palette.tsx'
import { ContextMenu } from './context-menu.tsx'
import { GoToDialog } from './go-to-dialog.tsx'
import { InjectFeature } from './inject.tsx'
import { hiddenTabs } from './kept.ts'
import { KeyListener } from './key-listener.tsx'
import { navigateActions } from './navigate-actions.ts'
import { NodeButtons } from './node-buttons.tsx'
import { menuActions, pageActions } from './page-actions.ts'
import { PlaceHistory } from './place-history.ts'
import { SearchPanel } from './search-panel.tsx'
import { SearchState } from './search-state.ts'
import { useFindText } from './text.ts'

type Open = { is: 'palette'; isCommandsOnly: boolean } | { is: 'flows' } | { is: 'go-to'; from: FlowNode }

export function FindFeature() {
  const host = useHost()
  const text = useFindText()
  const designer = useDesignerText()
  const { me } = useMe()
  const panels = useAllPanels()
  const { setColorScheme } = useMantineColorScheme()
  const [open, setOpen] = useState<Open>()
  const [search] = useState(() => new SearchState(host.workspace))
  const [history, setHistory] = useState<PlaceHistory>()
  const mayDeploy = may(me, 'flows.deploy')
  const mayCode = may(me, 'flows.code')

  useEffect(() => {
    const made = new PlaceHistory(host.workspace)
    setHistory(made)
    // what is gone to is there to stay
    const end = host.workspace.on('place', () => host.workspace.place !== undefined && hiddenTabs.remove(host.workspace.place))
    return () => {
      made.close()
      end()
    }
  }, [host])
  useSideButtons(history)
  useAddress()

  const openSearch = useCallback(
    (query?: string) => {
      if (query !== undefined) search.ask(query)
      const field = document.querySelector<HTMLInputElement>('[data-testid="search-input"]')
      if (!field) {
        host.page?.openPanel('search')
        return
      }
      field.focus()
      field.select()
    },
    [host, search],
  )

  usePanels(
    useMemo(
      (): SidePanel[] => [
        { id: 'search', title: text.search.label, icon: TextSearch, order: 5, body: ({ onClose }) => <SearchPanel state={search} onClose={onClose} /> },
      ],
      [text, search],
    ),
  )
  useActions(useMemo(() => baseActions({ host, text, designer, mayDeploy }), [host, text, designer, mayDeploy]))
  useActions(
    useMemo(
      (): Action[] => [
        ...menuActions({ host, text, openPalette: (isCommandsOnly) => setOpen({ is: 'palette', isCommandsOnly }) }),
        ...(history
          ? navigateActions({
              host,
              text,
              search,
              history,
              openSearch,
              choose: (from) => setOpen({ is: 'go-to', from }),
              openFlowList: () => setOpen({ is: 'flows' }),
            })
          : []),
        ...pageActions({ host, text, panels, setColors: setColorScheme, mayCode }),
      ],
      [host, text, panels, setColorScheme, mayCode, history, search, openSearch],
    ),
  )
  const close = () => {
    setOpen(undefined)
    host.focus()
  }
  return (
    <>
      <KeyListener />
      <InjectFeature />
      <NodeButtons />
      <ContextMenu />
      {open?.is === 'palette' && <CommandPalette isCommandsOnly={open.isCommandsOnly} onClose={() => setOpen(undefined)} onSearch={openSearch} />}
      {open?.is === 'flows' && <FlowList onClose={close} />}
      {open?.is === 'go-to' && <GoToDialog from={open.from} onClose={close} onUsages={(id) => openSearch(`uses:${id}`)} />}
    </>
  )
}

/** The back and forward buttons of a mouse, over the designer: they would leave the page. */
function useSideButtons(history: PlaceHistory | undefined): void {
  useEffect(() => {
    const press = (event: MouseEvent) => {
      if (event.button !== 3 && event.button !== 4) return
      event.preventDefault()
      if (event.type !== 'mouseup') return
      if (event.button === 3) history?.back()
      else history?.forward()
    }
    addEventListener('mousedown', press)
    addEventListener('mouseup', press)
    return () => {
      removeEventListener('mousedown', press)
      removeEventListener('mouseup', press)
    }
  }, [history])
}
