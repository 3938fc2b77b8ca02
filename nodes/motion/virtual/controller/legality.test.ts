/** What is legal when: every cell of the table for GRBL 1.1 (system.c, protocol.c, serial.c). */
import { describe, expect, it } from 'vitest'
import { BANNER, type Bench, bench, CTRL_X, DOOR, JOG_CANCEL, UNLOCK } from './test-bench.ts'

/** How to get a fresh machine into each state. */
const STATES = {
  Idle: () => bench(),
  Run: () => moving(bench(), 'G1X-100F1000\n', 'Run'),
  'Hold:1': () => {
    const b = moving(bench(), 'G1X-100F5000\n', 'Run')
    b.send('!')
    return b
  },
  'Hold:0': () => {
    const b = bench()
    b.send('!')
    return b
  },
  'Door:0': () => {
    const b = bench()
    b.send(DOOR)
    return b
  },
  Jog: () => moving(bench(), '$J=G91X-100F1000\n', 'Jog'),
  Alarm: () => {
    const b = moving(bench(), 'G1X-100F1000\n', 'Run')
    b.send(CTRL_X)
    return b
  },
  critical: () => {
    const b = bench({ 22: 1, 20: 1 })
    b.send('$X\n')
    b.send('G0X5\n')
    return b
  },
  Home: () => {
    const b = bench({ 22: 1 })
    b.send('$H\n')
    return b
  },
  Check: () => {
    const b = bench()
    b.send('$C\n')
    return b
  },
  Sleep: () => {
    const b = bench()
    b.send('$SLP\n')
    return b
  },
} satisfies Record<string, () => Bench>
type StateName = keyof typeof STATES

function moving(b: Bench, line: string, state: string): Bench {
  b.send(line)
  b.pass(1)
  expect(b.firmware.stateName).toBe(state)
  return b
}

/** `yes`: ok at once; `held`: no answer now; an error; `lost`: no answer ever, not even after a reset. */
type Cell = 'yes' | 'held' | 'lost' | `error:${number}`

function check(line: string, cells: Record<StateName, Cell>) {
  for (const [state, cell] of Object.entries(cells) as [StateName, Cell][]) {
    it(`${line} in ${state}: ${cell}`, () => {
      const b = STATES[state]()
      const answers = b.send(`${line}\n`).filter((text) => /^(ok|error)/.test(text))
      if (cell === 'held' || cell === 'lost') expect(answers).toEqual([])
      else expect(answers).toEqual([cell === 'yes' ? 'ok' : cell])
      if (cell === 'held' && state === 'Hold:0') {
        b.send('~')
        expect(
          b
            .settle()
            .concat(b.send('\n'))
            .filter((text) => /^(ok|error)/.test(text)).length,
        ).toBeGreaterThan(0)
      }
    })
  }
}

describe('lines', () => {
  check('G21', {
    Idle: 'yes',
    Run: 'yes',
    'Hold:1': 'yes',
    'Hold:0': 'held',
    'Door:0': 'held',
    Jog: 'error:9',
    Alarm: 'error:9',
    critical: 'lost',
    Home: 'held',
    Check: 'yes',
    Sleep: 'held',
  })
  check('$J=G91X-1F100', {
    Idle: 'yes',
    Run: 'error:8',
    'Hold:1': 'error:8',
    'Hold:0': 'held',
    'Door:0': 'held',
    Jog: 'yes',
    Alarm: 'error:8',
    critical: 'lost',
    Home: 'held',
    Check: 'error:8',
    Sleep: 'held',
  })
  check('$G', {
    Idle: 'yes',
    Run: 'yes',
    'Hold:1': 'yes',
    'Hold:0': 'held',
    'Door:0': 'held',
    Jog: 'yes',
    Alarm: 'yes',
    critical: 'lost',
    Home: 'held',
    Check: 'yes',
    Sleep: 'held',
  })
  check('$$', {
    Idle: 'yes',
    Run: 'error:8',
    'Hold:1': 'error:8',
    'Hold:0': 'held',
    'Door:0': 'held',
    Jog: 'yes',
    Alarm: 'yes',
    critical: 'lost',
    Home: 'held',
    Check: 'yes',
    Sleep: 'held',
  })
  for (const line of ['$#', '$I', '$N'])
    check(line, {
      Idle: 'yes',
      Run: 'error:8',
      'Hold:1': 'error:8',
      'Hold:0': 'held',
      'Door:0': 'held',
      Jog: 'error:8',
      Alarm: 'yes',
      critical: 'lost',
      Home: 'held',
      Check: 'error:8',
      Sleep: 'held',
    })
  check('$X', {
    Idle: 'yes',
    Run: 'yes',
    'Hold:1': 'yes',
    'Hold:0': 'held',
    'Door:0': 'held',
    Jog: 'yes',
    Alarm: 'yes',
    critical: 'lost',
    Home: 'held',
    Check: 'yes',
    Sleep: 'held',
  })
  check('$C', {
    Idle: 'yes',
    Run: 'error:8',
    'Hold:1': 'error:8',
    'Hold:0': 'held',
    'Door:0': 'held',
    Jog: 'error:8',
    Alarm: 'error:8',
    critical: 'lost',
    Home: 'held',
    Check: 'yes',
    Sleep: 'held',
  })

  it.each(['$1=25', '$RST=#', '$N1='])('%s writes EEPROM in Idle: answered when written', (line) => {
    const b = bench()
    expect(b.send(`${line}\n`)).toEqual([])
    expect(b.settle()).toContain('ok')
  })
  it.each(['$1=25', '$RST=#', '$SLP', '$H', '$N1=G21'])('%s in Run is error:8', (line) => {
    expect(STATES.Run().send(`${line}\n`)).toEqual(['error:8'])
  })
  it('$Nx= in Alarm is error:8, $x= is written', () => {
    expect(STATES.Alarm().send('$N0=G21\n')).toEqual(['error:8'])
    const b = STATES.Alarm()
    b.send('$1=30\n')
    expect(b.settle()).toEqual(['ok'])
  })
  it('a held G-code line is answered after the resume', () => {
    const b = STATES['Hold:0']()
    expect(b.send('G21\n')).toEqual([])
    expect(b.send('~')).toEqual(['ok'])
  })
})

