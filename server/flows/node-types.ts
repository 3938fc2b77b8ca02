/** The installed node types, asked of the runtime once a connection and kept while it is away. */
import type { NodeType } from '../api/index.ts'
import { neededCapability } from './fence.ts'
import type { RuntimeLink } from './link.ts'

export interface NodeTypes {
  /**
   * What the runtime last told, when it does not answer soon (a flow may block it).
   * @throws OperationalError runtime-away when no runtime has been there since the gateway started
   */
  list(): Promise<NodeType[]>
  /** What is installed may have changed. */
  forget(): void
}

/** Asking costs the runtime a walk over its registry; a palette change is seen after so long at the latest. */
const FRESH_MS = 5000
/** How long a hanging runtime keeps somebody who can be told what was installed before. */
const PATIENCE_MS = 1000

export function createNodeTypes(link: RuntimeLink): NodeTypes {
  let known: NodeType[] | undefined
  let askedAt = Number.NEGATIVE_INFINITY
  let asking: Promise<NodeType[]> | undefined
  let askedFor = Number.NEGATIVE_INFINITY
  const ask = async (): Promise<NodeType[]> => {
    const types = (await link.peer().call('nodeTypes', {}, { timeoutMs: 15_000 })) as NodeType[]
    // the runtime is not trusted with the fence's own table
    known = types.map((type) => ({ ...type, needs: neededCapability(type.type) }))
    askedAt = performance.now()
    return known
  }
  return {
    async list() {
      if (known && (!link.isConnected || performance.now() - askedAt < FRESH_MS)) return known
      if (!asking) {
        askedFor = performance.now()
        asking = ask().finally(() => {
          asking = undefined
        })
      }
      return known ? withPatience(asking, known, askedFor + PATIENCE_MS - performance.now()) : asking
    },
    forget() {
      askedAt = Number.NEGATIVE_INFINITY
    },
  }
}

/** The answer if it comes in time, else what was known before. */
async function withPatience<T>(answer: Promise<T>, before: T, patienceMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<T>((resolve) => {
    timer = setTimeout(resolve, Math.max(0, patienceMs), before)
  })
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
  }
}
