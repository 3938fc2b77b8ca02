/**
 * Deploys through Node-RED and waits until the flows really run. Node-RED answers before it starts anything, and
 * answers 200 also when one unknown type keeps everything stopped (reference: trap 3); the truth is in its events.
 */
import { messageOf, OperationalError, UserError } from '../../base/errors.ts'
import type { RpcParams } from '../../base/rpc.ts'
import type { FlowNode, FlowProblem } from '../api/flows.ts'
import { bringContext } from './bring-context.ts'
import type { runtimeRpc } from './contract.ts'
import type { EditorUser, LogRecord, NodeRed } from './node-red.ts'

/** How the flows are, as the gateway shows it. */
export interface Lifecycle {
  flows: 'running' | 'stopped' | 'safe' | 'failed'
  text?: string
  rev?: string
}

interface RuntimeEvent {
  id: string
  payload?: { state?: string; error?: string; types?: string[]; modules?: { module: string; error: string }[]; revision?: string }
}

const START_TIMEOUT_MS = 60_000

export interface Deployer {
  readonly lifecycle: Lifecycle
  deploy(request: RpcParams<typeof runtimeRpc, 'deploy'>): Promise<{ rev: string }>
}

/**
 * Watches Node-RED from now on (call before `start`) and tells `onLifecycle` each change.
 */
export function createDeployer(red: NodeRed, onLifecycle: (lifecycle: Lifecycle) => void): Deployer {
  let lifecycle: Lifecycle = { flows: 'stopped' }
  /** Nodes whose constructor threw since the last start began: Node-RED only logs it and leaves the node out. */
  let broken: FlowProblem[] = []
  let isStarting = false
  let names = new Map<string, string>()
  const waiting = new Set<(lifecycle: Lifecycle) => void>()

  const set = (next: Lifecycle) => {
    lifecycle = next
    onLifecycle(next)
    if (next.flows === 'stopped') return
    for (const listener of waiting) listener(next)
  }
  red.events.on('flows:starting', ({ config }: { config?: { flows?: FlowNode[] } }) => {
    isStarting = true
    names = new Map((config?.flows ?? []).flatMap((node) => (typeof node.name === 'string' && node.name ? [[node.id, node.name]] : [])))
  })
  red.events.on('flows:started', (event: { config?: { rev?: string } }) => {
    isStarting = false
    const rev = event.config?.rev
    const text = broken.length ? `Could not be started: ${broken.map((problem) => problem.message).join(' ')}` : undefined
    set({ flows: text ? 'failed' : 'running', ...(text ? { text } : {}), ...(rev ? { rev } : {}) })
  })
  red.events.on('flows:stopped', () => {
    broken = []
    set({ flows: 'stopped' })
  })
  red.events.on('runtime-event', ({ id, payload }: RuntimeEvent) => {
    if (id !== 'runtime-state' || !payload?.error) return
    if (payload.error === 'missing-types')
      set({ flows: 'failed', text: `Flows are stopped: these node types are not installed: ${(payload.types ?? []).join(', ')}.` })
    else if (payload.error === 'missing-modules')
      set({ flows: 'failed', text: `Flows are stopped: modules could not be loaded: ${(payload.modules ?? []).map((each) => each.module).join(', ')}.` })
    else if (payload.error === 'safe-mode')
      set({ flows: 'safe', text: 'Flows are stopped because the runtime crashed several times. Change what is wrong and deploy.' })
    else if (payload.error === 'credentials_load_failed')
      set({
        flows: 'failed',
        text: 'Flows are stopped: their stored passwords cannot be read with the key of this installation. Put the right key file back, or deploy with the passwords entered again.',
      })
  })
  red.log.addHandler({
    emit(_event, record: LogRecord) {
      // createNode logs a constructor's error with the node's id while flows start (@node-red/runtime/lib/flows/util.js)
      if (!isStarting || record.level > 20 || !record.id || !(record.msg instanceof Error)) return
      const nodeId = record._alias ?? record.id
      broken.push({ nodeId, message: `"${names.get(nodeId) ?? nodeId}" (${record.type}): ${record.msg.message}.` })
    },
  })

  async function started(): Promise<Lifecycle> {
    let timer: NodeJS.Timeout | undefined
    let listener: (lifecycle: Lifecycle) => void = () => {}
    try {
      return await new Promise<Lifecycle>((resolve) => {
        listener = resolve
        waiting.add(listener)
        timer = setTimeout(() => resolve({ flows: 'failed', text: `The flows did not start within ${START_TIMEOUT_MS / 1000} s.` }), START_TIMEOUT_MS)
      })
    } finally {
      clearTimeout(timer)
      waiting.delete(listener)
    }
  }

  return {
    get lifecycle() {
      return lifecycle
    },
    async deploy({ flows, credentials, rev, kind, by, ticket, isRestore, context }) {
      const user: EditorUser = { username: by, permissions: '*', ...(ticket ? { ticket } : {}) }
      const before = isRestore ? undefined : structuredClone(await red.nodes.exportCredentials())
      if (isRestore && credentials) await replaceCredentials(red, credentials as CredentialSet)
      if (context) await bringContext(context, flows)
      broken = []
      const outcome = started()
      let answer: { rev: string | undefined }
      try {
        answer = await red.runtime.flows.setFlows({
          user,
          flows: { flows: isRestore ? flows : withCredentials(flows, credentials), ...(rev === undefined ? {} : { rev }) },
          deploymentType: kind,
        })
      } catch (error) {
        for (const listener of waiting) listener(lifecycle)
        if ((error as { code?: unknown }).code === 'version_mismatch')
          throw new UserError({
            code: 'version-mismatch',
            status: 409,
            message: 'The flows were changed by somebody else in the meantime. Load the current flows, bring in your change and deploy again.',
          })
        // parseConfig and friends throw plain errors about what is wrong with the flows; nothing was stopped yet
        if (before) await replaceCredentials(red, before)
        throw error instanceof UserError || error instanceof OperationalError
          ? error
          : new OperationalError({ code: 'deploy-failed', status: 422, message: `Node-RED refused the flows: ${messageOf(error)}`, cause: error })
      }
      // when the flows could not even be loaded at the start, Node-RED takes new ones and leaves them stopped
      if ((await red.runtime.flows.getState({})).state === 'stop') await red.nodes.startFlows()
      let result = await outcome
      // what the stock editor deployed just before may start in between
      while (result.flows === 'running' && result.rev !== answer.rev) result = lifecycle.rev === answer.rev ? lifecycle : await started()
      if (result.flows !== 'running' || answer.rev === undefined)
        throw new OperationalError({
          code: 'deploy-failed',
          status: 422,
          message: result.text ?? 'The flows did not start.',
          details: { problems: broken.length ? broken : [{ message: result.text ?? 'The flows did not start.' }] },
        })
      return { rev: answer.rev }
    },
  }
}

type CredentialSet = Record<string, Record<string, unknown>>

/** Node-RED takes new credentials from the nodes themselves and merges them with what it has. */
function withCredentials(flows: FlowNode[], credentials: Record<string, unknown> | undefined): FlowNode[] {
  if (!credentials) return flows
  return flows.map((node) => (Object.hasOwn(credentials, node.id) ? { ...node, credentials: credentials[node.id] } : node))
}

/** Makes `good` the whole set in memory. */
export async function replaceCredentials(red: NodeRed, good: CredentialSet): Promise<void> {
  red.nodes.clearCredentials()
  for (const [id, set] of Object.entries(good)) await red.nodes.addCredentials(id, set)
}
