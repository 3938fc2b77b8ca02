/**
 * New passwords and keys that people typed here. They never stand in the flows (those are saved as drafts and versions, and
 * shown to everybody who may look): they wait in this page's memory and go to the server once, with the next deploy.
 * What is stored there never comes back to a page.
 */
import type { FlowModel } from '../model/flow-model.ts'
import { type FlowNode, subflowOf } from '../model/raw.ts'

/** By name: the new value; empty text takes away what is stored. */
export type SecretValues = Readonly<Record<string, unknown>>

// Node-RED's word for "keep what is stored" (@node-red/runtime, nodes/credentials.js, extract)
const KEEP = '__PWRD__'

export class NewSecrets {
  readonly #byNode = new Map<string, SecretValues>()
  readonly #listeners = new Set<() => void>()
  #version = 0

  /** What was typed for a node, tab, group or subflow and is not deployed yet. */
  of(id: string): SecretValues {
    return this.#byNode.get(id) ?? {}
  }

  /** Adds new values; `undefined` forgets one that was typed, an empty text takes away the stored one at the next deploy. */
  set(id: string, values: Readonly<Record<string, unknown>>): void {
    const next = Object.fromEntries(Object.entries({ ...this.of(id), ...values }).filter(([, value]) => value !== undefined && value !== KEEP))
    if (Object.keys(next).length === 0) this.#byNode.delete(id)
    else this.#byNode.set(id, next)
    this.#tell()
  }

  /** Nodes with secrets that wait for a deploy. */
  get waiting(): ReadonlySet<string> {
    return new Set(this.#byNode.keys())
  }

  /** What a deploy sends: only of what is in the flows. Undefined when there is nothing new. */
  forDeploy(model: FlowModel): Record<string, Record<string, unknown>> | undefined {
    const found: Record<string, Record<string, unknown>> = {}
    for (const [id, values] of this.#byNode) {
      const node = model.get(id)
      if (node) found[id] = wholeOf(node, values)
    }
    return Object.keys(found).length === 0 ? undefined : found
  }

  /** They are on the server. @param sent what {@link forDeploy} gave; what was typed since stays */
  deployed(sent: Readonly<Record<string, SecretValues>> | undefined): void {
    for (const [id, values] of Object.entries(sent ?? {})) {
      const left = Object.fromEntries(Object.entries(this.of(id)).filter(([name, value]) => values[name] !== value))
      if (Object.keys(left).length === 0) this.#byNode.delete(id)
      else this.#byNode.set(id, left)
    }
    this.#tell()
  }

  readonly watch = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
  readonly version = (): number => this.#version

  #tell(): void {
    this.#version += 1
    for (const listener of [...this.#listeners]) listener()
  }
}

/**
 * Node-RED takes the set of a subflow and of the flows' own environment for the whole one and forgets what is not named: the others
 * are named as kept. The flows' own has its values in `map`, with a mark beside each.
 */
function wholeOf(node: FlowNode, values: SecretValues): Record<string, unknown> {
  if (node.type === 'global-config' && values.map === undefined) {
    const names = [...new Set([...secretNames(node), ...Object.keys(values)])].filter((name) => values[name] !== '')
    return {
      map: Object.fromEntries(
        names.flatMap((name) => [
          [name, values[name] ?? KEEP],
          [`has_${name}`, true],
        ]),
      ),
    }
  }
  if (node.type !== 'subflow' && subflowOf(node) === undefined) return { ...values }
  const kept = Object.fromEntries(secretNames(node).map((name) => [name, KEEP]))
  return { ...kept, ...values }
}

function secretNames(node: FlowNode): string[] {
  if (!Array.isArray(node.env)) return []
  return (node.env as unknown[])
    .filter((item): item is { name: string } => typeof item === 'object' && item !== null && 'type' in item && item.type === 'cred' && 'name' in item)
    .map(({ name }) => name)
}
