/** Who is asking, as every route handler and socket sees it. */
import type { AuditOrigin, Capability, Role } from '../api/index.ts'

export interface Caller {
  userId: string
  userName: string
  /** The person's name as people say it, for journals and audit. */
  name: string
  /** One of ours: theirs, or the one that theirs is based on. Only for what a panel looks like; what they may do is in `capabilities`. */
  role: Role
  /** The role that the shop has made for them. */
  ownRole?: { id: string; name: string }
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
