/** What the page and the worker that evaluates expressions say to each other. */

export interface Question {
  number: number
  expression: string
  /** Undefined: only the syntax is looked at. */
  message: unknown
  environment: Readonly<Record<string, string>>
}

export type Evaluated = { number: number } & (
  | { is: 'compiled' }
  /** As JSON; undefined: the expression finds nothing. */
  | { is: 'result'; text: string | undefined }
  /** It asks for something that only the running flow has. */
  | { is: 'runtime-only'; name: string }
  | { is: 'wrong'; message: string; at?: number; isSyntax: boolean }
  | { is: 'endless' }
)
