import { describe, expect, it } from 'vitest'
import type { QueuedJob } from '../../server/api/jobs.ts'
import { moved, placeOf, shiftOf } from './reorder.ts'

const rows = ['a', 'b', 'c', 'd'].map((id, place) => ({ id, place }) as QueuedJob)
const idsOf = (list: readonly (QueuedJob | undefined)[]) => list.map((row) => row?.id).join('')

describe('putting a job at another place', () => {
  it('asks for the place beside the job that stands there', () => {
    expect(placeOf(rows, 3, 0)).toEqual({ before: 'a' })
    expect(placeOf(rows, 0, 3)).toEqual({ after: 'd' })
    expect(placeOf(rows, 1, 2)).toEqual({ after: 'c' })
    expect(placeOf(rows, 2, 1)).toEqual({ before: 'b' })
  })
  it('asks for nothing where it stays, and where nobody knows what stands there', () => {
    expect(placeOf(rows, 2, 2)).toBeUndefined()
    expect(placeOf([rows[0], undefined], 0, 1)).toBeUndefined()
  })
  it('shows it there at once, with the places of the others', () => {
    expect(idsOf(moved(rows, 3, 1))).toBe('adbc')
    expect(idsOf(moved(rows, 0, 2))).toBe('bcad')
    expect(moved(rows, 3, 1).map((row) => row?.place)).toEqual([0, 1, 2, 3])
    expect(moved(rows, 1, 1)).toBe(rows)
  })
  it('lets the rows between give way by one', () => {
    expect(rows.map((_, index) => shiftOf(index, 0, 2))).toEqual([0, -1, -1, 0])
    expect(rows.map((_, index) => shiftOf(index, 3, 1))).toEqual([0, 1, 1, 0])
    expect(rows.map((_, index) => shiftOf(index, 1, 1))).toEqual([0, 0, 0, 0])
  })
})
