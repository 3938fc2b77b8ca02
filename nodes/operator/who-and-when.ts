/** Who may press a button or send a form, and how its machine must be: fields that both declare. */
import { Choice } from '../define-node/index.ts'
import type { ButtonFace } from '../services.ts'

export const whoAndWhen = {
  who: Choice(['panel.press', 'machines.operate', 'flows.deploy'], {
    title: 'Who may press',
    labels: { 'panel.press': 'whoever may press flow buttons', 'machines.operate': 'whoever may operate machines', 'flows.deploy': 'engineers' },
    default: 'panel.press',
  }),
  needs: Choice(['any', 'standing', 'idle'], {
    title: 'The machine must',
    help: 'Looked at by the server at every press; what is missing stands on the button.',
    labels: {
      any: 'be reachable and without alarm',
      standing: 'stand, too',
      idle: 'be idle, free and with safe interlocks, too',
    },
    default: 'any',
  }),
}

/** What of it is out of the usual. */
export function gatesOf({ who, needs }: { who: NonNullable<ButtonFace['who']>; needs: 'any' | 'standing' | 'idle' }): Pick<ButtonFace, 'who' | 'needs'> {
  return { ...(who === 'panel.press' ? {} : { who }), ...(needs === 'any' ? {} : { needs }) }
}
