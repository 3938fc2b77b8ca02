/** The smallest thing that happens to flows. */
import type { FlowNode } from './raw.ts'

export interface Place {
  node: FlowNode
  index: number
}
/** One object put in, taken out or replaced. */
export interface Change {
  key: string
  before?: Place
  after?: Place
}
