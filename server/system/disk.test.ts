import { tmpdir } from 'node:os'
import { describe, expect, it } from 'vitest'
import { bytesInWords, lookAtDisk, stateOfDisk } from './disk.ts'

const MB = 1024 * 1024
const big = { totalBytes: 500_000 * MB }

describe('room on the disk', () => {
  it('is low when it is 90 % full, critical at 98 %, and full when PostgreSQL could not take another segment', () => {
    expect(stateOfDisk({ ...big, freeBytes: 50_001 * MB })).toBe('ok')
    expect(stateOfDisk({ ...big, freeBytes: 49_999 * MB })).toBe('low')
    expect(stateOfDisk({ ...big, freeBytes: 10_001 * MB })).toBe('low')
    expect(stateOfDisk({ ...big, freeBytes: 9999 * MB })).toBe('critical')
    expect(stateOfDisk({ ...big, freeBytes: 32 * MB })).toBe('critical')
    expect(stateOfDisk({ ...big, freeBytes: 31 * MB })).toBe('full')
    expect(stateOfDisk({ ...big, freeBytes: 0 })).toBe('full')
  })

  it('on a small disk what there must be counts: a quarter of it is low, and nothing is begun with less than 48 MB', () => {
    expect(stateOfDisk({ totalBytes: 400 * MB, freeBytes: 150 * MB })).toBe('ok')
    expect(stateOfDisk({ totalBytes: 400 * MB, freeBytes: 90 * MB })).toBe('low')
    expect(stateOfDisk({ totalBytes: 400 * MB, freeBytes: 47 * MB })).toBe('critical')
  })

  it('the shop may say from which percent on, but not below what must be there', () => {
    const rule = { warnPercent: 95, stopPercent: 99 }
    expect(stateOfDisk({ ...big, freeBytes: 40_000 * MB }, undefined, rule)).toBe('ok')
    expect(stateOfDisk({ ...big, freeBytes: 9000 * MB }, undefined, rule)).toBe('low')
    expect(stateOfDisk({ ...big, freeBytes: 40 * MB }, undefined, { warnPercent: 100, stopPercent: 100 })).toBe('critical')
  })

  it('a state is left only with a little more room than made it', () => {
    expect(stateOfDisk({ ...big, freeBytes: 33 * MB }, 'full')).toBe('full')
    expect(stateOfDisk({ ...big, freeBytes: 36 * MB }, 'full')).toBe('critical')
    expect(stateOfDisk({ ...big, freeBytes: 10_900 * MB }, 'critical')).toBe('critical')
    expect(stateOfDisk({ ...big, freeBytes: 11_100 * MB }, 'critical')).toBe('low')
    expect(stateOfDisk({ ...big, freeBytes: 54_000 * MB }, 'low')).toBe('low')
    expect(stateOfDisk({ ...big, freeBytes: 56_000 * MB }, 'low')).toBe('ok')
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
