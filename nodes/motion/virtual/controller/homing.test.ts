import { describe, expect, it } from 'vitest'
import { BANNER, bench, UNLOCK } from './test-bench.ts'

describe('the homing cycle', () => {
  it('moves Z first, then X and Y together, each to its switch, and counts from there', () => {
    const begun: string[] = []
    const b = bench(
      { 22: 1 },
      {
        onLine: ({ from, to }) =>
          begun.push(
            'XYZ'
              .split('')
              .filter((_, axis) => from[axis] !== to[axis])
              .join(''),
          ),
      },
    )
    b.send('$X\nG0X-100Y-50Z-20\n')
    b.settle()
    begun.length = 0
    b.send('$H\n')
    b.settle()
    // seek, off, find, off; Y is there before X and X goes on alone
    expect(begun).toEqual(['Z', 'Z', 'Z', 'Z', 'XY', 'X', 'XY', 'XY', 'XY'])
    expect(b.firmware.carriage.map((mm) => Math.abs(Math.round(mm * 100) / 100))).toEqual([0, 0, 0])
    expect(b.firmware.position).toEqual([-1, -1, -1])
  })

  it('takes as long as the way does', () => {
    const time = (x: number) => {
      const b = bench({ 22: 1 })
      b.send(`$X\nG0X${x}\n`)
      b.settle()
      b.send('$H\n')
      let seconds = 0
      while (Number.isFinite(b.firmware.secondsToEvent())) {
        seconds += b.firmware.secondsToEvent()
        b.pass(b.firmware.secondsToEvent())
      }
      return seconds
    }
    // 100 mm at 1500 mm/min
    expect(time(-200) - time(-100)).toBeCloseTo(4, 1)
  })

  it('never goes further than to the switch', () => {
    const b = bench({ 22: 1 })
    b.send('$H\n')
    b.settle()
    b.firmware.reached.max.forEach((mm) => {
      expect(mm).toBeLessThanOrEqual(1.01)
    })
  })

  it('that finds no switch is ALARM:9, with one that stays pressed ALARM:8', () => {
    const dead = bench({ 22: 1 })
    dead.firmware.setSwitchFault('X', 'dead')
    dead.send('$H\n')
    expect(dead.settle()).toEqual(['ALARM:9', 'ok', BANNER, UNLOCK])
    const stuck = bench({ 22: 1 })
    stuck.firmware.setSwitchFault('Z', 'stuck')
    stuck.send('$H\n')
    expect(stuck.settle()).toEqual(['ALARM:8', 'ok', BANNER, UNLOCK])
  })

  it('broken off by a reset stops at once, ALARM:6', () => {
    const b = bench({ 22: 1 })
    b.send('$X\nG0X-100\n')
    b.settle()
    b.send('$H\n')
    b.pass(4)
    expect(b.send('\x18')).toEqual(['ALARM:6', 'ok', BANNER, UNLOCK])
    const { carriage } = b.firmware
    b.pass(60)
    expect(b.firmware.carriage).toEqual(carriage)
    expect(carriage[0]).toBeGreaterThan(-100)
    expect(carriage[0]).toBeLessThan(0)
  })
})

describe('parking', () => {
  const parked = () => {
    const b = bench({ 22: 1 }, { hasParking: true })
    b.send('$H\n')
    b.settle()
    b.send('M3S1000M8\nG1Z-60F2000\nG1X-100F1000\n')
    b.pass(4)
    return b
  }

  it('takes the tool slowly out of the work with the spindle on, then fast to its place', () => {
    const b = parked()
    b.send('\x84')
    b.pass(1)
    // 5 mm at 100 mm/min take 3 s
    expect(b.status()).toMatchObject({ state: 'Door:2', FS: '100,1000' })
    b.pass(5)
    expect(b.status()).toMatchObject({ state: 'Door:2', FS: '500,0' })
    b.settle()
    expect(b.status().MPos).toMatch(/,-5\.000$/)
    expect(b.status().state).toBe('Door:0')
  })

  it('goes back the same way, spindle first, and the program goes on where it was', () => {
    const b = parked()
    b.send('\x84')
    b.settle()
    b.send('~')
    b.pass(1)
    expect(b.status()).toMatchObject({ state: 'Door:3', FS: '500,0' })
    b.settle()
    expect(b.status()).toMatchObject({ state: 'Idle', MPos: '-100.000,-1.000,-60.000', FS: '0,1000' })
  })

  it('with the door opened again on the way back goes up again', () => {
    const b = parked()
    b.send('\x84')
    b.settle()
    b.send('~')
    b.pass(3)
    b.firmware.setDoor(true)
    b.settle()
    expect(b.status()).toMatchObject({ state: 'Door:1', MPos: expect.stringMatching(/,-5\.000$/) })
    b.firmware.setDoor(false)
    b.send('~')
    b.settle()
    expect(b.status()).toMatchObject({ state: 'Idle', MPos: '-100.000,-1.000,-60.000' })
  })

  it('is lost by a reset in its motion, and kept by one when it stands', () => {
    const moving = parked()
    moving.send('\x84')
    moving.pass(1)
    expect(moving.send('\x18')[0]).toBe('ALARM:3')
    const standing = parked()
    standing.send('\x84')
    standing.settle()
    expect(standing.send('\x18')).toEqual([BANNER])
    expect(standing.status().MPos).toMatch(/,-5\.000$/)
  })
})
