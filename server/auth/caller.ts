/** Who is asking, as every route handler and socket sees it. */
import type { Capability, Role } from '../api/index.ts'

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
}
