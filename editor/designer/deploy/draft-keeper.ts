/**
 * Keeps what is drawn and not deployed on the server, a moment after each change: it survives a reload, a crash, another
 * computer. Where the server cannot be reached it is kept in this browser until it can.
 */

import { changesFrom, isNothing } from '../../../server/api/flow-changes.ts'
import { dropDraft, type FlowChanges, type FlowDraft, getDraft, saveDraft } from '../../../server/api/together.ts'
import { ApiError, call } from '../../shared/api.ts'
import type { FlowModel } from '../model/flow-model.ts'

export type DraftState =
  /** What is drawn is what runs. */
  | { is: 'none' }
  | { is: 'saved'; at: Date }
  | { is: 'saving' }
  /** Not saved, and why; tried again by itself. */
  | { is: 'failed'; message: string }
  /** Another window of the same person saved since. */
  | { is: 'stale'; revision: number }

type Base = FlowDraft['base']
/** What is kept in this browser. */
interface Kept {
  base: Base
  changes: FlowChanges
  after: number
  at: string
}

const AFTER_MS = 800
const AT_LATEST_MS = 4_000
const RETRY_MS = 5_000
/** Browsers take no larger body from a page that is closing (Fetch standard, keepalive: 64 KiB for all). */
const LAST_WORD_BYTES = 60_000

export class DraftKeeper {
  readonly #model: FlowModel
  readonly #base: () => Base
  readonly #storage: Storage | undefined
  readonly #listeners = new Set<() => void>()
  #state: DraftState = { is: 'none' }
  #revision = 0
  /** Not drawn on since the last save. */
  #isClean = true
  #isOn = false
  #timer: ReturnType<typeof setTimeout> | undefined
  #dueAt = 0
  #saving: Promise<void> | undefined
  /** What this browser sent when the page was left; it may arrive after the next page has asked. */
  #lastWord: string | undefined
  /** Whose draft it is, for what is kept in this browser. */
  owner = ''

  constructor(parts: { model: FlowModel; base: () => Base; storage?: Storage | undefined }) {
    this.#model = parts.model
    this.#base = parts.base
    this.#storage = parts.storage
    this.#model.watch(() => this.#touched())
  }

  get state(): DraftState {
    return this.#state
  }

  /** Whether leaving the page now loses nothing. */
  get isSafe(): boolean {
    return this.#isClean && this.#state.is !== 'failed' && this.#state.is !== 'stale'
  }

  watch = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** What was drawn before and not deployed. Nothing is saved until {@link start}. @throws ApiError */
  async load(): Promise<{ base: Base; changes: FlowChanges; at: Date } | undefined> {
    this.#isOn = false
    await this.#saving
    const { draft } = await call(getDraft)
    this.#revision = draft?.revision ?? 0
    const kept = this.#kept()
    // what this browser could not send follows what the server has: it is newer
    this.#lastWord = kept && JSON.stringify(kept.changes)
    if (kept && kept.after === this.#revision) return { base: kept.base, changes: kept.changes, at: new Date(kept.at) }
    return draft ? { base: draft.base, changes: draft.changes, at: new Date(draft.at) } : undefined
  }

  /** Saves from now on. */
  start(): void {
    this.#isOn = true
    this.#touched()
  }

  /** Saves over what another window saved. */
  overwrite(): void {
    if (this.#state.is !== 'stale') return
    this.#revision = this.#state.revision
    this.#become({ is: 'saving' })
    void this.#save()
  }

  /** Saves now what is not saved yet. */
  async settle(): Promise<void> {
    clearTimeout(this.#timer)
    await this.#saving
    // what waited for that one, too, may have begun before us
    await (this.#isClean ? this.#saving : this.#save())
  }

  /** The page goes: what is not saved is sent along, or kept in this browser. */
  leave(): void {
    if (this.isSafe || !this.#isOn || this.#state.is === 'stale') return
    const saving = this.#whatToSave()
    this.#keep(saving)
    const body = JSON.stringify(saving)
    if (body.length > LAST_WORD_BYTES || isNothing(saving.changes)) return
    // no answer will be read; what is kept in this browser covers a failure
    void fetch(saveDraft.path, {
      method: 'PUT',
      keepalive: true,
      credentials: 'same-origin',
      headers: { 'content-type': 'application/json', 'x-cellwright': '1' },
      body,
    }).catch(() => undefined)
  }

  #touched(): void {
    if (!this.#isOn) return
    this.#isClean = false
    if (this.#state.is === 'stale') return
    const now = Date.now()
    if (this.#timer === undefined) this.#dueAt = now + AT_LATEST_MS
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#save(), Math.max(0, Math.min(AFTER_MS, this.#dueAt - now)))
  }

  async #save(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#saving) {
      await this.#saving
      if (this.#isClean) return
    }
    this.#saving = this.#send().finally(() => {
      this.#saving = undefined
    })
    await this.#saving
  }

  #whatToSave() {
    return { base: this.#base(), changes: changesFrom(this.#model.deployed(), this.#model.export()), after: this.#revision }
  }

  async #send(): Promise<void> {
    this.#isClean = true
    const saving = this.#whatToSave()
    try {
      if (isNothing(saving.changes)) {
        if (this.#revision > 0) await call(dropDraft, { query: { after: this.#revision } })
        this.#revision = 0
        this.#become({ is: 'none' })
      } else {
        this.#become({ is: 'saving' })
        const { revision, at } = await call(saveDraft, { body: saving })
        this.#revision = revision
        this.#become({ is: 'saved', at: new Date(at) })
      }
      this.#keep(undefined)
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      this.#isClean = false
      if (error.code === 'draft-stale') {
        if (await this.#wasOurselves()) return this.#send()
        this.#become({ is: 'stale', revision: Number((error.details as { revision?: unknown })?.revision ?? 0) })
        return
      }
      this.#keep(saving)
      this.#become({ is: 'failed', message: error.message })
      clearTimeout(this.#timer)
      this.#timer = setTimeout(() => void this.#save(), RETRY_MS)
    }
  }

  /** Was it this browser's own last word that came in between? Then we follow it. */
  async #wasOurselves(): Promise<boolean> {
    const lastWord = this.#lastWord
    this.#lastWord = undefined
    if (lastWord === undefined) return false
    try {
      const { draft } = await call(getDraft)
      if (!draft || JSON.stringify(draft.changes) !== lastWord) return false
      this.#revision = draft.revision
      return true
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      return false
    }
  }

  get #key(): string {
    return `cellwright-draft-${this.owner}`
  }

  #keep(saving: Omit<Kept, 'at'> | undefined): void {
    try {
      if (saving) this.#storage?.setItem(this.#key, JSON.stringify({ ...saving, at: new Date().toISOString() } satisfies Kept))
      else this.#storage?.removeItem(this.#key)
    } catch {
      // no room, or storage is forbidden: the state says that nothing is saved
    }
  }

  #kept(): Kept | undefined {
    try {
      const text = this.#storage?.getItem(this.#key)
      return text ? (JSON.parse(text) as Kept) : undefined
    } catch {
      // storage is forbidden, or somebody wrote into it: the server's draft counts
      return undefined
    }
  }

  #become(state: DraftState): void {
    this.#state = state
    for (const listener of [...this.#listeners]) listener()
  }
}

/** Tests have no browser. */
export const browserStorage = (): Storage | undefined => (typeof localStorage === 'undefined' ? undefined : localStorage)
