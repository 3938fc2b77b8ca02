import { Type } from 'typebox'
import { Choices, defineNode, Picked, Quantity } from '../define-node/index.ts'
import { triggerMessage } from '../triggers/message.ts'

/** Rules by what they see; the id of each is that of the engine. */
const RULES = {
  'out-of-tolerance': 'a value out of tolerance',
  'nelson-1': 'Nelson 1: beyond a control limit',
  'nelson-2': 'Nelson 2: a row on one side of the center line',
  'nelson-3': 'Nelson 3: a row that rises or falls',
  'nelson-4': 'Nelson 4: a row that goes up and down in turn',
  'nelson-5': 'Nelson 5: 2 of 3 beyond 2 sigma',
  'nelson-6': 'Nelson 6: 4 of 5 beyond 1 sigma',
  'nelson-7': 'Nelson 7: a row within 1 sigma',
  'nelson-8': 'Nelson 8: a row beyond 1 sigma',
  'western-electric-1': 'Western Electric 1: beyond a control limit',
  'western-electric-2': 'Western Electric 2: 2 of 3 beyond 2 sigma',
  'western-electric-3': 'Western Electric 3: 4 of 5 beyond 1 sigma',
  'western-electric-4': 'Western Electric 4: a row on one side',
  'beyond-limits': 'EWMA or CUSUM beyond its limit',
} as const
type Rule = keyof typeof RULES
const ALL = Object.keys(RULES) as [Rule, ...Rule[]]

export default defineNode({
  type: 'cw-spc-chart',
  family: 'quality',
  label: 'SPC chart',
  summary: 'Starts a run at each signal of a control chart: every signal once, also those that came while no flow ran.',
  icon: 'spc-chart',
  inputs: 0,
  outputs: ['signal'],
  config: Type.Object({
    characteristicId: Picked('quality-characteristic', { title: 'Characteristic' }),
    rules: Choices(ALL, { title: 'Signals', labels: RULES, default: [...ALL] }),
    coolDown: Quantity({ title: 'Not again within', unit: 's', help: 'Signals that come sooner are left out.', minimum: 0, maximum: 86_400, default: 0 }),
  }),
  setup(context) {
    const { characteristicId, rules, coolDown } = context.config
    const show = (isOn: boolean) => context.status(isOn ? { waiting: 'waits for a signal' } : { off: 'switched off' })
    show(true)
    const remove = context.services.triggers.register({
      face: {
        nodeId: context.id,
        kind: 'event',
        name: context.name,
        about:
          rules.length === ALL.length ? 'control chart: every signal' : `control chart: ${rules.map((rule) => RULES[rule as Rule]).join(', ')}`.slice(0, 1000),
        on: { source: 'quality', characteristicId, rules },
        coolDownMs: coolDown * 1000,
      },
      onFire(firing) {
        const { values, ...rest } = firing
        const topic = typeof values.topic === 'string' ? values.topic : undefined
        const message = triggerMessage({ ...rest, values: {} }, { topic })
        if (typeof values.text === 'string') context.status({ alarm: values.text })
        context.send(0, { ...message, payload: values.payload ?? values, signal: values.text })
      },
      onSwitch: show,
    })
    return { close: () => remove() }
  },
})
