/**
 * The three kinds of error (docs/architecture.md): a person can fix it (`UserError`), the world failed
 * and a retry may help (`OperationalError`), anything else is a bug and is logged with its stack.
 */

/** What a {@link UserError} or {@link OperationalError} is made of. */
export interface ErrorFacts {
  /** Stable machine-readable name, kebab-case, e.g. `machine-not-idle`. */
  code: string
  /** What happened, why, and what to do next: whole sentences for the person who reads it. */
  message: string
  /** HTTP status this becomes at the border. @defaultValue 400 for users, 503 for operations */
  status?: number
  /** Facts for programs: field errors, line numbers. Must be JSON. */
  details?: unknown
  cause?: unknown
}

abstract class KnownError extends Error {
  abstract readonly kind: 'user' | 'operational'
  readonly code: string
  readonly status: number
  readonly details: unknown

  constructor(facts: ErrorFacts, defaultStatus: number) {
    super(facts.message, facts.cause === undefined ? undefined : { cause: facts.cause })
    this.code = facts.code
    this.status = facts.status ?? defaultStatus
    this.details = facts.details
  }
}

/** A person can put it right; the message says how. */
export class UserError extends KnownError {
  override readonly name = 'UserError'
  readonly kind = 'user'
  constructor(facts: ErrorFacts) {
    super(facts, 400)
  }
}

/** The world failed: a lost link, a full disk, a database that is away. A retry may help. */
export class OperationalError extends KnownError {
  override readonly name = 'OperationalError'
  readonly kind = 'operational'
  constructor(facts: ErrorFacts) {
    super(facts, 503)
  }
}

/** What of an error may cross a process border. */
export interface ErrorMessage {
  kind: 'user' | 'operational' | 'bug'
  code: string
  message: string
  status: number
  details?: unknown
}

/** Also true for one thrown by another bundle's copy of these classes (the nodes are built apart from the runtime). */
function isKnownError(error: unknown): error is UserError | OperationalError {
  if (error instanceof UserError || error instanceof OperationalError) return true
  if (!(error instanceof Error) || (error.name !== 'UserError' && error.name !== 'OperationalError')) return false
  const facts = error as Partial<UserError>
  return typeof facts.kind === 'string' && typeof facts.code === 'string' && typeof facts.status === 'number'
}

/** Turns anything thrown into what may cross a border; a bug's stack stays behind in the log. */
export function toErrorMessage(error: unknown): ErrorMessage {
  if (isKnownError(error)) {
    const { kind, code, message, status, details } = error
    return { kind, code, message, status, ...(details === undefined ? {} : { details }) }
  }
  return { kind: 'bug', code: 'internal-error', message: error instanceof Error ? error.message : String(error), status: 500 }
}

/** The error that {@link toErrorMessage} described, on the other side of the border. */
export function fromErrorMessage(message: ErrorMessage): Error {
  const { kind, ...facts } = message
  if (kind === 'user') return new UserError(facts)
  if (kind === 'operational') return new OperationalError(facts)
  return Object.assign(new Error(message.message), { code: message.code })
}

/** The message of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
