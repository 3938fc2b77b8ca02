/** Shortest sequences that once broke a rule. Each is played again before the random ones. */
import type { Sequence, Step } from './steps.ts'

const start = (change: Partial<Extract<Step, { do: 'start' }>> = {}): Step => ({
  do: 'start',
  lines: 40,
  shape: 'lines',
  lease: 'none',
  isHurried: false,
  ...change,
})

export const FOUND: { rule: string; sequence: Sequence }[] = [
  {
    rule: 'a program that waits at M0 is not driven out by another one: it has its end told',
    sequence: {
      personality: 'grbl',
      hasHoming: false,
      timeScale: 200,
      steps: [start({ shape: 'stops' }), { do: 'wait', ms: 300 }, start({ shape: 'arcs' })],
    },
  },
  {
    rule: 'a program whose check is overtaken by a critical alarm gives the machine back',
    sequence: { personality: 'grbl', hasHoming: false, timeScale: 200, steps: [{ do: 'fault', fault: 'limit', ms: 5 }, start()] },
  },
  {
    rule: 'a command that meets a critical alarm gives the machine back',
    sequence: {
      personality: 'grbl',
      hasHoming: true,
      timeScale: 200,
      steps: [{ do: 'fault', fault: 'limit', ms: 5 }, { do: 'safety-door' }, { do: 'set-here' }, { do: 'line', line: 'G21', lease: 'none' }],
    },
  },
  {
    rule: 'a critical alarm that nobody listened to is left by unlock',
    sequence: {
      personality: 'fluidnc',
      hasHoming: false,
      timeScale: 200,
      steps: [
        { do: 'fault', fault: 'limit', ms: 5 },
        { do: 'fault', fault: 'unplug', ms: 50 },
        { do: 'wait', ms: 60 },
      ],
    },
  },
  {
    rule: 'a critical alarm whose message was spoilt is left by unlock',
    sequence: {
      personality: 'grblhal',
      hasHoming: false,
      timeScale: 20,
      steps: [
        { do: 'fault', fault: 'noise', ms: 498 },
        { do: 'fault', fault: 'limit', ms: 5 },
        { do: 'wait', ms: 40 },
      ],
    },
  },
  {
    rule: 'a critical alarm behind a flood of reports that swallowed it is left by unlock',
    sequence: {
      personality: 'fluidnc',
      hasHoming: false,
      timeScale: 200,
      steps: [{ do: 'fault', fault: 'flood', ms: 500 }, { do: 'fault', fault: 'limit', ms: 5 }, { do: 'hold' }],
    },
  },
  {
    rule: 'a program under which the port changes before its loss was told has its end told',
    sequence: {
      personality: 'grbl',
      hasHoming: true,
      timeScale: 60,
      steps: [start({ lines: 2 }), { do: 'interlock', isSafe: false }, { do: 'fault', fault: 'unplug', ms: 9 }],
    },
  },
  {
    rule: 'a critical alarm behind the reset of a hard stop is left by unlock',
    sequence: {
      personality: 'grbl',
      hasHoming: false,
      timeScale: 60,
      steps: [
        start({ lines: 30 }),
        start({ lines: 77 }),
        { do: 'wait', ms: 6 },
        { do: 'hard-stop' },
        { do: 'fault', fault: 'late-answers', ms: 343 },
        start({ lines: 31 }),
        { do: 'fault', fault: 'limit', ms: 98 },
        { do: 'wait', ms: 49 },
        { do: 'override', feed: 199, rapid: 25 },
        { do: 'wait', ms: 50 },
      ],
    },
  },
  {
    rule: 'a start that waited for the end of a jog is not begun on a controller that restarted meanwhile',
    sequence: {
      personality: 'grbl',
      hasHoming: false,
      timeScale: 60,
      steps: [
        { do: 'jog-start', x: -1, y: 0, ttlMs: 177 },
        { do: 'wait', ms: 29 },
        { do: 'fault', fault: 'restart', ms: 321 },
        { do: 'ready' },
        { do: 'hold' },
        start({ lines: 66, shape: 'relative' }),
        { do: 'wait', ms: 35 },
      ],
    },
  },
  {
    rule: 'a critical alarm behind the reset of a hard stop, its line spoilt, is known by what the controller says behind it',
    sequence: {
      personality: 'grbl',
      hasHoming: false,
      timeScale: 20,
      steps: [
        start({ lines: 89, shape: 'relative' }),
        { do: 'wait', ms: 20 },
        { do: 'fault', fault: 'noise', ms: 210 },
        { do: 'fault', fault: 'limit', ms: 215 },
        { do: 'hard-stop' },
      ],
    },
  },
]
