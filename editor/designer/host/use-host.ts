/** React's view of the host: areas add their actions and panels for as long as they are mounted. */
import { createContext, useContext, useEffect, useSyncExternalStore } from 'react'
import type { Action } from './action.ts'
import type { DesignerHost, SidePanel } from './designer-host.ts'

export const HostContext = createContext<DesignerHost | undefined>(undefined)

export function useHost(): DesignerHost {
  const host = useContext(HostContext)
  if (!host) throw new Error('There is no designer around this component')
  return host
}

/** @param actions the same array until their texts change */
export function useActions(actions: readonly Action[]): void {
  const host = useHost()
  useEffect(() => host.actions.add(actions), [host, actions])
}

export function usePanels(panels: readonly SidePanel[]): void {
  const host = useHost()
  useEffect(() => host.panels.add(panels), [host, panels])
}

export function useAllActions(): readonly Action[] {
  const { actions } = useHost()
  return useSyncExternalStore(actions.watch, actions.list)
}

export function useAllPanels(): readonly SidePanel[] {
  const { panels } = useHost()
  return useSyncExternalStore(panels.watch, panels.list)
}
