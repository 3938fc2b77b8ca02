import { tmpdir } from 'node:os'
import { describe, expect, it } from 'vitest'
import { bytesInWords, lookAtDisk, stateOfDisk } from './disk.ts'

const MB = 1024 * 1024
const big = { totalBytes: 500_000 * MB }

describe('room on the disk', () => {
  it('is low below half a gigabyte, and full when PostgreSQL could not take another segment', () => {
    expect(stateOfDisk({ ...big, freeBytes: 600 * MB })).toBe('ok')
    expect(stateOfDisk({ ...big, freeBytes: 500 * MB })).toBe('low')
    expect(stateOfDisk({ ...big, freeBytes: 31 * MB })).toBe('full')
    expect(stateOfDisk({ ...big, freeBytes: 0 })).toBe('full')
  })

  it('on a small disk a quarter of it is low', () => {
    expect(stateOfDisk({ totalBytes: 400 * MB, freeBytes: 150 * MB })).toBe('ok')
    expect(stateOfDisk({ totalBytes: 400 * MB, freeBytes: 90 * MB })).toBe('low')
  })

  it('a state is left only with a little more room than made it', () => {
    expect(stateOfDisk({ ...big, freeBytes: 33 * MB }, 'full')).toBe('full')
    expect(stateOfDisk({ ...big, freeBytes: 36 * MB }, 'full')).toBe('low')
    expect(stateOfDisk({ ...big, freeBytes: 530 * MB }, 'low')).toBe('low')
    expect(stateOfDisk({ ...big, freeBytes: 600 * MB }, 'low')).toBe('ok')
  })

  it('asks the system; of several disks the fullest counts, and a directory that is not there says nothing', async () => {
    const here = await lookAtDisk([tmpdir(), '/no/such/directory'])
    expect(here.path).toBe(tmpdir())
    expect(here.totalBytes).toBeGreaterThan(0)
    expect(await lookAtDisk(['/no/such/directory'])).toMatchObject({ state: 'unknown' })
  })

  it('is said in words', () => {
    expect([0, 14.7 * MB, 1500 * MB].map(bytesInWords)).toEqual(['0 MB', '14 MB', '1.5 GB'])
  })
})
