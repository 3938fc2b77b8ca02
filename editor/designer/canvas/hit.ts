import type { Point } from '../model/commands.ts'
import type { PortHit } from './port-flow.ts'

/** What is under the pointer, nearest to the eye first. */
export type Hit =
  | { on: 'port'; port: PortHit; at: Point }
  | { on: 'node'; id: string }
  | { on: 'wire'; id: string }
  | { on: 'group'; id: string }
  | { on: 'nothing' }
