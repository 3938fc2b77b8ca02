/** The shown flow in the address (`#flow/<id>`, as in Node-RED's editor), so that it can be linked; `#node/<id>` leads to a node. */
import { useEffect } from 'react'
import { useHost } from '../host/use-host.ts'
import { useSession } from '../use-session.ts'
import type { Workspace } from '../workspace.ts'

const ADDRESS = /^#(flow|node)\/([^/]+)/

export function useAddress(): void {
  const { workspace } = useHost()
  const isLoaded = useSession().load.is === 'loaded'
  useEffect(() => {
    if (!isLoaded) return
    follow(workspace)
    const write = () => {
      if (workspace.place !== undefined) history.replaceState(history.state, '', `#flow/${workspace.place}`)
    }
    const end = workspace.on('place', write)
    const changed = () => follow(workspace)
    addEventListener('hashchange', changed)
    return () => {
      end()
      removeEventListener('hashchange', changed)
    }
  }, [workspace, isLoaded])
}

function follow(workspace: Workspace): void {
  const id = ADDRESS.exec(location.hash)?.[2]
  if (id !== undefined) workspace.reveal(decodeURIComponent(id))
}
