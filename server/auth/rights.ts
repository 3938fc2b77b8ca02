/** What a role lets a person do: one of ours, or one that the shop has made. */
import { CAPABILITIES, type Capability, capabilitiesOf, ROLE_NAMES, type Role } from '../api/index.ts'

export interface Rights {
  /** As it stands in the row of a person or token: `operator`, `rol_…`. */
  id: string
  /** The role of ours whose panels it gets. */
  base: Role
  /** Of a role that the shop has made. */
  name?: string
  capabilities: ReadonlySet<Capability>
}

const isRole = (role: string): role is Role => (ROLE_NAMES as string[]).includes(role)
const OURS = new Map<string, Rights>(ROLE_NAMES.map((id) => [id, { id, base: id, capabilities: capabilitiesOf(id) }]))
const VIEWER: Rights = { id: 'viewer', base: 'viewer', capabilities: capabilitiesOf('viewer') }

export interface RoleRow {
  id: string
  name: string
  basedOn: string
  capabilities: unknown
}

/** A kept role; what a newer version lets people do is left out. */
export function rightsOfRow({ id, name, basedOn, capabilities }: RoleRow): Rights {
  const list = Array.isArray(capabilities) ? capabilities : []
  return {
    id,
    name,
    base: isRole(basedOn) ? basedOn : 'viewer',
    capabilities: new Set(list.filter((one): one is Capability => typeof one === 'string' && Object.hasOwn(CAPABILITIES, one))),
  }
}

/** A role nobody knows (from a newer version, or removed) may look, not touch. */
export function rightsOf(role: string | null | undefined, made: ReadonlyMap<string, Rights>): Rights {
  return OURS.get(role ?? '') ?? made.get(role ?? '') ?? VIEWER
}

/** What a role has and somebody has not. */
export const beyond = (rights: Iterable<Capability>, has: ReadonlySet<Capability>): Capability[] => [...rights].filter((capability) => !has.has(capability))
