import { expect, test } from 'vitest'
import { TabErrors } from './tab-errors.ts'

function memory() {
  const kept = new Map<string, string>()
  return { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value) }
}
const thrown = (at: Record<string, number>, since = '2026-01-01T00:00:00Z') => ({ thrown: { since, at } })
const of = (errors: TabErrors) => Object.fromEntries(errors.unseen())

test('errors are counted on tabs that are not in view, until they are looked at', () => {
  const errors = new TabErrors()
  errors.show('t1')
  errors.take(thrown({ t1: 3, t2: 2 }))
  expect(of(errors)).toEqual({ t2: 2 })
  errors.take(thrown({ t2: 5 }))
  expect(of(errors)).toEqual({ t2: 5 })
  errors.show('t2')
  expect(of(errors)).toEqual({})
  errors.show('t1')
  errors.take(thrown({ t2: 6, t1: 4 }))
  expect(of(errors)).toEqual({ t2: 1 })
  // the page is not in front: nothing is seen
  errors.show(undefined)
  errors.take(thrown({ t1: 5 }))
  expect(of(errors)).toEqual({ t1: 1, t2: 1 })
})

test('what was seen stays seen after a reload; a runtime that began anew counts from nothing', () => {
  const storage = memory()
  const before = new TabErrors(storage)
  before.show('t1')
  before.take(thrown({ t1: 3 }))
  const after = new TabErrors(storage)
  after.take(thrown({ t1: 3 }))
  expect(of(after)).toEqual({})
  after.take(thrown({ t1: 1 }, '2026-01-02T00:00:00Z'))
  expect(of(after)).toEqual({ t1: 1 })
})

test('who listens is told when a number changes, and not otherwise', () => {
  const errors = new TabErrors()
  let told = 0
  errors.watch(() => {
    told += 1
  })
  errors.take(thrown({ t1: 1 }))
  errors.take(thrown({ t1: 1 }))
  errors.take({})
  expect(told).toBe(1)
})