describe('?', () => {
  it.each(['Idle', 'Run', 'Hold:1', 'Hold:0', 'Door:0', 'Jog', 'Alarm', 'Check', 'Sleep'] as const)('is answered in %s', (state) => {
    expect(STATES[state]().status().state).toBe(state)
  })
  it.each(['critical', 'Home'] as const)('is not answered in %s', (state) => {
    expect(STATES[state]().send('?')).toEqual([])
  })
})

/** After one real-time byte: the state, once everything has come to rest where `settles`. */
describe.each([
  [
    '!',
    { Idle: 'Hold:0', Run: 'Hold:1', 'Hold:1': 'Hold:1', 'Hold:0': 'Hold:0', 'Door:0': 'Door:0', Jog: 'Jog', Alarm: 'Alarm', Check: 'Check', Sleep: 'Sleep' },
  ],
  ['~', { Idle: 'Idle', Run: 'Run', 'Hold:1': 'Hold:1', 'Hold:0': 'Idle', 'Door:0': 'Door:3', Jog: 'Jog', Alarm: 'Alarm', Check: 'Check', Sleep: 'Sleep' }],
  [
    DOOR,
    { Idle: 'Door:0', Run: 'Door:2', 'Hold:1': 'Door:2', 'Hold:0': 'Door:0', 'Door:0': 'Door:0', Jog: 'Jog', Alarm: 'Alarm', Check: 'Check', Sleep: 'Sleep' },
  ],
  [
    JOG_CANCEL,
    { Idle: 'Idle', Run: 'Run', 'Hold:1': 'Hold:1', 'Hold:0': 'Hold:0', 'Door:0': 'Door:0', Jog: 'Jog', Alarm: 'Alarm', Check: 'Check', Sleep: 'Sleep' },
  ],
] as const)('real-time byte %j', (byte, after) => {
  it.each(Object.entries(after) as [Exclude<StateName, 'critical' | 'Home'>, string][])('in %s leads to %s', (state, expected) => {
    const b = STATES[state]()
    b.send(byte)
    expect(b.firmware.stateName).toBe(expected)
  })
})

describe('0x18', () => {
  it.each(['Idle', 'Hold:0', 'Door:0', 'Check'] as const)('in %s: banner, Idle, position kept, no alarm', (state) => {
    const b = STATES[state]()
    expect(b.send(CTRL_X)).toEqual([BANNER])
    expect(b.status().state).toBe('Idle')
  })
  it.each(['Run', 'Hold:1', 'Jog'] as const)('in %s: ALARM:3, banner, locked', (state) => {
    const b = STATES[state]()
    expect(b.send(CTRL_X)).toEqual(['ALARM:3', BANNER, UNLOCK])
    expect(b.status().state).toBe('Alarm')
  })
  it('in Home: ALARM:6', () => {
    expect(STATES.Home().send(CTRL_X)).toEqual(['ALARM:6', 'ok', BANNER, UNLOCK])
  })
  it('in Sleep: locked in Alarm', () => {
    expect(STATES.Sleep().send(CTRL_X)).toEqual([BANNER, UNLOCK])
  })
  it('in Alarm: stays locked', () => {
    expect(STATES.Alarm().send(CTRL_X)).toEqual([BANNER, UNLOCK])
  })
  it('is the only way out of a critical alarm', () => {
    const b = STATES.critical()
    for (const text of ['?', '$X\n', '~', '!', DOOR, 'G21\n', '\n']) expect(b.send(text)).toEqual([])
    // for half a second it waits for its message to go out, and then throws a reset away that came meanwhile
    expect(b.send(CTRL_X)).toEqual([])
    b.pass(0.5)
    expect(b.send(CTRL_X)).toEqual(['ok', BANNER, UNLOCK])
    expect(b.send('$X\n')).toEqual(['[MSG:Caution: Unlocked]', 'ok'])
  })
})

it('opening the door while homing is ALARM:7', () => {
  expect(STATES.Home().send(DOOR)).toEqual(['ALARM:7', 'ok', BANNER, UNLOCK])
})
