import { describe, expect, it } from 'vitest'
import { bench } from './test-bench.ts'

describe('a status report', () => {
  it('has the fields of GRBL 1.1 in its order', () => {
    const b = bench({ 10: 3 })
    b.send('M3S1000\nN42G1X-50F600\nG1X-60\n')
    b.pass(1)
    const [report] = b.send('?')
    expect(report).toMatch(/^<Run\|MPos:-9\.\d{3},0\.000,0\.000\|Bf:13,128\|Ln:42\|FS:600,1000\|WCO:0\.000,0\.000,0\.000>$/)
  })

  it('shows Ln only while a line with N runs', () => {
    const b = bench()
    b.send('N7G1X-1F60\nG1X-2\n')
    b.pass(0.5)
    expect(b.status().Ln).toBe('7')
    b.pass(1)
    expect(b.status().Ln).toBeUndefined()
  })

  it('gives work instead of machine position with $10=0', () => {
    const b = bench({ 10: 0 })
    b.send('G92X5Y0Z1\n')
    expect(b.status()).toMatchObject({ WPos: '5.000,0.000,1.000', WCO: '-5.000,0.000,-1.000' })
  })

  it('gives inches with $13=1, also in $# and $G, not in $$', () => {
    const b = bench({ 13: 1 })
    b.send('G1X-25.4F254\n')
    b.pass(1)
    expect(b.status().FS).toBe('10.0,0')
    b.settle()
    expect(b.status().MPos).toBe('-1.0000,0.0000,0.0000')
    expect(b.send('$G\n')[0]).toContain(' F10.0 ')
    expect(b.send('$#\n')[0]).toBe('[G54:0.0000,0.0000,0.0000]')
    expect(b.send('$$\n')).toContain('$110=5000.000')
  })

  it('repeats WCO every 10 reports standing and every 30 moving, Ov every 10 and 20, never both', () => {
    for (const [isMoving, wcoEvery, ovEvery] of [
      [false, 10, 10],
      [true, 30, 20],
    ] as const) {
      const b = bench()
      if (isMoving) {
        b.send('G1X-300F60\n')
        b.pass(1)
      }
      const reports = Array.from({ length: 121 }, () => b.status())
      const at = (field: string) => reports.flatMap((report, i) => (field in report ? [i] : []))
      expect(at('WCO').slice(0, 3)).toEqual([0, wcoEvery, 2 * wcoEvery])
      expect(at('Ov')[0]).toBe(1)
      expect((at('Ov')[1] ?? 0) - 1).toBe(ovEvery)
      expect(at('Ov').filter((i) => at('WCO').includes(i))).toEqual([])
    }
  })

  it('carries WCO at once when an offset changes, Ov and A when spindle or coolant do', () => {
    const b = bench()
    for (let i = 0; i < 4; i++) b.status()
    b.send('G92X1\n')
    expect(b.status().WCO).toBe('-1.000,0.000,0.000')
    b.send('M4S100M8\n')
    expect(b.status()).toMatchObject({ Ov: '100,100,100', A: 'CF' })
    b.send('M5M9\n')
    const off = b.status()
    expect(off.Ov).toBe('100,100,100')
    expect(off.A).toBeUndefined()
  })

  it('shows a pressed limit switch', () => {
    const b = bench()
    b.send('G0X2\n')
    b.settle()
    expect(b.status().Pn).toBe('X')
  })
})
