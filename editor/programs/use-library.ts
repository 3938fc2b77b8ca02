/** All programs, asked again after every change and whenever the page is looked at again. */
import { useCallback, useEffect, useState } from 'react'
import { listPrograms, type Program } from '../../server/api/machines.ts'
import { call } from '../shared/api.ts'

export interface Library {
  /** Newest first; undefined until the first answer. */
  programs: readonly Program[] | undefined
  error: string | undefined
  refresh: () => Promise<void>
}

export function useLibrary(): Library {
  const [known, setKnown] = useState<{ programs: readonly Program[] | undefined; error: string | undefined }>({ programs: undefined, error: undefined })
  const refresh = useCallback(
    () =>
      call(listPrograms).then(
        (programs) => setKnown({ programs, error: undefined }),
        (error: Error) => setKnown((was) => ({ programs: was.programs, error: error.message })),
      ),
    [],
  )
  useEffect(() => {
    void refresh()
    const look = () => {
      if (!document.hidden) void refresh()
    }
    document.addEventListener('visibilitychange', look)
    return () => document.removeEventListener('visibilitychange', look)
  }, [refresh])
  return { ...known, refresh }
}

/** The programs of one name: the newest revision and those before it. */
export interface NamedProgram {
  name: string
  newest: Program
  older: readonly Program[]
}

/** By name, newest first; every word of the search must stand in the name, its maker or where it comes from. */
export function byName(programs: readonly Program[], wanted: string): NamedProgram[] {
  const words = wanted.toLowerCase().split(/\s+/).filter(Boolean)
  const names = new Map<string, Program[]>()
  for (const program of programs) names.set(program.name, [...(names.get(program.name) ?? []), program])
  return [...names.entries()]
    .map(([name, all]) => {
      const sorted = [...all].sort((a, b) => b.revision - a.revision)
      return { name, newest: sorted[0] as Program, older: sorted.slice(1) }
    })
    .filter(({ name, newest }) => {
      const hay = `${name} ${newest.uploadedBy} ${newest.origin?.text ?? ''}`.toLowerCase()
      return words.every((word) => hay.includes(word))
    })
    .sort((a, b) => (a.newest.uploadedAt < b.newest.uploadedAt ? 1 : -1))
}
