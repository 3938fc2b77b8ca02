/** Who may do what: capabilities, and the roles that bundle them. Browser-safe. */
import { Type } from 'typebox'

/** Every capability, with what it lets a person do. */
export const CAPABILITIES = {
  'machines.view': 'see machines, their state and position',
  'machines.stop': 'stop and hold a machine',
  'machines.operate': 'start programs, resume, home, unlock and send single commands',
  'machines.configure': 'add, change and remove machines',
  'programs.view': 'see and download programs',
  'programs.manage': 'upload and remove programs',
  'panel.press': 'press the buttons that flows put on the operator panel',
  'panels.arrange': 'arrange operator panels and set up kiosks',
  'flows.view': 'see flows, versions and node types',
  'flows.messages': 'see what is in the messages and the context of flows, which may be personal or secret',
  'flows.deploy': 'deploy flows made of safe node types',
  'flows.code': 'deploy node types that run code or reach files and networks, and use the stock editor',
  'flows.protect': 'protect flows, so that changing them takes a second person',
  'flows.approve': 'approve or refuse changes that somebody else asks for in protected flows',
  'flows.untested': 'deploy flows whose tests fail, giving a reason, and say which flows are tested before a deploy',
  'jobs.view': 'see jobs',
  'jobs.manage': 'create and cancel jobs',
  'runs.view': 'see the run history',
  'quality.view': 'see characteristics, measurements, charts and gauges',
  'quality.enter': 'enter measurements, and give causes, actions and comments',
  'quality.edit': 'change characteristics, control limits, gauges and catalogues; correct and exclude measurements',
  'quality.approve': 'approve or refuse what somebody else proposes in documents of quality: dispositions, CAPA, 8D, control plans',
  'connections.view': 'see connections to outside systems and how they are (never their secrets)',
  'connections.manage': 'see the settings of connections; add, test, change and remove them',
  'accounts.manage': 'add people, set roles and PINs',
  'tokens.manage': 'create and revoke API tokens for oneself',
  'system.view': 'see processes, versions and settings',
  'system.manage': 'change what the installation keeps, and for how long',
  'backup.manage': 'make back-ups of everything, passwords and keys included, take them away, and say where they are sent',
  'audit.view': 'see who did what from where',
  'audit.keep': 'say for how long the audit log is kept, which removes what is older',
} as const

export type Capability = keyof typeof CAPABILITIES

const everything = Object.keys(CAPABILITIES) as Capability[]
const views: Capability[] = ['machines.view', 'programs.view', 'jobs.view', 'runs.view', 'quality.view', 'connections.view']

/**
 * The capabilities of each role. An integrator is often from another company: they draw with safe nodes and see how many
 * messages pass, not what is in them (`flows.messages`).
 */
export const ROLES = {
  admin: everything,
  engineer: everything.filter((capability) => !['accounts.manage', 'audit.keep', 'backup.manage'].includes(capability)),
  integrator: [...views, 'machines.stop', 'flows.view', 'flows.deploy', 'connections.manage', 'tokens.manage', 'system.view'],
  operator: [...views, 'machines.stop', 'machines.operate', 'panel.press', 'jobs.manage', 'quality.enter'],
  viewer: views,
} as const satisfies Record<string, readonly Capability[]>

export type Role = keyof typeof ROLES
export const ROLE_NAMES = Object.keys(ROLES) as Role[]
/** A role of ours by its name, or one that the shop has made by its id. */
export const RoleId = Type.String({
  pattern: '^[a-z][a-z0-9_]{1,60}$',
  maxLength: 60,
  description: 'admin, engineer, integrator, operator, viewer, or the id of a role of the shop',
})

/** The capabilities of a role. */
export function capabilitiesOf(role: Role): ReadonlySet<Capability> {
  return new Set(ROLES[role])
}

/**
 * Who may call a route or listen to a topic: anybody, anybody signed in, whoever has the capability,
 * or (metrics) a token or loopback.
 */
export type Access = 'public' | 'session' | Capability
