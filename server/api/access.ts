/** Who may do what: capabilities, and the roles that bundle them. Browser-safe. */

/** Every capability, with what it lets a person do. */
export const CAPABILITIES = {
  'machines.view': 'see machines, their state and position',
  'machines.stop': 'stop and hold a machine',
  'machines.operate': 'start programs, resume, home, unlock and send single commands',
  'machines.configure': 'add, change and remove machines',
  'programs.view': 'see and download programs',
  'programs.manage': 'upload and remove programs',
  'panel.press': 'press the buttons that flows put on the operator panel',
  'flows.view': 'see flows, versions and node types',
  'flows.deploy': 'deploy flows made of safe node types',
  'flows.code': 'deploy node types that run code or reach files and networks, and use the stock editor',
  'jobs.view': 'see jobs',
  'jobs.manage': 'create and cancel jobs',
  'runs.view': 'see the run history',
  'connections.view': 'see connections to outside systems (never their secrets)',
  'connections.manage': 'add, change and remove connections',
  'accounts.manage': 'add people, set roles and PINs',
  'tokens.manage': 'create and revoke API tokens for oneself',
  'system.view': 'see processes, versions and settings',
  'audit.view': 'see who did what',
} as const

export type Capability = keyof typeof CAPABILITIES

const everything = Object.keys(CAPABILITIES) as Capability[]
const views: Capability[] = ['machines.view', 'programs.view', 'jobs.view', 'runs.view']

/** The capabilities of each role. */
export const ROLES = {
  admin: everything,
  engineer: everything.filter((capability) => capability !== 'accounts.manage'),
  integrator: [...views, 'machines.stop', 'flows.view', 'flows.deploy', 'connections.view', 'connections.manage', 'tokens.manage', 'system.view'],
  operator: [...views, 'machines.stop', 'machines.operate', 'panel.press', 'jobs.manage'],
  viewer: views,
} as const satisfies Record<string, readonly Capability[]>

export type Role = keyof typeof ROLES
export const ROLE_NAMES = Object.keys(ROLES) as Role[]

/** The capabilities of a role. */
export function capabilitiesOf(role: Role): ReadonlySet<Capability> {
  return new Set(ROLES[role])
}

/**
 * Who may call a route or listen to a topic: anybody, anybody signed in, whoever has the capability,
 * or (metrics) a token or loopback.
 */
export type Access = 'public' | 'session' | Capability
