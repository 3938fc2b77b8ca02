/** What is searched for, what was found, and at which hit one is: shared by the panel and the keys for next and previous. No view. */
import { kindOf } from '../model/raw.ts'
import type { Workspace } from '../workspace.ts'
import { type SearchHit, searchFlows } from './search.ts'

export class SearchState {
  readonly #workspace: Workspace
  readonly #listeners = new Set<() => void>()
  #query = ''
  #hits: readonly SearchHit[] = []
  #at = -1
  #version = 0
  /** Names of machines, programs and connections by id. */
  names: ReadonlyMap<string, string> = new Map()

  constructor(workspace: Workspace) {
    this.#workspace = workspace
  }

  get query(): string {
    return this.#query
  }
  get hits(): readonly SearchHit[] {
    return this.#hits
  }
  /** The hit one is at; -1 before the first. */
  get at(): number {
    return this.#at
  }
  get version(): number {
    return this.#version
  }

  readonly watch = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  ask(query: string): void {
    this.#query = query
    this.#at = -1
    this.refresh()
  }

  /** Searches again: the flows have changed. */
  refresh(): void {
    const current = this.#hits[this.#at]?.node.id
    this.#hits = searchFlows({ query: this.#query, workspace: this.#workspace, names: this.names })
    if (current !== undefined) this.#at = this.#hits.findIndex(({ node }) => node.id === current)
    this.#tell()
  }

  /** Goes to a hit and shows it. Shared settings and flows have no place: they are only chosen. */
  go(at: number): SearchHit | undefined {
    const hit = this.#hits[at]
    if (!hit) return undefined
    this.#at = at
    if (kindOf(hit.node) !== 'config') this.#workspace.reveal(hit.node.id)
    this.#tell()
    return hit
  }

  step(by: 1 | -1): SearchHit | undefined {
    const { length } = this.#hits
    if (length === 0) return undefined
    return this.go(this.#at < 0 ? (by > 0 ? 0 : length - 1) : (this.#at + by + length) % length)
  }

  #tell(): void {
    this.#version += 1
    for (const listener of [...this.#listeners]) listener()
  }
}
