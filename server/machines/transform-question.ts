/** What the process that rewrites a program is asked. */
import { type Static, Type } from 'typebox'
import { ProgramTransform } from '../../nodes/motion/program.ts'

export const TransformQuestion = Type.Object({
  /** Files: one to read, one to make. */
  input: Type.String(),
  output: Type.String(),
  transform: ProgramTransform,
})
export type TransformQuestion = Static<typeof TransformQuestion>
