/** What the page and the worker that evaluates expressions say to each other. */

export interface Question {
  number: number
  expression: string
  /** Undefined: only the syntax is looked at. */
  message: unknown
  /** What `$env` gives, by name. */
  environment: Readonly<Record<string, unknown>>
  /** Names of the environment whose values no page gets. */
  secrets?: readonly string[]
}

export type Scope = 'flow' | 'global'
/** The worker needs a value of the context; the page answers with a {@link ContextAnswer}. */
export interface ContextAsk {
  is: 'ask'
  ask: number
  scope: Scope
  key: string
  store?: string
}
export interface ContextAnswer {
  ask: number
  found: ContextFound
}
/** `hidden`: this person may not see it. `away`: it cannot be read just now. */
export type ContextFound = { is: 'value'; value: unknown } | { is: 'hidden' } | { is: 'away' }

export type Evaluated = { number: number } & (
  | { is: 'compiled' }
  /** As JSON; undefined: the expression finds nothing. */
  | { is: 'result'; text: string | undefined }
  /** It asks for a value of the context that cannot be had here. */
  | { is: 'no-context'; name: string; isHidden: boolean }
  | { is: 'wrong'; message: string; at?: number; isSyntax: boolean }
  | { is: 'endless' }
)
