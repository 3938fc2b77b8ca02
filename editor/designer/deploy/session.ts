/** The designer's business with the server: load, keep the draft, check, deploy, and notice that somebody else deployed. */
import {
  checkFlows,
  deployFlows,
  type FlowAdvice,
  type FlowNode,
  type FlowProblem,
  getFlows,
  getVersion,
  listNodeTypes,
  type RuntimeState,
} from '../../../server/api/flows.ts'
import type { DeployProgress, FlowDraft } from '../../../server/api/together.ts'
import { ApiError, call } from '../../shared/api.ts'
import { byId, diffFlows, type NodeDiff } from '../model/diff.ts'
import type { Workspace } from '../workspace.ts'
import { applyChanges, changesFrom, isNothing } from './changes.ts'
import { Comparison } from './comparison.ts'
import { DraftKeeper } from './draft-keeper.ts'
import { isListAlwaysShown } from './list-wanted.ts'
import { type Decisions, type MergePlan, mergeFlows, planMerge } from './merge.ts'

export type DeployKind = 'nodes' | 'flows' | 'full'
type Base = FlowDraft['base']

/** Somebody else's deploy under our changes. */
export interface Conflict {
  by: string | undefined
  theirs: readonly FlowNode[]
  base: Base
  their: NodeDiff[]
  our: NodeDiff[]
  plan: MergePlan
}

/** What the check before a deploy found. */
export interface Check {
  /** What was checked: a deploy sends exactly this, whatever was drawn since. */
  flows: readonly FlowNode[]
  problems: readonly FlowProblem[]
  advice: readonly FlowAdvice[]
  at: Date
}

/** The list that a person looks at before a deploy. */
export interface Review {
  kind: DeployKind
  check: Check
  comment: string
}

export type DeployState =
  | { is: 'idle' }
  | { is: 'checking' }
  | { is: 'review'; review: Review }
  | { is: 'deploying'; id: string }
  | { is: 'done'; versionId: string; comment: string }
  | { is: 'failed'; message: string; code: string; problems: FlowProblem[] }
  | { is: 'conflict'; conflict: Conflict }

export type LoadState = { is: 'loading' } | { is: 'loaded' } | { is: 'failed'; message: string }

/** A draft that was there when the page opened. */
export interface BroughtBack {
  at: Date
  count: number
  /** Somebody deployed since, and both went together. */
  isMerged: boolean
}

export class FlowSession {
  readonly #workspace: Workspace
  readonly #listeners = new Set<() => void>()
  readonly draft: DraftKeeper
  /** What is drawn against what runs, or against a version. */
  readonly comparison: Comparison
  #load: LoadState = { is: 'loading' }
  #deploy: DeployState = { is: 'idle' }
  #base: Base = { rev: '' }
  #runtime: RuntimeState | undefined
  /** A newer revision that came while there were changes here. */
  #newer: { rev: string; by: string | undefined } | undefined
  #version = 0
  /** What the live topic said last, whatever we were doing then. */
  #heard: { rev: string; by: string | undefined } | undefined
  #broughtBack: BroughtBack | undefined
  #check: Check | undefined
  #progress: DeployProgress | undefined
  /** Proposed as the reason of the next deploy: what was put back. */
  #reason = ''
  #kind: DeployKind = 'nodes'
  /** Shows the check list also where it has nothing to say. */
  isListWanted: () => boolean = isListAlwaysShown
  /** Told when flows of somebody else were loaded because nothing was changed here. */
  onReloaded: ((by: string | undefined) => void) | undefined

