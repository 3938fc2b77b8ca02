/** The designer's business with the server: load, deploy, and notice that somebody else deployed. */
import { deployFlows, type FlowNode, type FlowProblem, getFlows, listNodeTypes, type RuntimeState } from '../../../server/api/flows.ts'
import { ApiError, call } from '../../shared/api.ts'
import { byId, diffFlows, merge, type NodeDiff } from '../model/diff.ts'
import type { Workspace } from '../workspace.ts'

export type DeployKind = 'nodes' | 'flows' | 'full'

/** Somebody else's deploy under our changes. */
export interface Conflict {
  by: string | undefined
  theirs: readonly FlowNode[]
  rev: string
  their: NodeDiff[]
  our: NodeDiff[]
  /** Node ids that both changed; empty: they go together. */
  both: string[]
}

export type DeployState =
  | { is: 'idle' }
  | { is: 'deploying' }
  | { is: 'done' }
  | { is: 'failed'; message: string; code: string; problems: FlowProblem[] }
  | { is: 'conflict'; conflict: Conflict }

export type LoadState = { is: 'loading' } | { is: 'loaded' } | { is: 'failed'; message: string }

export class FlowSession {
  readonly #workspace: Workspace
  readonly #listeners = new Set<() => void>()
  #load: LoadState = { is: 'loading' }
  #deploy: DeployState = { is: 'idle' }
  #rev = ''
  #runtime: RuntimeState | undefined
  /** A newer revision that came while there were changes here. */
  #newer: { rev: string; by: string | undefined } | undefined
  #version = 0
  /** What the live topic said last, whatever we were doing then. */
  #heard: { rev: string; by: string | undefined } | undefined
  /** Told when flows of somebody else were loaded because nothing was changed here. */
  onReloaded: ((by: string | undefined) => void) | undefined

  constructor(workspace: Workspace) {
    this.#workspace = workspace
  }

  get load(): LoadState {
    return this.#load
  }
  get deploy(): DeployState {
    return this.#deploy
  }
  get runtime(): RuntimeState | undefined {
    return this.#runtime
  }
  get newer(): { by: string | undefined } | undefined {
    return this.#newer
  }
  get version(): number {
    return this.#version
  }

  watch = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Fetches node types and flows, and shows them. Unsaved changes here are replaced, as a step that can be undone. */
  async open(): Promise<void> {
    this.#set({ load: { is: 'loading' } })
    try {
      const [types, deployed] = await Promise.all([call(listNodeTypes), call(getFlows)])
      this.#workspace.setTypes(types)
      this.#take(deployed.flows as FlowNode[], deployed.rev)
      this.#runtime = deployed.runtime
      this.#load = { is: 'loaded' }
      this.#weigh()
      this.#set({})
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      this.#set({ load: { is: 'failed', message: error.message } })
    }
  }

