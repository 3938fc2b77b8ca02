/** Passwords and keys that are asked for and not there: in the store, or typed and coming with the deploy. */
import type { Steps } from '../../../base/steps.ts'
import type { Finding, FlowAdvice, FlowNode } from '../../api/index.ts'
import { finding } from '../../api/index.ts'
import { adviceOf } from './advice-of.ts'

/** Names of credentials by node. */
export type CredentialNames = Readonly<Record<string, readonly string[]>>

export function* missingCredentials(
  flows: readonly FlowNode[],
  before: readonly FlowNode[],
  stored: CredentialNames,
  coming: CredentialNames,
): Steps<FlowAdvice[]> {
  const advice: FlowAdvice[] = []
  const has = (id: string, name: string) => stored[id]?.includes(name) === true || coming[id]?.includes(name) === true
  const missing = (node: FlowNode, found: Finding) => advice.push(adviceOf('credentials', node, found))

  const byId = new Map<string, FlowNode>()
  const known = new Set<string>()
  for (const { id } of before) {
    yield
    known.add(id)
  }
  /** The types of which some node has credentials. */
  const typesWith = new Map<string, string>()
  for (const node of flows) {
    yield
    byId.set(node.id, node)
    const [name] = stored[node.id] ?? []
    if (name !== undefined && !node.type.startsWith('subflow')) typesWith.set(node.type, name)
  }
  for (const node of flows) {
    yield
    if (node.d === true || (typeof node.z === 'string' && byId.get(node.z)?.disabled === true) || node.disabled === true) continue
    if (node.type === 'http request' && typeof node.authType === 'string' && node.authType !== '') {
      if (!has(node.id, 'password')) missing(node, finding('password-missing', { auth: node.authType }))
      continue
    }
    const definition = node.type.startsWith('subflow:') ? byId.get(node.type.slice('subflow:'.length)) : undefined
    const places = definition ? [node.id, definition.id] : [node.id]
    const wanted = definition ? [...secretsOf(definition), ...secretsOf(node)] : node.type === 'tab' || node.type === 'group' ? secretsOf(node) : []
    for (const name of new Set(wanted)) if (!places.some((id) => has(id, name))) missing(node, finding('secret-missing', { name }))
    const usual = typesWith.get(node.type)
    if (usual !== undefined && !known.has(node.id) && !stored[node.id]?.length && !coming[node.id]?.length)
      missing(node, finding('credentials-missing', { name: usual }))
  }
  return advice
}

function secretsOf(node: FlowNode): string[] {
  return Array.isArray(node.env)
    ? (node.env as unknown[])
        .filter((one): one is { name: string } => typeof one === 'object' && one !== null && 'type' in one && one.type === 'cred' && 'name' in one)
        .map(({ name }) => String(name))
    : []
}
