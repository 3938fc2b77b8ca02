/** What stands in the flow and global context just now, for previews of expressions. */
import type { ContextValue, FlowNode } from '../../api/index.ts'
import type { NodeRed, RunningNode } from '../node-red.ts'
import { copyMessage } from './copy.ts'

interface ContextStore {
  get(key: string, store: string | undefined, done: (error: unknown, value?: unknown) => void): void
}
type WithContext = RunningNode & { context?: () => { flow?: ContextStore; global?: ContextStore } }

export interface ContextRequest {
  scope: 'flow' | 'global'
  /** The tab whose context it is; for `global` left out. */
  place?: string
  key: string
  store?: string
}

/**
 * @returns `isKnown: false` where nothing can be read: a tab that is not deployed, a subflow, each instance of which has a
 * context of its own, a key that is no path, or a store that is not there
 */
export async function readContext(red: Pick<NodeRed, 'nodes' | 'runtime'>, { scope, place, key, store }: ContextRequest): Promise<ContextValue> {
  const flows = ((await red.runtime.flows.getFlows({}))?.flows ?? []) as FlowNode[]
  const running = (flows: readonly FlowNode[]): WithContext | undefined => {
    for (const { id } of flows) {
      const node = red.nodes.getNode(id) as WithContext | null
      if (node?.context) return node
    }
    return undefined
  }
  const node = running(scope === 'flow' ? flows.filter(({ z }) => z === place && place !== undefined) : flows.filter(({ type }) => type !== 'tab'))
  const context = node?.context?.()[scope]
  if (!context) return { isKnown: false, cuts: [] }
  const read = await new Promise<{ value: unknown } | undefined>((resolve) => {
    try {
      context.get(key, store, (error, value) => resolve(error ? undefined : { value }))
    } catch {
      // a key that is no path, or a store that is not there: nothing can be read, and the reader is told so
      resolve(undefined)
    }
  })
  if (!read) return { isKnown: false, cuts: [] }
  // under its own name: what sounds like a secret is hidden, as in messages
  const name = /[^.[\]"']+(?=["'\]]*$)/.exec(key)?.[0] ?? key
  const { msg, cuts } = copyMessage({ [name]: read.value })
  return { isKnown: true, value: (msg as Record<string, unknown>)[name], cuts: cuts.map(({ path, ...cut }) => ({ ...cut, path: path.slice(1) })) }
}
