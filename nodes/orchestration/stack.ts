/** Which steps a message is in: `msg._steps`, the innermost last. Wires copy it; a node that makes a new message loses it. */

/** One step around a message. */
export interface StepMark {
  id: string
  nodeId: string
  /** Which of the things that the step gave out. */
  part: number
}

const STEPS = '_steps'

type Marked = { [key: string]: unknown }

/** Marks of a message; empty for one that is in no step, or whose marks are not ours. */
export function marksOf(message: Marked): StepMark[] {
  const found = message[STEPS]
  if (!Array.isArray(found)) return []
  return found.filter(
    (mark): mark is StepMark =>
      typeof mark === 'object' && mark !== null && typeof mark.id === 'string' && typeof mark.nodeId === 'string' && Number.isInteger(mark.part),
  )
}

export const innermost = (message: Marked): StepMark | undefined => marksOf(message).at(-1)

/** The message inside one more step. */
export function into<M extends Marked>(message: M, mark: StepMark): M {
  return { ...message, [STEPS]: [...marksOf(message), mark] }
}

/** The message with the marks of another: a result goes on where its step stands. */
export function marksFrom<M extends Marked>(message: M, other: Marked): M {
  const { [STEPS]: _own, ...rest } = message
  const marks = marksOf(other)
  return (marks.length ? { ...rest, [STEPS]: marks } : rest) as M
}
