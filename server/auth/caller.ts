/** Who is asking, as every route handler and socket sees it. */
import type { AuditOrigin, Capability, Role } from '../api/index.ts'

export interface Caller {
  userId: string
  userName: string
  /** The person's name as people say it, for journals and audit. */
  name: string
  role: Role
  capabilities: ReadonlySet<Capability>
  via: 'session' | 'token'
  /** Tells one sign-in or token from another; says nothing about either. What somebody holds (a jog, a lease) belongs to it. */
  session: string
  /** The person has left the panel: only what needs nobody is left of their rights. */
  isLocked?: boolean
  /** What the API token is called. */
  tokenName?: string
  /** Where the request came from, for the audit log; absent where there was none. */
  origin?: AuditOrigin
}
