import { describe, expect, it } from 'vitest'
import fc from '../../../../test/property.ts'
import { isTouching, mmToContact, mmToRelease, type Scene } from './scene.ts'
import { bench } from './test-bench.ts'

const down = [0, 0, -1] as const
const touch = (scene: Scene, from: readonly [number, number, number], unit: readonly [number, number, number] = down) => {
  const mm = mmToContact(scene, { from, unit, lengthMm: 500 })
  return [from[0] + unit[0] * mm, from[1] + unit[1] * mm, from[2] + unit[2] * mm].map((value) => Number(value.toFixed(3)))
}
const block = { kind: 'box', min: [0, 0], max: [100, 60], topMm: -20 } as const
const ball = { diameterMm: 4, lengthMm: 30, end: 'ball' } as const

describe('a tool meets', () => {
  it('the top of the work with its end', () => {
    expect(touch({ solids: [{ ...block, min: [0, 0], max: [100, 60] }], tool: ball }, [50, 30, 50])).toEqual([50, 30, 10])
  })

  it('a wall a radius before it', () => {
    const scene: Scene = { solids: [{ ...block, min: [0, 0], max: [100, 60] }], tool: ball }
    expect(touch(scene, [-30, 30, 5], [1, 0, 0])).toEqual([-2, 30, 5])
    expect(touch(scene, [50, 90, 5], [0, -1, 0])).toEqual([50, 62, 5])
    expect(touch({ ...scene, tool: { diameterMm: 6, lengthMm: 30, end: 'flat' } }, [-30, 30, 5], [1, 0, 0])).toEqual([-3, 30, 5])
  })

  it('nothing over the work or beside it', () => {
    const scene: Scene = { solids: [{ ...block, min: [0, 0], max: [100, 60] }], tool: ball }
    expect(mmToContact(scene, { from: [-30, 30, 11], unit: [1, 0, 0], lengthMm: 500 })).toBe(Number.POSITIVE_INFINITY)
    expect(mmToContact(scene, { from: [-2.01, -30, 5], unit: [0, 1, 0], lengthMm: 500 })).toBe(Number.POSITIVE_INFINITY)
  })

  it('an edge with the side of its ball', () => {
    // centre of the ball level with the top: a full radius; half a radius over it: less
    const scene: Scene = { solids: [{ ...block, min: [0, 0], max: [100, 60] }], tool: ball }
    expect(touch(scene, [-30, 30, 8], [1, 0, 0])[0]).toBeCloseTo(-2, 3)
    expect(touch(scene, [-30, 30, 9], [1, 0, 0])[0]).toBeCloseTo(-Math.sqrt(3), 3)
  })

  it('a turned wall where it stands', () => {
    const turned: Scene = { solids: [{ kind: 'box', min: [0, 0], max: [100, 60], topMm: 0, angleDeg: 10 }], tool: { diameterMm: 0, lengthMm: 0, end: 'ball' } }
    const near = touch(turned, [20, -200, -5], [0, 1, 0])[1] ?? 0
    const far = touch(turned, [80, -200, -5], [0, 1, 0])[1] ?? 0
    expect((Math.atan2(far - near, 60) * 180) / Math.PI).toBeCloseTo(10, 3)
  })

  it('a bore from inside, its bottom, and a boss from outside', () => {
    const bored: Scene = {
      solids: [{ kind: 'bored-box', min: [0, 0], max: [100, 100], topMm: 0, bore: { centre: [40, 50], diameterMm: 30, bottomMm: -15 } }],
      tool: { ...ball, lengthMm: 0 },
    }
    expect(touch(bored, [38, 50, -5], [1, 0, 0])).toEqual([53, 50, -5])
    expect(touch(bored, [38, 50, -5], [-1, 0, 0])).toEqual([27, 50, -5])
    expect(touch(bored, [40, 50, 20])).toEqual([40, 50, -15])
    const boss: Scene = { solids: [{ kind: 'cylinder', centre: [10, 10], diameterMm: 20, topMm: 0 }], tool: { ...ball, lengthMm: 0 } }
    expect(touch(boss, [-50, 10, -5], [1, 0, 0])).toEqual([-2, 10, -5])
  })

  it('a tilted and uneven top where it is', () => {
    const tilted: Scene = { solids: [{ kind: 'box', min: [0, 0], max: [100, 100], topMm: 0, surface: { tilt: { at: [0, 0], x: 0.01, y: -0.02 } } }] }
    expect(touch(tilted, [50, 20, 30])[2]).toBeCloseTo(0.1, 3)
    const uneven: Scene = {
      solids: [
        {
          kind: 'box',
          min: [0, 0],
          max: [100, 100],
          topMm: 0,
          surface: {
            grid: {
              min: [0, 0],
              max: [100, 100],
              heightsMm: [
                [0, 1],
                [2, 3],
              ],
            },
          },
        },
      ],
    }
    expect(touch(uneven, [50, 50, 30])[2]).toBeCloseTo(1.5, 2)
    expect(touch(uneven, [10, 90, 30])[2]).toBeCloseTo(1.9, 2)
  })

  it('what it moves into, from whatever side, before it is inside, and lets go of it on the way back', () => {
    const coordinate = fc.double({ min: -80, max: 180, noNaN: true })
    fc.assert(
      fc.property(
        coordinate,
        coordinate,
        fc.double({ min: -20, max: 60, noNaN: true }),
        fc.double({ min: 0, max: 6.28, noNaN: true }),
        fc.double({ min: -1, max: 1, noNaN: true }),
        (x, y, z, turn, rise) => {
          const scene: Scene = {
            solids: [
              { kind: 'box', min: [0, 0], max: [100, 60], topMm: 0, angleDeg: 20 },
              { kind: 'cylinder', centre: [140, 40], diameterMm: 30, topMm: 12 },
            ],
            tool: { ...ball, lengthMm: 0 },
          }
          const from = [x, y, z] as const
          fc.pre(!isTouching(scene, from))
          const flat = Math.sqrt(1 - rise * rise)
          const unit = [Math.cos(turn) * flat, Math.sin(turn) * flat, rise] as const
          const mm = mmToContact(scene, { from, unit, lengthMm: 300 })
          const at = (way: number) => [x + unit[0] * way, y + unit[1] * way, z + unit[2] * way] as const
          for (let way = 0; way < Math.min(mm, 300); way += 0.5) expect(isTouching(scene, at(way))).toBe(false)
          if (!Number.isFinite(mm)) return
          expect(isTouching(scene, at(mm))).toBe(true)
          const back = mmToRelease(scene, { from: at(mm), unit: [-unit[0], -unit[1], -unit[2]], lengthMm: mm })
          if (mm > 0.1) expect(back).toBeLessThan(0.1 + Math.min(mm, 5))
        },
      ),
      { numRuns: 300 },
    )
  })
})

