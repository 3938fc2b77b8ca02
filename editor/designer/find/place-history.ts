/** Where one has been: back and forward between flows and the nodes that were gone to. No view. */
import type { Workspace } from '../workspace.ts'

interface Visit {
  place: string
  /** The node that was gone to. */
  node: string | undefined
}

const MOST = 100

export class PlaceHistory {
  readonly #workspace: Workspace
  readonly #ends: (() => void)[]
  readonly #listeners = new Set<() => void>()
  #visits: Visit[] = []
  #at = -1
  #isGoing = false
  #version = 0

  constructor(workspace: Workspace) {
    this.#workspace = workspace
    this.#ends = [workspace.on('place', () => this.#visit(undefined)), workspace.on('reveal', (id) => this.#visit(id))]
    this.#visit(undefined)
  }

  close(): void {
    for (const end of this.#ends) end()
  }

  get version(): number {
    return this.#version
  }

  readonly watch = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  get canGoBack(): boolean {
    return this.#next(-1) !== undefined
  }
  get canGoForward(): boolean {
    return this.#next(1) !== undefined
  }

  back(): void {
    this.#go(-1)
  }

  forward(): void {
    this.#go(1)
  }

  #visit(node: string | undefined): void {
    const { place } = this.#workspace
    if (this.#isGoing || place === undefined) return
    const last = this.#visits[this.#at]
    if (last?.place === place && (last.node === node || node === undefined)) return
    // a node gone to on a flow just opened is the same visit
    if (last?.place === place && last.node === undefined) this.#visits[this.#at] = { place, node }
    else {
      this.#visits = [...this.#visits.slice(0, this.#at + 1), { place, node }].slice(-MOST)
      this.#at = this.#visits.length - 1
    }
    this.#tell()
  }

  /** The next visit in a direction whose flow is still there. */
  #next(by: 1 | -1): number | undefined {
    for (let at = this.#at + by; at >= 0 && at < this.#visits.length; at += by) {
      const visit = this.#visits[at]
      if (visit && this.#workspace.model.get(visit.place)) return at
    }
    return undefined
  }

  #go(by: 1 | -1): void {
    const at = this.#next(by)
    const visit = at === undefined ? undefined : this.#visits[at]
    if (at === undefined || !visit) return
    this.#at = at
    this.#isGoing = true
    this.#workspace.open(visit.place)
    if (visit.node !== undefined && this.#workspace.model.get(visit.node)) this.#workspace.reveal(visit.node)
    this.#isGoing = false
    this.#tell()
  }

  #tell(): void {
    this.#version += 1
    for (const listener of [...this.#listeners]) listener()
  }
}