  constructor(workspace: Workspace) {
    this.#workspace = workspace
    this.comparison = new Comparison(workspace)
    this.draft = new DraftKeeper({ model: workspace.model, base: () => this.#base, storage: storage() })
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
  /** How the next deploy is done. */
  get kind(): DeployKind {
    return this.#kind
  }
  setKind(kind: DeployKind): void {
    this.#kind = kind
    this.#set({})
  }
  get broughtBack(): BroughtBack | undefined {
    return this.#broughtBack
  }
  /** What the last check said; undefined when none was made. */
  get lastCheck(): Check | undefined {
    return this.#check
  }
  /** How far a deploy is, ours or somebody's; the last one when none is under way. */
  get progress(): DeployProgress | undefined {
    return this.#progress
  }
  /** Whether there is anything to deploy: changes, or passwords that were typed. */
  get hasWork(): boolean {
    return this.#workspace.model.isDirty || this.#workspace.secrets.waiting.size > 0
  }

  watch = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Fetches node types, flows and the person's draft, and shows them. Unsaved changes here are replaced, as a step that can be undone. */
  async open(): Promise<void> {
    this.#set({ load: { is: 'loading' } })
    try {
      const [types, deployed, draft] = await Promise.all([call(listNodeTypes), call(getFlows), this.draft.load()])
      this.#workspace.setTypes(types)
      const flows = deployed.flows as FlowNode[]
      const base = baseOf(deployed)
      if (!(draft && (await this.#bringBack(draft, flows, base)))) this.#take(flows, base)
      this.#runtime = deployed.runtime
      this.#load = { is: 'loaded' }
      this.draft.start()
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
    if (!this.#isBusy) this.#weigh()
    this.#set({})
  }

  /** What the live topic says of a deploy. */
  heardProgress(progress: DeployProgress): void {
    this.#progress = progress
    this.#set({})
  }

  /** Forms that are open finish before a check: what stands in them goes along. */
  readonly openForms = new Set<() => Promise<void>>()

  get #isBusy(): boolean {
    return this.#deploy.is === 'deploying' || this.#deploy.is === 'checking'
  }

  /** Is what was heard last newer than what we began from? Then it is shown, or announced when there are changes here. */
  #weigh(): void {
    const heard = this.#heard
    if (this.#load.is !== 'loaded' || !heard || heard.rev === this.#base.rev || heard.rev === this.#newer?.rev) return
    if (this.#workspace.model.isDirty) this.#newer = heard
    else void this.#reload(heard.by)
  }

  /**
   * Checks what is on the screen, and deploys it. Where the check has something new to say, the list is shown first.
   * @param isForced overwrites what somebody else deployed in the meantime
   */
  async run(kind: DeployKind, isForced = false): Promise<void> {
    const check = await this.#checkNow()
    if (!check) return
    if (isForced ? check.problems.length === 0 : !this.isListWanted() && !hasToBeSeen(check))
      await this.#send(kind, { flows: check.flows, isForced, comment: this.#reason })
    else this.#set({ deploy: { is: 'review', review: { kind, check, comment: this.#reason } } })
  }

  /** Checks, and shows the list whatever is on it. */
  async review(kind: DeployKind): Promise<void> {
    const check = await this.#checkNow()
    if (check) this.#set({ deploy: { is: 'review', review: { kind, check, comment: this.#reason } } })
  }

  /** Deploys what the list was shown for. */
  async confirm(kind: DeployKind, comment: string): Promise<void> {
    if (this.#deploy.is === 'review') await this.#send(kind, { flows: this.#deploy.review.check.flows, isForced: false, comment })
  }

  /** Checks as a deploy would; what is found stays in {@link lastCheck}. */
  async check(): Promise<void> {
    if (await this.#checkNow()) this.#set({ deploy: { is: 'idle' } })
  }

  async #checkNow(): Promise<Check | undefined> {
    if (this.#isBusy) return undefined
    const { model, secrets } = this.#workspace
    this.#set({ deploy: { is: 'checking' } })
    if (this.openForms.size > 0) await Promise.all([...this.openForms].map((finish) => finish()))
    const newCredentials = Object.fromEntries(Object.entries(secrets.forDeploy(model) ?? {}).map(([id, values]) => [id, Object.keys(values)]))
    const flows = model.export()
    try {
      const { problems, advice } = await call(checkFlows, { body: { flows, newCredentials } })
      this.#check = { flows, problems: problems.map(cleaned), advice, at: new Date() }
      return this.#check
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      this.#set({ deploy: { is: 'failed', message: error.message, code: error.code, problems: [] } })
      return undefined
    }
  }

  async #send(kind: DeployKind, { flows, isForced, comment }: { flows: readonly FlowNode[]; isForced: boolean; comment: string }): Promise<void> {
    const id = [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, '0')).join('')
    this.#heard = undefined
    this.#set({ deploy: { is: 'deploying', id } })
    const { model, secrets } = this.#workspace
    const credentials = secrets.forDeploy(model)
    try {
      const { rev, versionId } = await call(deployFlows, {
        body: { flows: [...flows], kind, id, ...(isForced ? {} : { rev: this.#base.rev }), ...(credentials && { credentials }), ...(comment && { comment }) },
      })
      secrets.deployed(credentials)
      this.#base = { rev, versionId }
      this.#newer = undefined
      this.#reason = ''
      this.#broughtBack = undefined
      model.markDeployed(flows)
      this.#set({ deploy: { is: 'done', versionId, comment } })
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

  /** Puts both people's changes together; they are then to be deployed. @returns how many wires fell away */
  mergeTheirs({ theirs, base, plan }: Conflict, decisions: Decisions = new Map()): number {
    const { flows, lostWires } = mergeFlows(plan, decisions)
    this.#workspace.model.adopt('merge', flows)
    this.#stand(theirs, base)
    return lostWires
  }

  /** Shows their version instead of ours; undo brings ours back. */
  takeTheirs({ theirs, base }: Conflict): void {
    this.#workspace.model.adopt('adopt', theirs)
    this.#stand(theirs, base)
  }

  /** Shows what runs instead of the draft; undo brings the draft back. */
  discard(): void {
    const { model } = this.#workspace
    model.adopt('discard', [...model.deployed().values()])
    this.#broughtBack = undefined
    this.#set({})
  }

  /** Shows an earlier version as the draft, to be looked at and deployed. @param reason proposed for that deploy */
  restore(flows: readonly FlowNode[], reason: string): void {
    this.#workspace.model.adopt('restore', flows)
    this.#reason = reason
    this.#set({})
  }

  /** The person has seen that their draft is back. */
  seeBroughtBack(): void {
    this.#broughtBack = undefined
    this.#set({})
  }

  /** Closes what the last deploy said. */
  dismiss(): void {
    if (!this.#isBusy) this.#set({ deploy: { is: 'idle' } })
  }

  #stand(theirs: readonly FlowNode[], base: Base): void {
    this.#base = base
    this.#newer = undefined
    this.#workspace.model.markDeployed(theirs)
    this.#set({ deploy: { is: 'idle' } })
  }

  #conflictWith(theirs: readonly FlowNode[], base: Base): Conflict {
    const { model } = this.#workspace
    const ours = model.export()
    const before = model.deployed()
    return {
      by: this.#newer?.by,
      theirs,
      base,
      their: diffFlows(before, byId(theirs)),
      our: diffFlows(before, byId(ours)),
      plan: planMerge(before, ours, theirs),
    }
  }

  async #meetConflict(): Promise<void> {
    try {
      const now = await call(getFlows)
      const conflict = this.#conflictWith(now.flows as FlowNode[], baseOf(now))
      this.#newer = { rev: now.rev, by: this.#newer?.by }
      this.#set({ deploy: { is: 'conflict', conflict } })
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      this.#set({ deploy: { is: 'failed', message: error.message, code: error.code, problems: [] } })
    }
  }

  /** Shows a draft over what runs now. @returns false when there is nothing in it that does not run */
  async #bringBack(draft: { base: Base; changes: FlowDraft['changes']; at: Date }, deployed: readonly FlowNode[], base: Base): Promise<boolean> {
    const { model } = this.#workspace
    const before = draft.base.rev === base.rev ? deployed : await this.#flowsOf(draft.base, deployed)
    const ours = applyChanges(before, draft.changes as Parameters<typeof applyChanges>[1])
    const differs = (flows: readonly FlowNode[]) => !isNothing(changesFrom(byId(deployed), flows))
    if (!differs(ours)) return false
    const isOlder = draft.base.rev !== base.rev
    const plan = planMerge(byId(before), ours, deployed)
    if (isOlder && plan.clashes.length > 0) {
      // both changed the same: it stays on its own base until the person has decided
      model.load(before)
      this.#base = draft.base
      model.adopt('draft', ours)
      this.#newer = { rev: base.rev, by: undefined }
      this.#deploy = { is: 'conflict', conflict: this.#conflictWith(deployed, base) }
      return true
    }
    const flows = isOlder ? mergeFlows(plan, new Map()).flows : ours
    if (!differs(flows)) return false
    model.load(deployed)
    this.#base = base
    this.#newer = undefined
    model.adopt('draft', flows)
    this.#broughtBack = { at: draft.at, count: model.dirty.size, isMerged: isOlder }
    return true
  }

  /** The flows that a draft began from; what runs now, where that version is not known any more. */
  async #flowsOf({ versionId }: Base, deployed: readonly FlowNode[]): Promise<readonly FlowNode[]> {
    if (versionId === undefined) return []
    try {
      return (await call(getVersion, { params: { versionId } })).flows as FlowNode[]
    } catch (error) {
      if (error instanceof ApiError && error.code === 'version-not-found') return deployed
      throw error
    }
  }

  async #reload(by: string | undefined): Promise<void> {
    try {
      const now = await call(getFlows)
      if (now.rev === this.#base.rev) return
      // somebody began to draw while this was on its way
      if (this.#workspace.model.isDirty) this.#newer = { rev: now.rev, by }
      else {
        this.#take(now.flows as FlowNode[], baseOf(now))
        this.onReloaded?.(by)
      }
      this.#set({})
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      // the next news, or the next deploy, tries again
      console.warn(`flows could not be reloaded: ${error.message}`)
    }
  }

  #take(flows: FlowNode[], base: Base): void {
    const { model } = this.#workspace
    this.#base = base
    if (model.isDirty) {
      model.adopt('adopt', flows)
      model.markDeployed(flows)
    } else model.load(flows)
    this.#newer = undefined
  }

  #set({ load, deploy }: { load?: LoadState; deploy?: DeployState }): void {
    if (load) this.#load = load
    if (deploy) this.#deploy = deploy
    this.#version += 1
    for (const listener of [...this.#listeners]) listener()
  }
}

/** Does somebody have to look at it before the deploy? What is only unused, and what was so before, does not hold it up. */
const hasToBeSeen = ({ problems, advice }: Check): boolean => problems.length > 0 || advice.some(({ about, isKnown }) => about !== 'unreachable' && !isKnown)

const baseOf = ({ rev, versionId }: { rev: string; versionId?: string }): Base => ({ rev, ...(versionId === undefined ? {} : { versionId }) })

/** Tests have no browser. */
function storage(): Storage | undefined {
  return typeof localStorage === 'undefined' ? undefined : localStorage
}

const cleaned = ({ property, ...problem }: FlowProblem): FlowProblem => ({
  ...problem,
  ...(property !== undefined && { property: property.replace(/^\//, '') }),
})

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
