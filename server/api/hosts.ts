/** Several hosts on one database: who they are, and which machine is wired to which. */
import { type Static, Type } from 'typebox'
import { MachineId, MachineView } from './machines.ts'
import { route } from './route.ts'

const When = Type.String({ format: 'date-time' })
const HostName = Type.String({ minLength: 1, maxLength: 100 })

/** `silent`: not heard of for so long that it counts as gone; `ended`: it was stopped in good order. */
export const HostView = Type.Object({
  name: HostName,
  /** The one that answers. */
  isHere: Type.Boolean(),
  state: Type.Enum(['living', 'silent', 'ended']),
  version: Type.Optional(Type.String()),
  /** Where its own pages are. */
  url: Type.Optional(Type.String()),
  startedAt: Type.Optional(When),
  /** Its last sign of life. */
  seenAt: When,
  /** It holds the connections to outside systems, and there the nodes begin that begin by themselves. */
  leads: Type.Boolean(),
  /** How far its clock is from the database's, in ms. */
  clockOffMs: Type.Number(),
  /** Whether its flow runtime runs what was deployed last. */
  deployment: Type.Enum(['current', 'older', 'none']),
  machines: Type.Array(Type.Object({ id: MachineId, name: Type.String() })),
})
export type HostView = Static<typeof HostView>

export const listHosts = route({
  id: 'listHosts',
  method: 'get',
  path: '/api/hosts',
  access: 'machines.view',
  tag: 'hosts',
  summary: 'The hosts that share the database: whether each lives, what it runs, which machines are wired to it.',
  response: Type.Array(HostView),
})
export const moveMachineToHost = route({
  id: 'moveMachineToHost',
  method: 'post',
  path: '/api/machines/:machineId/host',
  access: 'machines.configure',
  tag: 'hosts',
  summary: 'Binds a machine to another host. Its old host lets go of it when it stands and has no job; of a silent host somebody must have looked.',
  params: Type.Object({ machineId: MachineId }),
  body: Type.Object(
    { host: HostName, hasLooked: Type.Boolean({ default: false, description: 'Somebody has seen that it stands and that its cable is at the new host' }) },
    { additionalProperties: false },
  ),
  response: MachineView,
  errors: ['machine-not-found', 'machine-busy', 'host-unknown', 'host-gone', 'old-host-silent', 'guard-gone'],
})
export const forgetHost = route({
  id: 'forgetHost',
  method: 'delete',
  path: '/api/hosts/:name',
  access: 'machines.configure',
  tag: 'hosts',
  summary: 'Forgets a host that is gone and has no machine.',
  params: Type.Object({ name: HostName }),
  response: Type.Object({ ok: Type.Literal(true) }),
  errors: ['host-unknown', 'host-lives', 'host-has-machines'],
})
