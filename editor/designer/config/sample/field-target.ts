/** The field that a path of the last message goes into: the typed value one was in last. */
import { createContext, useContext } from 'react'

interface FieldTarget {
  /** What the field is called. */
  label: string
  /** Puts a path of the message in. */
  take(path: string): void
}

interface FieldTargets {
  /** Called when a field gets the focus. */
  enter(target: FieldTarget): void
  last(): FieldTarget | undefined
}

export const FieldTargetContext = createContext<FieldTargets | undefined>(undefined)
export const useFieldTargets = (): FieldTargets | undefined => useContext(FieldTargetContext)

export function fieldTargets(): FieldTargets {
  let target: FieldTarget | undefined
  return {
    enter: (next) => {
      target = next
    },
    last: () => target,
  }
}
