/** What the fields of a form know of the node they belong to: its last real message, the names it may use. */
import { createContext, useContext, useEffect, useMemo, useState } from 'react'
import type { SeenMessage } from '../../host/last-messages.ts'
import { useHost } from '../../host/use-host.ts'
import type { FlowNode } from '../../model/raw.ts'
import { parentOf } from '../../model/raw.ts'
import { useWorkspace } from '../../use-workspace.ts'
import { contextKeys, type EnvName, environmentOf } from './known-names.ts'
import { type MessagePath, pathsOf } from './message-paths.ts'

export interface EditedNode {
  node: FlowNode | undefined
  /** The last message that went into it, where one was seen. */
  sample: SeenMessage | undefined
  paths: readonly MessagePath[]
  flowKeys: readonly string[]
  globalKeys: readonly string[]
  env: readonly EnvName[]
  /** The environment's values, for expressions. */
  environment: Readonly<Record<string, unknown>>
  /** Names of it that hold passwords and keys. */
  secrets: readonly string[]
}

const NOTHING: EditedNode = { node: undefined, sample: undefined, paths: [], flowKeys: [], globalKeys: [], env: [], environment: {}, secrets: [] }
// what any message has (nodered.org/docs/user-guide/messages), before one was seen
const USUAL: readonly MessagePath[] = ['payload', 'topic', '_msgid'].map((path) => ({ path, preview: '' }))

export const EditedNodeContext = createContext<EditedNode>(NOTHING)
export const useEditedNode = (): EditedNode => useContext(EditedNodeContext)

/** A new message is asked for so often while a form is open. */
const ASK_MS = 3_000

export function useSample(node: FlowNode): EditedNode {
  const host = useHost()
  const { model } = useWorkspace()
  const [sample, setSample] = useState<SeenMessage>()
  useEffect(() => {
    let isGone = false
    const ask = () => {
      host.lastMessages?.into(node.id).then(
        (seen) => {
          if (!isGone && seen) setSample((before) => (before && before.at.getTime() === seen.at.getTime() ? before : seen))
        },
        // no news of messages is no reason to disturb whoever fills in a form; completion works without
        () => {},
      )
    }
    ask()
    const timer = setInterval(ask, ASK_MS)
    return () => {
      isGone = true
      clearInterval(timer)
    }
  }, [host, node.id])
  return useMemo(() => {
    const env = environmentOf(model, node)
    return {
      node,
      sample,
      paths: sample ? pathsOf(sample.msg) : USUAL,
      flowKeys: contextKeys(model, 'flow', parentOf(node)),
      globalKeys: contextKeys(model, 'global', undefined),
      env,
      environment: Object.fromEntries(env.filter((one) => one.typed !== undefined).map(({ name, typed }) => [name, typed])),
      secrets: env.filter(({ isSecret }) => isSecret).map(({ name }) => name),
    }
  }, [model, node, sample])
}