  /** What the live topic says of the flows. */
  heard({ runtime, rev, by }: { runtime: RuntimeState; rev: string; by?: string | undefined }): void {
    this.#runtime = runtime
    this.#heard = { rev, by }
    if (this.#deploy.is !== 'deploying') this.#weigh()
    this.#set({})
  }

  /** Is what was heard last newer than what we began from? Then it is shown, or announced when there are changes here. */
  #weigh(): void {
    const heard = this.#heard
    if (this.#load.is !== 'loaded' || !heard || heard.rev === this.#rev || heard.rev === this.#newer?.rev) return
    if (this.#workspace.model.isDirty) this.#newer = heard
    else void this.#reload(heard.by)
  }

  /**
   * Deploys what is on the screen.
   * @param isForced overwrites what somebody else deployed in the meantime
   */
  async run(kind: DeployKind, isForced = false): Promise<void> {
    if (this.#deploy.is === 'deploying') return
    this.#heard = undefined
    this.#set({ deploy: { is: 'deploying' } })
    const flows = this.#workspace.model.export()
    try {
      const { rev } = await call(deployFlows, { body: { flows, kind, ...(isForced ? {} : { rev: this.#rev }) } })
      this.#rev = rev
      this.#newer = undefined
      this.#workspace.model.markDeployed(flows)
      this.#set({ deploy: { is: 'done' } })
      // somebody deployed while our answer was on its way
      this.#weigh()
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      if (error.status === 409 && error.code === 'version-mismatch') await this.#meetConflict()
      else this.#set({ deploy: { is: 'failed', message: error.message, code: error.code, problems: problemsIn(error.details) } })
    }
  }

  /** Fetches what the others deployed and puts both sides beside each other. */
  async lookAtNewer(): Promise<void> {
    await this.#meetConflict()
  }

  /** Puts both people's changes together; they are then to be deployed. */
  mergeTheirs({ theirs, rev }: Conflict): void {
    const { model } = this.#workspace
    const merged = merge(model.deployed(), model.export(), theirs)
    if ('conflicts' in merged) return
    model.adopt('merge', merged.flows)
    this.#stand(theirs, rev)
  }

  /** Shows their version instead of ours; undo brings ours back. */
  takeTheirs({ theirs, rev }: Conflict): void {
    this.#workspace.model.adopt('adopt', theirs)
    this.#stand(theirs, rev)
  }

  /** Closes what the last deploy said. */
  dismiss(): void {
    if (this.#deploy.is !== 'deploying') this.#set({ deploy: { is: 'idle' } })
  }

  #stand(theirs: readonly FlowNode[], rev: string): void {
    this.#rev = rev
    this.#newer = undefined
    this.#workspace.model.markDeployed(theirs)
    this.#set({ deploy: { is: 'idle' } })
  }

  async #meetConflict(): Promise<void> {
    try {
      const now = await call(getFlows)
      const theirs = now.flows as FlowNode[]
      const { model } = this.#workspace
      const base = model.deployed()
      const merged = merge(base, model.export(), theirs)
      const conflict: Conflict = {
        by: this.#newer?.by,
        theirs,
        rev: now.rev,
        their: diffFlows(base, byId(theirs)),
        our: diffFlows(base, byId(model.export())),
        both: 'conflicts' in merged ? merged.conflicts : [],
      }
      this.#newer = { rev: now.rev, by: this.#newer?.by }
      this.#set({ deploy: { is: 'conflict', conflict } })
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      this.#set({ deploy: { is: 'failed', message: error.message, code: error.code, problems: [] } })
    }
  }

  async #reload(by: string | undefined): Promise<void> {
    try {
      const now = await call(getFlows)
      if (now.rev === this.#rev) return
      // somebody began to draw while this was on its way
      if (this.#workspace.model.isDirty) this.#newer = { rev: now.rev, by }
      else {
        this.#take(now.flows as FlowNode[], now.rev)
        this.onReloaded?.(by)
      }
      this.#set({})
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      // the next news, or the next deploy, tries again
      console.warn(`flows could not be reloaded: ${error.message}`)
    }
  }

  #take(flows: FlowNode[], rev: string): void {
    const { model } = this.#workspace
    if (model.isDirty) {
      model.adopt('adopt', flows)
      model.markDeployed(flows)
    } else model.load(flows)
    this.#rev = rev
    this.#newer = undefined
  }

  #set({ load, deploy }: { load?: LoadState; deploy?: DeployState }): void {
    if (load) this.#load = load
    if (deploy) this.#deploy = deploy
    this.#version += 1
    for (const listener of [...this.#listeners]) listener()
  }
}

function problemsIn(details: unknown): FlowProblem[] {
  const holder = details as { problems?: unknown; details?: { problems?: unknown } } | undefined
  const list = holder?.problems ?? holder?.details?.problems
  if (!Array.isArray(list)) return []
  return list
    .filter((item): item is FlowProblem => typeof item?.message === 'string')
    .map(({ nodeId, property, message }) => ({
      message,
      ...(typeof nodeId === 'string' && { nodeId }),
      ...(typeof property === 'string' && { property: property.replace(/^\//, '') }),
    }))
}
