import { expect, it } from 'vitest'
import { isTouching, mmToContact } from './controller/scene.ts'
import { demoScene } from './demo-scene.ts'

it('has a block with a bore and a tool setter inside of any envelope, and free air above them', () => {
  for (const envelope of [
    { min: [0, 0, -80], max: [400, 300, 20] },
    { min: [-600, -600, -100], max: [0, 0, 0] },
  ] as const) {
    const [x, y, z] = [0, 1, 2].map((axis) => (share: number) => envelope.min[axis]! + (envelope.max[axis]! - envelope.min[axis]!) * share) as [
      (share: number) => number,
      (share: number) => number,
      (share: number) => number,
    ]
    const scene = demoScene({ min: [...envelope.min], max: [...envelope.max] })
    const depth = (at: [number, number]) => mmToContact(scene, { from: [at[0], at[1], z(1)], unit: [0, 0, -1], lengthMm: 1000 })
    expect(z(1) - depth([x(0.35), y(0.35)])).toBeCloseTo(z(0.4), 2)
    expect(z(1) - depth([x(0.45), y(0.45)])).toBeCloseTo(z(0.15), 2)
    expect(z(1) - depth([x(0.95), y(0.95)])).toBeCloseTo(z(0.5), 2)
    expect(depth([x(0.1), y(0.1)])).toBe(Number.POSITIVE_INFINITY)
    expect(isTouching(scene, [x(0.5), y(0.5), z(0.6)])).toBe(false)
  }
})
