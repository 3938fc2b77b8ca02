/** React's view of the workspace: a component renders anew when the events it names happen. */
import { createContext, useCallback, useContext, useSyncExternalStore } from 'react'
import type { Workspace, WorkspaceEvents } from './workspace.ts'

export const WorkspaceContext = createContext<Workspace | undefined>(undefined)

export function useWorkspace(...events: (keyof WorkspaceEvents)[]): Workspace {
  const workspace = useContext(WorkspaceContext)
  if (!workspace) throw new Error('There is no workspace around this component')
  const names = events.join()
  const watch = useCallback(
    (changed: () => void) => {
      const ends = names ? names.split(',').map((event) => workspace.on(event as keyof WorkspaceEvents, changed)) : []
      return () => {
        for (const end of ends) end()
      }
    },
    [workspace, names],
  )
  useSyncExternalStore(watch, () => (names ? names.split(',').reduce((sum, event) => sum + workspace.version(event as keyof WorkspaceEvents), 0) : 0))
  return workspace
}