describe('a probing move', () => {
  const work = (): Scene => ({
    solids: [{ kind: 'box', min: [-200, -200], max: [-100, -100], topMm: -50 }],
    tool: { diameterMm: 2, lengthMm: 20, end: 'ball' },
  })

  it('tells where it touched, brakes behind it, and shows the pin', () => {
    const b = bench({}, { scene: work() })
    b.send('G0X-150Y-150\n')
    b.settle()
    expect(b.send('G38.2Z-60F300\n')).toEqual([])
    const said = b.settle()
    expect(said).toEqual([expect.stringMatching(/^\[PRB:-150\.000,-150\.000,-(29\.99[0-9]|30\.00[0-3]):1\]$/), 'ok'])
    expect(b.status()).toMatchObject({ Pn: 'P', state: 'Idle' })
    // 5 mm/s and 200 mm/s²: 0.0625 mm to stand
    expect(Number(b.status().MPos?.split(',')[2])).toBeCloseTo(-30.0625, 2)
  })

  it('away lets go', () => {
    const b = bench({}, { scene: work() })
    b.send('G0X-150Y-150\n')
    b.send('G38.2Z-60F300\n')
    b.settle()
    b.send('G38.4Z0F50\n')
    expect(b.settle()[0]).toMatch(/^\[PRB:.*,-(29\.99|30\.00).*:1\]$/)
    expect(b.status().Pn).toBeUndefined()
  })

  it('that touches nothing is ALARM:5, one that begins touching ALARM:4', () => {
    const b = bench({}, { scene: work() })
    b.send('G38.2Z-10F300\n')
    expect(b.settle()).toContain('ALARM:5')
    const c = bench({}, { scene: work() })
    c.send('G0X-150Y-150\nG0Z-31\n')
    c.settle()
    expect(c.send('G38.2Z-60F300\n')).toContain('ALARM:4')
  })

  it('is not fooled by a wrong machine position: it touches where the work is', () => {
    const b = bench({}, { scene: work(), carriage: [-150, -150, 0] })
    b.send('G38.2Z-60F300\n')
    expect(b.settle()[0]).toMatch(/^\[PRB:0\.000,0\.000,-(29\.99|30\.00)/)
  })
})
