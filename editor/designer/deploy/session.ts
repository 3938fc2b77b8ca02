/** The designer's business with the server: load, keep the draft, check, deploy, and notice that somebody else deployed. */

import { type Decisions, mergeFlows, planMerge } from '../../../server/api/flow-merge.ts'
import { stopFlowTests } from '../../../server/api/flow-tests.ts'
import { checkFlows, deployFlows, type FlowNode, getFlows, listNodeTypes, type RuntimeState } from '../../../server/api/flows.ts'
import type { DeployProgress } from '../../../server/api/together.ts'
import { ApiError, call } from '../../shared/api.ts'
import { byId, diffFlows } from '../model/diff.ts'
import type { Workspace } from '../workspace.ts'
import { bringBack, type KeptDraft } from './bring-back.ts'
import { Comparison } from './comparison.ts'
import {
  type Base,
  type BroughtBack,
  baseOf,
  type Check,
  type Conflict,
  cleaned,
  type DeployKind,
  type DeployState,
  failed,
  hasToBeSeen,
  type LoadState,
  type Sending,
} from './deploy-state.ts'
import { browserStorage, DraftKeeper } from './draft-keeper.ts'
import { isListAlwaysShown } from './list-wanted.ts'

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
  /** How often the flows of somebody else were asked for. */
  #reloads = 0
  /** What the live topic said last, whatever we were doing then. */
  #heard: { rev: string; by: string | undefined } | undefined
  #broughtBack: BroughtBack | undefined
  #check: Check | undefined
  #progress: DeployProgress | undefined
  /** Proposed as the reason of the next deploy: what was put back. */
  #reason = ''
  #kind: DeployKind = 'nodes'
  /** What other parts want a person to see before a deploy of that kind. */
  readonly concerns = new Set<(kind: DeployKind, flows: readonly FlowNode[]) => boolean>()
  /** Shows the check list also where it has nothing to say. */
  isListWanted: () => boolean = isListAlwaysShown
  /** What was sent last, to be sent again with a reason. */
  #sent: (Sending & { kind: DeployKind }) | undefined
  /** Told when a deploy was given up. */
  onStopped: (() => void) | undefined
  /** Told when flows of somebody else were loaded because nothing was changed here. */
  onReloaded: ((by: string | undefined) => void) | undefined

  constructor(workspace: Workspace) {
    this.#workspace = workspace
    this.comparison = new Comparison(workspace)
    this.draft = new DraftKeeper({ model: workspace.model, base: () => this.#base, storage: browserStorage() })
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
    if (
      isForced
        ? check.problems.length === 0
        : !this.isListWanted() && !hasToBeSeen(check) && ![...this.concerns].some((isConcerned) => isConcerned(kind, check.flows))
    )
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
      const { problems, advice, tests, needsReason } = await call(checkFlows, { body: { flows, newCredentials } })
      this.#check = { flows, problems: problems.map(cleaned), advice, tests, needsReason, at: new Date() }
      return this.#check
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      this.#set({ deploy: failed(error) })
      return undefined
    }
  }

  /** Deploys what its tests refused, with the reason. */
  async deployUntested(reason: string): Promise<void> {
    if (this.#deploy.is === 'failed' && this.#deploy.tests && this.#sent) await this.#send(this.#sent.kind, { ...this.#sent, untested: { reason } })
  }

  /** Gives up the deploy while its tests run. */
  async stopTests(): Promise<void> {
    if (this.#deploy.is !== 'deploying') return
    try {
      await call(stopFlowTests, { params: { deployId: this.#deploy.id } })
    } catch (error) {
      // the tests have just ended: the deploy itself says how it went
      if (!(error instanceof ApiError)) throw error
    }
  }

  async #send(kind: DeployKind, { flows, isForced, comment, untested }: Sending): Promise<void> {
    this.#sent = { kind, flows, isForced, comment }
    const id = [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, '0')).join('')
    this.#heard = undefined
    this.#set({ deploy: { is: 'deploying', id } })
    const { model, secrets } = this.#workspace
    const credentials = secrets.forDeploy(model)
    try {
      const { rev, versionId, upgraded } = await call(deployFlows, {
        body: {
          flows: [...flows],
          kind,
          id,
          ...(isForced ? {} : { rev: this.#base.rev }),
          ...(credentials && { credentials }),
          ...(comment && { comment }),
          ...(untested && { untested }),
        },
      })
      secrets.deployed(credentials)
      this.#base = { rev, versionId }
      this.#newer = undefined
      this.#reason = ''
      this.#broughtBack = undefined
      model.markDeployed(this.#takeUpgraded(flows, upgraded))
      this.#set({ deploy: { is: 'done', versionId, comment } })
      // somebody deployed while our answer was on its way
      this.#weigh()
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      if (error.status === 409 && error.code === 'version-mismatch') await this.#meetConflict()
      else if (error.code === 'deploy-stopped') {
        this.#set({ deploy: { is: 'idle' } })
        this.onStopped?.()
      } else this.#set({ deploy: failed(error) })
    }
  }

  /** Nodes that run as a newer type now are that here, too. @returns what was deployed */
  #takeUpgraded(sent: readonly FlowNode[], upgraded: readonly FlowNode[] = []): readonly FlowNode[] {
    if (!upgraded.length) return sent
    const { model } = this.#workspace
    const newer = new Map(upgraded.map((node) => [node.id, node]))
    const before = new Map(sent.map((node) => [node.id, node]))
    // what was changed meanwhile keeps its change, and is upgraded with the next deploy
    model.adopt(
      'upgrade',
      model.export().map((node) => (JSON.stringify(node) === JSON.stringify(before.get(node.id)) ? (newer.get(node.id) ?? node) : node)),
    )
    return sent.map((node) => newer.get(node.id) ?? node)
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
      this.#set({ deploy: failed(error) })
    }
  }

  /** Shows a draft over what runs now. @returns false when there is nothing in it that does not run */
  async #bringBack(draft: KeptDraft, deployed: readonly FlowNode[], base: Base): Promise<boolean> {
    const { model } = this.#workspace
    const back = await bringBack(draft, deployed, base)
    if (!back) return false
    if (back.isClashing) {
      // it stays on its own base until the person has decided
      model.load(back.before)
      this.#base = draft.base
      model.adopt('draft', back.flows)
      this.#newer = { rev: base.rev, by: undefined }
      this.#deploy = { is: 'conflict', conflict: this.#conflictWith(deployed, base) }
      return true
    }
    model.load(deployed)
    this.#base = base
    this.#newer = undefined
    model.adopt('draft', back.flows)
    this.#broughtBack = { at: draft.at, count: model.dirty.size, isMerged: back.isMerged }
    return true
  }

  async #reload(by: string | undefined): Promise<void> {
    this.#reloads += 1
    const asked = this.#reloads
    try {
      const now = await call(getFlows)
      // asked for again since: what that brings is newer, whichever answer comes first
      if (asked !== this.#reloads || now.rev === this.#base.rev) return
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
